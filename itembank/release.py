"""Bank releases: what an exam is given from, fixed for ever and named by its hash."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field

from engine.errors import Problem
from itembank.canonical import canonical_json, sha256
from itembank.documents import Document, read_json, with_text
from itembank.errors import ReleaseError
from itembank.framework import Framework
from itembank.items import Item, Parameters, Question
from itembank.provisional import provisional_parameters
from itembank.records import duplicates, each, parse
from itembank.scheme import Scheme
from itembank.scheme.model import FrameworkPin
from itembank.text import Line

FORMAT: Literal["samatthana-release/1"] = "samatthana-release/1"


class ReleasedItem(Question):
    """An item as it is given: its content, its key, its parameters, and what these rest on."""

    version: int
    skill_set: Line
    unit: Line
    element: Line | None
    level: int
    parameters: Parameters
    parameter_status: Literal["provisional", "calibrated"]
    fingerprint: Line


class Release(Document):
    """An immutable set of items for one framework version.

    `demonstration` says that the items are public, keys and all; `provisional` that at least one
    has parameters no data support. Either makes every document of an exam a specimen.
    """

    format: Literal["samatthana-release/1"]
    framework: FrameworkPin
    demonstration: bool
    items: Annotated[tuple[ReleasedItem, ...], Field(min_length=1)]

    @classmethod
    def from_json(cls, text: str, hash: str | None = None) -> Self:
        """The release that `to_json` wrote; with a hash, a text of another hash is refused.

        Raises
        ------
        ReleaseError
            With everything that is wrong.
        """
        data = read_json(text, "Release", ReleaseError, hash)
        parsed = parse(cls, data, "")
        problems = [*parsed.problems, *_disagreements(data)]
        if parsed.record is None or problems:
            raise ReleaseError("Release", problems)
        return with_text(parsed.record, text)

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
        Fingerprints of items that were ever public: none of them may be in a release that is not
        a demonstration.

    Raises
    ------
    ReleaseError
        With every fault: no items, ids that occur twice, unknown units; and, in a release that is
        not a demonstration, items without parameters and public items.
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
    )


def fingerprint(item: Item) -> str:
    """A hash of what an item asks, whatever it is called and however its options are ordered.

    The gate that keeps public items out of operational banks compares these.
    """
    keyed = [option.text for option in item.options if option.id == item.key]
    others = [option.text for option in item.options if option.id != item.key]
    content = {
        "stem": item.stem.model_dump(),
        "key": [text.model_dump() for text in keyed],
        "others": sorted((text.model_dump() for text in others), key=canonical_json),
    }
    return sha256(canonical_json(content))


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


def _operational_problems(items: list[Item], public: Collection[str]) -> Iterator[Problem]:
    for item in items:
        if item.parameters is None:
            yield Problem(f"{item.id}.parameters", None, "calibrated parameters")
        if fingerprint(item) in public:
            yield Problem(item.id, "a public item", "an item that was never public")


def _disagreements(data: object) -> Iterator[Problem]:
    """What a text that somebody else wrote could have wrong, besides its fields."""
    yield from duplicates(each(data, "items[].id", ""))
    for where, item in each(data, "items[]", ""):
        options = [id for _, id in each(item, "options[].id", where)]
        yield from duplicates(each(item, "options[].id", where))
        for place, key in each(item, "key", where):
            if key not in options:
                yield Problem(place, key, f"one of the options {', '.join(map(str, options))}")
