"""Bank releases: what an exam is given from, fixed for ever and named by its hash."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field

from engine.errors import Problem
from itembank.canonical import canonical_json, sha256
from itembank.documents import Document, read_document
from itembank.errors import ReleaseError
from itembank.framework import Framework
from itembank.items import Item, Parameters, Question, Seconds
from itembank.provisional import provisional_parameters
from itembank.records import duplicates, each, left_out, unknown
from itembank.scheme import Scheme
from itembank.scheme.model import FrameworkPin
from itembank.stimuli import Stimulus
from itembank.text import Line, Name

FORMAT: Literal["samatthana-release/1"] = "samatthana-release/1"


class ReleasedItem(Question):
    """An item as it is given: its content, its key, its parameters, and what these rest on.

    `stimulus` is the id of one of the release's.
    """

    version: int
    skill_set: Line
    unit: Line
    element: Line | None
    level: int
    family: Name | None = Field(default=None, exclude_if=left_out)
    seconds: Seconds | None = Field(default=None, exclude_if=left_out)
    stimulus: Name | None = Field(default=None, exclude_if=left_out)
    parameters: Parameters
    parameter_status: Literal["provisional", "calibrated"]
    fingerprint: Line


class Release(Document):
    """An immutable set of items for one framework version.

    `demonstration` says that the items are public, keys and all; `provisional` that at least one
    has parameters no data support. Either makes every document of an exam a specimen. What items do
    not have (family, seconds, stimulus) the text leaves out.
    """

    format: Literal["samatthana-release/1"]
    framework: FrameworkPin
    demonstration: bool
    items: Annotated[tuple[ReleasedItem, ...], Field(min_length=1)]
    stimuli: tuple[Stimulus, ...] = Field(default=(), exclude_if=left_out)

    @classmethod
    def from_json(cls, text: str, hash: str | None = None) -> Self:
        """The release that `to_json` wrote; with a hash, a text of another hash is refused.

        Raises
        ------
        ReleaseError
            With everything that is wrong.
        """
        return read_document(
            cls, text, ReleaseError, subject="Release", hash=hash, disagreements=_disagreements
        )

    @property
    def provisional(self) -> bool:
        """Whether any item's parameters are provisional."""
        return any(item.parameter_status == "provisional" for item in self.items)

    @property
    def specimen(self) -> bool:
        """Whether documents that rest on this release are specimens."""
        return self.demonstration or self.provisional

    @property
    def skill_sets(self) -> tuple[str, ...]:
        """The skill sets that have items, in the order of their codes."""
        return tuple(sorted({item.skill_set for item in self.items}))

    def item(self, id: str) -> ReleasedItem:
        """The item of an id; `KeyError` if the release has none."""
        return self._items[id]

    def items_of(self, skill_set: str) -> tuple[ReleasedItem, ...]:
        """The items of a skill set, sorted by id."""
        return tuple(item for item in self.items if item.skill_set == skill_set)

    def stimulus_of(self, item: ReleasedItem) -> Stimulus | None:
        """What is shown with an item of the release, if anything."""
        return None if item.stimulus is None else self._stimuli[item.stimulus]

    @cached_property
    def _stimuli(self) -> dict[str, Stimulus]:
        return {stimulus.id: stimulus for stimulus in self.stimuli}

    @cached_property
    def _items(self) -> dict[str, ReleasedItem]:
        return {item.id: item for item in self.items}


def build_release(
    items: Iterable[Item],
    framework: Framework,
    scheme: Scheme,
    *,
    demonstration: bool,
    public: Collection[str] = (),
) -> Release:
    """Fix items in a release.

    Parameters
    ----------
    items
        What `load_items` read. An item without parameters gets provisional ones.
    framework, scheme
        What the items belong to; the scheme's cuts place the provisional difficulties.
    demonstration
        Whether the items are public. Only a demonstration may have provisional parameters.
    public
        Fingerprints of items and stimuli that were ever public: none of them may be in a release
        that is not a demonstration.

    Raises
    ------
    ReleaseError
        With every fault: no items, ids that occur twice, unknown units, one stimulus in two
        wordings; and, in a release that is not a demonstration, items without parameters, public
        items and public stimuli.
    """
    ordered = sorted(items, key=lambda item: item.id)
    problems = list(_problems(ordered, framework))
    problems += [] if demonstration else _operational_problems(ordered, public)
    if problems:
        raise ReleaseError("Release", problems)
    provisional = _provisional(ordered, scheme)
    return Release(
        format=FORMAT,
        framework=FrameworkPin(id=framework.id, version=framework.version),
        demonstration=demonstration,
        items=tuple(_released(item, provisional) for item in ordered),
        stimuli=tuple(stimulus for _, stimulus in sorted(_stimuli(ordered).items())),
    )


def fingerprints(items: Iterable[Item]) -> set[str]:
    """The fingerprints of items and of the stimuli that are shown with them."""
    items = tuple(items)
    shared = {stimulus_fingerprint(item.stimulus) for item in items if item.stimulus}
    return {fingerprint(item) for item in items} | shared


def stimulus_fingerprint(stimulus: Stimulus) -> str:
    """A hash of what a stimulus says, whatever it is called."""
    return sha256(canonical_json({"stimulus": stimulus.text.model_dump()}))


def fingerprint(item: Item) -> str:
    """A hash of what an item asks, whatever it is called and however its options are ordered.

    The gate that keeps public items out of operational banks compares these. A public item is not
    made secret by another stimulus, so that what it is shown with is left out.
    """
    keyed = [option.text for option in item.options if option.id == item.key]
    others = [option.text for option in item.options if option.id != item.key]
    content = {
        "stem": item.stem.model_dump(),
        "key": [text.model_dump() for text in keyed],
        "others": sorted((text.model_dump() for text in others), key=canonical_json),
    }
    return sha256(canonical_json(content))


def _stimuli(items: Iterable[Item]) -> dict[str, Stimulus]:
    return {item.stimulus.id: item.stimulus for item in items if item.stimulus}


def _provisional(items: list[Item], scheme: Scheme) -> dict[str, Parameters]:
    parameters: dict[str, Parameters] = {}
    for skill_set in {item.skill_set for item in items}:
        own = [item for item in items if item.skill_set == skill_set]
        parameters |= provisional_parameters(own, scheme.skill_set(skill_set).cuts)
    return parameters


def _released(item: Item, provisional: dict[str, Parameters]) -> ReleasedItem:
    calibrated = item.parameters is not None
    return ReleasedItem(
        id=item.id,
        version=item.version,
        skill_set=item.skill_set,
        unit=item.unit,
        element=item.element,
        level=item.level,
        family=item.family,
        seconds=item.seconds,
        stimulus=item.stimulus.id if item.stimulus else None,
        stem=item.stem,
        options=item.options,
        key=item.key,
        rationale=item.rationale,
        parameters=item.parameters or provisional[item.id],
        parameter_status="calibrated" if calibrated else "provisional",
        fingerprint=fingerprint(item),
    )


def _problems(items: list[Item], framework: Framework) -> Iterator[Problem]:
    if not items:
        yield Problem("items", "none", "at least one item")
    yield from duplicates((f"items[{n}].id", item.id) for n, item in enumerate(items))
    units = {unit.code: unit.skill_set for unit in framework.units}
    for item in items:
        if units.get(item.unit) != item.skill_set:
            yield Problem(f"{item.id}.unit", item.unit, f"a unit of {framework.id}")
    shared = _stimuli(items)
    for item in items:
        if item.stimulus and item.stimulus != shared[item.stimulus.id]:
            expected = "the same stimulus as the other items that name it"
            yield Problem(f"{item.id}.stimulus", item.stimulus.id, expected)


def _operational_problems(items: list[Item], public: Collection[str]) -> Iterator[Problem]:
    for item in items:
        if item.parameters is None:
            yield Problem(f"{item.id}.parameters", None, "calibrated parameters")
        if fingerprint(item) in public:
            yield Problem(item.id, "a public item", "an item that was never public")
    for id, stimulus in sorted(_stimuli(items).items()):
        if stimulus_fingerprint(stimulus) in public:
            yield Problem(id, "a public stimulus", "a stimulus that was never public")


def _disagreements(data: object) -> Iterator[Problem]:
    """What a text that somebody else wrote could have wrong, besides its fields."""
    yield from duplicates(each(data, "items[].id", ""))
    yield from _stimulus_disagreements(data)
    for where, item in each(data, "items[]", ""):
        options = [id for _, id in each(item, "options[].id", where)]
        yield from duplicates(each(item, "options[].id", where))
        for place, key in each(item, "key", where):
            if key not in options:
                yield Problem(place, key, f"one of the options {', '.join(map(str, options))}")


def _stimulus_disagreements(data: object) -> Iterator[Problem]:
    """Stimuli and items must name each other."""
    stimuli = _ids(data, "stimuli[].id")
    named = _ids(data, "items[].stimulus")
    yield from duplicates(stimuli)
    yield from unknown(named, [id for _, id in stimuli], "a stimulus")
    yield from unknown(stimuli, [id for _, id in named], "a stimulus of some item")


def _ids(data: object, path: str) -> list[tuple[str, str]]:
    return [(place, id) for place, id in each(data, path, "") if isinstance(id, str)]
