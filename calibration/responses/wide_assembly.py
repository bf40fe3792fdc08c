"""The parts of a wide file put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from calibration.responses.assembly import (
    finished,
    group_places,
    joined,
    options_in_order,
)
from calibration.responses.batches import Table
from calibration.responses.codes import Codes
from calibration.responses.columns import Columns, wide_columns
from calibration.responses.findings import Findings, at
from calibration.responses.model import NOT_GIVEN, Responses
from calibration.responses.options import FileOptions
from calibration.responses.wide import Part, WideReader
from engine.arrays import BoolArray, IntArray


def read_wide(table: Table, options: FileOptions) -> Responses:
    """Read a whole wide file."""
    reader = wide_reader(table, options)
    parts = list(reader.parts(table.batches()))
    if not sum(len(part.rows) for part in parts):
        reader.findings.add(2, "row 2", "no persons", "at least one person")
    note_repeated(parts, reader, options)
    reader.findings.stop_if_any()
    return assembled(parts, reader, options)


def wide_reader(table: Table, options: FileOptions) -> WideReader:
    """Return a reader that knows the columns of this file."""
    findings = Findings(str(table.path))
    columns = wide_columns(table, options, findings)
    return WideReader(columns, Codes(options), findings, options.lowest_told or 0)


def assembled(
    parts: list[Part],
    reader: WideReader,
    options: FileOptions,
    *,
    lowest: int | None = None,
    groups: Sequence[str] | None = None,
    with_options: bool = True,
) -> Responses:
    """Put parts together; the list is emptied.

    Parameters
    ----------
    lowest, groups
        What is known of the whole file where these parts are not all of it.
    with_options
        Whether to keep the options chosen; they can be numbered only when all are known.
    """
    columns = reader.columns
    places = np.array(columns.places)
    persons = (
        pl.concat([p.persons for p in parts if p.persons is not None]) if columns.person else None
    )
    group = pl.concat([p.group for p in parts if p.group is not None]) if columns.group else None
    weights = [np.concatenate(each) for each in zip(*(p.weights for p in parts), strict=True)]
    raws = [part.raw for part in parts if part.raw is not None]
    blocks = [part.answers for part in parts]
    parts.clear()
    answers = joined(blocks, places, len(columns.items), NOT_GIVEN)
    finished(answers, scored_items(columns), options, lowest)
    raw = ordered = None
    if raws and with_options:
        raw = joined(raws, places, len(columns.items), -1)
        ordered = options_in_order(raw, _choices(reader))
    numbers, names = (None, ()) if group is None else group_places(group, groups)
    responses = Responses(
        items=columns.items,
        persons=None if persons is None else tuple(persons.to_list()),
        answers=answers,
        raw=raw,
        options=ordered,
        key=_whole_key(columns),
        group=numbers,
        groups=names,
        weight=weights[0] if len(weights) == 1 else None,
    )
    kept = _kept(persons, options)
    if kept is not None:
        responses = responses.take(kept)
    return responses if len(weights) < 2 else _by_column_of_counts(responses, columns, weights)


def note_repeated(parts: Iterable[Part], reader: WideReader, options: FileOptions) -> None:
    """Note each person that comes again, with the row where it came first."""
    named = [part for part in parts if part.persons is not None]
    if options.repeated != "refuse" or not named:
        return
    persons = pl.concat([part.persons for part in named if part.persons is not None])
    again = ~persons.is_first_distinct() & (persons != "")
    if not again.any():
        return
    rows = np.concatenate([part.rows for part in named])
    first = dict(zip(persons.to_list()[::-1], rows[::-1].tolist(), strict=True))
    for place in np.flatnonzero(again.to_numpy()).tolist():
        name, row = persons[place], int(rows[place])
        expected = f"each person once; also in row {first[name]}"
        reader.findings.add(row, at(row, persons.name), name, expected)


def _kept(persons: pl.Series | None, options: FileOptions) -> BoolArray | None:
    if persons is None or options.repeated not in ("first", "last"):
        return None
    once = (
        persons.is_first_distinct() if options.repeated == "first" else persons.is_last_distinct()
    )
    return None if once.all() else once.to_numpy()


def scored_items(columns: Columns) -> BoolArray:
    """Which of all items came scored, shape (n_items,)."""
    keyed = set(columns.keyed)
    return np.array([name not in keyed for name in columns.items])


def _whole_key(columns: Columns) -> tuple[str, ...] | None:
    if columns.key is None:
        return None
    by_name = dict(zip(columns.present, columns.key, strict=True))
    return tuple(by_name.get(name, "") for name in columns.items)


def _choices(reader: WideReader) -> list[dict[str, int]]:
    known = reader.choices
    return [known[name].numbers if name in known else {} for name in reader.columns.items]


def _by_column_of_counts(
    responses: Responses, columns: Columns, weights: list[np.ndarray]
) -> Responses:
    """Repeat a table of patterns for each of its columns of counts, which are groups."""
    n, k = responses.n_rows, len(weights)
    every: IntArray = np.tile(np.arange(n), k)
    repeated = responses.take(every)
    return replace(
        repeated,
        persons=None if columns.person is None else repeated.persons,
        group=np.repeat(np.arange(k, dtype=np.int32), n),
        groups=columns.weights,
        weight=np.concatenate(weights),
    )
