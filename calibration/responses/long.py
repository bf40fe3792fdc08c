"""Long files: a row an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibration.errors import ResponsesError
from calibration.responses.batches import Batch, Table
from calibration.responses.codes import plain_columns, translated, weights_of
from calibration.responses.findings import Findings, at
from calibration.responses.options import ITEM, RESPONSE, FileOptions
from calibration.responses.suggestions import a_column
from engine.arrays import FloatArray
from engine.errors import Problem

Numbers = NDArray[np.int32]

EMPTY = -1
"""Stands where a cell of answers is empty."""


class Names:
    """A number for each name, in the order in which names first come up."""

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self._numbers = {name: number for number, name in enumerate(names)}

    @property
    def names(self) -> tuple[str, ...]:
        """The names, by their numbers."""
        return tuple(self._numbers)

    def of(self, column: pl.Series) -> Numbers:
        """The number of each cell, `EMPTY` where there is nothing in it."""
        found = np.full(len(column), EMPTY, dtype=np.int32)
        filled = column.is_not_null().to_numpy()
        found[filled] = translated(column.drop_nulls(), self._number, pl.Int32)
        return found

    def _number(self, cell: str) -> int:
        name = cell.strip()
        return self._numbers.setdefault(name, len(self._numbers)) if name else EMPTY


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LongRows:
    """The rows of a long file, columns of numbers of shape (n_rows,).

    Attributes
    ----------
    row
        The number of each row in the file.
    person, item, response, option, group
        Numbers into `persons`, `items`, and `texts` for the other three.
    weight
        As written; NaN where that is no number.
    """

    row: Numbers
    person: Numbers
    item: Numbers
    response: Numbers
    option: Numbers | None
    group: Numbers | None
    weight: FloatArray | None
    persons: tuple[str, ...]
    items: tuple[str, ...]
    texts: tuple[str, ...]


def is_long(table: Table, options: FileOptions) -> bool:
    """Whether each row of a file is one answer."""
    return {options.person, ITEM, RESPONSE} <= set(table.columns)


def long_rows(table: Table, options: FileOptions, findings: Findings) -> LongRows:
    """Read the rows of a long file that name a person and an item of the test; note the others.

    Raises
    ------
    ResponsesError
        If a column that was named is not there.
    """
    _check_columns(table, options)
    persons, items, texts = Names(), Names(tuple(options.items or ())), Names()
    parts: list[dict[str, NDArray[Any]]] = []
    for batch in table.batches():
        kept = _without_empty_rows(batch)
        part: dict[str, NDArray[Any]] = {"row": kept.rows.astype(np.int32)}
        part["person"] = persons.of(_text(kept, options.person))
        part["item"] = items.of(_text(kept, ITEM))
        part["response"] = texts.of(_text(kept, RESPONSE))
        for name, column in (("option", options.option), ("group", options.group)):
            if column is not None:
                part[name] = texts.of(_text(kept, column))
        for column in options.weights:
            part["weight"] = weights_of(kept.frame[column])
        _note_gaps(kept, part, options, findings)
        parts.append(part)
    if not sum(part["row"].size for part in parts):
        findings.add(2, "row 2", "no answers", "at least one answer")
        findings.stop_if_any()
    names = list(parts[0])
    whole: dict[str, Any] = {name: np.concatenate([p.pop(name) for p in parts]) for name in names}
    rows = LongRows(
        **{"option": None, "group": None, "weight": None, **whole},
        persons=persons.names,
        items=items.names,
        texts=texts.names,
    )
    _note_unknown_items(rows, options, findings)
    return _usable(rows, len(rows.items if options.items is None else options.items))


def _check_columns(table: Table, options: FileOptions) -> None:
    named = [("group", options.group), ("option", options.option)]
    named += [("weight", name) for name in options.weights]
    problems = [
        Problem(purpose, name, a_column(name, table.columns))
        for purpose, name in named
        if name is not None and name not in table.columns
    ]
    if len(options.weights) > 1:
        found = ", ".join(options.weights)
        problems.append(Problem("weight", found, "one column of a long file"))
    if options.repeated == "keep":
        problems.append(Problem("repeated", "keep", "refuse, first or last in a long file"))
    if problems:
        raise ResponsesError(str(table.path), problems)


def _without_empty_rows(batch: Batch) -> Batch:
    empty = batch.frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    if not empty.any():
        return batch
    return Batch(batch.frame.filter(~empty), batch.rows[~empty.to_numpy()])


def _text(batch: Batch, column: str) -> pl.Series:
    return plain_columns(batch.frame.select(column)).to_series().cast(pl.String)


def _note_gaps(
    batch: Batch, part: dict[str, NDArray[Any]], options: FileOptions, findings: Findings
) -> None:
    for name, column, expected in (
        ("person", options.person, "the person's name or number"),
        ("item", ITEM, "the name of an item"),
        ("group", options.group, "the person's group"),
    ):
        if column is not None:
            for row in findings.room(batch.rows[part[name] == EMPTY]).tolist():
                findings.add(row, at(row, column), "", expected)
    if "weight" in part:
        good = np.isfinite(part["weight"]) & (part["weight"] >= 0)
        column = options.weights[0]
        for place in findings.room(np.flatnonzero(~good)).tolist():
            row, cell = int(batch.rows[place]), str(batch.frame[column][place])
            findings.add(row, at(row, column), cell, "a count or weight, 0 or more")


def _usable(rows: LongRows, n_items: int) -> LongRows:
    """Leave out the rows that name no person or no item, so that the others are checked too."""
    good = (rows.person != EMPTY) & (rows.item != EMPTY) & (rows.item < n_items)
    if good.all():
        return rows
    return LongRows(
        row=rows.row[good],
        person=rows.person[good],
        item=rows.item[good],
        response=rows.response[good],
        option=None if rows.option is None else rows.option[good],
        group=None if rows.group is None else rows.group[good],
        weight=None if rows.weight is None else rows.weight[good],
        persons=rows.persons,
        items=rows.items[:n_items],
        texts=rows.texts,
    )


def _note_unknown_items(rows: LongRows, options: FileOptions, findings: Findings) -> None:
    if options.items is not None:
        for place in findings.room(np.flatnonzero(rows.item >= len(options.items))).tolist():
            row, name = int(rows.row[place]), rows.items[rows.item[place]]
            findings.add(row, at(row, ITEM), name, "an item of the file of items")
