"""`samatthana score`: abilities and standard errors of whole patterns of answers."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import engine
from api.cli import ability
from api.cli.options import Json, NoData, listed_names
from api.cli.output import explained_errors, print_json
from api.cli.piped import on_disk
from calibration.errors import ResponsesError
from calibration.responses import LARGEST_CATEGORY, read_responses
from calibration.responses import Responses as Answered
from engine.errors import InputError, Problem
from itembank.item_files import ItemFile, read_item_file

Responses = Annotated[
    Path,
    typer.Argument(
        metavar="RESPONSES.csv",
        help="Answers: a row a person and a column an item, or person,item,response. - reads"
        " standard input.",
    ),
]
Ignore = Annotated[
    str, typer.Option("--ignore", help="Columns that hold no answers, commas between them.")
]
MissingCodes = Annotated[
    str, typer.Option("--missing-codes", help="What stands for not administered, beside nothing.")
]
Lowest = Annotated[
    int, typer.Option("--lowest", min=0, max=1, help="The number of the lowest category.")
]


def score(
    responses: Responses,
    items: ability.Items,
    method: ability.HowEstimated = "eap",
    prior: ability.PriorText = "normal:0,1",
    grid: ability.GridText = "-6,6,121",
    bounds: ability.BoundsText = None,
    metric: ability.Metric = 1.0,
    ignore: Ignore = "",
    missing_codes: MissingCodes = "NA",
    lowest: Lowest = 0,
    as_json: Json = False,
    _: NoData = None,
) -> None:
    """Score answers: each person's ability and its standard error.

    Answers are categories, counted from 0 (or from 1 with --lowest 1); an empty cell or NA was not
    administered. A number that does not exist (the standard error of an estimate at its bound, say)
    is null, or empty.
    """
    believed, nodes = ability.parsed_prior(prior), ability.parsed_grid(grid)
    limits = ability.parsed_bounds(bounds)
    with (
        explained_errors(as_json=as_json),
        on_disk(items) as item_file,
        on_disk(responses) as file,
    ):
        bank = read_item_file(item_file, metric=metric)
        _check_categories(bank, lowest)
        reading = {
            "items": bank.names,
            "n_categories": bank.pool.n_categories.tolist(),
            "lowest": lowest,
            "ignore": listed_names(ignore),
            "missing_codes": ("", *listed_names(missing_codes)),
        }
        answered = _answers(file, reading)
        scores = engine.score(
            bank.pool, answered.answers, method=method, prior=believed, grid=nodes, bounds=limits
        )
        _print(answered.names, scores, as_json=as_json)


def _answers(file: Path, reading: Mapping[str, Any]) -> Answered:
    """Read the answers; where they only fit counted from 1, the refusal says so.

    Nothing is taken for granted: the same scale in a file of few persons may fit both ways.
    """
    try:
        return read_responses(file, **reading)
    except ResponsesError as error:
        if reading["lowest"]:
            raise
        try:
            read_responses(file, **{**reading, "lowest": 1})
        except ResponsesError:
            raise error from None
        fits = Problem("--lowest", 0, "1, by which every answer in the file is a category")
        raise ResponsesError(error.subject, [fits, *error.problems]) from error


def _check_categories(bank: ItemFile, lowest: int) -> None:
    """Refuse items with more categories than answers read from files can have.

    Raises
    ------
    InputError
        Naming every such item.
    """
    counts, most = bank.pool.n_categories, LARGEST_CATEGORY + 1 - lowest
    expected = f"at most {most}, as answers are read from files; engine.score takes any number"
    problems = [
        Problem(f"item {bank.names[place]}", f"{counts[place]} categories", expected)
        for place in np.flatnonzero(counts > most)
    ]
    if problems:
        raise InputError("Items", problems)


def _print(persons: Sequence[str], scores: engine.Score, *, as_json: bool) -> None:
    rows = zip(persons, scores.theta.tolist(), scores.se.tolist(), strict=True)
    if as_json:
        listed = [{"person": person, "theta": theta, "se": se} for person, theta, se in rows]
        print_json({"scores": listed})
        return
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["person", "theta", "se"])
    writer.writerows([person, *(_written(number) for number in pair)] for person, *pair in rows)


def _written(number: float) -> str:
    return f"{number:.6f}" if number == number else ""
