"""The nominal model: categories in no order (Bock, 1972).

P_k is proportional to exp(a_k theta + c_k); only differences matter, so category 0 has slope and
intercept 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from calibration.families import lines
from engine.arrays import FloatArray
from engine.families import Nominal as NominalItems


@dataclass(frozen=True, slots=True)
class Nominal:
    """Working and published parameters: slopes a1, a2, ..., then intercepts c1, c2, ..."""

    name: str = "nominal"

    def working_names(self, n_categories: int) -> tuple[str, ...]:
        """Slopes, then intercepts, of categories 1 and up against category 0."""
        return tuple(f"{letter}{k}" for letter in "ac" for k in range(1, n_categories))

    def published_names(self, n_categories: int) -> tuple[str, ...]:
        """The working parameters are published as they are."""
        return self.working_names(n_categories)

    def log_probability(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Log-probability of each category, shape (J, K, Q)."""
        return lines.log_probability(_design(x.shape[1]), x, nodes)

    def gradient(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Derivatives of `log_probability`, shape (J, P, K, Q)."""
        return lines.gradient(_design(x.shape[1]), x, nodes)

    def expected_gradient(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """`gradient` weighted by counts and summed, shape (J, P)."""
        return lines.expected_gradient(_design(x.shape[1]), x, nodes, counts)

    def expected_hessian(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """Second derivatives weighted by counts and summed, shape (J, P, P)."""
        return lines.expected_hessian(_design(x.shape[1]), x, nodes, counts)

    def published(self, x: FloatArray) -> FloatArray:
        """The working parameters, shape (J, P)."""
        return x.copy()

    def published_jacobian(self, x: FloatArray) -> FloatArray:
        """The identity for each item, shape (J, P, P)."""
        return np.tile(np.eye(x.shape[1]), (len(x), 1, 1))

    def working(self, published: FloatArray) -> FloatArray:
        """The published parameters, shape (J, P)."""
        return published.copy()

    def start(self, proportions: FloatArray, means: FloatArray) -> FloatArray:
        """Starting values by linear discriminant analysis, shape (J, P)."""
        slopes, intercepts = lines.discriminant(proportions, means)
        return np.concatenate(
            [slopes[:, 1:] - slopes[:, :1], intercepts[:, 1:] - intercepts[:, :1]], axis=1
        )

    def items(self, x: FloatArray) -> NominalItems:
        """Return the block as items of `engine`."""
        base = np.zeros((len(x), 1))
        slopes, intercepts = np.split(x, 2, axis=1)
        return NominalItems(np.hstack([base, slopes]), np.hstack([base, intercepts]))


@cache
def _design(n_parameters: int) -> lines.Design:
    free = n_parameters // 2
    category = np.hstack([np.zeros((free, 1)), np.eye(free)])
    none = np.zeros_like(category)
    return lines.Design(np.vstack([category, none]), np.vstack([none, category]))
