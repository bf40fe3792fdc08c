"""Difficulty and discrimination of each item, as counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.responses import NOT_GIVEN, NOT_REACHED, OMITTED, Responses
from calibration.screen.scores import Scores
from engine.arrays import FloatArray

VERY_HARD, VERY_EASY = 0.1, 0.95
WEAK = 0.15
"""Item-rest correlations below this are called weak. Nunnally and Bernstein (1994, p. 304) like to
see 0.3; on short tests, where the rest of the test is itself unreliable, few items have that."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemStatistics:
    """Columns of a table of items, each of shape (m,). Persons are counted by their weights.

    Attributes
    ----------
    items
        Names.
    n
        Persons with a score on the item (an omission counted as wrong is a score).
    not_given, omitted, not_reached
        Persons without an answer, by reason.
    mean, sd
        Of the category.
    proportion
        Mean over the largest category: of a right/wrong item the proportion correct.
    item_rest
        Correlation of the item with the rest of the test, of the persons who have a score on the
        item and on another: the corrected point-biserial (Henrysson, 1963). The rest is the mean
        surplus over the other items given, which is their sum where all are given the same.
    item_rest_se
        Its standard error, (1 - r^2) / sqrt(n - 1).
    flags
        Of each item: "constant", "hard", "easy", "negative" or "weak" discrimination.
    """

    items: tuple[str, ...]
    n: FloatArray
    not_given: FloatArray
    omitted: FloatArray
    not_reached: FloatArray
    mean: FloatArray
    sd: FloatArray
    proportion: FloatArray
    item_rest: FloatArray
    item_rest_se: FloatArray
    flags: tuple[tuple[str, ...], ...]


def item_statistics(responses: Responses, scores: Scores) -> ItemStatistics:
    """Return the table of items."""
    sd, correlation, persons = _spread_and_correlation(scores)
    proportion = scores.mean / scores.most
    with np.errstate(invalid="ignore", divide="ignore"):
        error = (1.0 - correlation**2) / np.sqrt(persons - 1.0)
    return ItemStatistics(
        items=responses.items,
        n=scores.n,
        not_given=_counted(responses, scores, NOT_GIVEN),
        omitted=_counted(responses, scores, OMITTED),
        not_reached=_counted(responses, scores, NOT_REACHED),
        mean=scores.mean,
        sd=sd,
        proportion=proportion,
        item_rest=correlation,
        item_rest_se=error,
        flags=tuple(map(_flags, proportion.tolist(), sd.tolist(), correlation.tolist())),
    )


def _spread_and_correlation(scores: Scores) -> tuple[FloatArray, FloatArray, FloatArray]:
    """SD of each item, its correlation with the rest, and the persons behind it; shape (m,)."""
    sums = np.zeros((6, len(scores.mean)))
    squares = np.zeros(len(scores.mean))
    for rows in scores.blocks():
        residual, given = scores.residuals(rows)
        points = scores.points[rows, None] - given * scores.most
        both = given & (points > 0)
        rest = (scores.surplus[rows, None] - residual) / np.where(points > 0, points, 1.0) * both
        here = residual * both
        weight = scores.weight[rows]
        squares += weight @ residual**2
        terms = (both, here, rest, here * here, rest * rest, here * rest)
        sums += np.stack([weight @ term for term in terms])
    n, x, y, xx, yy, xy = sums
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance, x_variance, y_variance = (xy - x * y / n, xx - x * x / n, yy - y * y / n)
        safe = (x_variance > 1e-12 * n) & (y_variance > 1e-12 * n)
        correlation = np.where(safe, covariance / np.sqrt(x_variance * y_variance), np.nan)
        sd = np.sqrt(squares / (scores.n - 1.0))
    return np.where(scores.n > 1, sd, np.nan), correlation, n


def _counted(responses: Responses, scores: Scores, code: int) -> FloatArray:
    total = np.zeros(len(responses.items))
    for rows in scores.blocks():
        total += scores.weight[rows] @ (responses.answers[rows] == code)
    return total


def _flags(proportion: float, sd: float, correlation: float) -> tuple[str, ...]:
    if not sd > 0:
        return ("constant",)
    flags = []
    if proportion < VERY_HARD:
        flags.append("hard")
    if proportion > VERY_EASY:
        flags.append("easy")
    if correlation < 0:
        flags.append("negative")
    elif correlation < WEAK:
        flags.append("weak")
    return tuple(flags)
