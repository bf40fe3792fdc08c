"""Exposure snapshots as documents: what an exam pins besides its bank and scheme."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field

import engine
from engine.arrays import FloatArray
from itembank.documents import Document, read_json, with_text
from itembank.errors import ExposureError
from itembank.records import parse
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
        data = read_json(text, "Exposure snapshot", ExposureError, hash)
        parsed = parse(cls, data, "")
        if parsed.record is None:
            raise ExposureError("Exposure snapshot", list(parsed.problems))
        return with_text(parsed.record, text)

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


def _plain(values: FloatArray) -> Any:
    """Nested tuples of an array's numbers."""
    if values.ndim == 1:
        return tuple(float(value) for value in values)
    return tuple(_plain(row) for row in values)
