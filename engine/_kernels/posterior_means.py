"""`engine.ability.eap` for many patterns, compiled: likelihoods multiplied group by group."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine import models
from engine._kernels.compiler import entry, inner
from engine._kernels.groups import Groups
from engine._kernels.sums import DEEPEST, FAINTEST, product, second_moment, weigh_four_times
from engine._kernels.threads import on_threads
from engine.ability.patterns import Answers, Patterns
from engine.arrays import BoolArray, FloatArray, frozen
from engine.grid import Grid
from engine.posterior import Posterior, Score


class Rows(NamedTuple):
    """What the kernel reads: groups, and on the grid their likelihoods and the prior.

    `likelihood` (n_rows, n_nodes) has 1 as the largest of each row; `depth` (n_rows,) is how far
    the logarithms of a row lie apart. `mass` is the prior times the grid's weights.
    """

    groups: Groups
    likelihood: FloatArray
    depth: FloatArray
    mass: FloatArray
    prior_depth: float
    nodes: FloatArray


def posterior_means(
    patterns: Patterns, grid: Grid, log_prior: FloatArray, threads: int | None = None
) -> tuple[Score, BoolArray]:
    """Return posterior means and standard deviations, and for whom they can be relied on.

    For the others, whose density spans more than a processor's numbers do, numpy's logarithms are
    needed.
    """
    rows = _rows(patterns, grid, log_prior)
    answers = readable(patterns.answers)
    theta, se = np.empty((2, len(patterns)))
    sure = np.empty(len(patterns), dtype=np.bool_)

    def work(first: int, beyond: int) -> None:
        score_all(rows, answers, first, beyond, np.empty(grid.n), theta, se, sure)

    on_threads(work, len(patterns), threads)
    return Score(theta=theta, se=se), sure


def readable(answers: Answers) -> Answers:
    """Answers in a row, bytes or 64 bits: for other kinds, other versions would be compiled."""
    if answers.dtype == np.int8:
        return frozen(np.ascontiguousarray(answers, dtype=np.int8).view())
    return frozen(np.ascontiguousarray(answers, dtype=np.int64).view())


def _rows(patterns: Patterns, grid: Grid, log_prior: FloatArray) -> Rows:
    groups = Groups.of(patterns.pool.n_categories, patterns.answers)
    table = models.log_probability(patterns.pool, grid.nodes)
    table[np.isneginf(table)] = 0.0  # categories that the item does not have
    # After the rows of the groups one of no answers, for places where there is no group.
    logs = np.concatenate([groups.sums(table), np.zeros((1, grid.n))])
    peaks = logs.max(axis=1, keepdims=True)
    mass = Posterior(grid, log_prior[None, :]).density[0] * grid.weights
    believed = log_prior[mass > 0.0]
    return Rows(
        groups=groups,
        likelihood=frozen(np.exp(logs - peaks)),
        depth=frozen(peaks[:, 0] - logs.min(axis=1)),
        mass=frozen(mass),
        prior_depth=float(believed.max() - believed.min()),
        nodes=grid.nodes,
    )


@entry
def score_all(
    rows: Rows,
    answers: Answers,
    first: int,
    beyond: int,
    mass: FloatArray,
    theta: FloatArray,
    se: FloatArray,
    sure: NDArray[np.bool_],
) -> None:
    """Score patterns `first` to `beyond - 1`; `mass` is room to work in, shape (n_nodes,)."""
    groups = rows.groups
    for who in range(first, beyond):
        for node in range(mass.size):
            mass[node] = rows.mass[node]
        total, depth, bright = 1.0, rows.prior_depth, True
        for group in range(0, groups.first_item.size - 1, 4):
            one = row_of(groups, group, answers, who)
            two = row_of(groups, group + 1, answers, who)
            three = row_of(groups, group + 2, answers, who)
            four = row_of(groups, group + 3, answers, who)
            total = weigh_four_times(
                mass,
                rows.likelihood[one],
                rows.likelihood[two],
                rows.likelihood[three],
                rows.likelihood[four],
                1.0 / total,
            )
            depth += rows.depth[one] + rows.depth[two] + rows.depth[three] + rows.depth[four]
            bright = bright and total > FAINTEST
        theta[who] = product(mass, rows.nodes) / total
        se[who] = math.sqrt(second_moment(mass, rows.nodes, theta[who]) / total)
        sure[who] = bright and depth < DEEPEST


@inner
def row_of(groups: Groups, group: int, answers: Answers, who: int) -> int:
    """The row of a candidate's answers to the items of a group; the last row of no group."""
    if group >= groups.first_item.size - 1:
        return int(groups.first_row[-1])
    row = int(groups.first_row[group])
    for item in range(groups.first_item[group], groups.first_item[group + 1]):
        category = np.int64(answers[who, item])
        row += int(groups.stride[item] * (category if category >= 0 else groups.missing[item]))
    return row
