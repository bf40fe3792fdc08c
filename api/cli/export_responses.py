"""`samatthana export-responses`: answers of ended exams, for calibration."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import EISDIR
from os import getpid, strerror
from pathlib import Path
from typing import Annotated, TextIO

import typer

from api.audit import record_act
from api.cli.databases import working_database
from api.cli.options import Data, Json, settings_with_data
from api.cli.output import counted, explained_errors, print_json
from api.context import utc_now
from api.errors import OperatorError
from api.exams.export import given_items, load_or_create_secret
from calibration.responses import write_sessions


@contextmanager
def replaced(out: Path) -> Iterator[TextIO]:
    """Open a file to be written beside its place, which it takes once it is whole."""
    if out.is_dir():
        raise IsADirectoryError(EISDIR, strerror(EISDIR))
    beside = out.with_name(f".{out.name}.writing-{getpid()}")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            yield file
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)


def export_responses(
    out: Annotated[Path, typer.Argument(metavar="OUT.csv", help="The file to write.")],
    skill_set: Annotated[
        str | None, typer.Option("--skill-set", help="Only the questions of this skill set.")
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Write the answers of ended exams, one row a question, persons under pseudonyms.

    A person keeps the pseudonym from one export to the next as long as the key beside the database
    (pseudonym-key.txt in the data folder) is kept; without it nobody can find the person.
    """
    with explained_errors(as_json=as_json):
        settings = settings_with_data(data)
        secret = load_or_create_secret(settings.data)
        with working_database(settings) as db:
            try:
                with replaced(out) as file:
                    rows = write_sessions(file, given_items(db, secret, skill_set))
            except OSError as error:
                raise OperatorError(f"{out} cannot be written: {error.strerror}.") from error
            record_act(
                db,
                at=utc_now(),
                actor="operator",
                action="export_responses",
                subject=skill_set or "all skill sets",
                detail={"rows": rows},
            )
    if as_json:
        print_json({"file": str(out), "rows": rows})
    else:
        print(f"{out}: {counted(rows, 'question')} of ended exams.")
