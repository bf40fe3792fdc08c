"""How each person did on the items they were given, on one footing whatever those were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import BoolArray, FloatArray

ROWS_AT_ONCE = 8_192
"""Rows that are numbers of eight bytes at one time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """Scored answers, and what each person has more or less than the average of the items given.

    Attributes
    ----------
    answers
        Categories from 0, -1 where nothing is known, shape (n, m).
    weight
        How many persons each row stands for, shape (n,).
    n
        How many persons answered each item, weights counted, shape (m,).
    mean
        Mean category of each item, shape (m,); NaN without answers.
    most
        Largest category of each item, at least 1, shape (m,).
    surplus
        Sum over the items a person was given of category minus mean, shape (n,).
    points
        Sum of the largest categories of those items, shape (n,).
    """

    answers: NDArray[np.int8]
    weight: FloatArray
    n: FloatArray
    mean: FloatArray
    most: FloatArray
    surplus: FloatArray
    points: FloatArray

    @property
    def relative(self) -> FloatArray:
        """Surplus for each point that could be had, shape (n,); NaN for persons without answers.

        Where everyone is given the same items this is the total score on another scale; where
        not, it does not confuse an easier booklet with an abler person.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.points > 0, self.surplus / self.points, np.nan)

    def blocks(self) -> Iterator[slice]:
        """Rows by some thousands."""
        for start in range(0, len(self.answers), ROWS_AT_ONCE):
            yield slice(start, start + ROWS_AT_ONCE)

    def residuals(self, rows: slice) -> tuple[FloatArray, BoolArray]:
        """Category minus mean (0 where not known), and where it is known; shape (n_rows, m)."""
        given = self.answers[rows] >= 0
        return np.where(given, self.answers[rows] - np.nan_to_num(self.mean), 0.0), given

    def rest(self, item: int) -> FloatArray:
        """Each person's relative surplus on the other items, shape (n,); NaN without any."""
        given = self.answers[:, item] >= 0
        own = np.where(given, self.answers[:, item] - self.mean[item], 0.0)
        points = self.points - given * self.most[item]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(points > 0, (self.surplus - own) / points, np.nan)


def scores_of(answers: NDArray[np.int8], weight: FloatArray | None = None) -> Scores:
    """Return the scores of answers that are categories, or -1."""
    n_rows, n_items = answers.shape
    weights = np.ones(n_rows) if weight is None else weight
    count, total = np.zeros(n_items), np.zeros(n_items)
    blocks = [slice(start, start + ROWS_AT_ONCE) for start in range(0, n_rows, ROWS_AT_ONCE)]
    for rows in blocks:
        given = answers[rows] >= 0
        count += weights[rows] @ given
        total += weights[rows] @ np.where(given, answers[rows], 0)
    with np.errstate(invalid="ignore"):
        mean = total / count
    most = np.maximum(answers.max(axis=0, initial=0), 1).astype(np.float64)
    surplus, points = np.zeros(n_rows), np.zeros(n_rows)
    for rows in blocks:
        given = answers[rows] >= 0
        surplus[rows] = np.where(given, answers[rows] - np.nan_to_num(mean), 0.0).sum(axis=1)
        points[rows] = given @ most
    return Scores(
        answers=answers,
        weight=weights,
        n=count,
        mean=mean,
        most=most,
        surplus=surplus,
        points=points,
    )
