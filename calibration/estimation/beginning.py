"""Starting values, from shares of answers and the scores of those who gave them."""

from __future__ import annotations

import numpy as np

from calibration.estimation.screening import Screened
from calibration.estimation.survey import Persons
from calibration.families.layout import Layout
from engine.arrays import FloatArray, IntArray

PERSONS = 3000
"""Scores of so many persons are enough to begin with."""

STEEPEST = 4.0
"""No slope begins beyond this."""

NARROWEST = 1e-9
"""Stands for a spread or a number of persons that is 0."""


def starting_values(layout: Layout, screened: Screened, persons: Persons) -> FloatArray:
    """Return free parameters phi to begin with, shape (n_free,)."""
    rows = np.arange(0, len(persons.answers), max(1, len(persons.answers) // PERSONS))
    some = persons.take(rows[:PERSONS])
    column = np.arange(screened.items.size)
    categories = screened.categories[column, some.answers[:, screened.items] + 1]
    weight = np.ones(len(categories)) if some.weight is None else some.weight
    shares, means = _by_category(categories, screened.sizes, weight)
    x = []
    for block in layout.blocks:
        n = block.n_categories
        begun = block.family.start(shares[block.items, :n], means[block.items, :n])
        begun[:, 0] = np.clip(begun[:, 0], -STEEPEST, STEEPEST)
        x.append(np.nan_to_num(begun, nan=0.0, posinf=5.0, neginf=-5.0))
    return layout.free_of(x)


def _by_category(
    categories: IntArray, sizes: IntArray, weight: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Share of each category, and the mean rest score of those in it, shape (m, K) each."""
    there = categories >= 0
    relative = np.where(there, categories / (sizes - 1), 0.0)
    n = there.sum(axis=1, keepdims=True)
    rest = (relative.sum(axis=1, keepdims=True) - relative) / np.maximum(n - 1, 1)
    answered = np.maximum(there.sum(axis=0), 1)
    rest -= np.where(there, rest, 0.0).sum(axis=0) / answered
    spread = np.sqrt(np.where(there, rest**2, 0.0).sum(axis=0) / answered)
    rest /= np.maximum(spread, NARROWEST)
    widest = int(sizes.max())
    shares, means = np.zeros((2, sizes.size, widest))
    for k in range(widest):
        chosen = (categories == k) * weight[:, None]
        total = chosen.sum(axis=0)
        means[:, k] = (rest * chosen).sum(axis=0) / np.maximum(total, NARROWEST)
        shares[:, k] = total + 0.5
    shares[np.arange(widest) >= sizes[:, None]] = 0.0
    return shares / shares.sum(axis=1, keepdims=True), means
