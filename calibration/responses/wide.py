"""Wide files: a row a person (or a pattern), a column an item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibration.responses.batches import Batch
from calibration.responses.codes import (
    UNREADABLE,
    Codes,
    as_written,
    categories,
    expected_category,
    plain,
    plain_columns,
    translated,
    weights_of,
    whole_numbers,
    written,
)
from calibration.responses.columns import Columns
from calibration.responses.findings import Findings, at
from calibration.responses.keys import EITHER
from calibration.responses.model import LARGEST_CATEGORY
from engine.arrays import FloatArray, IntArray

MOST_OF_A_COLUMN, NAMED_OF_A_COLUMN = 20, 5
"""A column with more wrong cells in a batch is named as a whole, and these many of its cells."""

MOST_OPTIONS = 32_000
"""Different options of an item that can be told apart; more is free text."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What some rows of a wide file say; columns of arrays are the items present."""

    rows: IntArray
    answers: NDArray[np.int8]
    raw: NDArray[np.int16] | None
    persons: pl.Series | None
    group: pl.Series | None
    weights: tuple[FloatArray, ...]

    def take(self, places: IntArray) -> Part:
        """Return some of the rows, by their places among these."""
        return Part(
            rows=self.rows[places],
            answers=self.answers[places],
            raw=None if self.raw is None else self.raw[places],
            persons=None if self.persons is None else self.persons[places],
            group=None if self.group is None else self.group[places],
            weights=tuple(weight[places] for weight in self.weights),
        )


@dataclass(slots=True)
class Choices:
    """The options of an item in the order they come up, with those of its key first."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, option: str) -> int:
        """The number of an option, a new one for one not seen before."""
        return self.numbers.setdefault(option, len(self.numbers))


@dataclass(slots=True)
class WideReader:
    """Reads a wide file, one batch after another; what is wrong goes to `findings`."""

    columns: Columns
    codes: Codes
    findings: Findings
    lowest: int = 0
    choices: dict[str, Choices] = field(default_factory=dict)
    spoiled: set[str] = field(default_factory=set)

    def parts(self, batches: Iterator[Batch]) -> Iterator[Part]:
        """Yield what each batch says."""
        for batch in batches:
            yield self.part(batch)

    def part(self, batch: Batch) -> Part:
        """Say what a batch says."""
        frame, rows, columns = batch.frame, batch.rows, self.columns
        persons = None
        if columns.person is not None:
            frame, rows = _without_empty_rows(frame, rows)
            persons = self._persons(frame[columns.person], rows)
        cells = plain_columns(frame.select(columns.present))
        answers = np.empty(cells.shape, dtype=np.int8)
        raw = np.full(cells.shape, -1, dtype=np.int16) if columns.key is not None else None
        self._score(cells, rows, answers)
        if raw is not None:
            self._match(cells, answers, raw)
        return Part(
            rows=rows,
            answers=answers,
            raw=raw,
            persons=persons,
            group=self._group(frame, rows),
            weights=tuple(self._weight(frame[name], rows) for name in columns.weights),
        )

    def _score(self, cells: pl.DataFrame, rows: IntArray, answers: NDArray[np.int8]) -> None:
        """Fill in the categories of the items that came scored."""
        keyed = set(self.columns.keyed)
        scored = [at for at, name in enumerate(self.columns.present) if name not in keyed]
        if not scored:
            return
        found = categories(cells[:, scored] if keyed else cells, self.codes)
        limits = self.columns.limits
        highest = np.full(len(self.columns.present), LARGEST_CATEGORY)
        if limits is not None:
            highest = np.minimum(highest, self.lowest + np.array(limits) - 1)
        wrong = (found == UNREADABLE) | (found > highest[scored])
        if self.lowest:
            wrong |= (found >= 0) & (found < self.lowest)
        if wrong.any():
            self._note_wrong(cells, rows, found, wrong, scored, highest)
        if keyed:
            answers[:, scored] = found
        else:
            np.copyto(answers, found)

    def _note_wrong(
        self,
        cells: pl.DataFrame,
        rows: IntArray,
        found: NDArray[np.int8],
        wrong: NDArray[np.bool_],
        scored: list[int],
        highest: IntArray,
    ) -> None:
        for place in np.flatnonzero(wrong.any(axis=0)).tolist():
            column, bad = cells.to_series(scored[place]), np.flatnonzero(wrong[:, place])
            if column.name in self.spoiled:
                self.findings.count(bad.size)
                continue
            no_answers = bad.size > 1 and not (found[:, place] >= 0).any()
            expected = expected_category(self.lowest, int(highest[scored[place]]))
            if no_answers or bad.size > MOST_OF_A_COLUMN:
                self._note_spoiled(column, bad, expected)
                bad = bad[:0] if no_answers else bad[:NAMED_OF_A_COLUMN]
            named = self.findings.room(bad)
            for row, cell in zip(named.tolist(), written(column, named.tolist()), strict=True):
                where = at(int(rows[row]), column.name)
                self.findings.add(int(rows[row]), where, as_written(cell), expected)

    def _note_spoiled(self, column: pl.Series, bad: IntArray, category: str) -> None:
        """Note a column that is full of what cannot be an answer, once."""
        self.spoiled.add(column.name)
        cell = written(column, bad[:1].tolist())[0]
        found = f"{bad.size} cells such as {cell!r}"
        # With its categories the column is known to be an item, and none of options or groups.
        known = self.columns.limits is not None
        expected = category + NAME_CODES if known else NO_ANSWERS
        self.findings.add(1, at(1, column.name), found, expected)

    def _match(
        self, cells: pl.DataFrame, answers: NDArray[np.int8], raw: NDArray[np.int16]
    ) -> None:
        """Fill in the options chosen, and whether they are right, of the items with a key."""
        numbers = whole_numbers(cells)
        for place, (name, key) in enumerate(
            zip(self.columns.present, self.columns.key or (), strict=True)
        ):
            if not key:
                continue
            right = key.split(EITHER)
            choices = self.choices.setdefault(
                name, Choices({each: n for n, each in enumerate(right)})
            )
            found = chosen(cells.to_series(place), numbers[:, place], self.codes, choices)
            raw[:, place] = np.maximum(found, -1)
            answers[:, place] = np.where(found >= 0, found < len(right), found)
            if len(choices.numbers) > MOST_OPTIONS:
                found_here = f"{len(choices.numbers)} different answers"
                self.findings.add(1, at(1, name), found_here, f"at most {MOST_OPTIONS} options")
                self.findings.stop_if_any()

    def _persons(self, column: pl.Series, rows: IntArray) -> pl.Series:
        names = column.cast(pl.String).fill_null("").str.strip_chars()
        for row in self.findings.room(rows[(names == "").to_numpy()]).tolist():
            self.findings.add(row, at(row, column.name), "", "the person's name or number")
        return names

    def _group(self, frame: pl.DataFrame, rows: IntArray) -> pl.Series | None:
        if self.columns.group is None:
            return None
        names = frame[self.columns.group].cast(pl.String).fill_null("").str.strip_chars()
        for row in self.findings.room(rows[(names == "").to_numpy()]).tolist():
            self.findings.add(row, at(row, self.columns.group), "", "the person's group")
        return names

    def _weight(self, column: pl.Series, rows: IntArray) -> FloatArray:
        numbers = weights_of(column)
        bad = self.findings.room(np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0))))
        for place, cell in zip(bad.tolist(), written(column, bad.tolist()), strict=True):
            where = at(int(rows[place]), column.name)
            self.findings.add(int(rows[place]), where, cell, "a count or weight, 0 or more")
        return numbers


NAME_CODES = ". Other codes for what was not administered are to be named"
NO_ANSWERS = (
    "categories, whole numbers from 0. Name the codes if these stand for missing answers, a key if "
    "these are options, or the column as one of groups, of weights or to ignore if these are no "
    "answers"
)


def chosen(
    column: pl.Series, numbers: NDArray[np.int16], codes: Codes, choices: Choices
) -> NDArray[np.int64]:
    """Number of the option in each cell, or the reason why there is none; shape (n_rows,).

    Parameters
    ----------
    numbers
        The cells as whole numbers, as `whole_numbers` gives them.
    """

    def meaning(cell: str) -> int:
        option = plain(cell)
        return codes.reasons[option] if option in codes.reasons else choices.number(option)

    small = (numbers >= 0) & (numbers <= LARGEST_CATEGORY)
    table = np.zeros(LARGEST_CATEGORY + 1, dtype=np.int64)
    for number in np.flatnonzero(np.bincount(numbers[small], minlength=table.size)).tolist():
        table[number] = meaning(str(number))
    found = table[np.where(small, numbers, 0)]
    if not small.all():
        rest = column.filter(pl.Series(~small)).cast(pl.String)
        empty = rest.is_null().to_numpy()
        codes_of_rest = np.full(len(rest), codes.empty, dtype=np.int64)
        codes_of_rest[~empty] = translated(rest.drop_nulls(), meaning, pl.Int32)
        found[~small] = codes_of_rest
    return found


def _without_empty_rows(frame: pl.DataFrame, rows: IntArray) -> tuple[pl.DataFrame, IntArray]:
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy()
    return (frame.filter(~pl.Series(empty)), rows[~empty]) if empty.any() else (frame, rows)
