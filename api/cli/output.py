"""How commands print, and how they fail: one readable line or, with `--json`, one JSON object."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, NoReturn

import typer
from sqlalchemy.exc import DBAPIError

from api.errors import OperatorError, ServiceError
from engine.errors import InputError, Problem

LONGEST_VALUE = 200
"""Characters of a wrong value that are repeated in a message."""


class Exit(IntEnum):
    """What a command's exit status says."""

    DONE = 0
    CHECK_FAILED = 1
    USAGE = 2
    BAD_INPUT = 3


def print_json(result: Mapping[str, Any]) -> None:
    """Print a result as JSON; a number that is not finite is null."""
    print(json.dumps(_finite(result), ensure_ascii=False, indent=2, default=str))


@contextmanager
def explained_errors(*, as_json: bool) -> Iterator[None]:
    """Turn what a command cannot go on from into a message and the exit status of bad input."""
    try:
        yield
    except InputError as error:
        message = f"{error.subject}: {counted(len(error.problems), 'problem')}"
        fail(message, problems=error.problems, as_json=as_json)
    except OperatorError as error:
        fail(str(error), problems=error.problems, as_json=as_json)
    except ServiceError as error:
        fail(error.detail, problems=error.problems, as_json=as_json)
    except DBAPIError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        fail(f"The database has failed: {reason}", as_json=as_json)


def fail(message: str, *, problems: Sequence[Problem] = (), as_json: bool) -> NoReturn:
    """Say what is wrong and exit with the status of bad input."""
    if as_json:
        print_json(
            {"error": {"message": message, "problems": [_listed(each) for each in problems]}}
        )
    else:
        print(f"samatthana: {message}", file=sys.stderr)
        for problem in problems:
            print(problem_line(problem), file=sys.stderr)
    raise typer.Exit(Exit.BAD_INPUT)


def problem_line(problem: Problem) -> str:
    """Return a problem as one line of a list, a very long value cut short."""
    found = repr(problem.value)
    if len(found) > LONGEST_VALUE:
        found = f"{found[:LONGEST_VALUE]}…"
    return f"  - {problem.where}: found {found}, expected {problem.expected}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 item`, `2 items`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(problem: Problem) -> dict[str, Any]:
    return {"where": problem.where, "value": _plain(problem.value), "expected": problem.expected}


def _plain(value: object) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
