"""Partial credit: the PCM, the generalised PCM and the rating scale model.

log-numerator of category k = k a theta + c_1 + ... + c_k, so that the steps are b_v = -c_v / a:
the exponent is the sum of a (theta - b_v) (Masters, 1982; Muraki, 1992). With a = 1 it is the
partial credit model; with steps that items share up to a location, the rating scale model
(Andrich, 1978). Both are constraints that `layout` sets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from calibration.families import lines
from engine.arrays import FloatArray
from engine.families import PartialCredit as PartialCreditItems


@dataclass(frozen=True, slots=True)
class PartialCredit:
    """Working parameters a, c1, c2, ...; published a, b1, b2, ..."""

    name: str = "partial_credit"

    def working_names(self, n_categories: int) -> tuple[str, ...]:
        """Slope and step intercepts."""
        return ("a", *(f"c{v}" for v in range(1, n_categories)))

    def published_names(self, n_categories: int) -> tuple[str, ...]:
        """Slope and steps."""
        return ("a", *(f"b{v}" for v in range(1, n_categories)))

    def log_probability(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Log-probability of each category, shape (J, K, Q)."""
        return lines.log_probability(_design(x.shape[1]), x, nodes)

    def gradient(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Derivatives of `log_probability`, shape (J, K, K, Q)."""
        return lines.gradient(_design(x.shape[1]), x, nodes)

    def expected_gradient(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """`gradient` weighted by counts and summed, shape (J, K)."""
        return lines.expected_gradient(_design(x.shape[1]), x, nodes, counts)

    def expected_hessian(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """Second derivatives weighted by counts and summed, shape (J, K, K)."""
        return lines.expected_hessian(_design(x.shape[1]), x, nodes, counts)

    def published(self, x: FloatArray) -> FloatArray:
        """Slope a and b_v = -c_v / a, shape (J, K)."""
        a = x[:, :1]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.concatenate([a, -x[:, 1:] / a], axis=1)

    def published_jacobian(self, x: FloatArray) -> FloatArray:
        """Derivatives of `published`, shape (J, K, K)."""
        a, steps = x[:, 0], np.arange(1, x.shape[1])
        jacobian = np.zeros((len(x), x.shape[1], x.shape[1]))
        jacobian[:, 0, 0] = 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            jacobian[:, 1:, 0] = x[:, 1:] / a[:, None] ** 2
            jacobian[:, steps, steps] = -1.0 / a[:, None]
        return jacobian

    def working(self, published: FloatArray) -> FloatArray:
        """Slope and step intercepts c_v = -a b_v, shape (J, K)."""
        a = published[:, :1]
        return np.concatenate([a, -a * published[:, 1:]], axis=1)

    def start(self, proportions: FloatArray, means: FloatArray) -> FloatArray:
        """Starting values by discriminant analysis, its slopes in equal steps, shape (J, K)."""
        slopes, intercepts = lines.discriminant(proportions, means)
        rank = np.arange(proportions.shape[1])
        centred = rank - (proportions @ rank)[:, None]
        a = (proportions * centred * slopes).sum(axis=1) / (proportions * centred**2).sum(axis=1)
        return np.concatenate([a[:, None], np.diff(intercepts)], axis=1)

    def items(self, x: FloatArray) -> PartialCreditItems:
        """Return the block as items of `engine`."""
        published = self.published(x)
        return PartialCreditItems(published[:, 0], published[:, 1:])


@cache
def _design(n_categories: int) -> lines.Design:
    rank = np.arange(n_categories, dtype=np.float64)
    A, B = np.zeros((2, n_categories, n_categories))
    A[0] = rank
    B[1:] = rank >= rank[1:, None]
    return lines.Design(A, B)
