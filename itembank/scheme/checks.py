"""What a scheme must agree with: itself, and its framework. Works on raw data, also faulty data."""

from __future__ import annotations

import string
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, TypeGuard

from engine.errors import Problem
from itembank.framework import Framework
from itembank.records import duplicates, each, unknown
from itembank.scheme.constraints import constraint_problems

REASONS = ("not_taken", "ended_by_candidate", "time")
"""Why a section can have no result; a scheme may have words for more."""


def disagreements(data: object, framework: Framework, where: str) -> Iterator[Problem]:
    """Everything in a scheme's data that contradicts the framework or another part of it."""
    yield from _framework_problems(data, framework, where)
    yield from _skill_set_problems(data, framework, where)
    yield from _scale_problems(data, where)
    yield from _requirement_problems(data, framework, where)
    yield from _wording_problems(data, where)


def _framework_problems(data: object, framework: Framework, where: str) -> Iterator[Problem]:
    for name, value in (("id", framework.id), ("version", framework.version)):
        for place, found in each(data, f"framework.{name}", where):
            if found != value:
                yield Problem(place, found, f"{value!r}, of the framework that is loaded")


def _skill_set_problems(data: object, framework: Framework, where: str) -> Iterator[Problem]:
    known = [one.code for one in framework.skill_sets]
    codes = list(each(data, "skill_sets[].code", where))
    yield from duplicates(codes)
    yield from unknown(codes, known, "a skill set")
    missing = set(known) - {code for _, code in codes if isinstance(code, str)}
    for code in sorted(missing):
        yield Problem(f"{where}skill_sets", None, f"rules for the skill set {code}")
    for place, rules in each(data, "skill_sets[]", where):
        if isinstance(rules, dict):
            yield from _level_problems(rules, place, _first(data, "status"))
            yield from _blueprint_problems(rules, framework, place)


def _level_problems(rules: dict[str, Any], where: str, status: object) -> Iterator[Problem]:
    for number, (place, level) in enumerate(each(rules, "levels[].level", where), 1):
        if level != number:
            yield Problem(place, level, f"{number}: levels go up one by one from 1")
    cuts = [(place, cut) for place, cut in each(rules, "levels[].cut", where) if _number(cut)]
    for (_, lower), (place, upper) in pairwise(cuts):
        if upper <= lower:
            yield Problem(place, upper, f"a cut above the one before, {lower}")
    if status == "adopted":
        for place, error in each(rules, "levels[].cut_se", where):
            if error is None:
                yield Problem(place, None, "a standard error, since the scheme is adopted")


def _blueprint_problems(
    rules: dict[str, Any], framework: Framework, where: str
) -> Iterator[Problem]:
    units = list(each(rules, "blueprint.units[].code", where))
    owned = [unit.code for unit in framework.units if unit.skill_set == rules.get("code")]
    yield from duplicates(units)
    yield from unknown(units, owned, f"a competency unit of {rules.get('code')}")
    blueprint = rules.get("blueprint")
    if isinstance(blueprint, dict):
        known = _known_values(rules, framework)
        yield from constraint_problems(blueprint, known, f"{where}.blueprint")
        least, most = blueprint.get("min_items"), blueprint.get("max_items")
        if _number(least) and _number(most) and most < least:
            yield Problem(f"{where}.blueprint.max_items", most, f"at least min_items = {least}")
    bounds = [one for one in each(rules, "blueprint.exposure.bounds[]", where) if _number(one[1])]
    for (_, lower), (place, upper) in pairwise(bounds):
        if upper <= lower:
            yield Problem(place, upper, f"an ability above the one before, {lower}")


def _known_values(rules: dict[str, Any], framework: Framework) -> dict[str, tuple[str, ...]]:
    """What items of a section can have as unit, element and level."""
    codes = [code for _, code in each(rules, "blueprint.units[].code", "")]
    units = [unit for unit in framework.units if unit.code in codes]
    return {
        "unit": tuple(unit.code for unit in units),
        "element": tuple(element.code for unit in units for element in unit.elements),
        "level": tuple(str(level) for _, level in each(rules, "levels[].level", "")),
    }


def _scale_problems(data: object, where: str) -> Iterator[Problem]:
    for name in ("scale", "grid"):
        lo, hi = _first(data, f"{name}.lo"), _first(data, f"{name}.hi")
        if _number(lo) and _number(hi) and hi <= lo:
            yield Problem(f"{where}{name}.hi", hi, f"more than lo = {lo}")


def _requirement_problems(data: object, framework: Framework, where: str) -> Iterator[Problem]:
    roles = list(each(data, "requirement_table.roles[].role", where))
    yield from duplicates(roles)
    yield from unknown(roles, [role.id for role in framework.roles], "a role")
    for missing in sorted({role.id for role in framework.roles} - {str(one) for _, one in roles}):
        yield Problem(f"{where}requirement_table.roles", None, f"requirements of {missing}")
    table = _first(data, "requirement_table.assumptions")
    reasons = table if isinstance(table, dict) else {}
    path = "requirement_table.roles[].required[].basis.assumptions[]"
    yield from unknown(each(data, path, where), reasons, "an assumption of the table")
    for place, row in each(data, "requirement_table.roles[]", where):
        if isinstance(row, dict):
            yield from _row_problems(row, data, framework, place)


def _row_problems(
    row: dict[str, Any], data: object, framework: Framework, where: str
) -> Iterator[Problem]:
    yield from duplicates(each(row, "required[].skill_set", where))
    levels = _number_of_levels(data)
    yield from unknown(each(row, "required[].skill_set", where), levels, "a skill set")
    for place, required in each(row, "required[]", where):
        if isinstance(required, dict):
            code, level = required.get("skill_set"), required.get("level")
            highest = levels.get(code) if isinstance(code, str) else None
            if _number(level) and highest is not None and level > highest:
                yield Problem(f"{place}.level", level, f"at most {highest}, the highest")
            yield from _basis_problems(required, str(row.get("role")), framework, place)


def _number_of_levels(data: object) -> dict[str, int]:
    return {
        code: len(list(each(rules, "levels[]", "")))
        for _, rules in each(data, "skill_sets[]", "")
        for _, code in each(rules, "code", "")
        if isinstance(code, str)
    }


def _basis_problems(
    required: dict[str, Any], role: str, framework: Framework, where: str
) -> Iterator[Problem]:
    """A basis is of this role's group and phase or an earlier one, and coded to the skill set."""
    basis = required.get("basis")
    if not isinstance(basis, dict):
        return
    if not basis.get("statements") and not basis.get("assumptions"):
        yield Problem(f"{where}.basis", None, "statements of the source, or an assumption")
    statements = {one.id: one for one in framework.statements}
    places = list(each(basis, "statements[]", f"{where}.basis"))
    yield from unknown(places, statements, "a statement")
    group, _, phase = role.partition("/")
    phases = [one.key for one in framework.phases]
    for place, id in places:
        if id in statements and phase in phases:
            statement = statements[id]
            skill_set = required.get("skill_set")
            if skill_set not in {framework.skill_set_of(code) for code in statement.codes}:
                yield Problem(place, id, f"a statement coded to {skill_set}")
            if statement.group != group:
                yield Problem(place, id, f"a statement about {group}")
            if phases.index(framework.row_of(id).phase) > phases.index(phase):
                yield Problem(place, id, f"a statement of phase {phase} or an earlier one")


def _wording_problems(data: object, where: str) -> Iterator[Problem]:
    yield from _placeholder_problems(data, where)
    for place, reasons in each(data, "wording.result.reasons", where):
        for name in REASONS if isinstance(reasons, dict) else ():
            if name not in reasons:
                yield Problem(f"{place}.{name}", None, "words for this reason of having no result")


def _placeholder_problems(data: object, where: str) -> Iterator[Problem]:
    """Both languages of a sentence must be filled in with the same names."""
    for place, words in [
        *each(data, "wording.certificate", where),
        *each(data, "wording.result", where),
    ]:
        for name, text in words.items() if isinstance(words, dict) else ():
            if isinstance(text, dict) and all(isinstance(text.get(n), str) for n in ("th", "en")):
                expected = _names(text["en"])
                if expected is None or _names(text["th"]) != expected:
                    names = ", ".join(sorted(expected or ())) or "none"
                    found = text["th"]
                    yield Problem(f"{place}.{name}.th", found, f"the names of the English: {names}")


def _names(text: str) -> set[str] | None:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return None


def _first(data: object, path: str) -> Any:
    return next((value for _, value in each(data, path, "")), None)


def _number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
