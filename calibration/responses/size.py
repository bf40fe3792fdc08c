"""How large a file of answers is, before it is read, and whether memory will hold it."""

from __future__ import annotations

from pathlib import Path

from calibration.errors import ResponsesError
from calibration.responses.batches import Table
from calibration.responses.long import is_long
from calibration.responses.options import FileOptions
from calibration.responses.tables import open_table
from engine.errors import Problem

LARGE = 100_000_000
"""Answers of a wide file that are better read in pieces: whole, they take a gigabyte to calibrate."""

BYTES_OF_A_CELL, BYTES_OF_A_ROW = 3, 60
"""Memory that reading takes for a cell of a wide file, and for a row of a long one: measured with a
million persons and 100 items, and with five million rows, and rounded up."""

MEMORY = Path("/proc/meminfo")
LIMIT, USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")


def is_large(path: Path, options: FileOptions) -> bool:
    """Whether a file is wide and so large that it should be read in pieces."""
    table = open_table(Path(path), header=options.header)
    return not is_long(table, options) and n_cells(table) > LARGE


def n_cells(table: Table) -> int:
    """About how many cells a table has."""
    return table.n_rows_about() * len(table.columns)


def check_memory(table: Table, options: FileOptions) -> None:
    """Refuse what memory cannot hold, before the system ends the program.

    Raises
    ------
    ResponsesError
        Saying how much is needed, how much there is, and what to do.
    """
    free = free_memory()
    if free is None:
        return
    long = is_long(table, options)
    rows = table.n_rows_about()
    needed = rows * (BYTES_OF_A_ROW if long else BYTES_OF_A_CELL * len(table.columns))
    if needed > free:
        found = f"about {rows:,} rows: {_gigabytes(needed)} of memory, {_gigabytes(free)} are free"
        expected = "a wide file, a row a person" if long else "a file that is read in pieces"
        expected += ", which samatthana calibrate reads with --pieces 65536"
        raise ResponsesError(str(table.path), [Problem("file", found, expected)])


def free_memory() -> int | None:
    """Bytes of memory that are left to this program; None where the system does not say."""
    known = [each for each in (_of_the_machine(), _of_the_container()) if each is not None]
    return min(known, default=None)


def _of_the_machine() -> int | None:
    try:
        lines = MEMORY.read_text().splitlines()
        return next(1024 * int(line.split()[1]) for line in lines if line.startswith("MemAvail"))
    except (OSError, ValueError, StopIteration):
        return None


def _of_the_container() -> int | None:
    try:
        return int(LIMIT.read_text()) - int(USED.read_text())
    except (OSError, ValueError):  # "max" where there is no limit
        return None


def _gigabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:.1f} GB"
