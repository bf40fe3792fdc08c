"""`samatthana bank`: item banks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.bank.history import PublishedBank, published_banks
from api.bank.opening import open_catalogue
from api.bank.publishing import checked_release, publish_bank, use_bank
from api.cli import bank_exposure
from api.cli.bank_files import read_scheme, read_snapshot, write_document
from api.cli.databases import working_database
from api.cli.options import Data, Json, NoData, settings_with_data
from api.cli.output import Exit, counted, explained_errors, print_json, problem_line
from api.context import utc_now
from api.exams.exposure import open_at_start
from api.settings import load_settings
from itembank.items import CONTENT
from itembank.validate import BankReport, validate_bank

app = typer.Typer(no_args_is_help=True, help="Item banks: check them, publish them.")
app.add_typer(bank_exposure.app, name="exposure")

Folder = Annotated[Path, typer.Argument(help="The folder of a calibrated bank's YAML files.")]
SchemeFile = Annotated[
    Path | None,
    typer.Option("--scheme", help="A scheme's YAML file (default: the scheme of this program)."),
]


@app.command("validate")
def validate(
    folder: Annotated[
        Path,
        typer.Argument(
            help="A bank's folder of YAML files.", show_default="the demonstration bank"
        ),
    ] = CONTENT,
    as_json: Json = False,
    _: NoData = None,
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


@app.command("build")
def build(
    folder: Folder,
    out: Annotated[Path, typer.Option("--out", help="The file to write the release into.")],
    scheme: SchemeFile = None,
    as_json: Json = False,
    _: NoData = None,
) -> None:
    """Write the release that publishing a bank would publish, to simulate it first."""
    with explained_errors(as_json=as_json):
        release = checked_release(folder, read_scheme(scheme))
        write_document(out, release)
        if as_json:
            print_json({"release": release.hash, "n_items": len(release.items)})
        else:
            print(f"Wrote {counted(len(release.items), 'item')} as {release.hash} into {out}")


@app.command("publish")
def publish(
    folder: Folder,
    scheme: SchemeFile = None,
    exposure: Annotated[
        list[Path] | None,
        typer.Option("--exposure", help="Exposure that exams begin with, one file a skill set."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Publish a calibrated bank: new exams are given from it once the service has started again."""
    with explained_errors(as_json=as_json):
        own = read_scheme(scheme)
        snapshots = [read_snapshot(path) for path in exposure or ()]
        with working_database(load_settings(data=data)) as db:
            release = publish_bank(db, folder, utc_now(), scheme=own, snapshots=snapshots)
            opened = open_at_start(db, open_catalogue(db, demo=False).in_force())
        result = {"release": release.hash, "n_items": len(release.items)}
        text = f"Published {counted(len(release.items), 'item')} as {release.hash}"
        _report(result, text, opened, as_json=as_json)


@app.command("use")
def use(
    release: Annotated[str, typer.Argument(help="The first digits of a published bank's hash.")],
    scheme: Annotated[
        Path | None,
        typer.Option("--scheme", help="A scheme's YAML file (default: the one it last had)."),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put a bank that was published before in force again, once the service has started again."""
    with explained_errors(as_json=as_json):
        own = read_scheme(scheme)
        with working_database(settings_with_data(data)) as db:
            pinned = use_bank(db, release, utc_now(), scheme=own)
            opened = open_at_start(db, pinned)
        result = {"release": pinned.release.hash, "scheme": pinned.scheme.hash}
        text = f"In force: bank {pinned.release.hash}, scheme {pinned.scheme.hash}"
        _report(result, text, opened, as_json=as_json)


@app.command("show")
def show(data: Data = None, as_json: Json = False) -> None:
    """List what was put in force, the latest first."""
    with explained_errors(as_json=as_json):
        with working_database(settings_with_data(data)) as db:
            banks = published_banks(db)
        if as_json:
            print_json({"banks": [each.to_data() for each in banks]})
        else:
            _print_banks(banks)


def _report(result: dict[str, Any], text: str, opened: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json({**result, "open_at_start": opened})
        return
    print(text)
    if opened:
        print(
            f"Every item is open to the first candidates of {', '.join(opened)}: find where their exposure "
            "begins with `samatthana bank exposure find`."
        )


def _print_banks(banks: list[PublishedBank]) -> None:
    if not banks:
        print("No bank has been published.")
        return
    table = Table("", "since (UTC)", "bank", "items", "scheme", "exposure snapshots")
    for each in banks:
        table.add_row(
            "in force" if each.in_force else "",
            f"{each.at:%Y-%m-%d %H:%M}",
            each.bank[:12],
            str(each.n_items),
            f"{each.scheme_version} {each.scheme[:12]}",
            ", ".join(f"{code} {number}" for code, number in each.exposure.items()),
        )
    Console().print(table)


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
