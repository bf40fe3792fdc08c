"""Sums over a candidate's answers at an ability: what every estimating equation is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

from engine.ability.patterns import NOT_GIVEN, Answers
from engine.arrays import FloatArray, IntArray
from engine.families import Derivatives, ItemModel, expectation
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


Formula: TypeAlias = Callable[[FloatArray, Derivatives], FloatArray]


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
        parts = []
        for block, places in self._pool.split(item):
            who = person[places]
            parts.append(_Part(block, theta[who], answers[who, item[places]][:, None], who))
        return ExactAt(theta.size, parts)


class _Part:
    """Answers to items of one family, in any order; what is asked for twice is computed once."""

    def __init__(self, block: ItemModel, theta: FloatArray, answer: Answers, who: IntArray) -> None:
        self._block = block
        self._theta = theta
        self._answer = answer
        self.who = who

    @cached_property
    def derivatives(self) -> Derivatives:
        return self._block.derivatives(self._theta)

    @cached_property
    def probability(self) -> FloatArray:
        return expectation.probability(self._block.log_probability(self._theta))

    def information(self) -> FloatArray:
        return self._block.information(self._theta)

    def of_answer(self, categories: FloatArray) -> FloatArray:
        """Pick the answer's out of what each category has, shape (n_answers,)."""
        return np.take_along_axis(categories, self._answer, axis=1)[:, 0]

    def expected(self, formula: Formula) -> FloatArray:
        """Take an expectation over the categories, shape (n_answers,)."""
        return formula(self.probability, self.derivatives)


class ExactAt:
    """The sums of some candidates at one ability each; only those asked for are computed."""

    def __init__(self, n: int, parts: Sequence[_Part]) -> None:
        self._n = n
        self._parts = parts

    @property
    def score(self) -> FloatArray:
        """First derivative of the log-likelihood."""
        return self._total(lambda part: part.of_answer(part.derivatives.first))

    @property
    def bend(self) -> FloatArray:
        """Second derivative of the log-likelihood."""
        return self._total(lambda part: part.of_answer(part.derivatives.second))

    @property
    def information(self) -> FloatArray:
        """Expected information."""
        return self._total(_Part.information)

    @property
    def information_slope(self) -> FloatArray:
        """First derivative of the expected information."""
        return self._total(lambda part: part.expected(expectation.information_slope))

    @property
    def information_bend(self) -> FloatArray:
        """Second derivative of the expected information."""
        return self._total(lambda part: part.expected(expectation.information_bend))

    @property
    def warm(self) -> FloatArray:
        """Warm's J."""
        return self._total(lambda part: part.expected(expectation.warm))

    @property
    def warm_slope(self) -> FloatArray:
        """First derivative of Warm's J."""
        return self._total(lambda part: part.expected(expectation.warm_slope))

    def _total(self, terms: Callable[[_Part], FloatArray]) -> FloatArray:
        total = np.zeros(self._n)
        for part in self._parts:
            total += np.bincount(part.who, terms(part), self._n)
        return total
