"""`samatthana bank`: item banks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from api.bank.publishing import publish_bank
from api.cli.databases import working_database
from api.cli.options import Data, Json
from api.cli.output import Exit, counted, explained_errors, print_json, problem_line
from api.context import utc_now
from api.settings import load_settings
from itembank.items import CONTENT
from itembank.validate import BankReport, validate_bank

app = typer.Typer(no_args_is_help=True, help="Item banks: check them, publish them.")


@app.callback()
def _bank() -> None:
    """Item banks: check them, publish them."""


@app.command("validate")
def validate(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A bank's folder of YAML files.", show_default="the demonstration bank"
        ),
    ] = CONTENT,
    as_json: Json = False,
) -> None:
    """Check every file of a bank and report everything that is wrong; exit 1 if anything is."""
    with explained_errors(as_json=as_json):
        report = validate_bank(folder)
        if as_json:
            print_json(report.to_data())
        else:
            _print(report)
        if not report.valid:
            raise typer.Exit(Exit.CHECK_FAILED)


@app.command("publish")
def publish(
    folder: Annotated[Path, typer.Argument(help="The folder of a calibrated bank's YAML files.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Publish a calibrated bank: new exams are given from it once the service has started again."""
    with explained_errors(as_json=as_json):
        with working_database(load_settings(data=data)) as db:
            release = publish_bank(db, folder, utc_now())
        if as_json:
            print_json({"release": release.hash, "n_items": len(release.items)})
        else:
            print(f"Published {counted(len(release.items), 'item')} as {release.hash}")


def _print(report: BankReport) -> None:
    for problem in report.problems:
        print(problem_line(problem))
    verdict = "valid" if report.valid else counted(len(report.problems), "problem")
    print(f"{counted(report.n_items, 'item')}: {verdict}")
    if report.valid:
        Console().print(_counts(report))
        _say("Keys", report.keys)
        _say("Items by stimulus", report.stimuli)
        _say("Items by family", report.families)
        if 0 < report.n_timed < report.n_items:
            print(f"Without expected seconds: {counted(report.n_items - report.n_timed, 'item')}")


def _say(name: str, counts: dict[str, int]) -> None:
    if counts:
        print(f"{name}: " + ", ".join(f"{each} {count}" for each, count in counts.items()))


def _counts(report: BankReport) -> Table:
    table = Table("skill set", "level 1", "level 2", "level 3")
    for code, levels in report.by_skill_set.items():
        table.add_row(code, *(str(count) for count in levels.values()))
    return table
