"""Robust estimates: answers far from what an ability leads one to expect count for less.

Solves sum of w(r) (log P)' = 0 with the residual r = a (theta - b), which is large where an item is
far too easy or too hard for the ability, so that a slip or a lucky guess there is discounted
(Mislevy & Bock, 1982, with Tukey's biweight; Schuster & Yuan, 2011, with Huber's weights). The
standard error is that of a weighted estimating equation, sqrt(sum w^2 I) / sum w I (Magis, 2014).

The equation may have several solutions. The one taken has the largest integral of the left side up
to it, which without weights is the likelihood's largest value.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Protocol

import numpy as np

from engine import models
from engine.ability.equations import Likelihood
from engine.ability.modes import refined, standard_error
from engine.ability.patterns import NOT_GIVEN, Answers, Patterns, chosen, flat
from engine.ability.sums import Totals
from engine.arrays import FloatArray, IntArray
from engine.errors import DesignError, Problem
from engine.families import Logistic
from engine.pool import ItemPool
from engine.posterior import Score

WIDEST_STEP = 0.1
MOST_NODES = 4001


class Weighting(Protocol):
    """How much an answer counts at its residual."""

    def weight(self, residual: FloatArray) -> FloatArray:
        """Weight in [0, 1], same shape."""
        ...

    def slope(self, residual: FloatArray) -> FloatArray:
        """First derivative of `weight` in the residual, same shape."""
        ...


@dataclass(frozen=True, slots=True)
class Huber:
    """Full weight up to a residual of `tuning`, then falling as its inverse (Huber, 1964)."""

    tuning: float = 1.0

    def weight(self, residual: FloatArray) -> FloatArray:
        """Return 1 up to the tuning constant H, then H / |r|."""
        return self.tuning / np.maximum(np.abs(residual), self.tuning)

    def slope(self, residual: FloatArray) -> FloatArray:
        """Return 0, then -H / (r |r|)."""
        beyond = np.maximum(np.abs(residual), self.tuning)
        fall = -self.tuning * np.sign(residual) / beyond**2
        return np.where(np.abs(residual) > self.tuning, fall, 0.0)


@dataclass(frozen=True, slots=True)
class Tukey:
    """The biweight: no weight at all from a residual of `tuning` on (Beaton & Tukey, 1974)."""

    tuning: float = 4.0

    def weight(self, residual: FloatArray) -> FloatArray:
        """Return (1 - (r / B)^2)^2 up to the tuning constant B, then 0."""
        return self._rest(residual) ** 2

    def slope(self, residual: FloatArray) -> FloatArray:
        """Return -4 r (1 - (r / B)^2) / B^2, then 0."""
        return -4.0 * residual * self._rest(residual) / self.tuning**2

    def _rest(self, residual: FloatArray) -> FloatArray:
        rest: FloatArray = np.maximum(1.0 - (residual / self.tuning) ** 2, 0.0)
        return rest


def robust(patterns: Patterns, weighting: Weighting, bounds: tuple[float, float]) -> Score:
    """Return robust estimates between the bounds and their standard errors, one a pattern.

    Both are NaN where nothing was answered, or nothing that counts anywhere between the bounds.

    Raises
    ------
    DesignError
        If an item has more than a right and a wrong answer: there r says nothing.
    """
    pool = patterns.pool
    if not pool.dichotomous:
        problem = Problem("method", "a robust one", "items answered right or wrong only")
        raise DesignError("Score", [problem])
    nodes = _nodes(pool, *bounds)
    table = _weighted_scores(pool, weighting, nodes)
    theta, se = np.empty((2, len(patterns)))
    for rows, answers in patterns.chunks():
        climb = np.cumsum(_cells(chosen(answers, models.N_CATEGORIES) @ table), axis=1)
        sums = WeightedSums(pool, answers, weighting)
        theta[rows] = refined(sums, Likelihood(), nodes, _summit(climb))
        se[rows] = standard_error(sums(theta[rows], np.arange(len(answers))).information)
        nothing = ~climb.any(axis=1)
        theta[rows] = np.where(nothing, np.nan, theta[rows])
        se[rows] = np.where(nothing, np.nan, se[rows])
    return Score(theta=theta, se=se)


class WeightedSums:
    """Sums of weighted derivatives; as information, the inverse square of the standard error."""

    __slots__ = ("_answers", "_pool", "_weighting")

    def __init__(self, pool: ItemPool, answers: Answers, weighting: Weighting) -> None:
        self._pool = pool
        self._answers = answers
        self._weighting = weighting

    def __call__(self, theta: FloatArray, rows: IntArray) -> Totals:
        """Return the sums of the candidates `rows` at their abilities `theta`."""
        answers = self._answers[rows]
        person, item = np.nonzero(answers != NOT_GIVEN)
        total = np.zeros((4, theta.size))
        for block, places in self._pool.split(item):
            who = person[places]
            terms = self._terms(block, theta[who], answers[who, item[places]][:, None])
            for row, term in zip(total, terms, strict=True):
                row += np.bincount(who, term, theta.size)
        score, bend, bread, meat = total
        precision = np.divide(bread**2, meat, out=np.zeros_like(meat), where=meat > 0)
        none = np.zeros_like(score)
        return Totals(score, bend, precision, none, none, none, none)

    def _terms(self, block: object, theta: FloatArray, answer: Answers) -> tuple[FloatArray, ...]:
        """One item's share of score, bend, sum w I and sum w^2 I, shape (n,) each."""
        assert isinstance(block, Logistic)
        residual = block.a * (theta - block.b)
        weight = self._weighting.weight(residual)
        d = block.derivatives(theta)
        first, second = (np.take_along_axis(part, answer, axis=1)[:, 0] for part in d[:2])
        information = block.information(theta)
        bend = weight * second + self._weighting.slope(residual) * block.a * first
        return weight * first, bend, weight * information, weight**2 * information


def _nodes(pool: ItemPool, lo: float, hi: float) -> FloatArray:
    """Equally spaced abilities, closer together where slopes are steep."""
    step = min(WIDEST_STEP, 0.5 / max(float(np.abs(pool.a).max()), 1.0))
    return np.linspace(lo, hi, min(ceil((hi - lo) / step) + 1, MOST_NODES))


def _weighted_scores(pool: ItemPool, weighting: Weighting, nodes: FloatArray) -> FloatArray:
    """Weighted derivative of each answer's log-probability, shape (2 * n_items, n_nodes)."""
    weight = weighting.weight(pool.a[:, None] * (nodes - pool.b[:, None]))
    return flat(weight[:, None, :] * models.derivatives(pool, nodes).first)


def _cells(values: FloatArray) -> FloatArray:
    """Integral over the cell that ends at each node, by the trapezoid rule, in units of it."""
    cells = np.zeros_like(values)
    cells[:, 1:] = 0.5 * (values[:, 1:] + values[:, :-1])
    return cells


def _summit(climb: FloatArray) -> IntArray:
    """The node where each row is largest; the last where it is as large there as anywhere.

    Where all answers are right and far too easy for it to matter, the row ends in a plateau, and
    the estimate is the upper bound, as for maximum likelihood; where all are wrong, the lower one.
    """
    last = climb.shape[1] - 1
    rises = climb[:, -1] >= climb.max(axis=1)
    summit: IntArray = np.where(rises & (climb[:, -1] > 0), last, climb.argmax(axis=1))
    return summit
