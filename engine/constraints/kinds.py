"""The kinds of constraints that a test can be held to, each with a name for people.

A constraint can say what is wrong with it (`problems`) and measure a test (`measures`). Measuring is
plain counting over the chosen items: it knows nothing of the programme that chose them, so that
it can judge the programme's answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, nan
from typing import Protocol

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.constraints.columns import (
    NO_SET,
    bound_problems,
    column_problems,
    group_problems,
    largest_size,
    position_problems,
    set_bools,
    set_floats,
    set_integers,
    shape_problem,
)
from engine.errors import Problem

TOLERANCE = 1e-6
"""How far a sum may lie beyond its bound, as a part of the largest coefficient: the solver's own
arithmetic is no finer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What one constraint comes to in one test: `value`, and the bounds it should keep.

    `part` names the group, set or item meant where a constraint has several; `scale` is what
    `TOLERANCE` is a part of. A value that does not exist (the mean of no items) is NaN and holds.
    """

    name: str
    part: str = ""
    value: float
    low: float = -inf
    high: float = inf
    scale: float = 1.0

    @property
    def holds(self) -> bool:
        """Whether the value lies within its bounds."""
        slack = TOLERANCE * self.scale
        return not (self.value < self.low - slack or self.value > self.high + slack)


class Constraint(Protocol):
    """One named demand on a test."""

    @property
    def name(self) -> str:
        """What people call it; each name once in a specification."""

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield what is wrong with it for a pool of this size."""

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield what it comes to in a test; `chosen` has shape (n_items,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bound:
    """low <= sum of the coefficients of the chosen items <= high.

    A count has ones on the items meant; time has each item's seconds. Without an end: -inf, inf.
    """

    name: str
    coefficients: FloatArray
    """Shape (n_items,)."""
    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        set_floats(self, "coefficients")

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield coefficients that are not finite numbers, and bounds that cross."""
        yield from column_problems(self.name, "coefficients", self.coefficients, n_items)
        yield from bound_problems(self.name, self.low, self.high)

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield the sum."""
        value = float(self.coefficients[chosen].sum())
        scale = largest_size(self.coefficients)
        yield Measure(name=self.name, value=value, low=self.low, high=self.high, scale=scale)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mean:
    """low <= mean of the values of the chosen items among `where` <= high.

    Of no items there is no mean, and the constraint holds.
    """

    name: str
    values: FloatArray
    """Shape (n_items,); finite at least on `where`."""
    where: BoolArray
    """Shape (n_items,)."""
    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        set_floats(self, "values")
        set_bools(self, "where")

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield values that are not finite numbers, and bounds that cross."""
        where = self.where
        if where.shape != (n_items,):
            yield shape_problem(self.name, "where", where, n_items)
            where = np.ones(n_items, dtype=bool)
        yield from column_problems(self.name, "values", self.values, n_items, where)
        yield from bound_problems(self.name, self.low, self.high)

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield the mean."""
        meant = self.values[chosen & self.where]
        value = float(meant.mean()) if meant.size else nan
        scale = largest_size(self.values[self.where])
        yield Measure(name=self.name, value=value, low=self.low, high=self.high, scale=scale)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shares:
    """Each group has a share from `low` to `high` of the chosen items that are in any group.

    For the balance of answer keys. Where no item of any group is chosen, the constraint holds.
    """

    name: str
    groups: IntArray
    """0 .. n_groups - 1, or -1 for an item that does not count, shape (n_items,)."""
    low: float
    high: float

    def __post_init__(self) -> None:
        set_integers(self, "groups")

    @property
    def n_groups(self) -> int:
        """How many groups there are."""
        return int(self.groups.max(initial=NO_SET)) + 1

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield groups that are no groups, and bounds that are no shares."""
        yield from group_problems(self.name, "groups", self.groups, n_items)
        yield from bound_problems(self.name, self.low, self.high, 0.0, 1.0)

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield the share of each group."""
        held = self.groups[chosen & (self.groups >= 0)]
        for group in range(self.n_groups):
            value = float((held == group).mean()) if held.size else nan
            part = f"group {group}"
            yield Measure(name=self.name, part=part, value=value, low=self.low, high=self.high)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Family:
    """At most `most` of these items are chosen."""

    name: str
    items: IntArray
    """Positions in the pool."""
    most: int = 1

    def __post_init__(self) -> None:
        set_integers(self, "items")

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield positions that are no items, and a bound that is no number of items."""
        yield from position_problems(self.name, self.items, n_items)
        yield from checks.whole_number(f"{self.name}: most", self.most, low=0)

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield how many are chosen."""
        yield Measure(name=self.name, value=float(chosen[self.items].sum()), high=self.most)


class Enemies(Family):
    """At most one of these items is chosen: one gives another away."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Together:
    """All of these items are chosen, or none."""

    name: str
    items: IntArray
    """Positions in the pool."""

    def __post_init__(self) -> None:
        set_integers(self, "items")

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield positions that are no items."""
        yield from position_problems(self.name, self.items, n_items)

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield how many are chosen."""
        value = float(chosen[self.items].sum())
        whole = float(np.unique(self.items).size) if value else 0.0
        yield Measure(name=self.name, value=value, low=whole, high=whole)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Include(Together):
    """All of these items are chosen."""

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield how many are chosen."""
        items = np.unique(self.items)
        yield Measure(name=self.name, value=float(chosen[items].sum()), low=float(items.size))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exclude(Together):
    """None of these items is chosen."""

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield how many are chosen."""
        yield Measure(name=self.name, value=float(chosen[self.items].sum()), high=0.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sets:
    """Items that share a stimulus: how many of a chosen set, and how many sets.

    A set is chosen when at least one of its items is. Then `low` to `high` of its items are
    chosen; and `least` to `most` sets are chosen in all.
    """

    name: str
    stimulus: IntArray
    """The set of each item, 0 .. n_sets - 1, or -1 for one that stands alone, shape (n_items,)."""
    low: float = 0.0
    high: float = inf
    least: float = 0.0
    most: float = inf

    def __post_init__(self) -> None:
        set_integers(self, "stimulus")

    @property
    def n_sets(self) -> int:
        """How many sets the pool has."""
        return int(self.stimulus.max(initial=NO_SET)) + 1

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield sets that are no sets, and bounds that cross."""
        yield from group_problems(self.name, "stimulus", self.stimulus, n_items)
        yield from bound_problems(f"{self.name}: items of a set", self.low, self.high, 0.0)
        yield from bound_problems(f"{self.name}: sets", self.least, self.most, 0.0)

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield the number of sets, and of the items of each chosen one."""
        counts = set_counts(self.stimulus, self.n_sets, chosen)
        name, used = self.name, np.flatnonzero(counts)
        if self.least > 0 or self.most < inf:
            sets = float(used.size)
            yield Measure(name=name, part="sets", value=sets, low=self.least, high=self.most)
        for place in used.tolist():
            part, value = f"set {place}", float(counts[place])
            yield Measure(name=name, part=part, value=value, low=self.low, high=self.high)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetBound:
    """low <= sum of the coefficients of the chosen sets <= high.

    As `Bound`, over stimuli: words to read, passages of one kind. Ones and high 1 make sets enemies.
    """

    name: str
    stimulus: IntArray
    """As in `Sets`, shape (n_items,)."""
    coefficients: FloatArray
    """Shape (n_sets,)."""
    low: float = -inf
    high: float = inf

    def __post_init__(self) -> None:
        set_integers(self, "stimulus")
        set_floats(self, "coefficients")

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield sets that are no sets, coefficients that are no numbers, bounds that cross."""
        yield from group_problems(self.name, "stimulus", self.stimulus, n_items)
        n_sets = int(self.stimulus.max(initial=NO_SET)) + 1 if self.stimulus.size else 0
        yield from column_problems(self.name, "coefficients", self.coefficients, n_sets)
        yield from bound_problems(self.name, self.low, self.high)

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield the sum."""
        used = set_counts(self.stimulus, self.coefficients.size, chosen) > 0
        value, scale = float(self.coefficients[used].sum()), largest_size(self.coefficients)
        yield Measure(name=self.name, value=value, low=self.low, high=self.high, scale=scale)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """Items are given by ascending value. It restricts the order of a test, never its items."""

    name: str
    values: FloatArray
    """Shape (n_items,)."""

    def __post_init__(self) -> None:
        set_floats(self, "values")

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield values that are not finite numbers."""
        yield from column_problems(self.name, "values", self.values, n_items)

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield nothing: a set of items has no order."""
        return iter(())

    def measured_in(self, items: IntArray) -> Measure:
        """Return how often a value falls, in the order in which these items were given."""
        falls = float((np.diff(self.values[items]) < 0).sum())
        return Measure(name=self.name, part="falls", value=falls, high=0.0)


def set_counts(stimulus: IntArray, n_sets: int, chosen: BoolArray) -> IntArray:
    """Return how many items of each set are chosen, shape (n_sets,)."""
    held = stimulus[chosen]
    return np.bincount(held[held >= 0], minlength=n_sets)
