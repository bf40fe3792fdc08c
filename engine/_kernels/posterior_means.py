"""`engine.ability.eap` for many patterns, compiled: likelihoods multiplied group by group.

The likelihoods of seven groups are multiplied at once, node by node, and summed up with no density
ever written down. Only of longer tests, the groups beyond seven come before, and their density is
an eighth factor; of others that is the prior.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine import models
from engine._kernels.compiler import entry, inner
from engine._kernels.groups import Groups, find_rows, readable
from engine._kernels.lanes import padded, zeros
from engine._kernels.sums import DEEPEST, FAINTEST, SEVEN, moments_of_seven, weigh_four_times
from engine._kernels.threads import on_threads
from engine.ability.patterns import Answers, Patterns
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.grid import Grid
from engine.posterior import Posterior, Score

FOUR = 4
"""Groups beyond seven are multiplied so many at once."""

CANCELLED = 0.01
"""Below this part of the squared mean, a variance has lost two digits to it, and is summed anew."""


class Rows(NamedTuple):
    """What the kernel reads: groups, and on the grid their likelihoods and the prior.

    `likelihood` (n_rows, n_nodes) has 1 as the largest of each row; `depth` (n_rows,) is how far
    the logarithms of a row lie apart. `mass` is the prior times the grid's weights. Beyond the
    grid's nodes all are 0, up to whole lanes.
    """

    groups: Groups
    likelihood: FloatArray
    depth: FloatArray
    mass: FloatArray
    prior_depth: float
    nodes: FloatArray


class Room(NamedTuple):
    """Room to work in, of one thread: `mass` (n_nodes,), `digits` (n_items,) and `rows`.

    There are seven rows, or more by a multiple of four; those beyond the groups are of no answers.
    """

    mass: FloatArray
    digits: IntArray
    rows: IntArray

    @classmethod
    def clear(cls, rows: Rows) -> Room:
        """Return new room."""
        n_more = -(-max(len(rows.groups) - SEVEN, 0) // FOUR) * FOUR
        mass = zeros(rows.mass.shape)
        mass[:] = rows.mass
        return cls(
            mass=mass,
            digits=np.zeros(rows.groups.stride.size, dtype=np.int64),
            rows=np.full(SEVEN + n_more, rows.groups.first_row[-1]),
        )


def posterior_means(
    patterns: Patterns, grid: Grid, log_prior: FloatArray, threads: int | None = None
) -> tuple[Score, BoolArray]:
    """Return posterior means and standard deviations, and for whom they can be relied on.

    For the others, whose density spans more than a processor's numbers do, numpy's logarithms are
    needed.
    """
    rows = _rows(patterns, grid, log_prior)
    theta, se = np.empty((2, len(patterns)))
    sure = np.empty(len(patterns), dtype=np.bool_)

    def work(first: int, beyond: int) -> None:
        share = slice(first, beyond)
        answers = readable(patterns.answers[share])
        score_all(rows, answers, Room.clear(rows), theta[share], se[share], sure[share])

    on_threads(work, len(patterns), threads)
    return Score(theta=theta, se=se), sure


def _rows(patterns: Patterns, grid: Grid, log_prior: FloatArray) -> Rows:
    groups = Groups.of(patterns.pool.n_categories, patterns.omitted)
    table = models.log_probability(patterns.pool, grid.nodes)
    table[np.isneginf(table)] = 0.0  # categories that the item does not have
    # After the rows of the groups one of no answers, for places where there is no group.
    logs = np.concatenate([groups.sums(table), np.zeros((1, grid.n))])
    peaks = logs.max(axis=1, keepdims=True)
    mass = Posterior(grid, log_prior[None, :]).density[0] * grid.weights
    believed = log_prior[mass > 0.0]
    return Rows(
        groups=groups,
        likelihood=frozen(padded(np.exp(logs - peaks))),
        depth=frozen(peaks[:, 0] - logs.min(axis=1)),
        mass=frozen(padded(mass)),
        prior_depth=float(believed.max() - believed.min()),
        nodes=frozen(padded(grid.nodes)),
    )


@entry
def score_all(
    rows: Rows, answers: Answers, room: Room, theta: FloatArray, se: FloatArray, sure: BoolArray
) -> None:
    """Score all the patterns in `answers`."""
    for who in range(answers.shape[0]):
        find_rows(rows.groups, answers, who, room.digits, room.rows)
        before = 1.0 if room.rows.size == SEVEN else _weigh_the_rest(rows, room)
        table, chosen, nodes = rows.likelihood, room.rows, rows.nodes
        total, first, second = moments_of_seven(room.mass, table, chosen, nodes, 0.0)
        mean = first / total
        variance = second / total - mean * mean
        if variance < CANCELLED * mean * mean:
            total, _, second = moments_of_seven(room.mass, table, chosen, nodes, mean)
            variance = second / total
        theta[who], se[who] = mean, math.sqrt(variance)
        sure[who] = total > FAINTEST * before


@inner
def _weigh_the_rest(rows: Rows, room: Room) -> float:
    """Multiply the prior by the groups beyond seven; return the sum, NaN where they cannot be."""
    depth = rows.prior_depth
    for row in room.rows:
        depth += rows.depth[row]
    for node in range(room.mass.size):
        room.mass[node] = rows.mass[node]
    total = 1.0
    sure = depth < DEEPEST
    for place in range(SEVEN, room.rows.size, FOUR):
        total = weigh_four_times(room.mass, rows.likelihood, room.rows[place:], 1.0 / total)
        sure = sure and total > FAINTEST
    return total if sure else np.nan
