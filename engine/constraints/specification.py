"""The specification of a test: how many items, and everything else it must satisfy, by name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from numbers import Integral

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import BoolArray, IntArray
from engine.constraints.kinds import (
    Bound,
    Constraint,
    Enemies,
    Exclude,
    Family,
    Include,
    Mean,
    Measure,
    Order,
    SetBound,
    Sets,
    Shares,
    Together,
)
from engine.constraints.quota import Quota
from engine.errors import DesignError, Problem


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Specification:
    """What a test from a pool of `n_items` must satisfy.

    Parameters
    ----------
    n_items
        The size of the pool.
    length
        How many items a test has: a number, or the least and the most.
    constraints
        Everything else, each with a name of its own.
    length_name
        What the length is called in a conflict.

    Raises
    ------
    DesignError
        Naming everything that is wrong with any of them.
    """

    n_items: int
    length: tuple[int, int]
    constraints: tuple[Constraint, ...] = ()
    length_name: str = "length"

    def __post_init__(self) -> None:
        if isinstance(self.length, Integral):
            object.__setattr__(self, "length", (self.length, self.length))
        problems = list(_problems(self))
        if problems:
            raise DesignError("Specification", problems)
        object.__setattr__(self, "length", (int(self.length[0]), int(self.length[1])))
        object.__setattr__(self, "constraints", tuple(self.constraints))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the length and of all constraints, in this order."""
        return (self.length_name, *(each.name for each in self.constraints))

    @property
    def order(self) -> Order | None:
        """The order in which items are given, if one is demanded."""
        return next((each for each in self.constraints if isinstance(each, Order)), None)

    def only(self, names: Sequence[str]) -> Specification:
        """Return the specification that demands nothing but what these names say."""
        kept = set(names)
        return replace(
            self,
            length=self.length if self.length_name in kept else (0, self.n_items),
            constraints=tuple(each for each in self.constraints if each.name in kept),
        )

    def measures(self, items: ArrayLike) -> tuple[Measure, ...]:
        """Return what the length and each constraint come to in a test.

        Parameters
        ----------
        items
            Positions of the chosen items, shape (n,), each once.
        """
        chosen = self._chosen(items)
        low, high = self.length
        length = Measure(name=self.length_name, value=float(chosen.sum()), low=low, high=high)
        parts = (measure for each in self.constraints for measure in each.measures(chosen))
        return (length, *parts)

    def satisfied(self, items: ArrayLike, *, in_order: bool = False) -> tuple[Problem, ...]:
        """Return what a test does not satisfy, by name; nothing where it satisfies everything.

        Parameters
        ----------
        items
            Positions of the chosen items, shape (n,), each once.
        in_order
            Whether `items` stand as they were given, so that their order is judged too.
        """
        found = list(self.measures(items))
        if in_order and self.order is not None:
            found.append(self.order.measured_in(_positions(items)))
        return tuple(_problem(measure) for measure in found if not measure.holds)

    def _chosen(self, items: ArrayLike) -> BoolArray:
        positions = _positions(items)
        chosen = np.zeros(self.n_items, dtype=bool)
        chosen[positions] = True
        if chosen.sum() != positions.size:
            raise DesignError("Test", [Problem("items", positions.tolist(), "each item once")])
        return chosen


def _positions(items: ArrayLike) -> IntArray:
    return np.atleast_1d(np.asarray(items, dtype=np.int64))


def _problem(measure: Measure) -> Problem:
    where = f"{measure.name}, {measure.part}" if measure.part else measure.name
    return Problem(where, measure.value, bounds_in_words(measure.low, measure.high))


def bounds_in_words(low: float, high: float) -> str:
    """Return `10`, `2 to 4`, `at least 2`, `at most 4` or `any number`."""
    if low == high:
        return f"{low:g}"
    if np.isfinite(low) and np.isfinite(high):
        return f"{low:g} to {high:g}"
    if np.isfinite(low):
        return f"at least {low:g}"
    return f"at most {high:g}" if np.isfinite(high) else "any number"


def _problems(specification: Specification) -> Iterator[Problem]:
    n_items = specification.n_items
    wrong = list(checks.whole_number("n_items", n_items, low=1))
    yield from wrong
    yield from _length_problems(specification.length)
    for name, times in Counter(specification.names).items():
        if times > 1:
            yield Problem("constraints", name, f"each name once; it stands {times} times")
    for name in specification.names:
        if not isinstance(name, str) or not name.strip():
            yield Problem("constraints", name, "a name for each")
    if wrong:
        return
    for each in specification.constraints:
        yield from each.problems(n_items)
    orders = [each.name for each in specification.constraints if isinstance(each, Order)]
    if len(orders) > 1:
        yield Problem("constraints", orders, "one order at most")


def _length_problems(length: object) -> Iterator[Problem]:
    expected = "a number of items, or the least and the most"
    if not isinstance(length, Sequence) or len(length) != 2:
        yield Problem("length", length, expected)
        return
    found = [problem for end in length for problem in checks.whole_number("length", end, low=0)]
    yield from found
    if not found and length[0] > length[1]:
        yield Problem("length", length, "the least first, then the most")


__all__ = [
    "Bound",
    "Constraint",
    "Enemies",
    "Exclude",
    "Family",
    "Include",
    "Mean",
    "Measure",
    "Order",
    "Quota",
    "SetBound",
    "Sets",
    "Shares",
    "Specification",
    "Together",
    "bounds_in_words",
]
