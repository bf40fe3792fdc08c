"""A blueprint: named constraints in words, and the engine's specification they mean for a pool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import inf

import numpy as np

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.constraints import (
    Bound,
    Constraint,
    Enemies,
    Exclude,
    Include,
    Mean,
    Measure,
    Order,
    SetBound,
    Sets,
    Shares,
    Specification,
    Together,
)
from engine.errors import DesignError, Problem
from itembank.blueprint.attributes import Attributes
from itembank.blueprint.demands import COUNT, LISTS, BlueprintError, Demand, Where, read_demands

NO_LENGTH = "length (none demanded)"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Constraints on a test, of no pool in particular."""

    demands: tuple[Demand, ...]

    @classmethod
    def of(cls, data: object, where: str = "constraints") -> Blueprint:
        """Read a list of constraints as YAML gives it.

        Raises
        ------
        BlueprintError
            With everything that is wrong, by the constraint's name.
        """
        return cls(read_demands(data, where))

    @property
    def length(self) -> Demand | None:
        """The constraint that says how many items a test has: the first count without `where`."""
        return next(
            (each for each in self.demands if each.kind == COUNT and each.where is None), None
        )

    def over(self, attributes: Attributes) -> Compiled:
        """Return what the constraints mean for these items.

        Raises
        ------
        BlueprintError
            Naming every attribute, item and value that a constraint needs and the items lack.
        """
        return _compiled(self, attributes)


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A specification, and what its groups and sets are called.

    Attributes
    ----------
    specification
        Over the items in the order of the attributes.
    labels
        For constraints on shares and sets: the name of each group or set.
    meant
        For each name of the specification: how many items of the pool it is about.
    """

    specification: Specification
    labels: Mapping[str, tuple[str, ...]]
    meant: Mapping[str, int]

    def measures(self, items: IntArray) -> tuple[Measure, ...]:
        """Return what each constraint comes to in a test, groups and sets by their names."""
        return tuple(self._named(measure) for measure in self.specification.measures(items))

    def _named(self, measure: Measure) -> Measure:
        _, _, number = measure.part.partition(" ")
        if not number or measure.name not in self.labels:
            return measure
        return replace(measure, part=self.labels[measure.name][int(number)])


def _compiled(blueprint: Blueprint, attributes: Attributes) -> Compiled:
    length = blueprint.length
    compiler = _Compiler(attributes)
    constraints = [
        constraint
        for demand in blueprint.demands
        if demand is not length
        for constraint in compiler.constraints(demand)
    ]
    name, ends = _length(length, len(attributes))
    if compiler.problems:
        raise BlueprintError("Constraints", compiler.problems)
    try:
        specification = Specification(
            n_items=len(attributes),
            length=ends,
            length_name=name,
            constraints=tuple(constraints),
        )
    except DesignError as error:
        raise BlueprintError("Constraints", error.problems) from error
    return Compiled(specification, compiler.labels, {name: len(attributes), **compiler.meant})


def _length(demand: Demand | None, n_items: int) -> tuple[str, tuple[int, int]]:
    if demand is None:
        return NO_LENGTH, (1, n_items)
    low = max(0, int(np.ceil(demand.bounds.low))) if demand.bounds.low > -inf else 0
    high = int(np.floor(demand.bounds.high)) if demand.bounds.high < inf else max(n_items, low)
    return demand.name, (low, high)


class _Compiler:
    """Translates one demand after another, collecting what the items lack."""

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.problems: list[Problem] = []
        self.labels: dict[str, tuple[str, ...]] = {}
        self.meant: dict[str, int] = {}
        self._places = {item: place for place, item in enumerate(attributes.items)}

    def constraints(self, demand: Demand) -> Iterator[Constraint]:
        """Yield the engine's constraints of a demand: one, or one for each value."""
        translations: dict[str, Callable[[Demand, BoolArray], Iterator[Constraint]]] = {
            "count": self._count,
            "sum": self._sum,
            "mean": self._mean,
            "each": self._each,
            "balance": self._balance,
            "order": self._order,
            "sets": self._sets,
            "enemies": partial(self._listed, Enemies),
            "together": partial(self._listed, Together),
            "include": partial(self._listed, Include),
            "exclude": partial(self._listed, Exclude),
        }
        where = self._where(demand)
        if where is not None:
            self.meant[demand.name] = int(where.sum())
            yield from translations[demand.kind](demand, where)

    def _wrong(self, demand: Demand, key: str, value: object, expected: str) -> None:
        self.problems.append(Problem(f"{demand.name}: {key}", value, expected))

    def _where(self, demand: Demand) -> BoolArray | None:
        if demand.where is None:
            return np.ones(len(self.attributes), dtype=bool)
        key = demand.kind if demand.kind in LISTS else "where"
        return self._holds(demand, demand.where, key)

    def _holds(self, demand: Demand, where: Where, key: str) -> BoolArray | None:
        faults = list(dict.fromkeys(where.condition.faults(self.attributes)))
        for fault in faults:
            self._wrong(demand, f"{key}, column {fault.column}", fault.found, fault.expected)
        return None if faults else where.condition.holds(self.attributes)

    def _count(self, demand: Demand, where: BoolArray) -> Iterator[Constraint]:
        yield _bound(demand, demand.name, where.astype(np.float64))

    def _sum(self, demand: Demand, where: BoolArray) -> Iterator[Constraint]:
        values = self._numbers(demand, "sum", demand.attribute, where)
        if values is not None:
            yield _bound(demand, demand.name, np.where(where, values, 0.0))

    def _mean(self, demand: Demand, where: BoolArray) -> Iterator[Constraint]:
        values = self._numbers(demand, "mean", demand.attribute, where)
        if values is not None:
            low, high = demand.bounds.low, demand.bounds.high
            yield Mean(name=demand.name, values=values, where=where, low=low, high=high)

    def _each(self, demand: Demand, where: BoolArray) -> Iterator[Constraint]:
        groups = self._groups(demand, "each", where)
        if groups is None:
            return
        numbers, labels = groups
        for place, label in enumerate(labels):
            name, own = f"{demand.name}: {label}", numbers == place
            self.meant[name] = int(own.sum())
            yield _bound(demand, name, own.astype(np.float64))

    def _balance(self, demand: Demand, where: BoolArray) -> Iterator[Constraint]:
        groups = self._groups(demand, "balance", where)
        if groups is not None:
            numbers, self.labels[demand.name] = groups
            low, high = demand.bounds.low, demand.bounds.high
            yield Shares(name=demand.name, groups=numbers, low=low, high=high)

    def _order(self, demand: Demand, where: BoolArray) -> Iterator[Constraint]:
        values = self._numbers(demand, "order", demand.attribute, where)
        if values is not None:
            yield Order(name=demand.name, values=values)

    def _listed(
        self,
        kind: Callable[..., Constraint],
        demand: Demand,
        where: BoolArray,
    ) -> Iterator[Constraint]:
        if demand.where is None:
            for item in demand.items:
                if item not in self._places:
                    self._wrong(demand, demand.kind, item, "an item of the pool")
            items = [self._places[item] for item in demand.items if item in self._places]
        else:
            items = np.flatnonzero(where).tolist()
        self.meant[demand.name] = len(items)
        yield kind(name=demand.name, items=np.array(items, dtype=np.int64))

    def _sets(self, demand: Demand, where: BoolArray) -> Iterator[Constraint]:
        groups = self._groups(demand, "sets", np.ones(where.size, dtype=bool))
        if groups is None:
            return
        stimulus, self.labels[demand.name] = groups
        if demand.sum_of is not None:
            yield from self._set_sum(demand, stimulus, where)
        elif demand.where is not None and demand.number_of_sets is not None:
            own = self._of_sets(demand, stimulus, where.astype(np.float64), "where")
            ends = demand.number_of_sets
            yield SetBound(
                name=demand.name, stimulus=stimulus, coefficients=own, low=ends.low, high=ends.high
            )
        else:
            yield _whole_sets(demand, stimulus)

    def _set_sum(
        self, demand: Demand, stimulus: IntArray, where: BoolArray
    ) -> Iterator[Constraint]:
        meant = where & (stimulus >= 0)
        values = self._numbers(demand, "sum", demand.sum_of, meant)
        if values is None:
            return
        own = self._of_sets(demand, stimulus, np.where(where, values, 0.0), "sum")
        low, high = demand.bounds.low, demand.bounds.high
        yield SetBound(name=demand.name, stimulus=stimulus, coefficients=own, low=low, high=high)

    def _of_sets(
        self, demand: Demand, stimulus: IntArray, values: FloatArray, key: str
    ) -> FloatArray:
        """The value that the items of each set share, shape (n_sets,)."""
        labels = self.labels[demand.name]
        own = np.zeros(len(labels))
        for place, label in enumerate(labels):
            different = np.unique(values[stimulus == place])
            own[place] = different[0]
            if different.size > 1:
                expected = f"one value for all items of set {label}"
                self._wrong(demand, key, different.tolist(), expected)
        return own

    def _numbers(
        self, demand: Demand, key: str, attribute: str | None, where: BoolArray
    ) -> FloatArray | None:
        if not self._known(demand, key, attribute):
            return None
        column = self.attributes.columns[str(attribute)]
        if column.numbers is None:
            self._wrong(demand, key, attribute, "a column of numbers")
            return None
        lacking = np.flatnonzero(np.isnan(column.numbers) & where)
        for place in lacking.tolist():
            item = self.attributes.items[place]
            self._wrong(demand, key, f"nothing for item {item}", f"a number in {attribute}")
        return None if lacking.size else column.numbers

    def _groups(
        self, demand: Demand, key: str, where: BoolArray
    ) -> tuple[IntArray, tuple[str, ...]] | None:
        """The number of each item's value, -1 for none, and the values."""
        if not self._known(demand, key, demand.attribute):
            return None
        column = self.attributes.columns[str(demand.attribute)]
        used = {cell for cell, meant in zip(column.text, where, strict=True) if meant}
        labels = tuple(value for value in column.values if value in used)
        numbers = {value: place for place, value in enumerate(labels)}
        groups = [
            numbers.get(cell or "", -1) if meant else -1
            for cell, meant in zip(column.text, where, strict=True)
        ]
        return np.array(groups, dtype=np.int64), labels

    def _known(self, demand: Demand, key: str, attribute: str | None) -> bool:
        if attribute in self.attributes.columns:
            return True
        known = ", ".join(self.attributes.columns)
        self._wrong(demand, key, attribute, f"an attribute: {known}")
        return False


def _bound(demand: Demand, name: str, coefficients: FloatArray) -> Bound:
    ends = demand.bounds
    return Bound(name=name, coefficients=coefficients, low=ends.low, high=ends.high)


def _whole_sets(demand: Demand, stimulus: IntArray) -> Sets:
    items, number = demand.items_of_a_set, demand.number_of_sets
    return Sets(
        name=demand.name,
        stimulus=stimulus,
        low=max(items.low, 0.0) if items else 0.0,
        high=items.high if items else inf,
        least=max(number.low, 0.0) if number else 0.0,
        most=number.high if number else inf,
    )
