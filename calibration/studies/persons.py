"""Who sits in a study: true abilities and speeds, or real persons with their answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import engine
from calibration.errors import StudyError
from calibration.responses import read_responses
from calibration.studies.design_file import DesignFile
from calibration.studies.notation import Written, call_of, numbers_of
from calibration.studies.sections import StudySection
from engine.arrays import FloatArray
from engine.errors import InputError, Problem
from itembank.csvfile import TableError, as_number, read_table

DEFAULT_N = 10_000
AT_ONCE = 16_384
"""Real persons whose ability is estimated together."""
EXPECTED = "normal(mean, sd), uniform(lo, hi), grid(lo, hi, points) or file(abilities.csv)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crowd:
    """The candidates of a study.

    Attributes
    ----------
    theta
        True abilities in each section, shape (n, n_sections); of real persons, the ability by all
        their answers.
    points
        The abilities of a grid; none where they are drawn.
    answers
        Real answers to the items of the one section, shape (n, n_items), negative where there is
        none; None where answers are drawn.
    n_without
        How many real persons were left out, who answered no item.
    """

    theta: FloatArray
    points: tuple[float, ...] = ()
    answers: NDArray[np.int8] | None = None
    n_without: int = 0

    def __len__(self) -> int:
        return int(self.theta.shape[0])


def crowd_of(file: DesignFile, sections: Sequence[StudySection], folder: Path) -> Crowd:
    """Return the candidates that a design file speaks of.

    Raises
    ------
    StudyError
        With what is wrong with the persons, or with a file of them.
    """
    persons = file.persons
    if persons.responses is not None:
        return _real(folder / persons.responses, sections[0])
    generator = np.random.default_rng([file.seed, 0])
    text = persons.theta or "normal(0, 1)"
    name, arguments = call_of(text) or ("", ())
    n = persons.n or DEFAULT_N
    if name == "grid":
        points = _points(text, arguments)
        theta = np.resize(points, n)
        return Crowd(theta=np.tile(theta[:, None], len(sections)), points=tuple(points.tolist()))
    if name == "file" and len(arguments) == 1:
        abilities = _from_file(folder / arguments[0])
        theta = abilities if persons.n is None else generator.choice(abilities, n)
        return Crowd(theta=np.tile(theta[:, None], len(sections)))
    if name not in ("normal", "uniform"):
        raise StudyError("Design", [Problem("persons.theta", text, EXPECTED)])
    first, second = numbers_of(text, arguments, 2, "persons.theta", EXPECTED)
    if (name == "normal" and second <= 0) or (name == "uniform" and second <= first):
        raise StudyError("Design", [Problem("persons.theta", text, EXPECTED)])
    standard = _correlated(generator, n, len(sections), persons.correlation)
    if name == "normal":
        return Crowd(theta=first + second * standard)
    from scipy.special import ndtr

    return Crowd(theta=first + (second - first) * ndtr(standard))


def _correlated(
    generator: np.random.Generator, n: int, n_sections: int, correlation: float
) -> FloatArray:
    """Standard normal numbers, each two sections' correlated alike, shape (n, n_sections)."""
    if n_sections == 1:
        return generator.normal(size=(n, 1))
    if correlation * (n_sections - 1) < -1:
        expected = f"at least {-1 / (n_sections - 1):g}, for {n_sections} sections"
        raise StudyError("Design", [Problem("persons.correlation", correlation, expected)])
    matrix = np.full((n_sections, n_sections), correlation)
    np.fill_diagonal(matrix, 1.0)
    values, vectors = np.linalg.eigh(matrix)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    drawn: FloatArray = generator.normal(size=(n, n_sections)) @ root.T
    return drawn


def _points(text: Written, arguments: Sequence[str]) -> FloatArray:
    lo, hi, n = numbers_of(text, arguments, 3, "persons.theta", EXPECTED)
    if n != int(n) or n < 1 or hi < lo:
        raise StudyError("Design", [Problem("persons.theta", text, EXPECTED)])
    return np.linspace(lo, hi, int(n))


def _from_file(path: Path) -> FloatArray:
    """The column theta of a CSV file."""
    table = read_table(path).without_empty_rows()
    place = table.columns.get("theta")
    if place is None:
        raise TableError(str(path), [Problem("row 1", ",".join(table.columns), "a column theta")])
    numbers = [as_number(row[place]) if place < len(row) else None for row in table.rows]
    problems = [
        Problem(table.where(row, "theta"), table.rows[row][place : place + 1], "a number")
        for row, number in enumerate(numbers)
        if number is None
    ]
    if not problems and len(numbers) < 2:
        problems = [Problem("row 2", f"{len(numbers)} persons", "at least two")]
    if problems:
        raise TableError(str(path), problems)
    return np.array(numbers, dtype=np.float64)


def _real(path: Path, section: StudySection) -> Crowd:
    pool = section.design.pool
    try:
        read = read_responses(
            path, items=section.items, n_categories=tuple(pool.n_categories.tolist())
        )
    except InputError as error:
        where = "persons.responses"
        problems = [
            Problem(f"{where}: {each.where}", each.value, each.expected) for each in error.problems
        ]
        raise StudyError("Design", problems) from error
    kept = (read.answers >= 0).any(axis=1)
    if kept.sum() < 2:
        problem = Problem("persons.responses", f"{kept.sum()} persons with answers", "at least 2")
        raise StudyError("Design", [problem])
    answers = read.answers if kept.all() else read.answers[kept]
    theta = np.concatenate(
        [
            _ability(section.design, answers[first : first + AT_ONCE])
            for first in range(0, len(answers), AT_ONCE)
        ]
    )
    return Crowd(theta=theta[:, None], answers=answers, n_without=int((~kept).sum()))


def _ability(design: engine.Design, answers: NDArray[np.int8]) -> FloatArray:
    """The EAP estimate by all answers, shape (n,)."""
    whole = np.maximum(answers, -1).astype(np.int64)
    return engine.score(
        design.pool, whole, method="eap", prior=design.prior, grid=design.grid
    ).theta
