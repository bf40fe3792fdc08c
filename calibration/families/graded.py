"""The graded response model (Samejima, 1969).

P(x >= v) = L(z_v), z_v = a theta + i_v, with falling intercepts i_1 > i_2 > ...; the thresholds are
b_v = -i_v / a. Working parameters are the slope a, the first intercept i_1 and the logarithms of
the gaps i_(v-1) - i_v: any real numbers keep the order, and a rare category, whose gap is small, is
estimated on a scale of its own size.

P_k = L(z_k) (1 - L(z_(k+1))) (1 - exp(-gap_(k+1))), the last factor free of theta: log P_k is a sum
of one term in each z and one in each gap, so that second derivatives in z are diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, log_expit, logit

from engine.arrays import FloatArray
from engine.families import Graded as GradedItems

LOGIT_OF_NORMAL = 0.346
"""A normal ability widens a logistic curve by sqrt(1 + 0.346 a^2): (16 sqrt(3) / (15 pi))^2,
the scaling constant at which logistic and normal curves agree (Johnson & Kotz, 1970)."""


@dataclass(frozen=True, slots=True)
class Graded:
    """Working parameters a, intercept1, log_gap2, ...; published a, b1, b2, ..."""

    name: str = "graded"

    def working_names(self, n_categories: int) -> tuple[str, ...]:
        """Slope, first intercept, logarithms of the gaps to the next intercepts."""
        return ("a", "intercept1", *(f"log_gap{v}" for v in range(2, n_categories)))

    def published_names(self, n_categories: int) -> tuple[str, ...]:
        """Slope and thresholds."""
        return ("a", *(f"b{v}" for v in range(1, n_categories)))

    def log_probability(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Log-probability of each category, shape (J, K, Q)."""
        z = x[:, :1, None] * nodes + _intercepts(x)[:, :, None]
        table = np.zeros((len(x), z.shape[1] + 1, nodes.size))
        table[:, 1:] = log_expit(z)
        table[:, :-1] += log_expit(-z)
        table[:, 1:-1] += np.log(-np.expm1(-np.exp(x[:, 2:])))[:, :, None]
        return table

    def gradient(self, x: FloatArray, nodes: FloatArray) -> FloatArray:
        """Derivatives of `log_probability`, shape (J, K, K, Q)."""
        n_items, n_categories = x.shape
        steps = _steps(x, nodes)
        in_z = np.zeros((n_items, n_categories - 1, n_categories, nodes.size))
        v = np.arange(n_categories - 1)
        in_z[:, v, v + 1] = steps.below
        in_z[:, v, v] = -steps.above
        slope: FloatArray = np.einsum("jpv,jvkq->jpkq", steps.jacobian, in_z)
        slope[:, 0] = in_z.sum(axis=1) * nodes
        gap = np.arange(2, n_categories)
        slope[:, gap, gap - 1] += _gap_slope(x[:, 2:])[:, :, None]
        return slope

    def expected_gradient(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """`gradient` weighted by counts and summed, shape (J, K)."""
        steps = _steps(x, nodes)
        surplus = counts[:, 1:] * steps.below - counts[:, :-1] * steps.above
        total: FloatArray = np.einsum("jpv,jv->jp", steps.jacobian, surplus.sum(axis=2))
        total[:, 0] = (surplus @ nodes).sum(axis=1)
        total[:, 2:] += counts[:, 1:-1].sum(axis=2) * _gap_slope(x[:, 2:])
        return total

    def expected_hessian(self, x: FloatArray, nodes: FloatArray, counts: FloatArray) -> FloatArray:
        """Second derivatives weighted by counts and summed, shape (J, K, K)."""
        steps = _steps(x, nodes)
        weight = (counts[:, 1:] + counts[:, :-1]) * steps.above * steps.below
        flat, tilted, bent = (weight @ nodes**power for power in range(3))
        jacobian = steps.jacobian
        hessian: FloatArray = -np.einsum("jpv,jv,jsv->jps", jacobian, flat, jacobian)
        hessian[:, 0, 0] = -bent.sum(axis=1)
        hessian[:, 0, 1:] = -np.einsum("jv,jsv->js", tilted, jacobian[:, 1:])
        hessian[:, 1:, 0] = hessian[:, 0, 1:]
        surplus = counts[:, 1:] * steps.below - counts[:, :-1] * steps.above
        gap = np.arange(2, x.shape[1])
        hessian[:, gap, gap] += np.einsum("jpv,jv->jp", jacobian[:, 2:], surplus.sum(axis=2))
        hessian[:, gap, gap] += counts[:, 1:-1].sum(axis=2) * _gap_curvature(x[:, 2:])
        return hessian

    def published(self, x: FloatArray) -> FloatArray:
        """Slope a and b_v = -i_v / a, shape (J, K)."""
        a = x[:, :1]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.concatenate([a, -_intercepts(x) / a], axis=1)

    def published_jacobian(self, x: FloatArray) -> FloatArray:
        """Derivatives of `published`, shape (J, K, K)."""
        a = x[:, 0]
        jacobian = np.zeros((len(x), x.shape[1], x.shape[1]))
        jacobian[:, 0, 0] = 1.0
        with np.errstate(divide="ignore", invalid="ignore"):
            jacobian[:, 1:, 0] = _intercepts(x) / a[:, None] ** 2
            inner = _jacobian(x)[:, 1:].transpose(0, 2, 1)
            jacobian[:, 1:, 1:] = -inner / a[:, None, None]
        return jacobian

    def working(self, published: FloatArray) -> FloatArray:
        """Slope, first intercept and log gaps, shape (J, K); NaN where thresholds are not in order."""
        a = published[:, :1]
        intercepts = -a * published[:, 1:]
        with np.errstate(divide="ignore", invalid="ignore"):
            gaps = np.log(-np.diff(intercepts))
        return np.concatenate([a, intercepts[:, :1], gaps], axis=1)

    def start(self, proportions: FloatArray, means: FloatArray) -> FloatArray:
        """A curve through the share of each "at least", slope by their mean scores, shape (J, K)."""
        least = np.cumsum(proportions[:, :0:-1], axis=1)[:, ::-1]
        score = np.cumsum((proportions * means)[:, :0:-1], axis=1)[:, ::-1]
        # A cut at v splits the persons; the score of each half gives a slope, the largest halves most.
        between = score / (least * (1.0 - least))
        slopes = between / np.clip(1.0 - score * between, 0.3, 1.0)
        weight = least * (1.0 - least)
        a = (weight * slopes).sum(axis=1) / weight.sum(axis=1)
        intercepts = logit(least) * np.sqrt(1.0 + LOGIT_OF_NORMAL * a * a)[:, None]
        gaps = np.log(-np.diff(intercepts))
        return np.concatenate([a[:, None], intercepts[:, :1], gaps], axis=1)

    def items(self, x: FloatArray) -> GradedItems:
        """Return the block as items of `engine`."""
        published = self.published(x)
        return GradedItems(published[:, 0], published[:, 1:])


class _Steps(NamedTuple):
    """L and 1 - L of each step, shape (J, K-1, Q), and `_jacobian`."""

    above: FloatArray
    below: FloatArray
    jacobian: FloatArray


def _steps(x: FloatArray, nodes: FloatArray) -> _Steps:
    z = x[:, :1, None] * nodes + _intercepts(x)[:, :, None]
    return _Steps(expit(z), expit(-z), _jacobian(x))


def _intercepts(x: FloatArray) -> FloatArray:
    """Falling intercepts i_1, i_2, ..., shape (J, K-1)."""
    fall = np.zeros((len(x), x.shape[1] - 1))
    np.cumsum(np.exp(x[:, 2:]), axis=1, out=fall[:, 1:])
    intercepts: FloatArray = x[:, 1:2] - fall
    return intercepts


def _jacobian(x: FloatArray) -> FloatArray:
    """Derivatives of the intercepts i_v in the working parameters, shape (J, K, K-1)."""
    n_items, n_categories = x.shape
    jacobian = np.zeros((n_items, n_categories, n_categories - 1))
    jacobian[:, 1] = 1.0
    after = np.arange(1, n_categories) >= np.arange(2, n_categories)[:, None]
    jacobian[:, 2:] = -np.exp(x[:, 2:])[:, :, None] * after
    return jacobian


def _gap_slope(log_gap: FloatArray) -> FloatArray:
    """First derivative of log(1 - exp(-gap)) in log gap: gap / (exp(gap) - 1)."""
    gap = np.exp(log_gap)
    slope: FloatArray = gap * np.exp(-gap) / -np.expm1(-gap)
    return slope


def _gap_curvature(log_gap: FloatArray) -> FloatArray:
    """Second derivative: with s the first, s (1 - gap - s)."""
    slope = _gap_slope(log_gap)
    return slope * (1.0 - np.exp(log_gap) - slope)
