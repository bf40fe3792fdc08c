"""Checked records: what a file says becomes a frozen value, or a list of what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from engine.errors import Problem


class Record(BaseModel):
    """A frozen value whose fields are all named and typed; nothing is guessed or converted."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False
    )


R = TypeVar("R", bound=Record)


def left_out(value: object) -> bool:
    """Whether a field says nothing, for `exclude_if`: texts older than the field keep their hash."""
    return value is None or value == ()


@dataclass(frozen=True, slots=True)
class Parsed(Generic[R]):
    """A record, or None with the problems that kept it from being one."""

    record: R | None
    problems: tuple[Problem, ...] = ()


def parse(model: type[R], data: object, where: str) -> Parsed[R]:
    """Read data as a record.

    Parameters
    ----------
    model
        The kind of record.
    data
        Mappings, lists and scalars, as a YAML or JSON reader gives them.
    where
        The file, or the place in it, that the problems should name.
    """
    try:
        return Parsed(model.model_validate(_with_tuples(data)))
    except ValidationError as error:
        return Parsed(None, tuple(_problem(detail, where) for detail in _distinct(error.errors())))


def each(data: object, path: str, where: str) -> Iterator[tuple[str, Any]]:
    """Every value a path such as ``roles[].name.en`` reaches, with the place it stands at.

    What is missing or of another shape is passed over: `parse` has reported it.
    """
    step, _, rest = path.partition(".")
    name = step.removesuffix("[]")
    if not isinstance(data, dict) or name not in data:
        return
    found = data[name]
    here = joined(where, name)
    listed = step.endswith("[]")
    if listed and not isinstance(found, list | tuple):
        return
    places = [(f"{here}[{n}]", one) for n, one in enumerate(found)] if listed else [(here, found)]
    for place, value in places:
        yield from each(value, rest, place) if rest else [(place, value)]


def duplicates(places: Iterable[tuple[str, Any]]) -> Iterator[Problem]:
    """A problem for every value that stood at an earlier place already."""
    first: dict[object, str] = {}
    for where, value in places:
        if not isinstance(value, str | int):
            continue
        if value in first:
            yield Problem(where, value, f"a value of its own: {first[value]} has it already")
        else:
            first[value] = where


def unknown(
    places: Iterable[tuple[str, Any]], known: Iterable[object], kind: str
) -> Iterator[Problem]:
    """A problem for every value that is not among the known ones."""
    names = set(known)
    for where, value in places:
        if isinstance(value, str | int) and value not in names:
            yield Problem(where, value, f"{kind} that exists")


def joined(where: str, name: str) -> str:
    """A place one step deeper: ``roles.yaml: roles[3]`` and ``name`` give ``...roles[3].name``."""
    if where.endswith(": ") or not where:
        return where + name
    return f"{where}.{name}"


def _with_tuples(data: object) -> object:
    if isinstance(data, dict):
        return {key: _with_tuples(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return tuple(_with_tuples(value) for value in data)
    return data


def _distinct(details: list[ErrorDetails]) -> Iterator[ErrorDetails]:
    """All but the "too short" of a list that is short only because its entries are faulty."""
    for detail in details:
        depth = len(detail["loc"])
        inner = (one["loc"] for one in details if len(one["loc"]) > depth)
        if detail["type"] != "too_short" or all(loc[:depth] != detail["loc"] for loc in inner):
            yield detail


def _problem(detail: ErrorDetails, where: str) -> Problem:
    place = where
    for step in detail["loc"]:
        place = f"{place}[{step}]" if isinstance(step, int) else joined(place, step)
    kind = detail["type"]
    value = None if kind == "missing" else _shown(detail["input"])
    return Problem(place.removesuffix(": "), value, _EXPECTED.get(kind) or _expected(detail))


_EXPECTED = {
    "missing": "this field, which is required",
    "extra_forbidden": "no field of this name",
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "model_type": "a mapping of named fields",
    "dict_type": "a mapping",
}


def _expected(detail: ErrorDetails) -> str:
    message = re.sub(
        r"^(Input|Value error,|String|List|Tuple) ?(should )?(be )?", "", detail["msg"]
    )
    return message or detail["msg"]


def _shown(value: object) -> object:
    if isinstance(value, dict):
        return f"a mapping of {len(value)}"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return value
