"""Reading a framework's files: everything that is wrong with all of them, in one error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from engine.errors import Problem
from itembank.errors import FrameworkError
from itembank.framework.checks import Places, disagreements
from itembank.framework.model import (
    Actor,
    Dimension,
    Driver,
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
from itembank.framework.whole import Framework
from itembank.records import Parsed, Record, parse
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
        *disagreements(Places.of(files, units)),
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
    target_groups: tuple[Group, ...]


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
