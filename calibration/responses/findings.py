"""Everything found wrong in a file, with its row, and no more of it than anyone can read."""

from __future__ import annotations

from calibration.errors import ResponsesError
from engine.arrays import IntArray
from engine.errors import Problem

SHOWN = 100
"""How many problems of a file are named; the rest are counted."""


class Findings:
    """Problems of one file as reading goes on."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.n = 0
        self._named: list[tuple[int, Problem]] = []

    def add(self, row: int, where: str, value: object, expected: str) -> None:
        """Note a problem; `row` sorts it, 0 for the file as a whole and 1 for its header."""
        self.n += 1
        if len(self._named) < SHOWN:
            self._named.append((row, Problem(where, value, expected)))

    def count(self, more: int) -> None:
        """Note that there was more of what has been named."""
        self.n += more

    def room(self, places: IntArray) -> IntArray:
        """Return as many of these places as can still be named, and count the others."""
        named = places[: max(0, SHOWN - len(self._named))]
        self.n += places.size - named.size
        return named

    def stop_if_any(self) -> None:
        """Raise a `ResponsesError` with the problems in the order of the rows, if there are any."""
        if not self.n:
            return
        problems = [problem for _, problem in sorted(self._named, key=lambda each: each[0])]
        if self.n > len(problems):
            more = f"{self.n - len(problems):,} more problems"
            problems.append(
                Problem("further on", more, f"none; the first {len(problems)} are named")
            )
        raise ResponsesError(self.subject, problems)


def at(row: int, column: str) -> str:
    """Say where a cell stands, as "row 5, column a"."""
    return f"row {row}, column {column}"
