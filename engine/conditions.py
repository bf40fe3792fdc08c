"""What else decides a simulated exam: real answers, items that cannot be given, times.

A candidate to whom some items cannot be given (an earlier sitting showed them, or there is no real
answer to them) sits under the same design as the others, whatever keeps it to its blueprint: the
items are closed by a content balance around the design's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import BoolArray, FloatArray, IntArray, SeedArray
from engine.balance import Balance, Dividing, Weighing
from engine.design import Design
from engine.errors import AnswerError, Problem
from engine.pool import ItemPool
from engine.response_times import ResponseTimes
from engine.situation import Situation
from engine.state import EMPTY, State
from engine.stopping import Reason


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditions:
    """Circumstances of n simulated candidates, in the order of the candidates.

    Parameters
    ----------
    answers
        Real answers, shape (n, n_items): categories, negative where there is none. They are given
        instead of drawn ones (a post-hoc simulation), and items without one cannot be given.
    barred
        Further items that cannot be given to a candidate, shape (n, n_items).
    times
        How long answers take; None: no time passes.
    speed
        Each candidate's speed, shape (n,); 0 by default.
    """

    answers: NDArray[np.integer[Any]] | None = None
    barred: BoolArray | None = None
    times: ResponseTimes | None = None
    speed: FloatArray | None = None

    def rows(self, rows: slice) -> Conditions:
        """Return the conditions of some of the candidates."""
        return Conditions(
            answers=None if self.answers is None else self.answers[rows],
            barred=None if self.barred is None else self.barred[rows],
            times=self.times,
            speed=None if self.speed is None else self.speed[rows],
        )

    def closed(self) -> BoolArray | None:
        """Which items cannot be given, shape (n, n_items); None where all can."""
        if self.answers is None:
            return self.barred
        missing: BoolArray = self.answers < 0
        return missing if self.barred is None else missing | self.barred

    def problems(self, design: Design, n: int) -> Iterator[Problem]:
        """Yield what does not fit the design or the number of candidates."""
        shape = (n, len(design.pool))
        for name in ("answers", "barred"):
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                yield Problem(f"conditions.{name}", f"shape {column.shape}", f"shape {shape}")
        if self.answers is not None and self.answers.shape == shape:
            high = np.flatnonzero((self.answers >= design.pool.n_categories).any(axis=0))
            for item in high.tolist():
                last = int(design.pool.n_categories[item]) - 1
                found = int(self.answers[:, item].max())
                yield Problem(f"conditions.answers[:, {item}]", found, f"at most {last}")
        if self.times is not None and self.times.intensity.shape != shape[1:]:
            expected = f"a time intensity for each of the {shape[1]} items"
            yield Problem("conditions.times", f"{self.times.intensity.size} items", expected)
        if self.speed is not None and self.speed.shape != (n,):
            yield Problem("conditions.speed", f"shape {self.speed.shape}", f"shape ({n},)")


def under(design: Design, seeds: SeedArray, closed: BoolArray | None) -> Design:
    """Return the design that gives no closed item to the candidates with these seeds."""
    if closed is None:
        return design
    if np.unique(seeds).size < seeds.size:
        expected = "each candidate's own, since items are closed to some of them"
        raise AnswerError("Simulation", [Problem("seeds", "a seed twice", expected)])
    return replace(design, content=_Closing(design.content, seeds, closed))


def out_of_items(state: State, closed: BoolArray | None) -> State:
    """Return the state in which candidates to whom nothing is left to give are finished."""
    if closed is None:
        return state
    left = (~state.given(closed.shape[1]) & ~closed).any(axis=1)
    over = ~left & (state.reason == Reason.GOING_ON)
    return replace(state, reason=np.where(over, int(Reason.EXHAUSTED), state.reason))


class _Closing:
    """A content balance that sets items aside for some candidates, and leaves the rest to another."""

    def __init__(self, inner: Balance | None, seeds: SeedArray, closed: BoolArray) -> None:
        self._inner = inner
        order = np.argsort(seeds)
        self._seeds, self._closed = seeds[order], closed[order]

    @property
    def plans_with_all(self) -> bool:
        """As the other balance does."""
        return isinstance(self._inner, Weighing) and self._inner.plans_with_all

    def problems(self, pool: ItemPool, longest: int) -> Iterator[Problem]:
        """Yield what the other balance finds."""
        if self._inner is not None:
            yield from self._inner.problems(pool, longest)

    def plan(self, seen: Situation, criterion: FloatArray, larger_wins: bool) -> IntArray:
        """Plan as the other balance does with the items that are left."""
        if isinstance(self._inner, Weighing):
            return self._inner.plan(self._narrowed(seen), criterion, larger_wins)
        return seen.plan

    def weighed(
        self, seen: Situation, criterion: FloatArray, larger_wins: bool
    ) -> tuple[FloatArray, BoolArray]:
        """Weigh as the other balance does; of divided content, only the due unit may come."""
        narrowed = self._narrowed(seen)
        if isinstance(self._inner, Weighing):
            return self._inner.weighed(narrowed, criterion, larger_wins)
        if isinstance(self._inner, Dividing):
            given = _given(seen)
            unit = self._inner.due(given, narrowed.eligible)
            return criterion, narrowed.eligible & self._inner.of_unit(unit)
        return criterion, narrowed.eligible

    def _narrowed(self, seen: Situation) -> Situation:
        """The situation without the closed items; where none is left, items held back return."""
        closed = self._closed[np.searchsorted(self._seeds, seen.seeds)]
        eligible = seen.eligible & ~closed
        none = ~eligible.any(axis=1, keepdims=True)
        eligible |= none & ~closed & ~_given(seen)
        return replace(seen, eligible=eligible)


def _given(seen: Situation) -> BoolArray:
    """Which items were given, shape (n, n_items)."""
    mask = np.zeros((len(seen), seen.eligible.shape[1] + 1), dtype=bool)
    np.put_along_axis(mask, np.where(seen.items == EMPTY, -1, seen.items), True, axis=1)
    return mask[:, :-1]
