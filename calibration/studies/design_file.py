"""What a design file says, as checked records: docs/command-line.md has it in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from calibration.errors import StudyError
from calibration.fields import explained
from engine import RULES
from engine.errors import Problem
from itembank.records import Record, parse
from itembank.text import Line
from itembank.yamlfile import read_yaml

Positive = Annotated[float, Field(gt=0)]
Rate = Annotated[float, Field(gt=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Call = Line | dict[str, tuple[float, ...]]
"""normal(0, 1), normal:0,1 or {normal: [0, 1]}."""


MOST = 20_000_000
"""Candidates of a study: their abilities and seeds stay in memory."""


class Persons(Record):
    """Who sits: abilities drawn, on a grid or from a file; or real persons with their answers."""

    n: Annotated[int, Field(ge=2, le=MOST)] | None = None
    theta: Call | None = None
    correlation: Annotated[float, Field(ge=-1, le=1)] = 0.0
    responses: Line | None = None


class Ability(Record):
    """How ability is estimated."""

    prior: Call = "normal(0, 1)"
    grid: tuple[float, float, int] = (-6.0, 6.0, 121)
    method: Literal["eap", "map", "mle", "wle"] = "eap"


class Exposure(Record):
    """How items are spared."""

    method: Literal["eligibility", "maximum_rate", "overlap", "sympson_hetter"]
    rate: Rate | tuple[Rate, ...] | None = None
    overlap: Rate | None = None
    segments: tuple[float, ...] = ()
    fading: Rate = 0.9999
    block: Count = 500
    warm_up: Annotated[int, Field(ge=0)] = 0


class Content(Record):
    """Shares of the exam by an attribute of the items."""

    attribute: Line
    shares: dict[str, Positive]


class Select(Record):
    """How the next item is chosen."""

    rule: Line = "mfi"
    randomesque: Count = 1
    content: Content | None = None
    exposure: Exposure | None = None
    method: Literal["shadow", "priority", "penalties", "none"] = "shadow"
    weights: dict[str, Positive] = Field(default_factory=dict)


class Enough(Record):
    """When a result is good enough."""

    se: Positive | None = None
    decision: Annotated[float, Field(ge=0.5, lt=1)] | None = None
    change: Annotated[float, Field(ge=0)] | None = None


class Stop(Record):
    """When the exam ends."""

    min: Count = 1
    max: Count | None = None
    any: Enough | None = None
    all: Enough | None = None
    information: Annotated[float, Field(ge=0)] | None = None
    seconds: Positive | None = None


class Times(Record):
    """How long answers take: a number for all items, or a column of the attributes."""

    intensity: float | Line
    discrimination: Positive | Line = 2.0
    speed_sd: Annotated[float, Field(ge=0)] = 0.0
    speed_correlation: Annotated[float, Field(ge=-1, le=1)] = 0.0


class PoolFile(Record):
    """A file of items, as in a specification of fixed forms."""

    items: Line
    attributes: Line | None = None
    metric: Positive = 1.0


class SectionFile(Record):
    """One section: where its items come from, and its rules; what is left out the whole file says."""

    name: Line | None = None
    pool: Line | PoolFile | None = None
    metric: Positive = 1.0
    attributes: Line | None = None
    release: Line | None = None
    scheme: Line | None = None
    skill_set: Line | None = None
    ability: Ability | None = None
    select: Select | None = None
    stop: Stop | None = None
    cuts: tuple[float, ...] | None = None
    p_star: Annotated[float, Field(gt=0, lt=1)] | None = None
    forced: bool = False
    times: Times | None = None
    constraints: Any = None


class DesignFile(SectionFile):
    """A whole design file."""

    title: Line | None = None
    persons: Persons = Persons()
    seed: Annotated[int, Field(ge=0)] = 1
    bands: tuple[float, ...] = (-2.0, -1.0, 0.0, 1.0, 2.0)
    second_sitting: Literal["independent", "without_items_seen", "none"] = "independent"
    sections: tuple[SectionFile, ...] = ()


def read_design_file(path: Path) -> DesignFile:
    """Read a design file.

    Raises
    ------
    StudyError
        With every fault, each with its place in the file.
    """
    file = read_yaml(path)
    if file.problems:
        raise StudyError(str(path), file.problems)
    return checked_design(file.data, str(path))


def checked_design(data: object, subject: str = "Design") -> DesignFile:
    """Check a design as YAML gives it.

    Raises
    ------
    StudyError
        With every fault, each with its place.
    """
    parsed = parse(DesignFile, data, "")
    problems = explained(DesignFile, parsed.problems)
    # What is wrong by itself is left out, so that the rest is judged in the same run.
    named = {problem.where for problem in problems}
    judged = parsed.record or parse(DesignFile, _without(data, named), "").record
    if judged is not None:
        problems += (problem for problem in _problems(judged) if problem.where not in named)
    if parsed.record is None or problems:
        raise StudyError(subject, problems)
    return parsed.record


def _without(data: object, places: set[str], where: str = "") -> object:
    """The data without what stands at these places."""
    if isinstance(data, dict):
        inside = {key: f"{where}.{key}" if where else str(key) for key in data}
        return {
            key: _without(value, places, inside[key])
            for key, value in data.items()
            if inside[key] not in places
        }
    if isinstance(data, list | tuple):
        return [_without(value, places, f"{where}[{n}]") for n, value in enumerate(data)]
    return data


def sections_of(design: DesignFile) -> tuple[tuple[str, SectionFile], ...]:
    """Return each section with its place in the file; what a section leaves out the file says."""
    if not design.sections:
        return (("", design),)
    return tuple(
        (f"sections[{place}].", _with_defaults(own, design))
        for place, own in enumerate(design.sections)
    )


def _with_defaults(own: SectionFile, design: DesignFile) -> SectionFile:
    """A section whose own words go before the file's; its items come from one of the two."""
    said = own.model_fields_set
    sources = {"pool", "release", "scheme", "skill_set"}
    if "pool" in said:
        said = said | sources
    elif said & sources:
        said = said | {"pool"}
    values = {
        name: getattr(own if name in said else design, name) for name in SectionFile.model_fields
    }
    return SectionFile.model_construct(_fields_set=said, **values)


def _problems(design: DesignFile) -> Iterator[Problem]:
    yield from _person_problems(design)
    again = "second_sitting" in design.model_fields_set and design.second_sitting != "none"
    if again and design.persons.responses is not None:
        expected = "none: real persons have answered once"
        yield Problem("second_sitting", design.second_sitting, expected)
    if list(design.bands) != sorted(set(design.bands)):
        yield Problem("bands", design.bands, "numbers in ascending order")
    for where, section in sections_of(design):
        yield from _section_problems(where, section)


def _person_problems(design: DesignFile) -> Iterator[Problem]:
    persons = design.persons
    if persons.responses is not None:
        for name in ("n", "theta"):
            if getattr(persons, name) is not None:
                expected = "nothing: the persons are those of persons.responses"
                yield Problem(f"persons.{name}", getattr(persons, name), expected)
        if design.sections:
            expected = "one section, where the answers are real"
            yield Problem("sections", f"{len(design.sections)} sections", expected)


def _section_problems(where: str, section: SectionFile) -> Iterator[Problem]:
    if (section.pool is None) == (section.release is None):
        found = "both" if section.pool else "neither pool nor release"
        yield Problem(f"{where}pool", found, "a pool (a file of items) or a release")
    if section.release is not None and section.skill_set is None:
        yield Problem(f"{where}skill_set", None, "a skill set of the release")
    if section.scheme is not None and section.release is None:
        expected = "nothing: only the exam of a release has the rules of a scheme"
        yield Problem(f"{where}scheme", section.scheme, expected)
    if section.pool is not None and (section.stop is None or section.stop.max is None):
        yield Problem(f"{where}stop.max", None, "the most items an exam can have")
    if section.select is not None:
        yield from _select_problems(f"{where}select.", section.select)
        yield from _method_problems(
            where, section.select, constrained=section.constraints is not None
        )
    if section.stop is not None:
        yield from _stop_problems(f"{where}stop.", section.stop, section)


def _select_problems(where: str, select: Select) -> Iterator[Problem]:
    if select.rule not in RULES:
        yield Problem(f"{where}rule", select.rule, f"one of {', '.join(RULES)}")
    exposure = select.exposure
    if exposure is None:
        return
    needed = "overlap" if exposure.method == "overlap" else "rate"
    other = "rate" if needed == "overlap" else "overlap"
    if getattr(exposure, needed) is None:
        expected = f"a number in (0, 1] for the method {exposure.method}"
        yield Problem(f"{where}exposure.{needed}", None, expected)
    if getattr(exposure, other) is not None:
        expected = f"nothing: the method {exposure.method} has no {other}"
        yield Problem(f"{where}exposure.{other}", getattr(exposure, other), expected)
    if isinstance(exposure.rate, tuple):
        segments = len(exposure.segments) + 1
        if exposure.method == "maximum_rate":
            yield Problem(f"{where}exposure.rate", exposure.rate, "one rate for all segments")
        elif len(exposure.rate) != segments:
            expected = f"one rate, or one for each of the {segments} segments"
            yield Problem(f"{where}exposure.rate", exposure.rate, expected)
    if list(exposure.segments) != sorted(set(exposure.segments)):
        yield Problem(f"{where}exposure.segments", exposure.segments, "ascending bounds")


def _method_problems(where: str, select: Select, *, constrained: bool) -> Iterator[Problem]:
    if select.content is not None and constrained and select.method != "none":
        expected = (
            "either constraints or select.content; with select.method: none the shares are kept "
            "and the constraints only counted"
        )
        yield Problem(f"{where}constraints", "some", expected)
    if select.weights and select.method in ("shadow", "none"):
        expected = "nothing: only priority and penalties weigh constraints"
        yield Problem(f"{where}select.weights", select.weights, expected)
    if "method" in select.model_fields_set and not constrained:
        expected = "constraints, since select.method says how they are kept"
        yield Problem(f"{where}constraints", None, expected)


def _stop_problems(where: str, stop: Stop, section: SectionFile) -> Iterator[Problem]:
    if stop.any is not None and stop.all is not None:
        yield Problem(f"{where}all", "any and all", "either any or all")
    enough = stop.any or stop.all
    waits = enough is not None and enough.decision is not None
    if waits and section.cuts is None and section.release is None:
        expected = "cut scores, since stop waits for a decision"
        yield Problem(f"{where.removesuffix('stop.')}cuts", None, expected)
    if stop.max is not None and stop.max < stop.min:
        yield Problem(f"{where}max", stop.max, f"at least min = {stop.min}")
    if stop.seconds is not None and section.times is None:
        expected = "response times (times), since stop has a time limit"
        yield Problem(f"{where.removesuffix('stop.')}times", None, expected)
