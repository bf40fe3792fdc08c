"""What the parts of a framework must agree on. Works on raw data, also faulty data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import Problem
from itembank.records import duplicates, each, unknown
from itembank.yamlfile import YamlFile

PARTS = ("framework", "roles", "drivers", "rules", "units")


@dataclass(frozen=True, slots=True)
class Places:
    """Raw data by the part of the framework it belongs to, with where each piece stands."""

    parts: Mapping[str, Sequence[tuple[str, object]]]

    @classmethod
    def of(cls, files: Sequence[YamlFile], units: Sequence[YamlFile]) -> Places:
        """The places in a framework's files."""
        parts = {file.name.removesuffix(".yaml"): [(file.where, file.data)] for file in files}
        return cls(parts | {"units": [(file.where, file.data) for file in units]})

    @classmethod
    def of_whole(cls, data: object) -> Places:
        """The places in a framework that is one piece of data."""
        return cls({part: [("", data)] for part in PARTS})

    def __call__(self, part: str, path: str) -> list[tuple[str, Any]]:
        return [place for where, data in self.parts[part] for place in each(data, path, where)]

    def values(self, part: str, path: str) -> list[Any]:
        """The texts at a path, without their places."""
        return [value for _, value in self(part, path) if isinstance(value, str)]


def disagreements(at: Places) -> Iterator[Problem]:
    """Everything that contradicts something elsewhere in the framework."""
    yield from _all_different(at)
    yield from _all_known(at)
    yield from _roles_complete(at)
    yield from _codes_nested(at)


def _all_different(at: Places) -> Iterator[Problem]:
    yield from duplicates(at("framework", "skill_sets[].code"))
    yield from duplicates(at("framework", "skill_sets[].prefixes[]"))
    yield from duplicates(at("framework", "dimensions[].number"))
    yield from duplicates(at("framework", "dimensions[].skill_sets[]"))
    yield from duplicates(at("framework", "phases[].key"))
    yield from duplicates(at("framework", "target_groups[].key"))
    yield from duplicates(at("roles", "roles[].id"))
    yield from duplicates(at("drivers", "drivers[].number"))
    yield from duplicates(at("drivers", "drivers[].rows[].id"))
    yield from duplicates(at("drivers", "drivers[].rows[].statements[].id"))
    yield from duplicates([place for path in _CODES for place in at("units", path)])
    yield from duplicates(at("units", "wildcards[].code"))


_CODES = ("units[].code", "units[].elements[].code", "units[].elements[].criteria[].code")


def _all_known(at: Places) -> Iterator[Problem]:
    skill_sets = at.values("framework", "skill_sets[].code")
    groups = at.values("framework", "target_groups[].key")
    phases = at.values("framework", "phases[].key")
    codes = [code for path in _CODES for code in at.values("units", path)]
    coded = [*codes, *at.values("units", "wildcards[].code")]
    statements = "drivers[].rows[].statements[]"
    yield from unknown(at("framework", "dimensions[].skill_sets[]"), skill_sets, "a skill set")
    yield from unknown(at("units", "units[].skill_set"), skill_sets, "a skill set")
    yield from unknown(at("units", "wildcards[].units[]"), codes, "a competency unit")
    yield from unknown(at("roles", "roles[].group"), groups, "a target group")
    yield from unknown(at("roles", "roles[].phase"), phases, "a phase")
    yield from unknown(at("drivers", "drivers[].rows[].phase"), phases, "a phase")
    yield from unknown(at("drivers", f"{statements}.group"), groups, "a target group")
    yield from unknown(at("drivers", f"{statements}.codes[]"), coded, "a code")
    yield from unknown(at("drivers", f"{statements}.spellings[].code"), coded, "a code")
    yield from unknown(at("drivers", f"{statements}.spellings[].probably"), coded, "a code")


def _roles_complete(at: Places) -> Iterator[Problem]:
    for where, role in at("roles", "roles[]"):
        if isinstance(role, dict) and "id" in role:
            expected = f"{role.get('group')}/{role.get('phase')}"
            if role["id"] != expected:
                yield Problem(f"{where}.id", role["id"], f"{expected!r}, its group and phase")
    present = set(at.values("roles", "roles[].id"))
    for group in at.values("framework", "target_groups[].key"):
        for phase in at.values("framework", "phases[].key"):
            if f"{group}/{phase}" not in present:
                yield Problem("roles.yaml: roles", None, f"a role {group}/{phase}")


def _codes_nested(at: Places) -> Iterator[Problem]:
    """A unit's code begins as its skill set's do, an element's as its unit's, and so on."""
    prefixes = _prefixes(at)
    for where, unit in at("units", "units[]"):
        code = unit.get("code") if isinstance(unit, dict) else None
        if isinstance(code, str):
            owner = unit.get("skill_set")
            allowed = prefixes.get(owner, []) if isinstance(owner, str) else []
            if code.rstrip("0123456789") not in allowed:
                yield Problem(f"{where}.code", code, f"a code beginning {' or '.join(allowed)}")
            for place, element in each(unit, "elements[].code", where):
                if isinstance(element, str) and element[:-2] != code[:-2]:
                    yield Problem(place, element, f"an element of {code}")
            for place, element in each(unit, "elements[]", where):
                yield from _criteria_nested(element, place)


def _prefixes(at: Places) -> dict[str, list[str]]:
    return {
        code: [prefix for _, prefix in each(one, "prefixes[]", "") if isinstance(prefix, str)]
        for _, one in at("framework", "skill_sets[]")
        for _, code in each(one, "code", "")
        if isinstance(code, str)
    }


def _criteria_nested(element: Any, where: str) -> Iterator[Problem]:
    code = element.get("code") if isinstance(element, dict) else None
    for place, criterion in each(element, "criteria[].code", where):
        if isinstance(criterion, str) and criterion.partition(".")[0] != code:
            yield Problem(place, criterion, f"a criterion of {code}")
