"""Sums over a candidate's answers at an ability: what every estimating equation is made of."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np

from engine.ability.patterns import NOT_GIVEN, Answers
from engine.arrays import FloatArray, IntArray
from engine.families import expectation
from engine.pool import ItemPool


class Sums(Protocol):
    """Sums over the items each candidate was given, shape (n,) each."""

    @property
    def score(self) -> FloatArray:
        """First derivative of the log-likelihood."""
        ...

    @property
    def bend(self) -> FloatArray:
        """Second derivative of the log-likelihood."""
        ...

    @property
    def information(self) -> FloatArray:
        """Expected information."""
        ...

    @property
    def information_slope(self) -> FloatArray:
        """First derivative of the expected information."""
        ...

    @property
    def information_bend(self) -> FloatArray:
        """Second derivative of the expected information."""
        ...

    @property
    def warm(self) -> FloatArray:
        """Warm's J."""
        ...

    @property
    def warm_slope(self) -> FloatArray:
        """First derivative of Warm's J."""
        ...


class SumsAt(Protocol):
    """Sums at abilities of one's own for each candidate."""

    def __call__(self, theta: FloatArray, rows: IntArray) -> Sums:
        """Return the sums of the candidates `rows` at their abilities `theta`, same shape (n,)."""
        ...


class Totals(NamedTuple):
    """Sums that were all computed."""

    score: FloatArray
    bend: FloatArray
    information: FloatArray
    information_slope: FloatArray
    information_bend: FloatArray
    warm: FloatArray
    warm_slope: FloatArray


class ExactSums:
    """Sums from the response models themselves, one candidate's item at a time."""

    __slots__ = ("_answers", "_pool")

    def __init__(self, pool: ItemPool, answers: Answers) -> None:
        self._pool = pool
        self._answers = answers

    def __call__(self, theta: FloatArray, rows: IntArray) -> Sums:
        """Return the sums of the candidates `rows` at their abilities `theta`."""
        answers = self._answers[rows]
        person, item = np.nonzero(answers != NOT_GIVEN)
        total = np.zeros((len(Totals._fields), theta.size))
        for block, places in self._pool.split(item):
            who = person[places]
            log_p, d = block.log_probability(theta[who]), block.derivatives(theta[who])
            p = expectation.probability(log_p)
            answer = answers[who, item[places]][:, None]
            terms = (
                np.take_along_axis(d.first, answer, axis=1)[:, 0],
                np.take_along_axis(d.second, answer, axis=1)[:, 0],
                block.information(theta[who]),
                expectation.information_slope(p, d),
                expectation.information_bend(p, d),
                expectation.warm(p, d),
                expectation.warm_slope(p, d),
            )
            for row, term in zip(total, terms, strict=True):
                row += np.bincount(who, term, theta.size)
        return Totals(*total)
