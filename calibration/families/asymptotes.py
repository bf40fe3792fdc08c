"""Right or wrong with asymptotes: the 3- and 4-parameter logistic models.

P(theta) = c + (d - c) L(a theta + intercept), c = L(guess), d = L(slip)

(Birnbaum, 1968; Barton & Lord, 1981), L the logistic function. A 3-parameter item has d = 1, slip
plus infinity; c = 0 is guess minus infinity.

A right answer is a mixture, P = c (1 - L) + d L: of those who would not know and guess, and those
who know and do not slip. A wrong one is (1 - c) (1 - L) + (1 - d) L. The derivatives are written
with the shares of the two parts, which are logistic functions themselves, so that nothing is
subtracted and nothing overflows. With c > d the formula still is a probability: the same curve has
the sign of the slope turned and the asymptotes exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_expit, logit

from engine.arrays import FloatArray
from engine.families import Logistic as LogisticItems

START_C, START_D = 0.15, 0.97
"""Common asymptotes to start from; the data or a prior move them."""


@dataclass(frozen=True, slots=True)
class Asymptotes:
    """Working parameters a, intercept, guess, slip; published a, b, c, d."""

    name: str = "asymptotes"

    def working_names(self, n_categories: int) -> tuple[str, ...]:
        """Slope, intercept and the log-odds of the asymptotes."""
        return ("a", "intercept", "guess", "slip")

    def published_names(self, n_categories: int) -> tuple[str, ...]:
        """Slope, difficulty, lower and upper asymptote."""
        return ("a", "b", "c", "d")

    def log_probability(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Log-probability of a wrong and a right answer, shape (J, 2, Q)."""
        a, intercept, guess, slip = x.T[..., None]
        z = a * nodes + intercept
        low, high = log_expit(-z), log_expit(z)
        wrong = np.logaddexp(log_expit(-guess) + low, log_expit(-slip) + high)
        right = np.logaddexp(log_expit(guess) + low, log_expit(slip) + high)
        return np.stack([wrong, right], axis=1)

    def gradient(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Derivatives of `log_probability`, shape (J, 4, 2, Q)."""
        parts = _parts(x, nodes)
        in_guess = parts.unknown * np.stack([-parts.c, 1.0 - parts.c], axis=1)
        in_slip = parts.known * np.stack([-parts.d, 1.0 - parts.d], axis=1)
        in_z = parts.known - parts.curve[:, None, :]
        return np.stack([in_z * nodes, in_z, in_guess, in_slip], axis=1)

    def expected_gradient(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """`gradient` weighted by counts and summed, shape (J, 4)."""
        slope = self.gradient(x, nodes)
        total: FloatArray = np.einsum("jpkq,jkq->jp", slope, counts)
        return total

    def expected_hessian(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """Second derivatives weighted by counts and summed, shape (J, 4, 4).

        The two parts of a category have logarithms with gradients that differ by
        (theta, 1, -(1 - c), 1 - d) for a right answer, (theta, 1, c, -d) for a wrong one; their
        spread adds to the mean of the parts' own second derivatives, which are diagonal.
        """
        parts = _parts(x, nodes)
        c, d = parts.c[:, 0], parts.d[:, 0]
        hessian = np.zeros((len(x), 4, 4))
        spread = counts * parts.known * parts.unknown
        for category, (in_guess, in_slip) in enumerate(((c, -d), (c - 1.0, 1.0 - d))):
            _add_spread(hessian, spread[:, category], nodes, in_guess, in_slip)
        curvature = counts.sum(axis=1) * parts.curve * (1.0 - parts.curve)
        hessian[:, :2, :2] -= _square(curvature, nodes)
        hessian[:, 2, 2] -= c * (1.0 - c) * (counts * parts.unknown).sum(axis=(1, 2))
        hessian[:, 3, 3] -= d * (1.0 - d) * (counts * parts.known).sum(axis=(1, 2))
        return hessian

    def published(self, x: FloatArray) -> FloatArray:
        """Slope a, b = -intercept / a, c and d, shape (J, 4)."""
        a, intercept, guess, slip = x.T
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.stack([a, -intercept / a, expit(guess), expit(slip)], axis=1)

    def published_jacobian(self, x: FloatArray) -> FloatArray:
        """Derivatives of `published`, shape (J, 4, 4)."""
        a, intercept, guess, slip = x.T
        jacobian = np.zeros((len(x), 4, 4))
        jacobian[:, 0, 0] = 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            jacobian[:, 1, 0] = intercept / a**2
            jacobian[:, 1, 1] = -1.0 / a
        jacobian[:, 2, 2] = expit(guess) * expit(-guess)
        jacobian[:, 3, 3] = expit(slip) * expit(-slip)
        return jacobian

    def working(self, published: FloatArray) -> FloatArray:
        """Slope, intercept and log-odds of the asymptotes, shape (J, 4)."""
        a, b, c, d = published.T
        return np.stack([a, -a * b, logit(c), logit(d)], axis=1)

    def start(self, proportions: FloatArray, means: FloatArray) -> FloatArray:
        """Common asymptotes and a curve through the share of right answers, shape (J, 4)."""
        right = np.clip((proportions[:, 1] - START_C) / (START_D - START_C), 0.03, 0.97)
        variance = np.clip(1.0 - (proportions * means**2).sum(axis=1), 0.3, 1.0)
        a = (means[:, 1] - means[:, 0]) / variance
        guess, slip = (np.full(len(a), logit(asymptote)) for asymptote in (START_C, START_D))
        return np.stack([a, logit(right), guess, slip], axis=1)

    def items(self, x: FloatArray) -> LogisticItems:
        """Return the block as items of `engine`."""
        return LogisticItems(*self.published(x).T)


class _Parts(NamedTuple):
    """L, and the shares of the persons below and above L in each answer, shape (J, 2, Q)."""

    c: FloatArray
    d: FloatArray
    curve: FloatArray
    unknown: FloatArray
    known: FloatArray


def _parts(x: FloatArray, nodes: FloatArray) -> _Parts:
    a, intercept, guess, slip = x.T[..., None]
    z = a * nodes + intercept
    right = z + log_expit(slip) - log_expit(guess)
    wrong = z + log_expit(-slip) - log_expit(-guess)
    odds = np.stack([wrong, right], axis=1)
    return _Parts(expit(guess), expit(slip), expit(z), expit(-odds), expit(odds))


def _square(weight: FloatArray, nodes: FloatArray) -> FloatArray:
    """Sum over nodes of weight times (theta, 1) (theta, 1)', shape (J, 2, 2)."""
    ends = np.stack([nodes**2, nodes, nodes, np.ones_like(nodes)], axis=1)
    return (weight @ ends).reshape(-1, 2, 2)


def _add_spread(
    hessian: FloatArray,
    weight: FloatArray,
    nodes: FloatArray,
    in_guess: FloatArray,
    in_slip: FloatArray,
) -> None:
    """Add the sum over nodes of weight times (theta, 1, in_guess, in_slip) squared."""
    square = _square(weight, nodes)
    hessian[:, :2, :2] += square
    asymptotes = np.stack([in_guess, in_slip], axis=1)
    cross = square[:, :, 1, None] * asymptotes[:, None, :]
    hessian[:, :2, 2:] += cross
    hessian[:, 2:, :2] += cross.transpose(0, 2, 1)
    outer = asymptotes[:, :, None] * asymptotes[:, None, :]
    hessian[:, 2:, 2:] += square[:, 1, 1, None, None] * outer
