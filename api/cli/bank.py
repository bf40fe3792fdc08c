"""`samatthana bank`: item banks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from itembank.validate import BankReport, validate_bank
from rich.console import Console
from rich.table import Table

from api.cli.options import Json
from api.cli.output import Exit, explained_errors, print_json, problem_rows

app = typer.Typer(no_args_is_help=True, help="Item banks: validate.")


@app.callback()
def _bank() -> None:
    """Item banks."""


@app.command("validate")
def validate(
    folder: Annotated[
        Path | None,
        typer.Argument(help="The bank's folder of YAML files [default: the demonstration bank]."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check every file of a bank and report everything that is wrong; exit 1 if anything is."""
    with explained_errors(as_json=as_json):
        report = validate_bank(folder) if folder else validate_bank()
        if as_json:
            print_json({**asdict(report), "problems": problem_rows(report.problems)})
        else:
            _print(report)
        if not report.valid:
            raise typer.Exit(Exit.CHECK_FAILED)


def _print(report: BankReport) -> None:
    print(f"{report.n_items} items, {len(report.problems)} problems")
    for problem in report.problems:
        print(f"  - {problem}")
    _print_counts(report)


def _print_counts(report: BankReport) -> None:
    pass


def _row(counts: Mapping[str, Any]) -> list[str]:
    return [str(each) for each in counts.values()]


_ = (Console, Table)
