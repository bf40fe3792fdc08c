"""Reading a framework's files: everything that is wrong with all of them, in one error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from engine.errors import Problem
from itembank.errors import FrameworkError
from itembank.framework.model import (
    Actor,
    Dimension,
    Driver,
    Framework,
    Group,
    Mix,
    Phase,
    Role,
    Rollout,
    Rule,
    SkillSet,
    Source,
    Unit,
    Wildcard,
)
from itembank.records import Parsed, Record, duplicates, each, parse, unknown
from itembank.text import Line, Text
from itembank.yamlfile import YamlFile, read_yaml

OCSC_2560 = Path(__file__).parent / "ocsc-2560"


def load_framework(path: Path = OCSC_2560) -> Framework:
    """Read a framework.

    Parameters
    ----------
    path
        A folder with framework.yaml, roles.yaml, drivers.yaml, rules.yaml and units/*.yaml.

    Raises
    ------
    FrameworkError
        With every fault of every file: syntax, missing or unknown fields, wrong types,
        duplicate or unknown codes, missing translations.
    """
    files = [read_yaml(path / name) for name in _FILES]
    units = [read_yaml(one, f"units/{one.name}") for one in sorted((path / "units").glob("*.yaml"))]
    read = _read([*files, *units])
    problems = [
        *_file_problems([*files, *units], read),
        *_crossed(_Places(files, units)),
    ]
    if problems:
        raise FrameworkError(f"Framework {path.name}", problems)
    return Framework.model_validate(_assembled(read))


class _Main(Record):
    id: Line
    version: Line
    status: Literal["draft", "adopted"]
    title: Text
    translations: Text
    source: Source
    dimensions: tuple[Dimension, ...]
    skill_sets: tuple[SkillSet, ...]
    phases: tuple[Phase, ...]
    groups: tuple[Group, ...]


class _Roles(Record):
    roles: tuple[Role, ...]


class _Drivers(Record):
    drivers: tuple[Driver, ...]


class _Rules(Record):
    mixes: tuple[Mix, ...]
    modes: tuple[Text, ...]
    mindset: tuple[Text, ...]
    rollout: tuple[Rollout, ...]
    assignment: tuple[Rule, ...]
    actors: tuple[Actor, ...]
    absent: tuple[Rule, ...]


class _Units(Record):
    units: tuple[Unit, ...]
    wildcards: tuple[Wildcard, ...] = ()


_FILES: Mapping[str, type[Record]] = {
    "framework.yaml": _Main,
    "roles.yaml": _Roles,
    "drivers.yaml": _Drivers,
    "rules.yaml": _Rules,
}


def _read(files: list[YamlFile]) -> list[Parsed[Record]]:
    return [parse(_FILES.get(file.name, _Units), file.data, file.where) for file in files]


def _file_problems(files: list[YamlFile], read: list[Parsed[Record]]) -> Iterator[Problem]:
    for file, parsed in zip(files, read, strict=True):
        yield from file.problems or parsed.problems
    if len(files) == len(_FILES):
        yield Problem("units/", "no files", "at least one file of competency units")


def _assembled(read: list[Parsed[Record]]) -> dict[str, Any]:
    whole: dict[str, Any] = {"units": (), "wildcards": ()}
    for record in (parsed.record for parsed in read):
        if isinstance(record, _Units):
            whole["units"] += record.units
            whole["wildcards"] += record.wildcards
        elif record is not None:
            whole |= dict(record)
    whole["units"] = tuple(sorted(whole["units"], key=lambda unit: unit.code))
    return whole


class _Places:
    """The raw files by path, so that cross-checks run also where a record is faulty."""

    def __init__(self, files: list[YamlFile], units: list[YamlFile]) -> None:
        self._files = {file.name: [file] for file in files} | {"units": units}

    def __call__(self, file: str, path: str) -> list[tuple[str, Any]]:
        name = file if file == "units" else f"{file}.yaml"
        return [place for one in self._files[name] for place in each(one.data, path, one.where)]

    def values(self, file: str, path: str) -> list[Any]:
        return [value for _, value in self(file, path) if isinstance(value, str)]


def _crossed(at: _Places) -> Iterator[Problem]:
    yield from _all_different(at)
    yield from _all_known(at)
    yield from _roles_complete(at)
    yield from _codes_nested(at)


def _all_different(at: _Places) -> Iterator[Problem]:
    yield from duplicates(at("framework", "skill_sets[].code"))
    yield from duplicates(at("framework", "skill_sets[].prefixes[]"))
    yield from duplicates(at("framework", "dimensions[].number"))
    yield from duplicates(at("framework", "dimensions[].skill_sets[]"))
    yield from duplicates(at("framework", "phases[].key"))
    yield from duplicates(at("framework", "groups[].key"))
    yield from duplicates(at("roles", "roles[].id"))
    yield from duplicates(at("drivers", "drivers[].number"))
    yield from duplicates(at("drivers", "drivers[].rows[].id"))
    yield from duplicates(at("drivers", "drivers[].rows[].statements[].id"))
    yield from duplicates([place for path in _CODES for place in at("units", path)])
    yield from duplicates(at("units", "wildcards[].code"))


_CODES = ("units[].code", "units[].elements[].code", "units[].elements[].criteria[].code")


def _all_known(at: _Places) -> Iterator[Problem]:
    skill_sets = at.values("framework", "skill_sets[].code")
    groups = at.values("framework", "groups[].key")
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


def _roles_complete(at: _Places) -> Iterator[Problem]:
    for where, role in at("roles", "roles[]"):
        if isinstance(role, dict) and "id" in role:
            expected = f"{role.get('group')}/{role.get('phase')}"
            if role["id"] != expected:
                yield Problem(f"{where}.id", role["id"], f"{expected!r}, its group and phase")
    present = set(at.values("roles", "roles[].id"))
    for group in at.values("framework", "groups[].key"):
        for phase in at.values("framework", "phases[].key"):
            if f"{group}/{phase}" not in present:
                yield Problem("roles.yaml: roles", None, f"a role {group}/{phase}")


def _codes_nested(at: _Places) -> Iterator[Problem]:
    """A unit's code begins as its skill set's do, an element's as its unit's, and so on."""
    prefixes = _prefixes(at)
    for where, unit in at("units", "units[]"):
        code = unit.get("code") if isinstance(unit, dict) else None
        if isinstance(code, str):
            allowed = prefixes.get(unit.get("skill_set"), ())
            if code.rstrip("0123456789") not in allowed:
                yield Problem(f"{where}.code", code, f"a code beginning {' or '.join(allowed)}")
            for place, element in each(unit, "elements[].code", where):
                if isinstance(element, str) and element[:-2] != code[:-2]:
                    yield Problem(place, element, f"an element of {code}")
            for place, element in each(unit, "elements[]", where):
                yield from _criteria_nested(element, place)


def _prefixes(at: _Places) -> dict[Any, list[str]]:
    return {
        one.get("code"): [prefix for _, prefix in each(one, "prefixes[]", "")]
        for _, one in at("framework", "skill_sets[]")
        if isinstance(one, dict)
    }


def _criteria_nested(element: Any, where: str) -> Iterator[Problem]:
    code = element.get("code") if isinstance(element, dict) else None
    for place, criterion in each(element, "criteria[].code", where):
        if isinstance(criterion, str) and criterion.partition(".")[0] != code:
            yield Problem(place, criterion, f"a criterion of {code}")
