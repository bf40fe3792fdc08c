"""What a blueprint's constraints must agree with before any bank is known: works on raw data.

What needs the items (values that none has, constraints that contradict each other) is found where
a bank meets the scheme: `itembank.constrained`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.errors import Problem
from itembank.records import each

if TYPE_CHECKING:
    from itembank.blueprint.demands import Demand

SHADOW = "shadow"
SUMS = ("count", "sum", "each", "include", "exclude", "enemies")
"""The kinds of constraints that can be kept without a plan of the whole test."""


def share_name(unit: str) -> str:
    """What the constraint is called that keeps the share of a unit."""
    return f"share of {unit}"


def constraint_problems(
    blueprint: Mapping[str, Any], known: Mapping[str, tuple[str, ...]], where: str
) -> Iterator[Problem]:
    """Yield everything wrong with the constraints of a blueprint, and with what depends on them.

    Parameters
    ----------
    known
        The values that attributes such as `unit` can have in this skill set.
    """
    constraints = blueprint.get("constraints")
    yield from _share_problems(blueprint, constraints is not None, where)
    if constraints is None:
        for name in ("keep", "weights"):
            if blueprint.get(name) is not None:
                yield Problem(f"{where}.{name}", blueprint[name], "nothing, without constraints")
        return
    if not isinstance(constraints, list | tuple):
        return
    yield from _language_problems(blueprint, known, where)


def _share_problems(
    blueprint: Mapping[str, Any], constrained: bool, where: str
) -> Iterator[Problem]:
    """Units without a share: none may lack one, unless all do and constraints stand instead."""
    units = [one for one in each(blueprint, "units[]", where) if isinstance(one[1], dict)]
    lacking = [place for place, unit in units if unit.get("share") is None]
    if constrained and len(lacking) == len(units):
        return
    expected = "a share, as other units have one" if constrained else "a share of the exam"
    for place in lacking:
        yield Problem(f"{place}.share", None, expected)


def _language_problems(
    blueprint: Mapping[str, Any], known: Mapping[str, tuple[str, ...]], where: str
) -> Iterator[Problem]:
    # The language brings solvers along, which take a while to import; most schemes need none.
    from itembank.blueprint.demands import parse_demands

    place = f"{where}.constraints"
    demands, problems = parse_demands(blueprint["constraints"], place)
    for problem in problems:
        inside = problem.where.startswith(place)
        named = problem.where if inside else f"{place}: {problem.where}"
        yield Problem(named, problem.value, problem.expected)
    for demand in demands:
        yield from _attribute_problems(demand, known, f"{place}: {demand.name}")
        yield from _method_problems(demand, blueprint.get("keep"), f"{place}: {demand.name}")
    yield from _length_problems(demands, blueprint, where)
    yield from _weight_problems(demands, blueprint, where)


def _attribute_problems(
    demand: Demand, known: Mapping[str, tuple[str, ...]], place: str
) -> Iterator[Problem]:
    """Attributes that no bank has, and codes that are not of this skill set."""
    from itembank.blueprint import Attributes
    from itembank.blueprint.where import values_named

    released = Attributes.of_release(())
    for attribute in (demand.attribute, demand.sum_of):
        if attribute is not None and attribute not in released.columns:
            expected = f"an attribute: {', '.join(released.columns)}"
            yield Problem(f"{place}: {demand.kind}", attribute, expected)
    if demand.where is None:
        return
    condition = demand.where.condition
    for fault in dict.fromkeys(condition.faults(released)):
        yield Problem(f"{place}: where, column {fault.column}", fault.found, fault.expected)
    for attribute, token in values_named(condition):
        value = f"{token.value:g}" if token.kind == "number" else str(token.value)
        if attribute in known and value not in known[attribute]:
            expected = f"a value of {attribute} here: {', '.join(known[attribute])}"
            yield Problem(f"{place}: where, column {token.column}", token.written, expected)


def _method_problems(demand: Demand, keep: object, place: str) -> Iterator[Problem]:
    if keep in ("priority", "penalties") and demand.kind not in SUMS:
        expected = f"{', '.join(SUMS)} with keep: {keep}; shadow keeps everything"
        yield Problem(f"{place}: {demand.kind}", demand.kind, expected)


def _length_problems(
    demands: tuple[Demand, ...], blueprint: Mapping[str, Any], where: str
) -> Iterator[Problem]:
    """An exam's length stands in one way; where it may differ, the constraints have to say so."""
    from itembank.blueprint import Blueprint as Language

    least, most = blueprint.get("min_items"), blueprint.get("max_items")
    if not isinstance(least, int) or not isinstance(most, int):
        return
    length = Language(demands).length
    if length is None:
        if blueprint.get("keep") in (None, SHADOW) and least < most:
            expected = (
                f"max_items = {most}, as shadow tests keep constraints at full length; "
                f"or, where an exam may stop short of them, {{name: length, count: items, "
                f"min: {least}, max: {most}}} among the constraints"
            )
            yield Problem(f"{where}.min_items", least, expected)
    elif (length.bounds.low, length.bounds.high) != (least, most):
        found = f"{length.bounds.low:g} to {length.bounds.high:g}"
        expected = f"min_items to max_items, {least} to {most}"
        yield Problem(f"{where}.constraints: {length.name}", found, expected)


def _weight_problems(
    demands: tuple[Demand, ...], blueprint: Mapping[str, Any], where: str
) -> Iterator[Problem]:
    weights = blueprint.get("weights")
    if not isinstance(weights, dict):
        return
    if blueprint.get("keep") in (None, SHADOW):
        expected = "nothing: shadow tests keep every constraint and weigh none"
        yield Problem(f"{where}.weights", weights, expected)
    names = {one.name for one in demands}
    names |= {share_name(str(code)) for _, code in each(blueprint, "units[].code", where)}
    for name in weights:
        # A constraint of each value is weighed value by value: `families: f7`.
        if name not in names and str(name).rpartition(": ")[0] not in names:
            yield Problem(f"{where}.weights.{name}", name, "the name of a constraint")
