"""Minimum expected posterior variance, MEPV (Owen, 1975; van der Linden, 1998)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.priors import JeffreysPrior
from engine.products import product
from engine.situation import Situation

RARE = 1e-4
"""Answers this improbable get their variance node by node: in the products they lose digits."""

NEGLIGIBLE = 1e-15
"""What an answer of this probability adds is less than a double can show."""

CHUNK = 4096


@dataclass(frozen=True, slots=True)
class ExpectedVariance:
    """The item after whose answer ability will be known best."""

    name: Literal["mepv"] = "mepv"
    better: Literal["min"] = "min"

    def criterion(self, situation: Situation) -> FloatArray:
        """Sum over answers of P(x | theta^) times the posterior variance after x, (n, n_items)."""
        expected: FloatArray = (situation.probability * _variance(situation)).sum(axis=2)
        return expected


def _variance(situation: Situation) -> FloatArray:
    """Posterior variance after each answer to each item, shape (n, n_items, n_categories).

    In deviations from the mean, m, and with p the answer's probability under the posterior:
    E[m^2 | x] - E[m | x]^2, each an integral of P(x | t) over the posterior, divided by p.
    """
    tables = situation.tables
    deviation = tables.grid.nodes - situation.posterior.score().theta[:, None]
    moments = [situation.mass, situation.mass * deviation, situation.mass * deviation**2]
    p, first, second = (
        product(moment, tables.probability).reshape(situation.probability.shape)
        for moment in moments
    )
    certain = p > RARE
    if isinstance(situation.prior, JeffreysPrior):
        # That prior changes with the item, which no product over one posterior can follow.
        certain = np.zeros_like(certain)
    mean = np.divide(first, p, out=np.zeros_like(p), where=certain)
    square = np.divide(second, p, out=np.zeros_like(p), where=certain)
    variance: FloatArray = np.maximum(square - mean * mean, 0.0)
    rare = ~certain & (situation.probability > NEGLIGIBLE)
    variance[rare] = _one_by_one(situation, *np.nonzero(rare))
    return variance


def _one_by_one(
    situation: Situation, candidate: IntArray, item: IntArray, category: IntArray
) -> FloatArray:
    """Posterior variance after these answers to these items, shape (n_answers,)."""
    se = np.empty(candidate.size)
    for first in range(0, candidate.size, CHUNK):
        part = slice(first, first + CHUNK)
        after = situation.after(candidate[part], item[part], category[part])
        se[part] = after.score().se
    return se * se
