"""Distributions as a design file writes them: normal(0, 1), uniform:-3,3 or {grid: [-3, 3, 13]}."""

from __future__ import annotations

import re
from collections.abc import Sequence

import engine
from calibration.errors import StudyError
from engine.errors import Problem
from itembank.csvfile import as_number

CALL = re.compile(r"([a-z]+)\s*(?:\((.*)\)|:(.*))")

Written = str | dict[str, tuple[float, ...]]
"""`normal(0, 1)`, `normal:0,1` or `{normal: [0, 1]}`."""


def call_of(written: Written) -> tuple[str, tuple[str, ...]] | None:
    """Return the name and the arguments; None where the text is no such thing."""
    if isinstance(written, dict):
        if len(written) != 1:
            return None
        name, numbers = next(iter(written.items()))
        return name, tuple(f"{number:.17g}" for number in numbers)
    match = CALL.fullmatch(written.strip())
    if match is None:
        return None
    inside = match[2] if match[2] is not None else match[3]
    return match[1], tuple(part.strip() for part in inside.split(","))


def numbers_of(
    text: Written, arguments: Sequence[str], count: int, where: str, expected: str
) -> tuple[float, ...]:
    """Return the numbers of a call.

    Raises
    ------
    StudyError
        Where there are not so many, or some are no numbers.
    """
    numbers = tuple(number for each in arguments if (number := as_number(each)) is not None)
    if len(numbers) != count or len(arguments) != count:
        raise StudyError("Study section", [Problem(where, text, expected)])
    return numbers


def prior_of(text: Written, where: str) -> engine.Prior:
    """Return a prior: normal(mean, sd) or uniform(lo, hi).

    Raises
    ------
    StudyError
        Where the text is neither.
    """
    expected = "normal(mean, sd) or uniform(lo, hi)"
    name, arguments = call_of(text) or ("", ())
    if name not in ("normal", "uniform"):
        raise StudyError("Study section", [Problem(where, text, expected)])
    first, second = numbers_of(text, arguments, 2, where, expected)
    try:
        if name == "normal":
            return engine.NormalPrior(first, second)
        return engine.UniformPrior(first, second)
    except engine.DesignError as error:
        raise StudyError("Study section", [Problem(where, text, str(error))]) from error
