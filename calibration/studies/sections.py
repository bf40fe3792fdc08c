"""From a section of a design file to the engine's design and what the study says of its items."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import engine
from calibration.errors import StudyError
from calibration.studies.blueprints import counted_of, kept_to
from calibration.studies.design_file import (
    DesignFile,
    Enough,
    Exposure,
    PoolFile,
    SectionFile,
    Stop,
    Times,
    sections_of,
)
from calibration.studies.notation import prior_of
from engine.constraints import Specification
from engine.errors import InputError, Problem
from itembank.blueprint import Attributes, read_attributes
from itembank.documents import document_text
from itembank.framework import load_framework
from itembank.item_files import read_item_file
from itembank.items import load_items
from itembank.release import Release, ReleasedItem, build_release
from itembank.scheme import Scheme, load_scheme
from itembank.scheme.blueprint import ExposureSetting
from itembank.sections import section as released_section

DEMONSTRATION = "demonstration"
P_STAR = 2 / 3
"""The draft scheme's: certifying wrongly costs twice as much as refusing wrongly."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudySection:
    """One section, ready to be simulated.

    Attributes
    ----------
    name
        What the study calls it.
    items
        Names of the items, in the order of the pool.
    design
        The engine's design.
    counted
        The constraints of which it is counted how often they were kept; None: there are none.
    exposure
        How items are spared; None: not at all.
    times
        How long answers take; None: no times are simulated.
    speed_sd, speed_correlation
        Spread of the candidates' speed, and its correlation with ability.
    method
        How the reported ability is estimated.
    provisional
        Whether parameters rest on no data.
    """

    name: str
    items: tuple[str, ...]
    design: engine.Design
    counted: Specification | None = None
    exposure: Exposure | None = None
    times: engine.ResponseTimes | None = None
    speed_sd: float = 0.0
    speed_correlation: float = 0.0
    method: engine.ability.Method = "eap"
    provisional: bool = False


def compiled_sections(file: DesignFile, folder: Path) -> tuple[StudySection, ...]:
    """Read what the sections of a design file name, and compile them.

    Parameters
    ----------
    folder
        Where names of files begin.

    Raises
    ------
    StudyError
        With everything that is wrong, each with its place in the design file.
    """
    problems: list[Problem] = []
    compiled = []
    for number, (where, section) in enumerate(sections_of(file), 1):
        try:
            compiled.append(_compiled(section, folder, where, f"section {number}"))
        except InputError as error:
            problems += (_placed(problem, where, error.subject) for problem in error.problems)
    problems += _name_problems(compiled)
    if problems:
        raise StudyError("Design", problems)
    return tuple(compiled)


PLACES = {
    "stopping": "stop",
    "decision": "cuts",
    "content.specification: ": "constraints: ",
    "content.specification": "constraints",
    "content.weights": "select.weights",
    "prior": "ability.prior",
    "grid": "ability.grid",
    "rule": "select.rule",
    "randomesque": "select.randomesque",
}
"""Where the file says what the engine's design calls otherwise."""


def _placed(problem: Problem, where: str, subject: str) -> Problem:
    if subject == "Study section":
        return problem
    if subject == "Design":
        for place, written in PLACES.items():
            if problem.where.startswith(place):
                rest = problem.where.removeprefix(place)
                return replace(problem, where=f"{where}{written}{rest}")
    if subject == "Constraints":
        return replace(problem, where=f"{where}constraints: {problem.where}")
    return replace(problem, where=f"{where}{subject}: {problem.where}")


def _name_problems(compiled: list[StudySection]) -> Iterator[Problem]:
    names = [section.name for section in compiled]
    for place, name in enumerate(names):
        if name in names[:place]:
            yield Problem(f"sections[{place}].name", name, "a name of its own")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Source:
    """Items, their parameters and attributes, and the design and limits they came with, if any."""

    name: str
    items: tuple[str, ...]
    pool: engine.ItemPool
    attributes: Attributes
    design: engine.Design | None = None
    exposure: Exposure | None = None
    provisional: bool = False


def _compiled(section: SectionFile, folder: Path, where: str, name: str) -> StudySection:
    source = (
        _released(section, folder, where) if section.release else _pooled(section, folder, name)
    )
    parts: dict[str, Any] = dict(_parts(section, source, where))
    kept = kept_to(section, source.attributes, where)
    if kept.balance is not None or kept.counted is not None:
        parts["content"] = kept.balance
    if source.design is not None:
        design = replace(source.design, **parts)
    else:
        design = engine.Design(pool=source.pool, **parts)
    times = section.times
    return StudySection(
        name=section.name or source.name,
        items=source.items,
        design=design,
        counted=kept.counted or counted_of(design, source.attributes),
        exposure=(section.select and section.select.exposure) or source.exposure,
        times=None if times is None else _times(times, source, where),
        speed_sd=0.0 if times is None else times.speed_sd,
        speed_correlation=0.0 if times is None else times.speed_correlation,
        method="eap" if section.ability is None else section.ability.method,
        provisional=source.provisional,
    )


def _pooled(section: SectionFile, folder: Path, name: str) -> _Source:
    pool = section.pool
    if not isinstance(pool, PoolFile):
        pool = PoolFile(items=str(pool), attributes=section.attributes, metric=section.metric)
    path = folder / pool.items
    bank = read_item_file(path, metric=pool.metric)
    attributes = read_attributes(path, bank.names)
    if pool.attributes is not None:
        others = read_attributes(folder / pool.attributes, bank.names)
        attributes = attributes.with_columns_of(others)
    return _Source(name=name, items=bank.names, pool=bank.pool, attributes=attributes)


def _released(section: SectionFile, folder: Path, where: str) -> _Source:
    scheme = load_scheme()
    if section.scheme is not None:
        with _read_as(f"{where}scheme"):
            scheme = load_scheme(folder / section.scheme)
    with _read_as(f"{where}release"):
        release = _release(str(section.release), folder, scheme)
    code = str(section.skill_set)
    if code not in release.skill_sets:
        expected = f"one of {', '.join(release.skill_sets)}"
        raise StudyError("Study section", [Problem(f"{where}skill_set", code, expected)])
    compiled = released_section(release, scheme, code)
    items: tuple[ReleasedItem, ...] = compiled.items
    return _Source(
        name=code,
        items=tuple(item.id for item in items),
        pool=compiled.design.pool,
        attributes=Attributes.of_release(items),
        design=compiled.design,
        exposure=_limited(scheme.skill_set(code).blueprint.exposure),
        provisional=any(item.parameter_status == "provisional" for item in items),
    )


@contextmanager
def _read_as(place: str) -> Iterator[None]:
    """Name what is wrong with a file by the place in the design that names the file."""
    try:
        yield
    except InputError as error:
        problems = [replace(each, where=f"{place}: {each.where}") for each in error.problems]
        raise StudyError("Study section", problems) from error


def _release(name: str, folder: Path, scheme: Scheme) -> Release:
    if name != DEMONSTRATION:
        return Release.from_json(document_text(folder / name))
    framework = load_framework()
    items = load_items(framework=framework)
    return build_release(items, framework, scheme, demonstration=True)


def _limited(setting: ExposureSetting | None) -> Exposure | None:
    """The scheme's limit, held as a live exam holds it."""
    if setting is None:
        return None
    return Exposure(
        method="eligibility", rate=setting.rate, segments=setting.bounds, block=setting.block
    )


def _parts(section: SectionFile, source: _Source, where: str) -> Iterator[tuple[str, Any]]:
    """Yield the parts of the engine's design that the section speaks of."""
    own = source.design
    select = section.select
    if section.ability is not None or own is None:
        ability = section.ability
        lo, hi, n = (-6.0, 6.0, 121) if ability is None else ability.grid
        yield "grid", engine.Grid(lo, hi, n)
        text = "normal(0, 1)" if ability is None else ability.prior
        yield "prior", prior_of(text, f"{where}ability.prior")
    if section.stop is not None:
        yield "stopping", _stopping(section.stop, own)
    if section.cuts is not None or (own is not None and section.p_star is not None):
        yield "decision", _decision(section, own)
    if select is not None:
        if "rule" in select.model_fields_set or own is None:
            yield "rule", engine.RULES[select.rule]
        if "randomesque" in select.model_fields_set or own is None:
            yield "randomesque", select.randomesque
        if select.exposure is not None:
            yield "exposure", engine.ExposureControl(bounds=select.exposure.segments)


def _stopping(stop: Stop, own: engine.Design | None) -> engine.StoppingRule:
    enough = stop.any or stop.all or Enough()
    longest = stop.max if stop.max is not None else own.stopping.max_items if own else 1
    return engine.StoppingRule(
        min_items=stop.min,
        max_items=longest,
        standard_error=enough.se,
        decision=enough.decision,
        change=enough.change,
        require="all" if stop.all is not None else "any",
        information=stop.information,
        seconds=stop.seconds,
    )


def _decision(section: SectionFile, own: engine.Design | None) -> engine.DecisionRule:
    given = own.decision if own is not None else None
    cuts = section.cuts if section.cuts is not None else given.cuts if given else ()
    p_star = section.p_star or (given.p_star if given is not None else P_STAR)
    return engine.DecisionRule(cuts, p_star, forced=section.forced)


def _times(times: Times, source: _Source, where: str) -> engine.ResponseTimes:
    columns = {
        name: _numbers(getattr(times, name), source, f"{where}times.{name}")
        for name in ("intensity", "discrimination")
    }
    return engine.ResponseTimes(**columns)


def _numbers(value: float | str, source: _Source, where: str) -> np.ndarray:
    if not isinstance(value, str):
        return np.full(len(source.items), float(value))
    column = source.attributes.columns.get(value)
    if column is None or column.numbers is None or np.isnan(column.numbers).any():
        expected = "a number, or a column of the items with a number for each"
        raise StudyError("Study section", [Problem(where, value, expected)])
    return column.numbers
