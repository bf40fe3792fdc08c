"""Options of the commands that calibrate answers, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.options import listed_names
from calibration.estimation.options import MODELS
from calibration.responses import parse_key, read_key
from engine import InputError, Problem
from itembank.csvfile import as_number, read_table

KEY_FILES = (".csv", ".tsv", ".txt", ".parquet")
"""How the name of a file ends, which no key does."""

Answers = Annotated[
    Path,
    typer.Argument(
        metavar="RESPONSES",
        help="Answers, CSV or Parquet: a row a person and a column an item, or"
        " person,item,response.",
    ),
]
Equal = Annotated[
    list[str] | None,
    typer.Option(
        "--equal",
        metavar="PARAMETER:ITEMS",
        help="Parameters that items share: 'a: i1,i2' or 'c: *' (all items); or a file item,a,b,...,"
        " where items with the same word in a column share that parameter. May be repeated.",
    ),
]
Pieces = Annotated[
    int | None,
    typer.Option(
        "--pieces",
        metavar="PERSONS",
        min=0,
        help="Read a wide file in pieces of so many persons, whatever its size; 0: whole."
        " (Default: in pieces beyond 100 million answers.)",
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        "--tol", help="Distance from the maximum to stop at, in standard errors (root mean square)."
    ),
]
MaxIterations = Annotated[int, typer.Option("--max-iterations", help="Most steps.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a file of answers is to be read."""

    key: Annotated[
        str | None,
        typer.Option("--key", help="Answers are options: the key, a file or as '1 4 5' or ACDB."),
    ] = None
    ignore: Annotated[
        str, typer.Option("--ignore", help="Columns that hold no answers, commas between them.")
    ] = ""
    group: Annotated[
        str | None, typer.Option("--group", help="The column of each person's group.")
    ] = None
    weight: Annotated[
        str | None, typer.Option("--weight", help="The column of counts or weights of persons.")
    ] = None
    person: Annotated[str, typer.Option("--person", help="The column of persons' names.")] = (
        "person"
    )
    missing_codes: Annotated[
        str, typer.Option("--missing-codes", help="What stands for not administered.")
    ] = "NA"
    omit_codes: Annotated[
        str, typer.Option("--omit-codes", help="What stands for seen and passed over.")
    ] = ""
    not_reached_codes: Annotated[
        str, typer.Option("--not-reached-codes", help="What stands for never come to.")
    ] = ""
    trailing_not_reached: Annotated[
        bool,
        typer.Option("--trailing-not-reached", help="Omissions at the end were never come to."),
    ] = False

    def options(self) -> dict[str, Any]:
        """Return them as `read_responses` takes them."""
        weights = listed_names(self.weight or "")
        return {
            "key": _key(self.key),
            "ignore": listed_names(self.ignore),
            "group": self.group,
            "weight": weights[0] if len(weights) == 1 else weights or None,
            "person": self.person,
            "missing_codes": ("", *listed_names(self.missing_codes)),
            "omit_codes": listed_names(self.omit_codes),
            "not_reached_codes": listed_names(self.not_reached_codes),
            "trailing_not_reached": self.trailing_not_reached,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimation:
    """What is estimated from answers, and how they count."""

    model: Annotated[
        str,
        typer.Option("--model", help=f"{'|'.join(MODELS)}, or a file item,model for a mixed test."),
    ] = "2pl"
    omitted: Annotated[
        str | None,
        typer.Option(
            "--omitted", help="Omissions count as wrong or missing (default: by the key)."
        ),
    ] = None
    not_reached: Annotated[
        str,
        typer.Option("--not-reached", help="What was never come to counts as wrong or missing."),
    ] = "missing"
    quadrature: Annotated[str, typer.Option("--quadrature", help="auto, or LO,HI,N.")] = "auto"
    no_priors: Annotated[bool, typer.Option("--no-priors", help="No prior density on c and d.")] = (
        False
    )

    def options(self) -> dict[str, Any]:
        """Return them as `calibrate` takes them."""
        return {
            "model": parsed_model(self.model),
            "quadrature": parsed_quadrature(self.quadrature),
            "priors": not self.no_priors,
            "omitted": self.omitted,
            "not_reached": self.not_reached,
        }


def parsed_model(text: str) -> str | Mapping[str, str]:
    """Read a model's name, or a file of `item,model`.

    Raises
    ------
    InputError
        Naming what in the file is no model.
    """
    if text.lower() in MODELS:
        return text.lower()
    path = Path(text)
    if not path.is_file():
        expected = f"one of {', '.join(MODELS)}, or a file of item,model"
        raise InputError("Model", [Problem("--model", text, expected)])
    table = read_table(path).without_empty_rows()
    if not {"item", "model"} <= table.columns.keys():
        found = ",".join(table.columns)
        raise InputError(text, [Problem("row 1", found, "the columns item and model")])
    places = table.columns["item"], table.columns["model"]
    pairs = [tuple(row[p].strip() if p < len(row) else "" for p in places) for row in table.rows]
    problems = [
        Problem(table.where(row, "model"), model, f"one of {', '.join(MODELS)}")
        for row, (_, model) in enumerate(pairs)
        if model.lower() not in MODELS
    ]
    if problems:
        raise InputError(text, problems)
    return {item: model.lower() for item, model in pairs}


def parsed_quadrature(text: str) -> Any:
    """Read `auto` or `-6,6,121`."""
    if text == "auto":
        return text
    numbers = [as_number(part) for part in text.split(",")]
    if len(numbers) != 3 or None in numbers or numbers[2] != int(numbers[2] or 0):
        expected = "auto, or LO,HI,N with N whole"
        raise InputError("Quadrature", [Problem("--quadrature", text, expected)])
    return numbers[0], numbers[1], int(numbers[2] or 0)


def _key(text: str | None) -> Any:
    if text is None:
        return None
    path = Path(text)
    if path.is_file():
        return read_key(path)
    if path.suffix.lower() in KEY_FILES:
        expected = "a file that is there, or the options themselves: '1 4 5', ACDB"
        raise InputError("Key", [Problem("--key", text, expected)])
    return parse_key(text)
