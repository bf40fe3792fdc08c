"""Files that ask for forms: SPEC.yaml, with the pool and attributes it names.

    pool: items.csv                     # or {items: items.csv, attributes: attributes.csv}
    forms: 2                            # or {release: release.json, skill_set: DLit}
    objective: {information_at: [-1, 0, 1]}
    overlap: {max: 0, anchor: [i1, i2]}
    constraints:
      - {name: length, count: items, min: 30, max: 30}
    time_limit: 60

Guide: docs/assembly.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import engine
from calibration.assembly.plan import Aim, AssemblyError, Goal, Plan
from calibration.fields import unknown_field
from engine import checks, models
from engine.errors import InputError, Problem
from itembank.blueprint import Attributes, Blueprint, BlueprintError, Compiled, read_attributes
from itembank.blueprint.demands import Demand, parse_demands
from itembank.csvfile import read_table
from itembank.documents import document_text
from itembank.item_files import read_item_file
from itembank.release import Release
from itembank.yamlfile import read_yaml

KEYS = ("pool", "forms", "objective", "overlap", "constraints", "time_limit", "gap", "metric")
POOL_KEYS = ("items", "attributes", "metric", "release", "skill_set")
OBJECTIVE_KEYS = ("information_at", "maximise", "weights", "target", "tolerance")
ANCHOR = "anchor"
DEFAULT_TIME = 60.0
TOLERANCE_SHARE = 0.01
"""Differences up to this part of the largest target are as good as none, unless told otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Request:
    """What a file asks for.

    Attributes
    ----------
    plan
        For the search.
    compiled
        The constraints over the pool, with the names of their groups and sets.
    items, attributes
        Parameters, names and attributes of the items, in the order of the pool.
    time_limit, gap
        Seconds of the search, and how much worse than the best forms may be.
    """

    plan: Plan
    compiled: Compiled
    items: engine.ItemPool
    attributes: Attributes
    time_limit: float = DEFAULT_TIME
    gap: float = 0.0


def read_request(path: Path) -> Request:
    """Read a file and what it names; names of files are relative to its folder.

    Raises
    ------
    InputError
        With everything that is wrong, by the place in the file or the constraint's name.
    """
    file = read_yaml(path)
    if file.problems:
        raise AssemblyError(path.name, file.problems)
    if not isinstance(file.data, dict):
        raise AssemblyError(path.name, [Problem(path.name, type(file.data).__name__, "fields")])
    return _Reader(path, file.data).request()


class _Reader:
    """Reads one part after another, collecting what is wrong."""

    def __init__(self, path: Path, data: Mapping[str, Any]) -> None:
        self.path, self.data = path, data
        self.problems: list[Problem] = []

    def request(self) -> Request:
        data = self.data
        self._unknown(data, KEYS, "")
        time_limit = self._number(data, "time_limit", DEFAULT_TIME, 0.0, 86_400.0, "(]")
        gap = self._number(data, "gap", 0.0, 0.0, 1.0)
        forms = self._whole("forms", data.get("forms", 1), 1)
        goal = self._goal()
        demands = self._demands()
        pool = self._pool()
        compiled = None if pool is None else self._compiled(demands, pool[1])
        if self.problems or goal is None or pool is None or compiled is None:
            raise AssemblyError(self.path.name, self.problems)
        items, attributes = pool
        overlap = data.get("overlap") or {}
        plan = Plan(
            specification=compiled.specification,
            information=models.information(items, goal.theta),
            goal=goal,
            forms=forms,
            common=overlap.get("max", 0),
        )
        return Request(
            plan=plan,
            compiled=compiled,
            items=items,
            attributes=attributes,
            time_limit=time_limit,
            gap=gap,
        )

    def _wrong(self, where: str, value: object, expected: str) -> None:
        self.problems.append(Problem(where, value, expected))

    def _unknown(self, data: Mapping[str, Any], known: tuple[str, ...], prefix: str) -> None:
        for key in data:
            if key not in known:
                self._wrong(f"{prefix}{key}", data[key], unknown_field(str(key), known))

    def _number(
        self,
        data: Mapping[str, Any],
        key: str,
        default: float,
        low: float,
        high: float,
        ends: str = "[]",
    ) -> float:
        value = data.get(key, default)
        found = list(checks.number(key, value, low=low, high=high, ends=ends))
        self.problems += found
        return default if found else float(value)

    def _whole(self, where: str, value: object, low: int) -> Any:
        self.problems += checks.whole_number(where, value, low=low)
        return value

    def _goal(self) -> Goal | None:
        given = self.data.get("objective")
        if not isinstance(given, dict):
            self._wrong("objective", given, "{information_at: an ability, or a list of them}")
            return None
        self._unknown(given, OBJECTIVE_KEYS, "objective.")
        theta = _list(given.get("information_at"))
        target = _list(given.get("target")) if "target" in given else None
        kinds = (Aim.MINIMUM.value, Aim.SUM.value)
        aim = given.get("maximise", kinds[len(theta) == 1])
        if target is not None and ("maximise" in given or "weights" in given):
            self._wrong("objective.target", given["target"], "no maximise or weights beside it")
        if aim not in kinds:
            self._wrong("objective.maximise", aim, "minimum or sum")
            return None
        levels = target or _list(given.get("weights", [1.0] * len(theta)))
        tolerance = given.get("tolerance", _tolerance(target))
        try:
            chosen = Aim.TARGET if target is not None else Aim(aim)
            return Goal(aim=chosen, theta=theta, levels=levels, tolerance=tolerance)  # type: ignore[arg-type]
        except InputError as error:
            for problem in error.problems:
                where = f"objective.{problem.where}"
                self._wrong(where, _plain(problem.value), problem.expected)
            return None

    def _demands(self) -> tuple[Demand, ...]:
        demands, problems = parse_demands(self.data.get("constraints", []))
        self.problems += problems
        overlap = self.data.get("overlap") or {}
        if not isinstance(overlap, dict):
            self._wrong(
                "overlap", overlap, "{max: most items two forms have in common, anchor: ...}"
            )
            self.data = {**self.data, "overlap": {}}
            return demands
        self._unknown(overlap, ("max", ANCHOR), "overlap.")
        self._whole("overlap.max", overlap.get("max", 0), 0)
        return (*demands, *self._anchor(overlap))

    def _anchor(self, overlap: Mapping[str, Any]) -> Iterator[Demand]:
        """The anchor is a constraint like any other: every form includes these items."""
        if ANCHOR not in overlap:
            return
        demands, problems = parse_demands([{"name": ANCHOR, "include": overlap[ANCHOR]}])
        for problem in problems:
            self._wrong("overlap.anchor", problem.value, problem.expected)
        yield from demands

    def _compiled(self, demands: tuple[Demand, ...], attributes: Attributes) -> Compiled | None:
        try:
            return Blueprint(demands).over(attributes)
        except BlueprintError as error:
            self.problems += error.problems
        return None

    def _pool(self) -> tuple[engine.ItemPool, Attributes] | None:
        given = self.data.get("pool")
        pool = {"items": given} if isinstance(given, str) else given
        if not isinstance(pool, dict) or ("items" in pool) == ("release" in pool):
            expected = "a file of items, {items: ..., attributes: ...} or {release: ...}"
            self._wrong("pool", given, expected)
            return None
        self._unknown(pool, POOL_KEYS, "pool.")
        for key in ("items", "attributes", "release", "skill_set"):
            if key in pool and not isinstance(pool[key], str):
                self._wrong(f"pool.{key}", pool[key], "a name")
                return None
        try:
            return self._of_release(pool) if "release" in pool else self._of_files(pool)
        except InputError as error:
            for problem in error.problems:
                self._wrong(f"{error.subject}: {problem.where}", problem.value, problem.expected)
        return None

    def _of_files(self, pool: Mapping[str, Any]) -> tuple[engine.ItemPool, Attributes]:
        metric = self._number({**self.data, **pool}, "metric", 1.0, 0.0, 100.0, "(]")
        path = self.path.parent / pool["items"]
        items = read_item_file(path, metric=metric)
        table = read_table(path).without_empty_rows()
        columns = {
            name: [row[place] if place < len(row) else "" for row in table.rows]
            for name, place in table.columns.items()
        }
        attributes = Attributes.of(items.names, columns)
        if "attributes" in pool:
            more = read_attributes(self.path.parent / pool["attributes"], items.names)
            attributes = attributes.with_columns_of(more)
        return items.pool, attributes

    def _of_release(self, pool: Mapping[str, Any]) -> tuple[engine.ItemPool, Attributes]:
        path = self.path.parent / pool["release"]
        release = Release.from_json(document_text(path))
        skill_set = pool.get("skill_set")
        items = release.items if skill_set is None else release.items_of(skill_set)
        if not items:
            sets = ", ".join(release.skill_sets)
            raise AssemblyError(path.name, [Problem("skill_set", skill_set, f"one of {sets}")])
        parameters = [item.parameters for item in items]
        pooled = engine.ItemPool(
            np.array([each.a for each in parameters]),
            np.array([each.b for each in parameters]),
            np.array([each.c for each in parameters]),
            np.array([each.d for each in parameters]),
        )
        return pooled, Attributes.of_release(items)


def _list(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]


def _tolerance(target: list[Any] | None) -> float:
    numbers = [float(each) for each in target or () if isinstance(each, int | float)]
    return TOLERANCE_SHARE * max(numbers, default=0.0)


def _plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else value
