"""Options of the commands that estimate abilities, and how they are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from engine import DesignError, Grid, JeffreysPrior, NormalPrior, UniformPrior
from engine.ability import Method
from itembank.csvfile import as_number

AnyPrior = NormalPrior | UniformPrior | JeffreysPrior

Items = Annotated[
    Path,
    typer.Option("--items", metavar="ITEMS.csv", help="Items: item,a,b,c,d or item,model,a,b,..."),
]
HowEstimated = Annotated[Method, typer.Option("--method", help="How ability is estimated.")]
PriorText = Annotated[
    str, typer.Option("--prior", help="normal:MEAN,SD, uniform:LO,HI or jeffreys (eap and map).")
]
GridText = Annotated[str, typer.Option("--grid", help="LO,HI,N: nodes of the integrals.")]
BoundsText = Annotated[
    str | None,
    typer.Option("--bounds", help="LO,HI of estimates other than eap (default: the grid's ends)."),
]
Metric = Annotated[
    float, typer.Option("--metric", help="Scaling constant of the slopes: 1, or 1.702.")
]


def parsed_prior(text: str) -> AnyPrior:
    """Read `normal:0,1`, `uniform:-4,4` or `jeffreys`."""
    name, _, numbers = text.partition(":")
    expected = "normal:MEAN,SD, uniform:LO,HI or jeffreys"
    if name == "jeffreys" and not numbers:
        return JeffreysPrior()
    if name not in ("normal", "uniform"):
        raise typer.BadParameter(f"{text!r} is not {expected}", param_hint="--prior")
    first, second = _numbers(text, numbers or _default(name), 2, expected, "--prior")
    try:
        return NormalPrior(first, second) if name == "normal" else UniformPrior(first, second)
    except DesignError as error:
        raise typer.BadParameter(str(error), param_hint="--prior") from error


def parsed_grid(text: str) -> Grid:
    """Read `-6,6,121`."""
    expected = "LO,HI,N with N whole"
    lo, hi, n = _numbers(text, text, 3, expected, "--grid")
    if n != int(n):
        raise typer.BadParameter(f"{text!r} is not {expected}", param_hint="--grid")
    try:
        return Grid(lo, hi, int(n))
    except DesignError as error:
        raise typer.BadParameter(str(error), param_hint="--grid") from error


def parsed_bounds(text: str | None) -> tuple[float, float] | None:
    """Read `-6,6`."""
    if text is None:
        return None
    lo, hi = _numbers(text, text, 2, "LO,HI", "--bounds")
    if not lo < hi:
        raise typer.BadParameter(f"{text!r}: LO has to be below HI", param_hint="--bounds")
    return lo, hi


def parsed_cuts(text: str) -> tuple[float, ...]:
    """Read `-1,0,1`."""
    count = text.count(",") + 1
    return _numbers(text, text, count, "numbers with commas between them", "--cuts")


def _default(name: Literal["normal", "uniform"] | str) -> str:
    return "0,1" if name == "normal" else "-4,4"


def _numbers(whole: str, text: str, count: int, expected: str, option: str) -> tuple[float, ...]:
    numbers = [as_number(part) for part in text.split(",")]
    known = tuple(number for number in numbers if number is not None)
    if len(numbers) != count or len(known) != count:
        raise typer.BadParameter(f"{whole!r} is not {expected}", param_hint=option)
    return known
