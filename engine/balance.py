"""What keeps an exam to its blueprint: the protocol that every kind of content balance serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.errors import Problem
from engine.pool import ItemPool
from engine.situation import Situation


class Balance(Protocol):
    """A kind of content balance: each serves one or more of the protocols below."""

    def problems(self, pool: ItemPool, longest: int) -> Iterator[Problem]:
        """Yield what contradicts a pool and the most items that an exam can give."""
        ...


@runtime_checkable
class Dividing(Balance, Protocol):
    """A balance that says which part of the pool is due, whatever its items are worth."""

    def due(self, given: BoolArray, available: BoolArray) -> IntArray:
        """Return the unit that each candidate's next item comes from, shape (n,)."""
        ...

    def of_unit(self, unit: IntArray) -> BoolArray:
        """Say which items are of each candidate's unit, shape (n, n_items)."""
        ...


@runtime_checkable
class Completing(Balance, Protocol):
    """A balance that says when an exam has all that its blueprint demands."""

    @property
    def shortest(self) -> int:
        """The fewest items of an exam that has everything."""
        ...

    def complete(self, seen: Situation) -> BoolArray:
        """Say whose items keep the blueprint as they are, so that the exam may end, shape (n,)."""
        ...


@runtime_checkable
class Weighing(Balance, Protocol):
    """A balance that looks at what the items are worth.

    It may plan ahead. A plan is made when an answer is recorded, travels in the state, and is all
    that `weighed` sees of it, so that asking for the next item twice costs and changes nothing.
    """

    @property
    def plans_with_all(self) -> bool:
        """Whether it plans with every open item, so that no rule may set some aside for later."""
        ...

    def plan(self, seen: Situation, criterion: FloatArray, larger_wins: bool) -> IntArray:
        """Return what is planned for each candidate, shape (n, width); the width may be 0.

        `seen.plan` is what was planned before the last answer; there is none, shape (n, 0), before
        the first item. The result depends on the situation alone, never on the time it takes.
        """
        ...

    def weighed(
        self, seen: Situation, criterion: FloatArray, larger_wins: bool
    ) -> tuple[FloatArray, BoolArray]:
        """Return what the items are worth to the blueprint too, and which may come next.

        Both of shape (n, n_items). Of the eligible items of a candidate who goes on, at least one
        may come next.
        """
        ...
