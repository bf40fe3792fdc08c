"""What every rule of item selection offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, Protocol, runtime_checkable

import numpy as np

from engine.arrays import BoolArray, FloatArray
from engine.errors import Problem
from engine.situation import Situation

CELLS = 2**22
"""Numbers at a time: a rule works on so many candidates that its arrays stay of this size."""


class SelectionRule(Protocol):
    """A rule says what each item would be worth to each candidate, and nothing else.

    Which items may be given, ties and chance among the best are the same for every rule (see
    `choose`).
    """

    @property
    def name(self) -> str:
        """Short name of the rule, as written in designs and logs."""
        ...

    @property
    def better(self) -> Literal["max", "min"]:
        """Whether the largest or the smallest value wins."""
        ...

    def criterion(self, situation: Situation) -> FloatArray:
        """Value of every item to every candidate, shape (n, n_items), finite."""
        ...


@runtime_checkable
class InUnits(Protocol):
    """A rule whose criterion shrinks with every answer, and is computed in a unit that does too.

    Values are compared to nine decimals; a likelihood falls below that within an exam.
    """

    def log_unit(self, situation: Situation) -> FloatArray:
        """Logarithm of each candidate's unit, shape (n,)."""
        ...


@runtime_checkable
class Narrowing(Protocol):
    """A rule that sets items aside, such as those of another stratum."""

    def allowed(self, situation: Situation) -> BoolArray:
        """Which of the eligible items may come next, shape (n, n_items)."""
        ...


@runtime_checkable
class Demanding(Protocol):
    """A rule that not every design can serve."""

    def problems(self, prior: object, cuts: Sequence[float]) -> Iterator[Problem]:
        """Yield what the rule misses in a design of this prior and these cut scores."""
        ...


def worth(rule: SelectionRule, situation: Situation) -> FloatArray:
    """The values that are compared, shape (n, n_items), some candidates at a time."""
    pool = situation.tables.pool
    size = max(1, CELLS // (len(pool) * int(pool.n_categories.max())))
    if len(situation) <= size:
        return rule.criterion(situation)
    rows = [slice(first, first + size) for first in range(0, len(situation), size)]
    return np.concatenate([rule.criterion(situation.take(part)) for part in rows])


def in_full(rule: SelectionRule, situation: Situation, values: FloatArray) -> FloatArray:
    """The values of `worth` as the rule's formula has them, out of its unit."""
    if not isinstance(rule, InUnits):
        return values
    return values * np.exp(rule.log_unit(situation))[:, None]
