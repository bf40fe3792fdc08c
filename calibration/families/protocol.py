"""What every family of item response functions offers to estimation.

Shapes. A block has J items of one family with the same number of categories K; x holds their
working parameters, P an item, shape (J, P), any real numbers. Nodes are abilities, shape (Q,).
Categories count from 0. `counts` are expected answers by category and node, shape (J, K, Q).

Working parameters are unbounded and every value of them gives a proper model, so that a step of
any length may be tried. Published parameters are those that a report and `engine` use.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from engine.arrays import FloatArray
from engine.families import ItemModel


class ItemFamily(Protocol):
    """Formulas of one family, for all the items of a block at once."""

    @property
    def name(self) -> str:
        """What the family is called in records and messages."""
        ...

    def working_names(self, n_categories: int) -> tuple[str, ...]:
        """Names of the P working parameters of an item."""
        ...

    def published_names(self, n_categories: int) -> tuple[str, ...]:
        """Names of the published parameters of an item."""
        ...

    def log_probability(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Log-probability of each category at each node, shape (J, K, Q)."""
        ...

    def gradient(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Derivatives of `log_probability` in the working parameters, shape (J, P, K, Q)."""
        ...

    def expected_gradient(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """`gradient` weighted by counts and summed over categories and nodes, shape (J, P)."""
        ...

    def expected_hessian(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """Second derivatives of `log_probability`, weighted and summed likewise, (J, P, P)."""
        ...

    def published(self, x: FloatArray) -> FloatArray:
        """Published parameters, shape (J, n_published); not finite where a slope is 0."""
        ...

    def published_jacobian(self, x: FloatArray) -> FloatArray:
        """Derivatives of `published` in the working parameters, shape (J, n_published, P)."""
        ...

    def working(self, published: FloatArray) -> FloatArray:
        """Working parameters of published ones, the inverse of `published`, shape (J, P)."""
        ...

    def start(self, proportions: FloatArray, means: FloatArray) -> FloatArray:
        """Starting values from each category's share and its persons' mean score.

        Parameters
        ----------
        proportions
            Share of each category among an item's answers, all positive, shape (J, K).
        means
            Mean of the standardised score on the rest of the test among those who gave an answer
            of each category, shape (J, K).
        """
        ...

    def items(self, x: FloatArray) -> ItemModel:
        """Return the block as items of `engine`."""
        ...


def information(
    family: ItemFamily, x: FloatArray, nodes: FloatArray, persons: FloatArray
) -> FloatArray:
    """Expected information on the working parameters if abilities were known, shape (J, P, P).

    Positive semi-definite wherever it is asked for, unlike `expected_hessian`, of which it is minus
    the expectation: the counts are replaced by their expectation under x.

    Parameters
    ----------
    persons
        How many persons answered each item at each node, shape (J, Q).
    """
    counts = persons[:, None, :] * np.exp(family.log_probability(x, nodes))
    return -family.expected_hessian(x, nodes, counts)
