"""Reading a file of answers whole; `pieces` reads those too large for memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calibration.responses.long import is_long
from calibration.responses.long_assembly import read_long
from calibration.responses.model import Responses
from calibration.responses.options import FileOptions
from calibration.responses.sessions import is_export, read_as_export
from calibration.responses.size import check_memory
from calibration.responses.tables import open_table
from calibration.responses.wide_assembly import read_wide


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
    check_memory(table, chosen)
    if is_export(table):
        return read_as_export(table, chosen)
    return read_long(table, chosen) if is_long(table, chosen) else read_wide(table, chosen)
