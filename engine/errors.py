"""What can be wrong with input, and how every room reports it: all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN_PROBLEMS = 20
"""How many problems the message of an error spells out; `InputError.problems` has all."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it stands, what was found, what was expected."""

    where: str
    value: object
    expected: str

    def __str__(self) -> str:
        return f"{self.where}: found {self.value!r}, expected {self.expected}"


class InputError(ValueError):
    """Input that cannot be used.

    Parameters
    ----------
    subject
        What was being read or built, as a person would name it.
    problems
        Everything that is wrong with it; at least one.
    """

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        if not problems:
            raise AssertionError("an InputError needs at least one problem")
        self.subject = subject
        self.problems = tuple(problems)
        super().__init__(self._message())

    def _message(self) -> str:
        count = len(self.problems)
        shown = [f"  - {problem}" for problem in self.problems[:SHOWN_PROBLEMS]]
        if count > SHOWN_PROBLEMS:
            shown.append(f"  - and {count - SHOWN_PROBLEMS} more")
        noun = "problem" if count == 1 else "problems"
        return "\n".join([f"{self.subject}: {count} {noun}", *shown])


class PoolError(InputError):
    """An item pool with impossible parameters or shapes."""


class DesignError(InputError):
    """An exam design that contradicts itself or its pool."""


class AnswerError(InputError):
    """An answer, ability or seed that does not fit the state it is given to."""
