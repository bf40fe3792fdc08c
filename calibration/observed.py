"""Observed answers beside expected ones, by ability: what the curves of items are checked with.

Those who answered an item are put into groups of like ability, estimated from their *other* answers:
an item that has a share in the estimate it is compared with seems to discriminate more than it
does. Given the other answers, a right answer's probability is the mean of the item's curve over the
posterior density they leave; the mean of these over a group is `expected`, and if the model is true
observed and expected differ by chance alone, however short the test. It lies off the curve itself
where estimates shrink.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from calibration.abilities import Answers, posteriors
from calibration.estimation.result import Calibration
from engine import models
from engine.arrays import FloatArray, IntArray

MOST_GROUPS, SMALLEST_GROUP = 10, 30
MOST_PERSONS = 20_000
"""More would not move a point of a plot by its own width."""

TINY = 1e-300
Z_95 = float(ndtri(0.975))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """Proportions of answers in groups of like ability; NaN where an item has fewer groups.

    Attributes
    ----------
    theta
        Mean ability (EAP from the other items) of each group, (n_items, n_groups).
    n
        How many they are, weights counted, same shape.
    proportion
        Who gave each category, (n_items, n_categories, n_groups).
    expected
        The same under the model, given everyone's other answers.
    low, high
        Wilson's (1927) 95 per cent interval of `proportion`.
    """

    theta: FloatArray
    n: FloatArray
    proportion: FloatArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def residual(self) -> FloatArray:
        """Observed less expected in standard errors of a proportion as expected, same shape."""
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.sqrt(self.expected * (1.0 - self.expected) / self.n[:, None, :])
            residual: FloatArray = (self.proportion - self.expected) / error
        return residual


def observed_and_expected(
    calibration: Calibration,
    answers: Answers,
    *,
    group: NDArray[np.int32] | None = None,
    weight: FloatArray | None = None,
) -> Observed:
    """Compare answers with what the model expects of those who gave them.

    Of more than `MOST_PERSONS` rows, one in so many is taken, evenly spread over the file.

    Parameters
    ----------
    answers
        To the calibrated items, in their order, shape (n, n_items); -1 where nothing is known.
    group
        Each person's place in `calibration.latent`, shape (n,).
    weight
        How many persons each row stands for, shape (n,).
    """
    some = slice(None, None, -(-len(answers) // MOST_PERSONS) or 1)
    sample = answers[some]
    weights = np.ones(len(sample)) if weight is None else weight[some]
    nodes = calibration.quadrature.nodes
    mass = np.empty((len(sample), nodes.size))
    for block in posteriors(calibration, sample, None if group is None else group[some]):
        mass[block.rows] = block.mass
    table = np.exp(models.log_probability(calibration.pool(), nodes))
    columns = [
        _one_item(table[item], sample[:, item], mass, weights, nodes) for item in range(len(table))
    ]
    return _stacked(columns)


def ability_groups(theta: FloatArray, weight: FloatArray) -> IntArray:
    """Each person's group of like ability, ascending from 0, shape (n,); -1 without an ability.

    Ten groups of like size; fewer where they would have less than thirty persons, and where many
    share one ability, since these stay together.
    """
    groups = np.full(theta.size, -1, dtype=np.int64)
    known = np.flatnonzero(np.isfinite(theta) & (weight > 0))
    if not known.size:
        return groups
    wanted = int(np.clip(weight[known].sum() // SMALLEST_GROUP, 1, MOST_GROUPS))
    order = known[np.argsort(theta[known], kind="stable")]
    # The same answers in another order of adding differ in the last bits.
    rounded = np.round(theta, 9)
    values, first = np.unique(rounded[order], return_index=True)
    size = np.add.reduceat(weight[order], first)
    # A value belongs where the middle of its persons does.
    middle = (np.cumsum(size) - size / 2.0) / size.sum()
    wide = np.minimum((middle * wanted).astype(np.int64), wanted - 1)
    dense = np.unique(wide, return_inverse=True)[1].ravel()
    groups[order] = dense[np.searchsorted(values, rounded[order])]
    return groups


def wilson(proportion: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Ends of the 95 per cent interval of a proportion among n (Wilson, 1927)."""
    square = Z_95**2 / n
    middle = (proportion + square / 2.0) / (1.0 + square)
    spread = proportion * (1.0 - proportion) / n + square / (4.0 * n)
    half = Z_95 / (1.0 + square) * np.sqrt(np.maximum(spread, 0.0))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """Of one item: sizes and mean abilities (n_groups,), answers observed and expected (K, n_groups)."""

    n: FloatArray
    theta: FloatArray
    observed: FloatArray
    expected: FloatArray


def _one_item(
    curves: FloatArray, answers: Answers, mass: FloatArray, weight: FloatArray, nodes: FloatArray
) -> _Groups:
    """Compare the answers to one item, whose categories' curves have the shape (K, n_nodes)."""
    given = np.flatnonzero(answers >= 0)
    category, share = answers[given], weight[given]
    # A node where the answer was impossible has no posterior mass to be divided.
    rest = mass[given] / np.maximum(curves[category], TINY)
    rest /= rest.sum(axis=1, keepdims=True)
    theta = rest @ nodes
    band = ability_groups(theta, share)
    n_groups = int(band.max(initial=-1)) + 1
    member = (band == np.arange(n_groups)[:, None]) * share
    n = member.sum(axis=1)
    hit = np.equal.outer(np.arange(len(curves)), category).astype(np.float64)
    return _Groups(n, member @ theta / n, hit @ member.T / n, curves @ rest.T @ member.T / n)


def _stacked(columns: list[_Groups]) -> Observed:
    most = max(each.n.size for each in columns)

    def padded(values: FloatArray) -> FloatArray:
        room = np.full((*values.shape[:-1], most), np.nan)
        room[..., : values.shape[-1]] = values
        return room

    n = np.stack([padded(each.n) for each in columns])
    proportion = np.stack([padded(each.observed) for each in columns])
    low, high = wilson(proportion, n[:, None, :])
    return Observed(
        theta=np.stack([padded(each.theta) for each in columns]),
        n=n,
        proportion=proportion,
        expected=np.stack([padded(each.expected) for each in columns]),
        low=low,
        high=high,
    )
