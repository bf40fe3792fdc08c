"""`samatthana calibrate`: items' parameters from answers, with a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from api.cli import ability, answers
from api.cli.equal_parameters import parsed_equal
from api.cli.options import Json, NoData
from api.cli.output import Exit, explained_errors
from api.cli.spreading import spread
from calibration.errors import CalibrationError
from calibration.estimation.known_items import known_options
from calibration.report.folder import check_folder
from engine import Problem
from itembank.item_files import read_item_file
from itembank.text import Language

Engine = Annotated[Literal["samatthana", "girth"], typer.Option("--engine", help="Who estimates.")]
SecondOpinion = Annotated[
    Literal["girth"] | None,
    typer.Option("--second-opinion", help="Estimate with girth as well, and report both."),
]
Latent = Annotated[
    Literal["normal", "empirical"],
    typer.Option("--latent", help="Abilities are normal, or a histogram that is estimated."),
]
Errors = Annotated[
    Literal["observed", "robust", "none"],
    typer.Option("--standard-errors", help="From the information, robust ones too, or none."),
]
Cuts = Annotated[str, typer.Option("--cuts", help="Abilities where decisions fall: -1,0,1.")]
Lang = Annotated[Language, typer.Option("--lang", help="Language of the report: th or en.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder for report.html, items.csv and the rest.")
]
Fixed = Annotated[
    Path | None,
    typer.Option(
        "--fixed",
        metavar="ITEMS.csv",
        help="Known items, a file as score reads it: they stay as they are, the scale is theirs,"
        " and the persons' mean and standard deviation are free.",
    ),
]
Metric = Annotated[
    float, typer.Option("--metric", help="Scaling constant of the slopes printed: 1 or 1.702.")
]


@spread
def calibrate(
    responses: answers.Answers,
    reading: answers.Reading,
    estimation: answers.Estimation,
    engine: Engine = "samatthana",
    second_opinion: SecondOpinion = None,
    fixed: Fixed = None,
    equal: answers.Equal = None,
    latent: Latent = "normal",
    standard_errors: Errors = "observed",
    tol: answers.Tolerance = 1e-3,
    max_iterations: answers.MaxIterations = 500,
    pieces: answers.Pieces = None,
    out: Out = None,
    lang: Lang = "th",
    cuts: Cuts = "",
    metric: Metric = 1.0,
    as_json: Json = False,
    _: NoData = None,
) -> None:
    """Calibrate items by marginal maximum likelihood, and report what was found.

    Exit status 1 if the estimation did not converge; the result is printed nevertheless.
    """
    # What follows needs matplotlib and numba; only who calibrates waits for them.
    from api.cli import calibrating

    places = ability.parsed_cuts(cuts) if cuts else ()
    with explained_errors(as_json=as_json):
        _check(metric, out)
        options = {
            **estimation.options(),
            "latent": latent,
            "standard_errors": standard_errors,
            "tolerance": tol,
            "max_iterations": max_iterations,
        }
        engines = tuple(dict.fromkeys(filter(None, (engine, second_opinion))))
        how = reading.options()
        given = calibrating.opened(responses, how, pieces, engines, shown=not as_json)
        options |= _held(options["model"], fixed, equal, given.items, metric)
        done = calibrating.estimated(
            given, options, engines, name=responses.stem, cuts=places, metric=metric,
            shown=not as_json, reading={"file": responses.name, **how},
        )  # fmt: skip
        written = calibrating.written(done, out, lang, shown=not as_json)
    calibrating.show(done, written, lang, as_json=as_json)
    if not done.calibration.converged:
        raise typer.Exit(Exit.CHECK_FAILED)


def _held(
    model: Any,
    fixed: Path | None,
    equal: list[str] | None,
    items: tuple[str, ...],
    metric: float,
) -> dict[str, Any]:
    """What holds parameters: known items, and those that items share."""
    held: dict[str, Any] = {"equal": parsed_equal(equal or [], items)}
    if fixed is not None:
        held |= known_options(read_item_file(fixed, metric=metric), items, model)
    return held


def _check(metric: float, out: Path | None) -> None:
    if not 0.0 < metric <= 10.0:
        raise CalibrationError("Calibration options", [Problem("--metric", metric, "1 or 1.702")])
    if out is not None:
        check_folder(out)
