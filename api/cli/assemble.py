"""`samatthana assemble`: fixed forms of a test."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from api.cli.options import Json, NoData
from api.cli.output import Exit, explained_errors, print_json
from calibration.assembly import assemble as search
from calibration.assembly import read_request, result_of, write_report
from calibration.report.folder import check_folder

Specification = Annotated[
    Path,
    typer.Argument(
        metavar="SPEC.yaml",
        help="Pool, forms, objective, constraints and overlap: docs/assembly.md.",
    ),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="A folder to write forms.csv and report.html into.")
]


Lang = Annotated[Literal["en", "th"], typer.Option("--lang", help="Language of the report.")]


def assemble(
    specification: Specification,
    out: Out = None,
    lang: Lang = "en",
    as_json: Json = False,
    _: NoData = None,
) -> None:
    """Assemble fixed forms, one or several parallel ones, by mixed-integer programming.

    Exit status 1: no forms satisfy the constraints (the conflict is named), or none were found in time.
    """
    with explained_errors(as_json=as_json):
        request = read_request(specification)
        if out is not None:
            check_folder(out)
        found = search(request.plan, time_limit=request.time_limit, gap=request.gap)
        result = result_of(request, found)
        written = write_report(result, out, lang) if out is not None else ()
        if as_json:
            print_json(result.to_data())
        else:
            print(*result.in_words(lang), sep="\n")
            for path in written:
                print(f"Written: {path}")
        if not result.forms:
            raise typer.Exit(Exit.CHECK_FAILED)
