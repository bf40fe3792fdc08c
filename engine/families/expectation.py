"""What follows from the log-probabilities of any family, by expectation over the answers.

Written in the derivatives l', l'', l''' of log P, which stay finite where P vanishes, and weighted
by P: no quotient by a probability anywhere. With P' = P l' and P'' = P (l'' + l'^2) each formula is
the textbook's.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.families.protocol import Derivatives

STEEPEST_LOGIT = 500.0
"""Probabilities off the log scale stop here: exp(-500) is about 1e-217, still far from underflow.

So that where all answers but one are that improbable, ratios of the sums below keep their sign.
"""


def probability(log_probability: FloatArray) -> FloatArray:
    """Probability of each category, same shape; 0 where an item has no such category."""
    p: FloatArray = np.exp(np.maximum(log_probability, -STEEPEST_LOGIT))
    return np.where(np.isneginf(log_probability), 0.0, p)


def information(p: FloatArray, d: Derivatives) -> FloatArray:
    """Expected information, sum of P'^2 / P = E[l'^2] (Fisher; Samejima, 1969, for categories)."""
    expected: FloatArray = (p * d.first * d.first).sum(axis=-1)
    return expected


def warm(p: FloatArray, d: Derivatives) -> FloatArray:
    """Warm's J, sum of P' P'' / P = E[l' (l'' + l'^2)] (Warm, 1989; Samejima, 1998)."""
    expected: FloatArray = (p * d.first * (d.second + d.first**2)).sum(axis=-1)
    return expected


def information_slope(p: FloatArray, d: Derivatives) -> FloatArray:
    """First derivative of the expected information in theta, E[2 l' l'' + l'^3]."""
    expected: FloatArray = (p * d.first * (2.0 * d.second + d.first**2)).sum(axis=-1)
    return expected


def information_bend(p: FloatArray, d: Derivatives) -> FloatArray:
    """Second derivative of the expected information, E[2 l' l''' + 2 l''^2 + 5 l'^2 l'' + l'^4]."""
    square = d.first**2
    inner = 2.0 * d.first * d.third + 2.0 * d.second**2 + square * (5.0 * d.second + square)
    expected: FloatArray = (p * inner).sum(axis=-1)
    return expected


def warm_slope(p: FloatArray, d: Derivatives) -> FloatArray:
    """First derivative of Warm's J in theta, E[l' l''' + l''^2 + 4 l'^2 l'' + l'^4]."""
    square = d.first**2
    inner = d.first * d.third + d.second**2 + square * (4.0 * d.second + square)
    expected: FloatArray = (p * inner).sum(axis=-1)
    return expected


def draw(log_probability: FloatArray, n_categories: IntArray, u: FloatArray) -> IntArray:
    """Answers by inversion: the category in whose share of [0, 1) the number u falls, shape of u."""
    reached = np.cumsum(probability(log_probability), axis=-1)
    category: IntArray = (u[..., None] >= reached).sum(axis=-1)
    # The shares may sum to a little less than 1.
    return np.minimum(category, n_categories - 1)
