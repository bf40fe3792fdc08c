"""How often persons of each score choose each option: smoothed shares, without a model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from calibration.responses import Responses
from engine.arrays import FloatArray, IntArray

LEVELS = 50
"""Scores are gathered to at most this many levels."""

FIRM = 0.1
"""This part of a person of the whole group is added to the persons of each level."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OptionCurves:
    """What each person chose, and the chance of it.

    Attributes
    ----------
    choice
        Number of the option (or category) of each answer, -1 where there is none; shape (n, m).
    level
        Each person's level, shape (n,); -1 for persons without a score.
    probability
        Chance of each option at each level, shape (n_levels, m, n_options).
    """

    choice: NDArray[np.int16]
    level: IntArray
    probability: FloatArray


def option_curves(responses: Responses, relative: FloatArray, error: float = 1.0) -> OptionCurves:
    """Return smoothed option shares by score.

    Kernel smoothing over scores (Ramsay, 1991): a Gaussian kernel of width 1.1 n^(-1/5) standard
    deviations, but no wider than the error of measurement, beyond which persons differ and their
    shares must not be mixed; and a tenth of a person with the overall shares added, so that no
    option is impossible that anyone ever chose.

    Parameters
    ----------
    relative
        Each person's score, shape (n,), NaN without one.
    error
        Standard error of measurement over the standard deviation of scores, sqrt(1 - alpha).
    """
    choice, n_options = _choices(responses)
    level, centres, size = _levels(relative)
    m = choice.shape[1]
    counts = np.zeros((len(centres), m, n_options))
    for item in range(m):
        here = (choice[:, item] >= 0) & (level >= 0)
        cell = level[here] * n_options + choice[here, item]
        counts[:, item] = np.bincount(cell, minlength=len(centres) * n_options).reshape(
            -1, n_options
        )
    smoothed = np.tensordot(_kernel(centres, size, error), counts, axes=1)
    overall = counts.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        overall = np.nan_to_num(overall / overall.sum(axis=1, keepdims=True))
        smoothed += FIRM * overall
        probability = np.nan_to_num(smoothed / smoothed.sum(axis=2, keepdims=True))
    return OptionCurves(choice=choice, level=level, probability=probability)


def _choices(responses: Responses) -> tuple[NDArray[np.int16], int]:
    """Option or else category of each answer, -1 where there is none; and how many at most."""
    choice = np.maximum(responses.answers, -1).astype(np.int16)
    if responses.raw is not None:
        choice = np.where(responses.raw >= 0, responses.raw, choice).astype(np.int16)
    return choice, int(choice.max(initial=0)) + 1


def _levels(relative: FloatArray) -> tuple[IntArray, FloatArray, FloatArray]:
    """Each person's level, and each level's place and number of persons.

    The place is the normal quantile of the rank, as in Ramsay (1991): on the scale of scores
    persons at the floor or the ceiling of a test would look closer than they are.
    """
    known = ~np.isnan(relative)
    _, place, size = np.unique(
        np.round(relative[known], 12), return_inverse=True, return_counts=True
    )
    rank = (np.cumsum(size) - size / 2.0) / max(int(size.sum()), 1)
    if len(size) > LEVELS:
        _, group = np.unique((LEVELS * rank).astype(np.int64), return_inverse=True)
        place, total = group[place], np.bincount(group, weights=size)
        rank, size = np.bincount(group, weights=size * rank) / total, total
    level = np.full(len(relative), -1, dtype=np.int64)
    level[known] = place
    return level, ndtri(rank), size.astype(np.float64)


def _kernel(centres: FloatArray, size: FloatArray, error: float) -> FloatArray:
    """Weight of each level (columns) in the shares of each (rows)."""
    n = max(float(size.sum()), 1.0)
    mean = size @ centres / n
    spread = np.sqrt(size @ (centres - mean) ** 2 / n)
    width = max(min(1.1 * n**-0.2, error) * float(spread), 1e-9)
    distance = (centres[:, None] - centres[None, :]) / width
    kernel: FloatArray = np.exp(-0.5 * distance**2)
    return kernel
