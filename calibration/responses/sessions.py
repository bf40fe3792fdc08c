"""What exams gave, for calibration: one row an item of a session, persons under pseudonyms.

    session,person,language,item,sequence,response,option,seconds
    5f0c...,9a1e...,th,digital-01/2,1,1,b,31.4
    5f0c...,9a1e...,th,digital-07/1,2,omitted,,12.0
    5f0c...,9a1e...,th,digital-03/1,3,not_reached,,

`item` is the item with its version, since an item that was edited is another item. `response` is
the category, or `omitted` (passed over by choice) or `not_reached` (no time was left for it).
`language` is that of the session, `option` the option chosen and `seconds` the time from showing
to answer; each may be empty. An item without a row was not administered.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TextIO

from calibration.responses.batches import Table
from calibration.responses.long_assembly import read_long
from calibration.responses.model import Responses
from calibration.responses.options import FileOptions
from calibration.responses.tables import open_table

COLUMNS = ("session", "person", "language", "item", "sequence", "response", "option", "seconds")
OMITTED_WORD, NOT_REACHED_WORD = "omitted", "not_reached"

Unit = Literal["session", "person"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenItem:
    """An item of a session and what became of it.

    Attributes
    ----------
    session, person
        Pseudonyms.
    item, version
        The item and its version.
    sequence
        Its number among the session's questions, from 1.
    response
        The category, or the word for why there is none.
    option
        The option chosen.
    seconds
        Time from showing to answer.
    language
        Of the session, "th" or "en".
    """

    session: str
    person: str
    item: str
    version: int
    sequence: int
    response: int | Literal["omitted", "not_reached"]
    option: str | None = None
    seconds: float | None = None
    language: str = ""


def pseudonym(secret: bytes, name: str) -> str:
    """Return 32 hexadecimal digits that stand for a name, the same ones under the same secret.

    The first half of HMAC-SHA-256 (RFC 2104): without the secret nobody can find the name by
    trying names, as one can with a plain hash of numbers of 13 digits.
    """
    return hmac.new(secret, name.encode(), hashlib.sha256).hexdigest()[:32]


def write_sessions(file: TextIO, items: Iterable[GivenItem]) -> int:
    """Write an export of sessions; return the number of its rows."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    n_rows = 0
    for given in items:
        rows.writerow(_row(given))
        n_rows += 1
    return n_rows


def read_sessions(path: Path, *, by: Unit = "session", **options: Any) -> Responses:
    """Read an export of sessions.

    Parameters
    ----------
    by
        What is one person: a session (someone who sits twice has two abilities), or a person, of
        whom then an item that comes again must be settled by `repeated`.
    options
        Further attributes of `FileOptions`.

    Returns
    -------
    Responses
        With the options chosen, and as key those that scored 1.

    Raises
    ------
    ResponsesError
        As `read_responses`.
    """
    return read_as_export(open_table(Path(path)), FileOptions(**options), by)


def is_export(table: Table) -> bool:
    """Whether a file is an export of sessions."""
    return set(COLUMNS) <= set(table.columns)


def read_as_export(table: Table, options: FileOptions, by: Unit = "session") -> Responses:
    """Read an open export of sessions."""
    return read_long(
        table,
        replace(
            options,
            person=by,
            option="option",
            omit_codes=(*options.omit_codes, OMITTED_WORD),
            not_reached_codes=(*options.not_reached_codes, NOT_REACHED_WORD),
            lowest=0,
        ),
    )


def _row(given: GivenItem) -> tuple[object, ...]:
    seconds = "" if given.seconds is None else f"{given.seconds:.3f}"
    item = f"{given.item}/{given.version}"
    return (
        *(given.session, given.person, given.language, item, given.sequence),
        *(given.response, given.option or "", seconds),
    )
