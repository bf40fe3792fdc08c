"""What is wrong with the fields of a file, in words that its author can act on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from calibration.responses.suggestions import nearest
from engine.errors import Problem
from itembank.records import Record

NO_FIELD = "no field of this name"
KIND = re.compile(
    r"\.(?:constrained-\w+|dict\[.*\]\]|tuple\[[^\]]*\]|float|int|str|[A-Z]\w+)(?=$|[.\[])"
)
"""How a checker of records names the kind, of several, that it tried for a field."""


def unknown_field(name: str, known: Sequence[str]) -> str:
    """Say that there is no such field, which may have been meant, and which there are."""
    close = nearest(name, known)
    meant = f"; did you mean {close!r}?" if close else ";"
    return f"{NO_FIELD}{meant} There are {', '.join(known)}"


def explained(model: type[Record], problems: Sequence[Problem]) -> list[Problem]:
    """Return the faults of a file at the places that its author wrote, unknown fields explained.

    A field that may be of several kinds has a fault for each of them. Those of the kind that was
    meant reach deeper into what was written; where none does, the kinds are named together.

    Parameters
    ----------
    model
        What the file is a record of.
    """
    groups: dict[str, list[Problem]] = {}
    for problem in problems:
        tag = KIND.search(problem.where)
        base = problem.where if tag is None else problem.where[: tag.start()]
        plain = KIND.sub("", problem.where)
        groups.setdefault(base, []).append(replace(problem, where=plain))
    return [
        _with_fields(model, problem)
        for base, group in groups.items()
        for problem in _meant(base, group)
    ]


def _meant(base: str, group: list[Problem]) -> list[Problem]:
    deeper = [problem for problem in group if problem.where != base]
    if deeper or len(group) == 1:
        return deeper or group
    expected = " or ".join(dict.fromkeys(problem.expected for problem in group))
    return [replace(group[0], expected=expected)]


def _with_fields(model: type[Record], problem: Problem) -> Problem:
    if problem.expected != NO_FIELD:
        return problem
    place, _, name = problem.where.rpartition(".")
    known = _fields(model, re.sub(r"\[\d+\]", "", place))
    return replace(problem, expected=unknown_field(name, known)) if known else problem


def _fields(model: type[Record], place: str) -> list[str]:
    """The names of the fields that the record at a place has; none where there is no record."""
    found: type[Record] | None = model
    for name in place.split(".") if place else ():
        field = None if found is None else found.model_fields.get(name)
        found = None if field is None else _record(field.annotation)
    return [] if found is None else list(found.model_fields)


def _record(annotation: Any) -> type[Record] | None:
    """The kind of record that an annotation speaks of, if any."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    if get_origin(annotation) in (Annotated, Union, UnionType, tuple, list):
        inner = (_record(each) for each in get_args(annotation))
        return next((each for each in inner if each is not None), None)
    return None
