"""`samatthana bank exposure`: the exposure of items that exams begin with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.bank.publishing import use_exposure
from api.cli.bank_files import read_release, read_scheme, read_snapshot, write_document
from api.cli.databases import working_database
from api.cli.options import Data, Json, NoData, settings_with_data
from api.cli.output import counted, explained_errors, print_json
from api.cli.progress import simulating
from api.context import utc_now
from engine.errors import InputError, Problem
from itembank import ExposureSnapshot, Scheme, load_scheme, section
from itembank.scheme.blueprint import ExposureSetting
from itembank.starting import Method, StartingExposure, starting_exposure

app = typer.Typer(no_args_is_help=True, help="Exposure that exams begin with: find it, use it.")


@app.command("find")
def find(
    release: Annotated[
        Path, typer.Argument(help="A release, as `samatthana bank build` writes it.")
    ],
    skill_set: Annotated[str, typer.Option("--skill-set", help="Code, such as DG.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write the snapshot into.")],
    scheme: Annotated[
        Path | None,
        typer.Option("--scheme", help="A scheme's YAML file (default: that of this program)."),
    ] = None,
    method: Annotated[Method, typer.Option(help="How admissions are found.")] = "eligibility",
    candidates: Annotated[int, typer.Option(help="How many candidates are simulated.")] = 20_000,
    mean: Annotated[float, typer.Option(help="Mean of their abilities.")] = 0.0,
    sd: Annotated[float, typer.Option(help="Standard deviation of their abilities.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Decides every candidate.")] = 1,
    as_json: Json = False,
    _: NoData = None,
) -> None:
    """Find by simulation which items to hold back from the first candidates, and how often."""
    with explained_errors(as_json=as_json):
        bank, rules = read_release(release), read_scheme(scheme) or load_scheme()
        setting = _setting(rules, skill_set)
        compiled = section(bank, rules, skill_set)
        with simulating(quiet=as_json) as progress:
            found = starting_exposure(
                compiled.design,
                setting.rate,
                method=method,
                candidates=candidates,
                seed=seed,
                mean=mean,
                sd=sd,
                progress=progress,
            )
        items = tuple(item.id for item in compiled.items)
        snapshot = ExposureSnapshot.of(
            found.ledger, items, bank=bank.hash, scheme=rules.hash, skill_set=skill_set
        )
        write_document(out, snapshot)
        if as_json:
            print_json(_result(found, snapshot, setting))
        else:
            _print(found, setting)
            print(f"Wrote {out}")


@app.command("use")
def use(
    files: Annotated[list[Path], typer.Argument(help="Snapshots, one file a skill set.")],
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Put snapshots in force for the bank in force: exams that start from now on begin with them."""
    with explained_errors(as_json=as_json):
        snapshots = [read_snapshot(path) for path in files]
        with working_database(settings_with_data(data)) as db:
            states = use_exposure(db, snapshots, utc_now())
            numbers = {each.skill_set: each.number for each in states}
        if as_json:
            print_json({"exposure": numbers})
        else:
            listed = ", ".join(f"{code} {number}" for code, number in numbers.items())
            print(f"In force: {counted(len(numbers), 'snapshot')} ({listed})")


def _setting(scheme: Scheme, skill_set: str) -> ExposureSetting:
    limited = {one.code: one.blueprint.exposure for one in scheme.skill_sets}
    setting = limited.get(skill_set)
    if setting is None:
        codes = [code for code, each in limited.items() if each is not None]
        expected = f"one that the scheme limits exposure in: {', '.join(codes) or 'it has none'}"
        raise InputError("Exposure", [Problem("--skill-set", skill_set, expected)])
    return setting


def _result(
    found: StartingExposure, snapshot: ExposureSnapshot, setting: ExposureSetting
) -> dict[str, Any]:
    return {
        "snapshot": snapshot.hash,
        "rate": setting.rate,
        "holds": found.holds,
        "segments": [
            {"candidates": n, "highest": highest, "highest_open": opened}
            for n, highest, opened in _segments(found)
        ],
    }


def _segments(found: StartingExposure) -> Iterator[tuple[int, float, float]]:
    rows = zip(found.candidates, found.highest, found.highest_open, strict=True)
    return ((int(n), float(highest), float(opened)) for n, highest, opened in rows)


def _print(found: StartingExposure, setting: ExposureSetting) -> None:
    ends = ["", *(f"{bound:g}" for bound in setting.bounds), ""]
    table = Table("ability", "candidates", "highest rate", "with every item open")
    for place, (n, highest, opened) in enumerate(_segments(found)):
        band = f"{ends[place] or 'below'} to {ends[place + 1] or 'above'}"
        table.add_row(band, f"{n:,}", f"{highest:.3f}", f"{opened:.3f}")
    Console().print(table)
    if not found.holds:
        print(
            f"The limit of {setting.rate:g} is not held: constraints leave too little choice, or the bank "
            "is too small. It needs at least as many items as questions in an exam over the limit, and "
            "about three times as many near each cut."
        )
