"""Branch and bound over the relaxation, depth first, compiled.

A node's relaxation starts from the basis that the node before left. Variables whose reduced cost
says that another value cannot beat the best test known are fixed: at the root for good, deeper
down for the branch (Crowder, Johnson & Padberg, 1983, *Operations Research* 31, 803-834).
"""

from __future__ import annotations

from math import ceil, floor
from typing import NamedTuple

import numpy as np

from engine._kernels.compiler import entry, inner, seldom
from engine.arrays import FloatArray, IntArray
from engine.constraints._basis import (
    BASIC,
    COST,
    DEPTH,
    LOWER,
    NODES,
    PLACE,
    REDUCED,
    TRAIL,
    UPPER,
    VALUE,
    Rows,
    Work,
    start_from_rows,
)
from engine.constraints._relaxation import (
    LIMIT,
    OPTIMAL,
    bound,
    relax,
)

WHOLE = 1e-8
"""How near to a whole number a value counts as one."""
NEVER = -1
"""The rank of variables that may take fractions."""

OTHER_LOW, OTHER_HIGH, BEFORE_LOW, BEFORE_HIGH = range(4)
"""Rows of `Tree.bounds`: those of a branch's other side; those that a change replaced."""
VARIABLE, MARK, CHANGED = range(3)
"""Rows of `Tree.steps`: a branch's variable, -1 once its other side is tried; how many changes came
before it; a changed variable."""


class Tree(NamedTuple):
    """The branches above the present node, every bound they changed, and the best test known.

    `steps` (3, size), `bounds` (4, size); `best` (n + m,); `rank` (n + m,): variables of a small
    rank are branched on first, `NEVER` where fractions are allowed.
    """

    steps: IntArray
    bounds: FloatArray
    best: FloatArray
    rank: IntArray

    @classmethod
    def blank(cls, rank: IntArray) -> Tree:
        """Return room for a programme with these ranks of its variables."""
        size = 8 * rank.size + 64
        return cls(
            steps=np.zeros((3, size), dtype=np.int64),
            bounds=np.zeros((4, size)),
            best=np.zeros(rank.size),
            rank=rank,
        )


@entry
def search(
    rows: Rows, work: Work, tree: Tree, known: float, least_gain: float, most: int
) -> tuple[int, float]:
    """Look for a test of an objective above `known`; say how the search ended, and the best found.

    OPTIMAL: no test is better by more than `least_gain`. LIMIT: after `most` iterations of the
    relaxation that is not certain. `tree.best` is written where something better is found.
    """
    best = known
    work.counts[:] = 0
    start_from_rows(work)
    while True:
        work.counts[NODES] += 1
        status = relax(rows, work, best + least_gain, most)
        if status == LIMIT:
            return LIMIT, best
        room = bound(work) - best - least_gain
        if status == OPTIMAL and room > 0.0:
            _fix(work, tree, room)
            j = _fraction(work, tree)
            if j >= 0 and work.counts[TRAIL] >= tree.steps.shape[1] - 2:
                return LIMIT, best
            if j >= 0:
                _branch(work, tree, j)
                continue
            best = _taken(work, tree, best)
        if not _back(work, tree):
            return OPTIMAL, best


@seldom
def _change(work: Work, tree: Tree, j: int, low: float, high: float) -> None:
    """Change a variable's bounds so that it can be undone."""
    trail = work.counts[TRAIL]
    tree.steps[CHANGED, trail] = j
    tree.bounds[BEFORE_LOW, trail] = work.of_all[LOWER, j]
    tree.bounds[BEFORE_HIGH, trail] = work.of_all[UPPER, j]
    work.of_all[LOWER, j] = low
    work.of_all[UPPER, j] = high
    work.counts[TRAIL] += 1


@inner
def _fix(work: Work, tree: Tree, room: float) -> None:
    """Keep variables as near to their bounds as beating the best test demands."""
    for j in range(work.places.shape[1]):
        low, high = work.of_all[LOWER, j], work.of_all[UPPER, j]
        d = work.of_all[REDUCED, j]
        outside = work.places[PLACE, j] < 0 and tree.rank[j] != NEVER
        if not outside or abs(d) * (high - low) <= room:
            continue
        if work.counts[TRAIL] >= tree.steps.shape[1] - 2:
            return
        steps = float(floor(room / abs(d) + WHOLE))
        if d > 0.0 and high - steps > low:
            _change(work, tree, j, high - steps, high)
        elif d < 0.0 and low + steps < high:
            _change(work, tree, j, low, low + steps)


@inner
def _fraction(work: Work, tree: Tree) -> int:
    """The variable to branch on: of the first rank, the one furthest from a whole number; or -1."""
    chosen, rank, furthest = -1, 0, 0.0
    for i in range(work.basis.shape[1]):
        j = work.basis[BASIC, i]
        off = abs(work.of_all[VALUE, j] - round(work.of_all[VALUE, j]))
        if tree.rank[j] == NEVER or off <= WHOLE:
            continue
        earlier = tree.rank[j] < rank or (tree.rank[j] == rank and off > furthest)
        if chosen < 0 or earlier:
            chosen, rank, furthest = j, tree.rank[j], off
    return chosen


@inner
def _branch(work: Work, tree: Tree, j: int) -> None:
    """Go to the nearer side of a fraction and note the other."""
    depth = work.counts[DEPTH]
    value, low, high = work.of_all[VALUE, j], work.of_all[LOWER, j], work.of_all[UPPER, j]
    down, up = float(floor(value)), float(ceil(value))
    nearer_up = up - value < 0.5
    tree.steps[VARIABLE, depth] = j
    tree.steps[MARK, depth] = work.counts[TRAIL]
    tree.bounds[OTHER_LOW, depth] = low if nearer_up else up
    tree.bounds[OTHER_HIGH, depth] = down if nearer_up else high
    _change(work, tree, j, up if nearer_up else low, high if nearer_up else down)
    work.counts[DEPTH] += 1


@inner
def _back(work: Work, tree: Tree) -> bool:
    """Go to the other side of the last branch where it is untried; False where there is none."""
    while work.counts[DEPTH] > 0:
        depth = work.counts[DEPTH] - 1
        while work.counts[TRAIL] > tree.steps[MARK, depth]:
            work.counts[TRAIL] -= 1
            trail = work.counts[TRAIL]
            j = tree.steps[CHANGED, trail]
            work.of_all[LOWER, j] = tree.bounds[BEFORE_LOW, trail]
            work.of_all[UPPER, j] = tree.bounds[BEFORE_HIGH, trail]
        j = tree.steps[VARIABLE, depth]
        if j >= 0:
            tree.steps[VARIABLE, depth] = -1
            _change(work, tree, j, tree.bounds[OTHER_LOW, depth], tree.bounds[OTHER_HIGH, depth])
            return True
        work.counts[DEPTH] -= 1
    return False


@inner
def _taken(work: Work, tree: Tree, best: float) -> float:
    """Keep the present values, all whole, where they are better than the best known."""
    n = work.places.shape[1] - work.basis.shape[1]
    total = 0.0
    for j in range(n):
        total += work.of_all[COST, j] * round(work.of_all[VALUE, j])
    if total > best:
        best = total
        for j in range(n):
            tree.best[j] = round(work.of_all[VALUE, j])
    return best
