"""Reading CSV files of people's spreadsheets: whole, in UTF-8, and with every fault named."""

from __future__ import annotations

import csv
import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from math import inf, isfinite
from pathlib import Path

from engine.errors import InputError, Problem

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
"""A number as spreadsheets write it. Thai digits are digits; `nan`, `inf` and `1_000` are none."""

FIRST_ROW = 2
"""Rows are counted as a spreadsheet shows them: the header is row 1."""

LARGEST_CELL = 1_000_000

SEPARATORS = (",", ";", "\t")
"""What stands between columns; spreadsheets of some languages write semicolons."""


class TableError(InputError):
    """A CSV file that cannot be used; its problems stand in the order of the rows."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        super().__init__(subject, sorted(problems, key=_row))


@dataclass(frozen=True, slots=True)
class Table:
    """A file of columns with a header.

    Attributes
    ----------
    path
        The file, for messages.
    columns
        The place of each column by its name.
    rows
        The cells as they were written, empty lines left out; row 0 is the first after the header.
    numbers
        The number of each row in the file.
    """

    path: Path
    columns: Mapping[str, int]
    rows: list[list[str]]
    numbers: Sequence[int]

    def without_empty_rows(self) -> Table:
        """Return the table without the rows in which nothing is written."""
        kept = [place for place, row in enumerate(self.rows) if any(row)]
        if len(kept) == len(self.rows):
            return self
        rows, numbers = (
            [self.rows[place] for place in kept],
            [self.numbers[place] for place in kept],
        )
        return replace(self, rows=rows, numbers=numbers)

    def where(self, row: int, column: str) -> str:
        """Say where a cell stands, as "row 5, column a"."""
        return f"row {self.numbers[row]}, column {column}"


def read_table(path: Path) -> Table:
    """Read a CSV file, its columns separated as the header's are; empty lines are left out.

    Raises
    ------
    TableError
        If there is no such file, if it is not UTF-8 text, has no header, a column twice or without
        a name, or a row that is longer than the header.
    """
    try:
        lines = _lines(path)
    except OSError as error:
        problem = Problem("file", str(path), f"a file that can be read ({error.strerror})")
        raise TableError(str(path), [problem]) from error
    except UnicodeDecodeError as error:
        found = f"byte 0x{error.object[error.start]:02x} at place {error.start}"
        raise TableError(str(path), [Problem("file", found, "text in UTF-8")]) from error
    except csv.Error as error:
        raise TableError(str(path), [Problem("file", str(error), "a CSV file")]) from error
    header = [cell.strip() for cell in lines.pop(0)] if lines else []
    numbers: Sequence[int] = range(FIRST_ROW, FIRST_ROW + len(lines))
    if not all(lines):
        numbers = [number for number, row in zip(numbers, lines, strict=True) if row]
        lines = [row for row in lines if row]
    columns = {name: place for place, name in enumerate(header) if name}
    table = Table(path=path, columns=columns, rows=lines, numbers=numbers)
    problems = list(_problems(header, table))
    if problems:
        raise TableError(str(path), problems)
    return table


def separator_of(header: str) -> str:
    """Return the separator that a header holds most of outside quotes, a comma where it has none."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(SEPARATORS, key=bare.count)


def as_number(cell: str) -> float | None:
    """Return the number in a cell, or None where there is none; Thai digits are read."""
    text = cell.strip()
    number = float(text) if NUMBER.fullmatch(text) else inf
    return number if isfinite(number) else None


def _lines(path: Path) -> list[list[str]]:
    csv.field_size_limit(LARGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file, _uncollected():
        header = file.readline()
        return list(csv.reader(chain([header], file), strict=True, delimiter=separator_of(header)))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking again and again over millions of rows."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _problems(header: list[str], table: Table) -> Iterator[Problem]:
    if not any(header):
        yield Problem("row 1", "no header", "the names of the columns")
        return
    seen: set[str] = set()
    for place, name in enumerate(header):
        if name in seen:
            yield Problem("row 1", name, "each column once")
        if name:
            seen.add(name)
        elif any(row[place].strip() for row in table.rows if len(row) > place):
            yield Problem("row 1", f"column {place + 1} without a name", "a name for each column")
    if max(map(len, table.rows), default=0) > len(header):
        yield from _long_rows(len(header), table)


def _long_rows(width: int, table: Table) -> Iterator[Problem]:
    for row, number in zip(table.rows, table.numbers, strict=True):
        if any(cell.strip() for cell in row[width:]):
            found = f"{len(row)} cells"
            yield Problem(f"row {number}", found, f"{width}, as many as the header")


def _row(problem: Problem) -> int:
    """The row that a problem names, 0 where it names none."""
    match = re.match(r"row (\d+)", problem.where)
    return int(match[1]) if match else 0
