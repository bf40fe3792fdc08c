"""Reading a file of answers, whole or in chunks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from calibration.errors import ResponsesError
from calibration.responses.assembly import extremes, lowest_category
from calibration.responses.batches import Table
from calibration.responses.keys import in_order
from calibration.responses.long import is_long
from calibration.responses.long_assembly import read_long
from calibration.responses.model import Responses
from calibration.responses.options import FileOptions
from calibration.responses.sessions import is_export, read_as_export
from calibration.responses.tables import open_table
from calibration.responses.wide_assembly import (
    assembled,
    note_repeated,
    read_wide,
    wide_reader,
)
from engine.errors import Problem

CHUNK = 65_536
"""Persons of a chunk, unless said otherwise."""


def read_responses(path: Path, **options: Any) -> Responses:
    """Read a file of answers.

        person,item1,item2,...     wide: a row a person, a column an item; `person` may be absent
        person,item,response       long: a row an answer; further columns are passed over
        session,person,...         an export of exams: see `sessions`; each session is a person

    CSV in UTF-8 (separated by commas, semicolons or tabs) or Parquet. Answers are categories from
    0, or options where a key is given. An empty cell or NA was not administered.

    Parameters
    ----------
    options
        The attributes of `FileOptions`.

    Raises
    ------
    ResponsesError
        Naming, by row and column, what in the file cannot be used; beyond 100 it only counts.
    """
    chosen = FileOptions(**options)
    table = open_table(Path(path), header=chosen.header)
    if is_export(table):
        return read_as_export(table, chosen)
    return read_long(table, chosen) if is_long(table, chosen) else read_wide(table, chosen)


def chunks(path: Path, size: int = CHUNK, **options: Any) -> Iterator[Responses]:
    """Read a wide file in chunks of at most `size` persons, in memory that does not grow.

    The file is read once for what must be known of the whole (whether categories count from 1,
    which groups there are) and then once again; the options of items with a key are not kept, and
    a person that comes again is noticed only within a chunk.

    Raises
    ------
    ResponsesError
        As `read_responses`; and if the file is long, whose persons may stand anywhere.
    """
    chosen = FileOptions(**options)
    table = open_table(Path(path), header=chosen.header)
    if is_long(table, chosen) or len(chosen.weights) > 1:
        found, expected = "a long file or several counts", "a wide file, a row a person"
        raise ResponsesError(str(path), [Problem("row 1", found, expected)])
    lowest, groups = _survey(table, chosen)
    reader = wide_reader(table, chosen)
    for part in reader.parts(table.batches(size)):
        note_repeated([part], reader, chosen)
        reader.findings.stop_if_any()
        if len(part.rows):
            yield assembled(
                [part], reader, chosen, lowest=lowest, groups=groups, with_options=False
            )


def _survey(table: Table, options: FileOptions) -> tuple[int, tuple[str, ...]]:
    """The number of the lowest category and the groups of the whole file, which is checked."""
    reader = wide_reader(table, options)
    if options.lowest is not None and options.group is None:
        return options.lowest, ()
    smallest, largest, groups = 127, -1, set[str]()
    scored = np.array([name not in reader.columns.keyed for name in reader.columns.present])
    for part in reader.parts(table.batches()):
        low, high = extremes(part.answers, scored)
        smallest, largest = min(smallest, low), max(largest, high)
        if part.group is not None:
            groups.update(part.group.unique().to_list())
    reader.findings.stop_if_any()
    return lowest_category(smallest, largest, options.lowest), in_order(tuple(groups))
