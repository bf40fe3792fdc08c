"""Whether the time was too short: who came how far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.responses import OMITTED, Responses
from engine.arrays import BoolArray, FloatArray

ENOUGH_FINISH = 0.8
ALL_REACH = 0.75


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Speededness:
    """Who came how far, in the order of the items. Weights are counted.

    An item is not reached if the file says so, or if it is omitted and no later item was answered.
    Items that were not administered to a person do not count for them; persons without any answer
    are left out.

    Attributes
    ----------
    reached
        Share of the persons given each item who came to it, shape (m,); NaN if given to nobody.
    finished
        Share of the persons who came to the last item they were given.
    three_quarters
        Share of the persons who came to three quarters of theirs.
    unspeeded
        Whether at least 80% finished and everyone came to three quarters: the rule of thumb of
        Swineford (1949, 1956; reviewed by Cintron, 2021, ETS RR-21-03).
    mean_not_reached
        Items not reached, on average.
    variance_ratio
        Variance of the number not reached over the variance of the number not right (wrong, omitted
        or not reached): 0 for a pure power test, 1 for a pure speed test (Gulliksen, 1950, ch. 17).
        An item counts as right if its category is the largest anyone had. NaN where nobody differs.
    """

    reached: FloatArray
    finished: float
    three_quarters: float
    unspeeded: bool
    mean_not_reached: float
    variance_ratio: float


def speededness(responses: Responses) -> Speededness | None:
    """Say who came how far; None where nothing in the file was omitted or not reached."""
    if not responses.n_rows or not (responses.answers < -1).any():
        return None
    m = len(responses.items)
    given_n, reached_n = np.zeros(m), np.zeros(m)
    top = np.maximum(responses.n_categories - 1, 1)
    short, wrong, share, finish, weights = [], [], [], [], []
    for rows in responses.blocks():
        answers = responses.answers[rows]
        given = answers != -1
        reached = _reached(responses, rows)
        kept = (answers >= 0).any(axis=1)
        weight = np.ones(len(answers)) if responses.weight is None else responses.weight[rows]
        weight = weight * kept
        given_n += weight @ given
        reached_n += weight @ reached
        short.append((given & ~reached).sum(axis=1))
        wrong.append((given & (answers != top)).sum(axis=1))
        share.append(reached.sum(axis=1) / np.maximum(given.sum(axis=1), 1))
        finish.append(~(given & ~reached).any(axis=1))
        weights.append(weight)
    each = np.concatenate(weights)
    unreached, errors = np.concatenate(short), np.concatenate(wrong)
    finished = _mean(np.concatenate(finish), each)
    far = _mean(np.concatenate(share) >= ALL_REACH - 1e-12, each)
    spread = _variance(errors, each)
    with np.errstate(invalid="ignore", divide="ignore"):
        reached_share = reached_n / given_n
    return Speededness(
        reached=reached_share,
        finished=finished,
        three_quarters=far,
        unspeeded=finished >= ENOUGH_FINISH and far >= 1.0 - 1e-12,
        mean_not_reached=_mean(unreached, each),
        variance_ratio=_variance(unreached, each) / spread if spread > 0 else float("nan"),
    )


def _reached(responses: Responses, rows: slice) -> BoolArray:
    """Whether each item was given and come to, shape (n_rows, m)."""
    answers = responses.answers[rows]
    answered_later = np.logical_or.accumulate((answers >= 0)[:, ::-1], axis=1)[:, ::-1]
    passed_over = (answers == OMITTED) & answered_later
    reached: BoolArray = (answers >= 0) | passed_over
    return reached


def _mean(values: np.ndarray, weight: FloatArray) -> float:
    return float(np.average(values, weights=weight)) if weight.any() else float("nan")


def _variance(values: np.ndarray, weight: FloatArray) -> float:
    return _mean((values - _mean(values, weight)) ** 2, weight)
