"""`samatthana simulate`: what an exam's design will do, before its first candidate."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

from api.cli.options import Json, NoData
from api.cli.output import explained_errors, print_json
from api.cli.progress import simulating
from calibration.report.folder import check_folder
from calibration.studies import Study, figures, run_study
from calibration.studies.candidates import CandidateFile
from calibration.studies.kept_report import constraint_row
from calibration.studies.report import (
    CANDIDATES,
    CONTENT,
    DECISION,
    EXPOSURE,
    PRECISION,
    band_name,
    warnings,
    write_report,
    written,
)
from calibration.studies.words import word
from itembank.text import Language

Design = Annotated[
    Path,
    typer.Argument(
        metavar="DESIGN.yaml",
        help="Pool or release, persons, rules of the exam: docs/command-line.md.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="A folder to write report.html, items.csv and candidates.csv into."),
]
Lang = Annotated[Literal["en", "th"], typer.Option("--lang", help="Language of the report.")]
Workers = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes or threads (default: one a processor)."),
]


def simulate(
    design: Design,
    out: Out = None,
    lang: Lang = "en",
    workers: Workers = None,
    as_json: Json = False,
    _: NoData = None,
) -> None:
    """Simulate an exam design: precision, decisions, exposure, overlap and length, by ability.

    The same file gives the same figures, whatever the number of workers.
    """
    with explained_errors(as_json=as_json):
        with ExitStack() as stack:
            writer = None
            if out is not None:
                check_folder(out)
                writer = stack.enter_context(CandidateFile(out / CANDIDATES))
            progress = stack.enter_context(simulating(quiet=as_json))
            study = run_study(
                design, workers=workers or os.cpu_count() or 1, progress=progress, writer=writer
            )
        paths = write_report(study, out, lang) if out is not None else ()
        if as_json:
            print_json(figures(study))
            return
        _print(study, lang)
        for path in paths:
            print(path)


def _print(study: Study, lang: Language) -> None:
    console = Console()
    found = figures(study)
    parts = found.get("sections", [found])
    for own, each in zip(parts, study.sections, strict=True):
        console.print(_glance(own, study, lang))
        console.print(_bands(own, lang))
        if own["constraints"]:
            console.print(_constraints(own["constraints"], lang))
        for text in warnings(each, lang):
            console.print(text)


def _glance(found: dict[str, Any], study: Study, lang: Language) -> Table:
    table = Table(title=found["section"], show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_row(word(lang, "candidates"), f"{study.n:,}")
    table.add_row(word(lang, "items"), str(found["n_items"]))
    for name in (*PRECISION, "mean_seconds", *CONTENT, *DECISION, *EXPOSURE):
        if found.get(name) is not None:
            table.add_row(word(lang, name), written(found, name))
    return table


def _bands(found: dict[str, Any], lang: Language) -> Table:
    names = ("bias", "rmse", "mean_se", "mean_length", "classification_accuracy", "max_exposure")
    known = [name for name in names if found.get(name) is not None]
    table = Table(word(lang, "ability"), title=word(lang, "by_ability"))
    for name in ("candidates", *known):
        table.add_column(word(lang, name), justify="right")
    for band in found["by_ability"]:
        label = band_name(band["low"], band["high"], lang)
        plain = {name: band[name] for name in known}
        table.add_row(label, f"{band['n']:,}", *(written(plain, name) for name in known))
    return table


def _constraints(found: list[dict[str, Any]], lang: Language) -> Table:
    table = Table(title=word(lang, "constraints"))
    table.add_column(word(lang, "constraint"))
    table.add_column(word(lang, "demanded"))
    for name in ("kept", "below_bound", "above_bound", "mean_violation", "worst_violation"):
        table.add_column(word(lang, name), justify="right")
    for each in sorted(found, key=lambda one: one["kept"]):
        table.add_row(*constraint_row(each, lang))
    return table
