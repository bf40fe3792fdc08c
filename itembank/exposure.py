"""Exposure snapshots as documents: what an exam pins besides its bank and scheme."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field

import engine
from engine.arrays import FloatArray
from engine.errors import Problem
from itembank.documents import Document, read_document
from itembank.errors import ExposureError
from itembank.records import duplicates, unknown
from itembank.release import Release
from itembank.scheme import Scheme
from itembank.sections import items_of_section
from itembank.text import Line

FORMAT: Literal["samatthana-exposure/1"] = "samatthana-exposure/1"

Row = tuple[float, ...]
Rows = tuple[Row, ...]


class ExposureSnapshot(Document):
    """The admissions of one section's items at one moment, and the counts they rest on.

    `items` are in the order of the section's pool; `admission` has a row for each segment of ability.
    The counts are those of `engine.Ledger`.
    """

    format: Literal["samatthana-exposure/1"]
    bank: Line
    scheme: Line
    skill_set: Line
    number: int = Field(ge=1)
    items: Annotated[tuple[Line, ...], Field(min_length=1)]
    admission: Rows
    candidates: Row
    given: tuple[Rows, ...]
    forced: tuple[Rows, ...]
    open: tuple[Rows, ...]

    @classmethod
    def of(
        cls,
        ledger: engine.Ledger,
        items: tuple[str, ...],
        *,
        bank: str,
        scheme: str,
        skill_set: str,
    ) -> Self:
        """Write down a ledger of one section.

        Parameters
        ----------
        items
            Ids, in the order of the section's pool.
        bank, scheme
            Hashes of what the section was compiled from.
        """
        return cls(
            format=FORMAT,
            bank=bank,
            scheme=scheme,
            skill_set=skill_set,
            number=ledger.snapshot.number,
            items=items,
            admission=_plain(ledger.snapshot.admission),
            candidates=_plain(ledger.candidates),
            given=_plain(ledger.given),
            forced=_plain(ledger.forced),
            open=_plain(ledger.open),
        )

    @classmethod
    def from_json(cls, text: str, hash: str | None = None) -> Self:
        """The snapshot that `to_json` wrote; with a hash, a text of another hash is refused.

        Raises
        ------
        ExposureError
            With everything that is wrong.
        """
        return read_document(cls, text, ExposureError, subject="Exposure snapshot", hash=hash)

    def numbered(self, number: int) -> ExposureSnapshot:
        """The same as the snapshot of another number."""
        return ExposureSnapshot(**{**dict(self), "number": number})

    @property
    def ledger(self) -> engine.Ledger:
        """What the engine goes on from."""
        return engine.Ledger(
            snapshot=engine.Snapshot(self.number, np.array(self.admission)),
            candidates=np.array(self.candidates),
            given=np.array(self.given),
            forced=np.array(self.forced),
            open=np.array(self.open),
        )


def unfit(snapshot: ExposureSnapshot, release: Release, scheme: Scheme) -> tuple[Problem, ...]:
    """Everything that keeps exams of a release under a scheme from beginning with a snapshot."""
    return tuple(_unfit(snapshot, release, scheme))


def _unfit(snapshot: ExposureSnapshot, release: Release, scheme: Scheme) -> Iterator[Problem]:
    for name, expected in (("bank", release.hash), ("scheme", scheme.hash)):
        found = getattr(snapshot, name)
        if found != expected:
            yield Problem(name, found, f"{expected}, the hash of the {name} it is for")
    limited = [rules.code for rules in scheme.skill_sets if rules.blueprint.exposure is not None]
    if snapshot.skill_set not in limited:
        listed = ", ".join(limited) or "none in this scheme"
        yield Problem("skill_set", snapshot.skill_set, f"one that limits exposure: {listed}")
        return
    rules = scheme.skill_set(snapshot.skill_set)
    items = [item.id for item in items_of_section(release, rules)]
    yield from _item_problems(snapshot.items, items)
    exposure = rules.blueprint.exposure
    yield from _number_problems(snapshot, len(exposure.bounds) + 1 if exposure else 1)


def _item_problems(found: tuple[str, ...], items: Sequence[str]) -> Iterator[Problem]:
    yield from duplicates((f"items[{place}]", item) for place, item in enumerate(found))
    yield from unknown(
        ((f"items[{place}]", item) for place, item in enumerate(found)),
        items,
        "an item of the section",
    )
    for item in items:
        if item not in found:
            yield Problem("items", f"nothing for {item}", "every item of the section")
    if sorted(found) == sorted(items) and list(found) != list(items):
        yield Problem("items", "another order", "the items by id, as the section has them")


def _number_problems(snapshot: ExposureSnapshot, n_segments: int) -> Iterator[Problem]:
    """Numbers that are none of a snapshot's, or not as many as segments and items demand."""
    row, square = (n_segments, len(snapshot.items)), (n_segments, n_segments, len(snapshot.items))
    shapes = {"admission": row, "candidates": (n_segments,)}
    shapes |= dict.fromkeys(("given", "forced", "open"), square)
    for name, shape in shapes.items():
        values = _array(getattr(snapshot, name))
        if values is None or values.shape != shape:
            found = "rows of unequal length" if values is None else f"shape {values.shape}"
            yield Problem(name, found, f"numbers of shape {shape}: segments of ability, items")
        elif (values < 0).any() or (name == "admission" and (values > 1).any()):
            worst = values.min() if (values < 0).any() else values.max()
            expected = "probabilities in [0, 1]" if name == "admission" else "counts of at least 0"
            yield Problem(name, float(worst), expected)


def _array(rows: Row | Rows | tuple[Rows, ...]) -> FloatArray | None:
    try:
        return np.array(rows, dtype=np.float64)
    except ValueError:
        return None


def _plain(values: FloatArray) -> Any:
    """Nested tuples of an array's numbers."""
    if values.ndim == 1:
        return tuple(float(value) for value in values)
    return tuple(_plain(row) for row in values)
