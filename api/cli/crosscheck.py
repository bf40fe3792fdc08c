"""`samatthana crosscheck`: the same answers through R's mirt and TAM, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli import answers
from api.cli.options import Json, NoData
from api.cli.output import Exit, explained_errors, print_json
from api.cli.spreading import spread
from calibration.crosscheck.comparison import Comparison, Difference, compare
from calibration.report.folder import check_folder
from calibration.report.numbers import NONE, decimal
from calibration.responses import Responses, read_responses

Answers = Annotated[
    Path | None,
    typer.Argument(metavar="[RESPONSES]", help="Answers to calibrate, as for calibrate."),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder for the answers, the script and our result.")
]
Compare = Annotated[
    Path | None, typer.Option("--compare", metavar="R_OUTPUT", help="What the script wrote.")
]
Ours = Annotated[
    Path | None, typer.Option("--ours", help="Our result (default: ours.csv beside R_OUTPUT).")
]
Tolerance = Annotated[
    float, typer.Option("--tolerance", help="Largest difference, in our standard errors.")
]

SHOWN = 40
"""Differences that a person is shown; --json has all."""


@spread
def crosscheck(
    reading: answers.Reading,
    estimation: answers.Estimation,
    responses: Answers = None,
    out: Out = None,
    compare_with: Compare = None,
    ours: Ours = None,
    tolerance: Tolerance = 0.1,
    as_json: Json = False,
    _: NoData = None,
) -> None:
    """Check our parameters with R.

    RESPONSES --out DIR calibrates the answers and writes a folder with a script for R's mirt and
    TAM. After `Rscript crosscheck.R` there, --compare r_output.csv tells the differences in units
    of our standard errors; exit status 1 if one is larger than --tolerance.
    """
    if (responses is None) == (compare_with is None):
        raise typer.BadParameter("name a file of answers with --out, or --compare R_OUTPUT")
    if compare_with is not None:
        with explained_errors(as_json=as_json):
            found = compare(compare_with, ours)
        _print_comparison(found, tolerance, as_json=as_json)
        if not found.agrees(tolerance):
            raise typer.Exit(Exit.CHECK_FAILED)
        return
    if out is None:
        raise typer.BadParameter("name the folder to write", param_hint="--out")
    assert responses is not None
    with explained_errors(as_json=as_json):
        check_folder(out)
        given = read_responses(responses, **reading.options())
        written = _written(given, estimation.options(), out)
    _print_written(written, as_json=as_json)


def _written(given: Responses, options: dict[str, Any], out: Path) -> tuple[Path, ...]:
    # Numba takes a good part of a second to import; only who calibrates waits for it.
    from calibration.abilities import calibrated_answers
    from calibration.crosscheck.folder import write_crosscheck
    from calibration.estimation.calibrate import calibrate

    fitted = calibrate(given, **options)
    counted = calibrated_answers(given, [each.item for each in fitted.items], fitted.options)
    group = given.group if len(fitted.latent) > 1 else None
    return write_crosscheck(out, fitted, counted, group=group, weight=given.weight)


def _print_written(written: tuple[Path, ...], *, as_json: bool) -> None:
    if as_json:
        print_json({"files": [str(path) for path in written]})
        return
    for path in written:
        print(path)
    folder = written[0].parent
    print(f"\nNext, where R is:  Rscript {folder / 'crosscheck.R'}")
    print(f"then:              samatthana crosscheck --compare {folder / 'r_output.csv'}")


def _print_comparison(found: Comparison, tolerance: float, *, as_json: bool) -> None:
    if as_json:
        result = {
            "agrees": found.agrees(tolerance),
            "tolerance": tolerance,
            "largest": found.largest,
        }
        print_json({**result, **asdict(found)})
        return
    for line in _comparison_lines(found, tolerance):
        print(line)


def _comparison_lines(found: Comparison, tolerance: float) -> Iterator[str]:
    for fit in (found.ours, *found.theirs):
        stopped = "" if fit.converged in (True, None) else ", NOT converged"
        version = f"  ({fit.version})" if fit.version else ""
        yield f"{fit.package:<12} log-likelihood {decimal(fit.log_likelihood, 4)}{stopped}{version}"
    yield from found.advice
    yield ""
    wide = max((len(_name(each)) for each in found.differences), default=9)
    head = f"{'package':<9}{'parameter':<{wide}}" + "".join(
        f"{name:>13}" for name in ("ours", "theirs", "difference", "in our SE", "SE ratio")
    )
    yield head
    for each in found.differences[:SHOWN]:
        numbers = (each.ours, each.theirs, each.difference, each.in_se, each.se_ratio)
        cells = "".join(f"{decimal(number, 4):>13}" for number in numbers)
        yield f"{each.package:<9}{_name(each):<{wide}}{cells}"
    if len(found.differences) > SHOWN:
        yield f"... and {len(found.differences) - SHOWN} smaller ones (--json has all)"
    for title, names in (("only ours", found.only_ours), ("only theirs", found.only_theirs)):
        if names:
            yield f"{title}: {', '.join(names)}"
    yield ""
    largest = decimal(found.largest, 4) if found.differences else NONE
    verdict = "agree" if found.agrees(tolerance) else "do NOT agree"
    yield f"Largest difference: {largest} standard errors. Within {tolerance:g}: they {verdict}."


def _name(each: Difference) -> str:
    return ".".join(filter(None, (each.group, each.item, each.parameter)))
