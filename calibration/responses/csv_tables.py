"""CSV files as spreadsheets and programs write them, read by blocks of some megabytes.

A file is cut at line ends outside quotes, so that a block holds whole rows; polars reads the
block, and where it cannot, Python's stricter reader does, which can say why.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from calibration.errors import ResponsesError
from calibration.responses.batches import BATCH, Batch
from calibration.responses.findings import Findings
from engine.errors import Problem
from itembank.csvfile import as_number, separator_of

BLOCK = 8 * 2**20
"""Bytes read at once. Cells take some 16 bytes each while they are text."""

LONGEST_ROW = 64 * 2**20
"""A row longer than this is a quote that someone forgot to close."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NAMELESS = "\0"
"""How the names of columns without a name begin."""

LINE_ENDS = (b"\n", b"\r\n")


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file.

    Attributes
    ----------
    separator
        What stands between cells: a comma, a semicolon or a tab.
    start
        Where the row after the header begins, in bytes.
    first
        The number of that row; the header is row 1.
    header
        The columns, those without a name as `NAMELESS` and their place.
    """

    path: Path
    separator: str
    start: int
    first: int
    header: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that have one."""
        return tuple(name for name in self.header if not name.startswith(NAMELESS))

    def n_rows_about(self) -> int:
        """How many rows there are if all are as long as the first."""
        block = next(_blocks(self.path, self.start), b"")
        rows = block.count(b"\n")
        return round((self.path.stat().st_size - self.start) * rows / len(block)) if rows else 0

    def batches(self, largest: int = BATCH) -> Iterator[Batch]:
        """Yield the rows in order, at most `largest` at once; empty lines are left out.

        Raises
        ------
        ResponsesError
            With what is wrong in the first block that cannot be read.
        """
        row = self.first
        for block in _blocks(self.path, self.start):
            batch, n_lines = _parsed(self, block, row)
            row += n_lines
            yield from _pieces(batch, largest)


def open_csv(path: Path, header: bool | None = None) -> CsvTable:
    """Read the header of a CSV file.

    Parameters
    ----------
    header
        Whether there is one; None: unless the first row cannot be one.

    Raises
    ------
    ResponsesError
        If it is no UTF-8 text, has no header, or a column twice.
    """
    findings = Findings(str(path))
    beginning = next(_blocks(path, 0), b"")
    start = len(BYTE_ORDER_MARK) if beginning.startswith(BYTE_ORDER_MARK) else 0
    row, separator = 1, ""
    line = _first_line(path, beginning[start:])
    if declared := re.fullmatch(r"\"?sep=(.)\"?\s*", _text(path, line, 1)):
        separator, row = declared[1], 2
        start += len(line)
        line = _first_line(path, beginning[start:])
    text = _text(path, line, row)
    separator = separator or separator_of(text)
    try:
        header_row = next(csv.reader(io.StringIO(text), delimiter=separator), [])
    except csv.Error as error:
        expected = "a header on one line, without a carriage return within it"
        raise _refused(path, f"row {row}", text.strip(), expected) from error
    cells = [cell.strip() for cell in header_row]
    if header is False or (header is None and _no_names(cells)):
        names = tuple(f"item{place + 1}" for place in range(len(cells)))
        return CsvTable(path, separator, start, row, names)
    if not any(cells):
        findings.add(row, f"row {row}", "no header", "the names of the columns")
    for name in dict.fromkeys(cells):
        if name and cells.count(name) > 1:
            findings.add(row, f"row {row}", name, "each column once")
    findings.stop_if_any()
    named = tuple(name or f"{NAMELESS}{place + 1}" for place, name in enumerate(cells))
    return CsvTable(path, separator, start + len(line), row + 1, named)


def _no_names(cells: list[str]) -> bool:
    """Whether a row is one of answers: numbers only, most of them more than once."""
    numbers = [cell for cell in cells if cell and cell != "NA"]
    different = len(set(numbers))
    return 0 < 2 * different < len(numbers) and all(as_number(cell) is not None for cell in numbers)


def _blocks(path: Path, start: int) -> Iterator[bytes]:
    """Yield the file from `start` on in blocks of whole rows, each ending with a line end."""
    with path.open("rb") as file:
        file.seek(start)
        rest = b""
        while more := file.read(BLOCK):
            rest = rest + _with_newlines(more)
            cut = _last_row_end(rest)
            if cut:
                yield rest[:cut]
                rest = rest[cut:]
            elif len(rest) > LONGEST_ROW:
                break
        if rest.strip():
            if rest.count(b'"') % 2:
                found = rest[:60].decode(errors="replace")
                raise _refused(path, "file", found, 'a quote (") that is closed again')
            yield rest.rstrip(b"\r\n") + b"\n"


def _with_newlines(block: bytes) -> bytes:
    """Turn the line ends of old Macintosh files into newlines."""
    return block.replace(b"\r", b"\n") if b"\r" in block and b"\n" not in block else block


def _last_row_end(block: bytes) -> int:
    """Where the last whole row ends; 0 if none does."""
    end = block.rfind(b"\n") + 1
    quotes = block.count(b'"', 0, end)
    while end and quotes % 2:
        earlier = block.rfind(b"\n", 0, end - 1) + 1
        quotes -= block.count(b'"', earlier, end)
        end = earlier
    return end


def _first_line(path: Path, block: bytes) -> bytes:
    """The first row of a block with its line end; quoted cells may hold line ends."""
    end = block.find(b"\n") + 1
    while end and block.count(b'"', 0, end) % 2:
        end = block.find(b"\n", end) + 1
    return block[:end] if end else block


def _text(path: Path, block: bytes, row: int) -> str:
    try:
        return block.decode()
    except UnicodeDecodeError as error:
        line = row + block.count(b"\n", 0, error.start)
        found = f"byte 0x{block[error.start]:02x}"
        raise _refused(path, f"row {line}", found, "text in UTF-8: save it as CSV UTF-8") from error


def _refused(path: Path, where: str, found: str, expected: str) -> ResponsesError:
    return ResponsesError(str(path), [Problem(where, found, expected)])


def _parsed(table: CsvTable, block: bytes, row: int) -> tuple[Batch, int]:
    """Read a block that begins with this row; return it and the number of its rows."""
    height = block.count(b"\n")
    if not _has_blank_line(block):
        try:
            frame = pl.read_csv(
                block,
                has_header=False,
                separator=table.separator,
                schema=dict.fromkeys(table.header, pl.String),
            )
        except pl.exceptions.PolarsError:
            pass
        else:
            if frame.height == height:
                rows = np.arange(row, row + height)
                return Batch(_named(table, frame), rows), height
    return _parsed_strictly(table, block, row)


def _has_blank_line(block: bytes) -> bool:
    return block.startswith(LINE_ENDS) or any(b"\n" + end in block for end in LINE_ENDS)


def _parsed_strictly(table: CsvTable, block: bytes, row: int) -> tuple[Batch, int]:
    text = _text(table.path, block, row)
    csv.field_size_limit(LONGEST_ROW)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=table.separator, strict=True)
    try:
        cells = list(lines)
    except csv.Error as error:
        line = f"row {row + lines.line_num - 1}"
        raise _refused(table.path, line, str(error), "a row of a CSV file") from error
    width, findings = len(table.header), Findings(str(table.path))
    kept = [place for place, line in enumerate(cells) if line]
    for place in kept:
        if any(cell.strip() for cell in cells[place][width:]):
            found, expected = f"{len(cells[place])} cells", f"{width}, as many as the header"
            findings.add(row + place, f"row {row + place}", found, expected)
    findings.stop_if_any()
    columns = {
        name: [cells[place][at] or None if at < len(cells[place]) else None for place in kept]
        for at, name in enumerate(table.header)
    }
    frame = pl.DataFrame(columns, schema=dict.fromkeys(table.header, pl.String))
    return Batch(_named(table, frame), row + np.array(kept, dtype=np.int64)), len(cells)


def _named(table: CsvTable, frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out the columns without a name, which must be empty."""
    findings = Findings(str(table.path))
    for name in table.header:
        if name.startswith(NAMELESS) and frame[name].str.strip_chars().str.len_bytes().sum():
            found = f"column {name[len(NAMELESS) :]} without a name"
            findings.add(1, f"row {table.first - 1}", found, "a name for each column")
    findings.stop_if_any()
    return frame.select(table.columns)


def _pieces(batch: Batch, largest: int) -> Iterator[Batch]:
    for start in range(0, batch.frame.height, largest):
        yield Batch(batch.frame.slice(start, largest), batch.rows[start : start + largest])
