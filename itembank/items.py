"""Items: questions with options, keyed, in two languages, tagged by competency unit and level.

docs/item-format.md describes the files for authors.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from engine.errors import Problem
from itembank.errors import ItemError
from itembank.framework import Framework, load_framework
from itembank.records import Parsed, Record, duplicates, each, joined, parse, unknown
from itembank.stimuli import STIMULI, Stimulus, StimulusFile, stimuli_of
from itembank.text import LANGUAGES, Name, Text
from itembank.yamlfile import YamlFile, read_yaml

CONTENT = Path(__file__).parent / "content"
REHEARSAL = "rehearsal.yaml"

Options = Annotated[dict[Name, Text], Field(min_length=2, max_length=8)]
Seconds = Annotated[float, Field(gt=0)]


class Parameters(Record):
    """Calibrated parameters in the logistic metric (D = 1)."""

    model: Literal["1pl", "2pl", "3pl", "4pl"]
    a: Annotated[float, Field(gt=0)]
    b: float
    c: Annotated[float, Field(ge=0, lt=1)] = 0.0
    d: Annotated[float, Field(gt=0, le=1)] = 1.0


class Option(Record):
    """One of the answers a candidate can choose."""

    id: Name
    text: Text


class Question(Record):
    """What a candidate is asked, and what only the server knows of it: key and rationale."""

    id: Name
    stem: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2)]
    key: Name
    rationale: Text

    @property
    def option_ids(self) -> tuple[str, ...]:
        """The ids of the options, in the order shown."""
        return tuple(option.id for option in self.options)


class Item(Question):
    """A question as its authors keep it.

    Items of one `family` ask nearly the same: an exam can be kept to one of them. `seconds` is how long
    an answer is expected to take. `stimulus` is the text that the item and others are about.
    """

    version: int = Field(ge=1)
    skill_set: str
    unit: str
    element: str | None
    level: int = Field(ge=1, le=3)
    family: Name | None = None
    seconds: Seconds | None = None
    stimulus: Stimulus | None = None
    parameters: Parameters | None


class RehearsalItem(Question):
    """A question for learning how the exam is used; it measures nothing."""


def load_items(path: Path = CONTENT, framework: Framework | None = None) -> tuple[Item, ...]:
    """Read item files.

    Parameters
    ----------
    path
        A folder with ``<skill set>/<unit>.yaml`` and, where items share texts,
        ``<skill set>/stimuli.yaml``; or one file of items, read with the stimuli beside it.
    framework
        The framework whose units the items belong to; by default the one of this package.

    Returns
    -------
    tuple of Item
        Sorted by id.

    Raises
    ------
    ItemError
        With every fault of every file.
    """
    items, problems = read_items(path, framework or load_framework())
    if problems:
        raise ItemError(f"Items in {path.name}", problems)
    return items


def read_items(path: Path, framework: Framework) -> tuple[tuple[Item, ...], tuple[Problem, ...]]:
    """The items that can be read, sorted by id, and everything that is wrong with the rest."""
    files, stimuli = _files(path), _stimuli(path, framework)
    read = [_parsed(file, framework, stimuli) for file in files]
    items = [item for found, _ in read for item in found]
    problems = [problem for shared in stimuli.values() for problem in shared.problems]
    problems += [problem for _, found in read for problem in found]
    problems += duplicates(
        place for file in files for place in each(file.data, "items[].id", file.where)
    )
    if path.is_dir():
        problems += [*_stray(path), *_unused(files, stimuli)]
    if not files and path.name != STIMULI:
        problems.append(Problem(path.name, "no item files", "<skill set>/<unit>.yaml"))
    return tuple(sorted(items, key=lambda item: item.id)), tuple(problems)


def load_rehearsal(path: Path = CONTENT / REHEARSAL) -> tuple[RehearsalItem, ...]:
    """Read the questions of the rehearsal, in the order of the file.

    Raises
    ------
    ItemError
        With every fault of the file.
    """
    file = read_yaml(path)
    parsed = parse(_RehearsalFile, file.data, file.where)
    problems = list(file.problems or parsed.problems)
    problems += duplicates(each(file.data, "items[].id", file.where))
    for where, raw in each(file.data, "items[]", file.where):
        problems += _answer_problems(raw, where)
    if parsed.record is None or problems:
        raise ItemError("Rehearsal", problems)
    return tuple(
        RehearsalItem(**{**dict(entry), "options": _options(entry.options)})
        for entry in parsed.record.items
    )


class _Entry(Record):
    id: Name
    version: int = Field(ge=1)
    element: str | None = None
    level: int = Field(ge=1, le=3)
    family: Name | None = None
    seconds: Seconds | None = None
    stimulus: Name | None = None
    key: str
    stem: Text
    options: Options
    rationale: Text
    parameters: Parameters | None = None


class _ItemFile(Record):
    unit: str
    items: tuple[dict[str, Any], ...] = Field(min_length=1)


class _RehearsalEntry(Record):
    id: Name
    key: str
    stem: Text
    options: Options
    rationale: Text


class _RehearsalFile(Record):
    items: tuple[_RehearsalEntry, ...] = Field(min_length=1)


Stimuli = Mapping[str, StimulusFile]
"""By skill set, what its items can share."""


def _files(path: Path) -> list[YamlFile]:
    if path.name == STIMULI:
        return []
    if path.is_file() or not path.exists():
        return [_read(path)]
    return [_read(one) for one in sorted(path.glob("*/*.yaml")) if one.name != STIMULI]


def _stimuli(path: Path, framework: Framework) -> dict[str, StimulusFile]:
    found = sorted(path.glob(f"*/{STIMULI}")) if path.is_dir() else [path.parent / STIMULI]
    codes = [one.code for one in framework.skill_sets]
    return {one.parent.name: stimuli_of(_read(one), codes) for one in found if one.exists()}


def _read(path: Path) -> YamlFile:
    return read_yaml(path, f"{path.parent.name}/{path.name}")


def _unused(files: list[YamlFile], stimuli: Stimuli) -> Iterator[Problem]:
    """Stimuli without items; of a folder with a file that cannot be read, nothing is known."""
    for folder, shared in stimuli.items():
        own = [file for file in files if file.name.partition("/")[0] == folder]
        if not any(file.problems for file in own):
            used = [id for file in own for _, id in each(file.data, "items[].stimulus", file.where)]
            for place, id in shared.named:
                if id not in used:
                    yield Problem(place, id, f"a stimulus that an item in {folder} names")


def _stray(path: Path) -> list[Problem]:
    """Files that would be passed over in silence because of their name or place."""
    candidates = sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
    places = [one.relative_to(path) for one in candidates]
    return [
        Problem(str(place), "a file out of place", "<skill set>/<unit>.yaml")
        for place in places
        if str(place) != REHEARSAL and (len(place.parts) != 2 or place.suffix != ".yaml")
    ]


def _parsed(
    file: YamlFile, framework: Framework, stimuli: Stimuli
) -> tuple[list[Item], list[Problem]]:
    if file.problems:
        return [], list(file.problems)
    whole = parse(_ItemFile, file.data, file.where)
    shared = stimuli.get(file.name.partition("/")[0])
    problems = [*whole.problems, *_unit_problems(file, framework), *_unknown(file, shared)]
    unit = file.data.get("unit") if isinstance(file.data, dict) else None
    items = []
    for where, raw in each(file.data, "items[]", file.where):
        entry: Parsed[_Entry] = parse(_Entry, raw, where) if isinstance(raw, dict) else Parsed(None)
        problems += [*entry.problems, *_entry_problems(raw, unit, framework, where)]
        if entry.record is not None and isinstance(unit, str):
            items.append((entry.record, unit))
    if problems:
        return [], problems
    known = shared.stimuli if shared else {}
    return [_item(entry, unit, framework, known) for entry, unit in items], []


def _item(entry: _Entry, unit: str, framework: Framework, stimuli: Mapping[str, Stimulus]) -> Item:
    stimulus = stimuli.get(entry.stimulus or "")
    fields = dict(entry) | {"options": _options(entry.options), "stimulus": stimulus}
    return Item(unit=unit, skill_set=framework.skill_set_of(unit), **fields)


def _options(options: dict[str, Text]) -> tuple[Option, ...]:
    return tuple(Option(id=id, text=text) for id, text in options.items())


def _unknown(file: YamlFile, shared: StimulusFile | None) -> Iterator[Problem]:
    known = {id for _, id in shared.named if isinstance(id, str)} if shared else set()
    folder = file.name.partition("/")[0]
    for place, id in each(file.data, "items[].stimulus", file.where):
        if isinstance(id, str) and id not in known:
            yield Problem(place, id, f"a stimulus of {folder}/{STIMULI}")


def _unit_problems(file: YamlFile, framework: Framework) -> Iterator[Problem]:
    units = {unit.code: unit for unit in framework.units}
    places = list(each(file.data, "unit", file.where))
    yield from unknown(places, units, "a competency unit")
    folder, _, name = file.name.partition("/")
    for where, code in places:
        if isinstance(code, str) and code in units:
            if folder != units[code].skill_set:
                yield Problem(where, code, f"a unit of {folder}, as the file stands in that folder")
            if name != f"{code}.yaml":
                yield Problem(where, code, f"the unit that names the file {name}")


def _entry_problems(raw: Any, unit: Any, framework: Framework, where: str) -> Iterator[Problem]:
    known = next((one for one in framework.units if one.code == unit), None)
    if known is not None:
        elements = [element.code for element in known.elements]
        yield from unknown(each(raw, "element", where), elements, f"an element of {unit}")
    for place, id in each(raw, "id", where):
        if isinstance(id, str) and not re.fullmatch(rf"{re.escape(str(unit))}-\d{{2,}}", id):
            yield Problem(place, id, f"the unit and a running number, as {unit}-01")
    yield from _answer_problems(raw, where)


def _answer_problems(raw: Any, where: str) -> Iterator[Problem]:
    options = raw.get("options") if isinstance(raw, dict) else None
    if not isinstance(options, dict):
        return
    key = raw.get("key")
    if isinstance(key, str) and key not in options:
        yield Problem(joined(where, "key"), key, f"one of the options {', '.join(options)}")
    for language in LANGUAGES:
        texts = defaultdict(list)
        for id, text in options.items():
            if isinstance(text, dict) and isinstance(text.get(language), str):
                texts[" ".join(text[language].split()).casefold()].append(id)
        for same in (ids for ids in texts.values() if len(ids) > 1):
            place = joined(where, f"options.{same[1]}.{language}")
            yield Problem(place, options[same[1]][language], f"another text than option {same[0]}")
