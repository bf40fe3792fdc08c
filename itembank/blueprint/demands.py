"""Constraints as people write them: each entry of a list, read and checked for its shape.

- {name: length, count: items, min: 30, max: 30}
- {name: level 3, where: "level == 3", min: 10, max: 10}
- {name: time, sum: seconds, max: 1200}
- {name: difficulty, mean: p_value, where: "type == 'MC'", min: 0.4, max: 0.7}
- {name: families, each: family, max: 1}
- {name: rivals, enemies: [i1, i2]}
- {name: pair, together: [i5, i6]}
- {name: must, include: "item in ['i3', 'i4']"}
- {name: weak, exclude: "pbis < 0.15"}
- {name: passages, sets: stimulus, count: {min: 6, max: 6}, items: {min: 4, max: 6}}
- {name: words, sets: stimulus, sum: words, max: 2000}
- {name: keys, balance: key, min: 0.2, max: 0.3}
- {name: by level, order: level}
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import Any

from engine.errors import InputError, Problem
from itembank.blueprint.tokens import WhereError
from itembank.blueprint.where import Condition, parse_where

COUNT, SUM, MEAN, EACH, BALANCE, ORDER, SETS = (
    "count",
    "sum",
    "mean",
    "each",
    "balance",
    "order",
    "sets",
)
LISTS = ("enemies", "together", "include", "exclude")
ALL_ITEMS = "items"
ALLOWED = {
    SETS: ("where", "count", "items", "sum", "min", "max"),
    COUNT: ("where", "min", "max"),
    SUM: ("where", "min", "max"),
    MEAN: ("where", "min", "max"),
    EACH: ("where", "min", "max"),
    BALANCE: ("where", "min", "max"),
    ORDER: (),
    **dict.fromkeys(LISTS, ()),
}
"""What may stand beside the name and the kind of a constraint. The first kind present is meant: a
constraint on sets may say `count` and `sum` too."""
BOUNDED = (COUNT, SUM, MEAN, EACH, BALANCE)


class BlueprintError(InputError):
    """Constraints that cannot be read, or do not fit the items."""


@dataclass(frozen=True, slots=True)
class Range:
    """At least `low` and at most `high`."""

    low: float = -inf
    high: float = inf


@dataclass(frozen=True, slots=True)
class Where:
    """Which items are meant: a condition, and the words it was written in."""

    condition: Condition
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One constraint as written; items are names and attributes are words."""

    name: str
    kind: str
    attribute: str | None = None
    items: tuple[str, ...] = ()
    where: Where | None = None
    bounds: Range = field(default_factory=Range)
    number_of_sets: Range | None = None
    items_of_a_set: Range | None = None
    sum_of: str | None = None


def read_demands(data: object, where: str = "constraints") -> tuple[Demand, ...]:
    """Read a list of constraints.

    Raises
    ------
    BlueprintError
        With everything that is wrong, by the constraint's name.
    """
    demands, problems = parse_demands(data, where)
    if problems:
        raise BlueprintError("Constraints", problems)
    return demands


def parse_demands(
    data: object, where: str = "constraints"
) -> tuple[tuple[Demand, ...], tuple[Problem, ...]]:
    """Return the constraints that can be read, and what is wrong with the others."""
    if not isinstance(data, list | tuple):
        return (), (Problem(where, _shown(data), "a list of constraints"),)
    read = [_Entry(entry, f"{where}[{place}]") for place, entry in enumerate(data)]
    problems = [problem for entry in read for problem in entry.problems]
    for name, times in Counter(entry.name for entry in read if entry.name).items():
        if times > 1:
            problems.append(Problem(where, name, f"a name of its own; {times} have this one"))
    return tuple(entry.demand for entry in read if not entry.problems), tuple(problems)


class _Entry:
    """One entry of the list, its demand, and what is wrong with it."""

    def __init__(self, data: object, where: str) -> None:
        self.problems: list[Problem] = []
        self.data: Mapping[str, Any] = data if isinstance(data, dict) else {}
        self.name = self._name(where)
        self.where = self.name or where
        if data is None or not isinstance(data, dict):
            self.problems = [Problem(where, _shown(data), "a mapping: {name: ..., ...}")]
            return
        self.kind = next((kind for kind in (*ALLOWED,) if kind in data), COUNT)
        self._check_keys()
        self.demand = self._demand()

    def _name(self, where: str) -> str:
        name = self.data.get("name")
        if isinstance(name, int | float) and not isinstance(name, bool):
            name = str(name)
        if not isinstance(name, str) or not name.strip():
            self.problems.append(Problem(f"{where}: name", name, "a name, each once"))
            return ""
        return name.strip()

    def _wrong(self, key: str, value: object, expected: str) -> None:
        self.problems.append(Problem(f"{self.where}: {key}", _shown(value), expected))

    def _check_keys(self) -> None:
        allowed = ("name", self.kind, *ALLOWED[self.kind])
        for key in self.data:
            if key not in allowed:
                listed = ", ".join(allowed)
                self._wrong(str(key), self.data[key], f"nothing: with {self.kind} go {listed}")

    def _demand(self) -> Demand:
        bounds, where = self._range(self.data, ""), self._condition()
        if self.kind == SETS:
            return self._sets(bounds, where)
        if self.kind in LISTS:
            items, meant = self._listed()
            return Demand(name=self.name, kind=self.kind, items=items, where=meant)
        if self.kind == COUNT:
            bounds = self._counted(bounds)
        if self.kind in BOUNDED and bounds == Range() and not self.problems:
            self._wrong("min", None, "min, max or both")
        if self.kind == BALANCE:
            bounds = self._share(bounds)
        attribute = self._attribute(self.kind)
        return Demand(
            name=self.name, kind=self.kind, attribute=attribute, where=where, bounds=bounds
        )

    def _sets(self, bounds: Range, where: Where | None) -> Demand:
        number = self._inner_range(COUNT) if COUNT in self.data else None
        items = self._inner_range(ALL_ITEMS) if ALL_ITEMS in self.data else None
        sum_of = self._attribute(SUM) if SUM in self.data else None
        if number is None and items is None and sum_of is None:
            self._wrong(SETS, self.data[SETS], "count, items or sum beside it")
        if sum_of is None and ("min" in self.data or "max" in self.data):
            self._wrong("min", self.data.get("min"), "min and max inside count: or items:")
        if sum_of is not None and (number is not None or items is not None):
            self._wrong(SUM, self.data[SUM], "sum alone; count and items in a constraint of theirs")
        if sum_of is not None and bounds == Range():
            self._wrong("min", None, "min, max or both")
        if where is not None and items is not None:
            self._wrong("where", where.text, "count or sum; the items of a set are all its items")
        return Demand(
            name=self.name,
            kind=SETS,
            attribute=self._attribute(SETS),
            where=where,
            bounds=bounds,
            number_of_sets=number,
            items_of_a_set=items,
            sum_of=sum_of,
        )

    def _counted(self, bounds: Range) -> Range:
        """`count: items` with min and max, or `count: 30` for exactly so many."""
        given = self.data.get(COUNT, ALL_ITEMS)
        if given == ALL_ITEMS or given is True or given is None:
            return bounds
        if isinstance(given, int) and not isinstance(given, bool):
            if bounds != Range():
                self._wrong(COUNT, given, f"{ALL_ITEMS} beside min and max, or a number alone")
            return Range(given, given)
        self._wrong(COUNT, given, f"{ALL_ITEMS}, or how many exactly; `where` says which")
        return bounds

    def _inner_range(self, key: str) -> Range:
        given = self.data[key]
        if not isinstance(given, dict) or not given or set(given) - {"min", "max"}:
            self._wrong(key, given, "{min: ..., max: ...}, or one of them")
            return Range()
        return self._range(given, f"{key}.")

    def _range(self, data: Mapping[str, Any], prefix: str) -> Range:
        low, high = (self._number(data, prefix, key) for key in ("min", "max"))
        if low is not None and high is not None and low > high:
            self._wrong(f"{prefix}min", low, f"at most max, {high:g}")
        return Range(-inf if low is None else low, inf if high is None else high)

    def _number(self, data: Mapping[str, Any], prefix: str, key: str) -> float | None:
        if key not in data:
            return None
        value = data[key]
        if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
            self._wrong(f"{prefix}{key}", value, "a number")
            return None
        return float(value)

    def _share(self, bounds: Range) -> Range:
        share = Range(*(min(max(end, 0.0), 1.0) for end in (bounds.low, bounds.high)))
        for key, given, kept in (("min", bounds.low, share.low), ("max", bounds.high, share.high)):
            if isfinite(given) and given != kept:
                self._wrong(key, given, "a share from 0 to 1")
        return share

    def _attribute(self, key: str) -> str | None:
        if key == COUNT:
            return None
        given = self.data[key]
        if isinstance(given, str) and given.strip():
            return given.strip()
        self._wrong(key, given, "the name of an attribute")
        return None

    def _condition(self, key: str = "where") -> Where | None:
        if key not in self.data:
            return None
        given = self.data[key]
        text = _as_condition(given) if isinstance(given, dict) and given else given
        if not isinstance(text, str) or not text.strip():
            self._wrong(key, text, "a condition such as level == 3")
            return None
        try:
            return Where(parse_where(text), text.strip())
        except WhereError as error:
            fault = error.fault
            self._wrong(f"{key}, column {fault.column}", fault.found, fault.expected)
            return None

    def _listed(self) -> tuple[tuple[str, ...], Where | None]:
        given = self.data[self.kind]
        if isinstance(given, str):
            return (), self._condition(self.kind)
        names = [str(each) for each in given] if isinstance(given, list | tuple) else []
        plain = all(isinstance(each, str | int) for each in given) if names else False
        if not plain or len(set(names)) < len(names):
            self._wrong(self.kind, given, "a list of items, each once, or a condition in quotes")
        return tuple(names), None


def _as_condition(values: Mapping[object, object]) -> str:
    """Write {level: 3, unit: [A, B]} as a condition."""
    parts = []
    for name, value in values.items():
        several = isinstance(value, list | tuple)
        listed = [
            _literal(each) for each in (value if isinstance(value, list | tuple) else [value])
        ]
        parts.append(
            f"`{name}` in [{', '.join(listed)}]" if several else f"`{name}` == {listed[0]}"
        )
    return " and ".join(parts)


def _literal(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(value)
    text = str(value)
    return f'"{text}"' if "'" in text else f"'{text}'"


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {each}" for key, each in value.items()) + "}"
    return list(value) if isinstance(value, tuple) else value
