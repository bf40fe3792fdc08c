"""Right or wrong without asymptotes: the Rasch, 1- and 2-parameter logistic models.

P(theta) = L(a theta + intercept), b = -intercept / a (Rasch, 1960; Birnbaum, 1968).

Slope and intercept instead of a and b: the log-likelihood is concave in them and passes smoothly
through slope 0, where b does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.families import lines
from engine.arrays import FloatArray
from engine.families import Logistic as LogisticItems

DESIGN = lines.Design(
    A=np.array([[0.0, 1.0], [0.0, 0.0]]),
    B=np.array([[0.0, 0.0], [0.0, 1.0]]),
)


@dataclass(frozen=True, slots=True)
class Logistic:
    """Working parameters a, intercept; published a, b."""

    name: str = "logistic"

    def working_names(self, n_categories: int) -> tuple[str, ...]:
        """Slope and intercept."""
        return ("a", "intercept")

    def published_names(self, n_categories: int) -> tuple[str, ...]:
        """Slope and difficulty."""
        return ("a", "b")

    def log_probability(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Log-probability of a wrong and a right answer, shape (J, 2, Q)."""
        return lines.log_probability(DESIGN, x, nodes)

    def gradient(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Derivatives of `log_probability`, shape (J, 2, 2, Q)."""
        return lines.gradient(DESIGN, x, nodes)

    def expected_gradient(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """`gradient` weighted by counts and summed, shape (J, 2)."""
        return lines.expected_gradient(DESIGN, x, nodes, counts)

    def expected_hessian(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """Second derivatives weighted by counts and summed, shape (J, 2, 2)."""
        return lines.expected_hessian(DESIGN, x, nodes, counts)

    def published(self, x: FloatArray) -> FloatArray:
        """Slope a and b = -intercept / a, shape (J, 2)."""
        a, intercept = x.T
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.stack([a, -intercept / a], axis=1)

    def published_jacobian(self, x: FloatArray) -> FloatArray:
        """Derivatives of `published`, shape (J, 2, 2)."""
        a, intercept = x.T
        jacobian = np.zeros((len(x), 2, 2))
        jacobian[:, 0, 0] = 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            jacobian[:, 1, 0] = intercept / a**2
            jacobian[:, 1, 1] = -1.0 / a
        return jacobian

    def working(self, published: FloatArray) -> FloatArray:
        """Slope and intercept of a and b, shape (J, 2)."""
        a, b = published.T
        return np.stack([a, -a * b], axis=1)

    def start(self, proportions: FloatArray, means: FloatArray) -> FloatArray:
        """Starting values by linear discriminant analysis, shape (J, 2)."""
        slopes, intercepts = lines.discriminant(proportions, means)
        return np.concatenate([np.diff(slopes), np.diff(intercepts)], axis=1)

    def items(self, x: FloatArray) -> LogisticItems:
        """Return the block as items of `engine`."""
        a, b = self.published(x).T
        return LogisticItems(a, b, np.zeros(len(x)), np.ones(len(x)))
