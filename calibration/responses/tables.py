"""CSV and Parquet files, which look the same from here on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from calibration.errors import ResponsesError
from calibration.responses.batches import BATCH, Batch, Table
from calibration.responses.csv_tables import open_csv
from engine.errors import Problem

PARQUET = b"PAR1"
FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "save it as CSV UTF-8 or Parquet"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save it as CSV UTF-8"),
    (b"\xff\xfe", "text in UTF-16", "save it as CSV UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "save it as CSV UTF-8"),
)
"""How files begin that people hand over by mistake."""


@dataclass(frozen=True, slots=True)
class ParquetTable:
    """A Parquet file; its rows are counted from 1."""

    path: Path
    columns: tuple[str, ...]

    def n_rows_about(self) -> int:
        """How many rows there are, as the file says itself."""
        return int(pl.scan_parquet(self.path).select(pl.len()).collect().item())

    def batches(self, largest: int = BATCH) -> Iterator[Batch]:
        """Yield the rows in order, at most `largest` at once."""
        row = 1
        for whole in pl.scan_parquet(self.path).collect_batches(chunk_size=largest):
            for frame in whole.iter_slices(largest):
                yield Batch(_flat(frame), np.arange(row, row + frame.height))
                row += frame.height


def _flat(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns with what no cell can hold, lists and bytes, as text for people."""
    odd = [
        pl.Series(
            each.name, [None if cell is None else str(cell) for cell in each.to_list()], pl.String
        )
        for each in frame
        if each.dtype.is_nested() or each.dtype in (pl.Binary, pl.Object)
    ]
    return frame.with_columns(odd) if odd else frame


def open_table(path: Path, *, header: bool | None = None) -> Table:
    """Open a CSV or Parquet file.

    Parameters
    ----------
    header
        Whether the first row of a CSV file names the columns; None where that is to be seen.

    Raises
    ------
    ResponsesError
        If there is no such file, it is a pipe or of another kind, or its columns have no names.
    """
    try:
        with path.open("rb") as file:
            if not file.seekable():
                raise _refused(path, "a pipe", "a file, which is read more than once")
            beginning = file.read(4)
    except OSError as error:
        raise _refused(path, str(path), f"a file that can be read ({error.strerror})") from error
    for magic, kind, advice in FOREIGN:
        if beginning.startswith(magic):
            raise _refused(path, kind, f"CSV in UTF-8, or Parquet: {advice}")
    return _open_parquet(path) if beginning == PARQUET else open_csv(path, header)


def _open_parquet(path: Path) -> ParquetTable:
    try:
        return ParquetTable(path, tuple(pl.scan_parquet(path).collect_schema().names()))
    except pl.exceptions.PolarsError as error:
        reason = str(error).partition("\n")[0]
        raise _refused(path, reason, "a whole Parquet file") from error


def _refused(path: Path, found: str, expected: str) -> ResponsesError:
    return ResponsesError(str(path), [Problem("file", found, expected)])
