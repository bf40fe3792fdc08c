"""Stimuli: texts that several items are about, kept in `<skill set>/stimuli.yaml` beside the items."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from engine.errors import Problem
from itembank.records import Record, duplicates, each, parse, unknown
from itembank.text import Name, Text
from itembank.yamlfile import YamlFile

STIMULI = "stimuli.yaml"


class Stimulus(Record):
    """A text that is shown with each of its items; content as they are, so with a version."""

    id: Name
    version: int = Field(ge=1)
    text: Text


@dataclass(frozen=True, slots=True)
class StimulusFile:
    """The stimuli of one skill set: those that can be read, and what is wrong with the file."""

    file: YamlFile
    stimuli: dict[str, Stimulus]
    problems: tuple[Problem, ...]

    @property
    def named(self) -> list[tuple[str, Any]]:
        """Every id with its place, also of stimuli that cannot be read."""
        return list(each(self.file.data, "stimuli[].id", self.file.where))


class _File(Record):
    stimuli: tuple[dict[str, Any], ...] = Field(min_length=1)


def stimuli_of(file: YamlFile, skill_sets: Iterable[str]) -> StimulusFile:
    """The stimuli of a file that was read under its name, `<skill set>/stimuli.yaml`.

    Parameters
    ----------
    skill_sets
        The codes of the framework's skill sets.
    """
    if file.problems:
        return StimulusFile(file, {}, tuple(file.problems))
    problems = [*parse(_File, file.data, file.where).problems, *_id_problems(file, skill_sets)]
    stimuli: dict[str, Stimulus] = {}
    for where, raw in each(file.data, "stimuli[]", file.where):
        entry = parse(Stimulus, raw, where)
        problems += entry.problems if isinstance(raw, dict) else []
        if entry.record is not None:
            stimuli[entry.record.id] = entry.record
    return StimulusFile(file, stimuli, tuple(problems))


def _id_problems(file: YamlFile, skill_sets: Iterable[str]) -> Iterator[Problem]:
    folder = file.name.partition("/")[0]
    yield from unknown([(file.name, folder)], skill_sets, "a folder of a skill set")
    places = list(each(file.data, "stimuli[].id", file.where))
    yield from duplicates(places)
    for place, id in places:
        if isinstance(id, str) and not re.fullmatch(rf"{re.escape(folder)}-S\d{{2,}}", id):
            yield Problem(place, id, f"the skill set, -S and a running number, as {folder}-S01")
