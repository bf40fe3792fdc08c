"""What the families share whose log-odds are straight lines in ability.

P_k(theta) = exp(h_k) / sum over the categories of exp(h),  h_k = s_k theta + i_k

(Thissen & Steinberg, 1986). Each family's slopes s and intercepts i are linear in its working
parameters: s = x A, i = x B with constant matrices A and B of shape (P, K). With the statistic
t_k = A_k theta + B_k, shape (P,), the derivatives of log P_k are t_k - E[t], and -Cov(t) for every
answer: the log-likelihood is concave where abilities are known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray


class Design(NamedTuple):
    """Slopes x A and intercepts x B of the categories, shape (P, K) each."""

    A: FloatArray
    B: FloatArray


def log_probability(design: Design, x: FloatArray, nodes: FloatArray) -> FloatArray:
    """Log-probability of each category, shape (J, K, Q)."""
    h = (x @ design.A)[:, :, None] * nodes + (x @ design.B)[:, :, None]
    h -= h.max(axis=1, keepdims=True)
    h -= np.log(np.exp(h).sum(axis=1, keepdims=True))
    return h


def gradient(design: Design, x: FloatArray, nodes: FloatArray) -> FloatArray:
    """Derivatives of the log-probabilities, shape (J, P, K, Q)."""
    p = np.exp(log_probability(design, x, nodes))
    mean = (design.A @ p) * nodes + design.B @ p
    statistic = design.A[:, :, None] * nodes + design.B[:, :, None]
    slope: FloatArray = statistic - mean[:, :, None, :]
    return slope


def expected_gradient(
    design: Design, x: FloatArray, nodes: FloatArray, counts: FloatArray
) -> FloatArray:
    """Sum of counts times `gradient`, shape (J, P): what was answered less what was expected."""
    p = np.exp(log_probability(design, x, nodes))
    p *= counts.sum(axis=1, keepdims=True)
    surplus = counts - p
    total: FloatArray = (surplus @ nodes) @ design.A.T + surplus.sum(axis=2) @ design.B.T
    return total


def expected_hessian(
    design: Design, x: FloatArray, nodes: FloatArray, counts: FloatArray
) -> FloatArray:
    """Sum of counts times the second derivatives, shape (J, P, P)."""
    A, B = design
    p = np.exp(log_probability(design, x, nodes))
    persons = counts.sum(axis=1)
    flat, tilted, bent = (_covariance(p, persons * nodes**power) for power in range(3))
    mixed = A @ tilted @ B.T
    hessian: FloatArray = -(A @ bent @ A.T + mixed + mixed.transpose(0, 2, 1) + B @ flat @ B.T)
    return hessian


def _covariance(p: FloatArray, weight: FloatArray) -> FloatArray:
    """Covariance of the categories' indicators, weighted and summed over nodes, (J, K, K)."""
    weighted = p * weight[:, None, :]
    covariance: FloatArray = -(weighted @ p.transpose(0, 2, 1))
    diagonal = np.einsum("jkk->jk", covariance)
    diagonal += weighted.sum(axis=2)
    return covariance


def discriminant(proportions: FloatArray, means: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slopes and intercepts of the categories if scores were normal within each, (J, K) each.

    Linear discriminant analysis (Fisher, 1936): with a common variance v within categories the
    log-odds are lines with slopes m_k / v and intercepts log p_k - m_k^2 / (2 v).
    """
    between = (proportions * means**2).sum(axis=1, keepdims=True)
    v = np.clip(1.0 - between, 0.3, 1.0)
    return means / v, np.log(proportions) - means**2 / (2.0 * v)
