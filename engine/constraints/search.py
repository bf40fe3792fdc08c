"""The best test by a search that many similar questions can afford, such as one a step of an exam.

`exact.solve` answers any question; this answers one of the same programme over and over, in compiled
code, from what is known already: a test that satisfies everything, such as that of the step before.
Most items are then fixed by their reduced costs at the root of the search, and few are left to it.
The objective is the exact one to within 1e-9 of the most that an item is worth.

Work is limited in iterations, never in seconds, and sums run in a fixed order: the same question has
the same answer, on any machine and in any process.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.constraints.kinds import TOLERANCE
from engine.constraints.programme import Programme
from engine.rounding import rounded

EFFORT = 5000
"""Iterations of the relaxation that one search may take, unless told otherwise."""
LEAST_GAIN = 1e-11
"""A test is better that is worth so much more, in units of the most valuable item."""
FIRST_OF_EQUALS = 1e-10
"""What an item is worth less than one before it that nothing else tells apart, in the same unit."""

SET, COUNT, ITEM, SMALL_COUNT, NEVER = 0, 1, 2, 3, -1
"""What is branched on first: whether a set is used, how many items of a kind there are (which moves
the relaxation more than one item does), whether an item is used, how many of a few there are."""
FEW = 4
"""Items whose number is no better to branch on than they are."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """A programme as the search works on it.

    Attributes
    ----------
    programme
        The programme; all its columns are whole.
    start, row, values
        Its matrix by columns, as in `_basis.Rows`.
    row_low, row_high
        Bounds of the rows' sums, none of them infinite, shape (n_rows,).
    rank
        When a variable is branched on: `SET`, `COUNT`, `ITEM`, `SMALL_COUNT` or `NEVER`, shape
        (n_columns + n_rows,).
    """

    programme: Programme
    start: IntArray
    row: IntArray
    values: FloatArray
    row_low: FloatArray
    row_high: FloatArray
    rank: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Best:
    """The answer to one question.

    Attributes
    ----------
    items
        Positions of the chosen items, ascending; None where there is no test, or none was found.
    proven
        Whether the search was finished: no test is better, or none exists.
    iterations, nodes
        The work it took.
    """

    items: IntArray | None
    proven: bool
    iterations: int
    nodes: int


def ground(programme: Programme) -> Ground:
    """Prepare a programme, all of whose columns are whole, for many searches."""
    matrix = programme.matrix.tocsc()
    matrix.sort_indices()
    dense = programme.matrix.toarray()
    least, most = np.minimum(dense, 0.0).sum(axis=1), np.maximum(dense, 0.0).sum(axis=1)
    low, high = np.maximum(programme.row_low, least), np.minimum(programme.row_high, most)
    whole = np.all(dense == np.rint(dense), axis=1)
    low = np.where(whole, np.ceil(low - TOLERANCE), low)
    high = np.where(whole, np.floor(high + TOLERANCE), high)
    whole &= ~np.any(dense[:, programme.n_items :] != 0.0, axis=1) & (low < high)
    return Ground(
        programme=programme,
        start=frozen(matrix.indptr.astype(np.int64)),
        row=frozen(matrix.indices.astype(np.int64)),
        values=frozen(matrix.data.astype(np.float64)),
        row_low=frozen(low),
        row_high=frozen(high),
        rank=frozen(_rank(programme, dense, whole)),
    )


def best(
    ground: Ground,
    worth: FloatArray,
    *,
    fixed_in: IntArray,
    fixed_out: IntArray,
    known: IntArray | None = None,
    effort: int = EFFORT,
) -> Best:
    """Return the test whose items are worth most in sum.

    Of items that nothing but their place tells apart, the first in the pool are taken. Of equally
    good tests the known one stays; otherwise the first that the search meets.

    Parameters
    ----------
    worth
        What each item is worth, shape (n_items,).
    fixed_in, fixed_out
        Positions of items that are in the test, and of those that are not.
    known
        Items of a test to start from; it serves only if it satisfies everything.
    effort
        The most iterations of the relaxation. If they do not suffice, the best test met so far is
        returned, which is never worse than the known one.
    """
    # Numba takes a good part of a second to import; only who searches waits for it.
    from engine.constraints import _basis, _branching, _relaxation

    programme = ground.programme
    lower, upper = _bounds(programme, fixed_in, fixed_out)
    if np.any(lower > upper) or np.any(ground.row_low > ground.row_high):
        return Best(items=None, proven=True, iterations=0, nodes=0)
    cost = _cost(programme, worth)
    work = _basis.Work.blank(lower.size, ground.row_low.size)
    work.of_all[_basis.COST, : cost.size] = cost
    work.of_all[_basis.LOWER] = np.concatenate([lower, ground.row_low])
    work.of_all[_basis.UPPER] = np.concatenate([upper, ground.row_high])
    tree = _branching.Tree.blank(ground.rank)
    value, items = _known(programme, cost, known, lower, upper)
    rows = _basis.Rows(ground.start, ground.row, ground.values)
    status, found = _branching.search(rows, work, tree, value, LEAST_GAIN, effort)
    sound = found <= value or programme.allows(tree.best[: programme.n_columns])
    if found > value and sound:
        items = np.flatnonzero(tree.best[: programme.n_items] > 0.5)
    return Best(
        items=items,
        proven=status == _relaxation.OPTIMAL and sound,
        iterations=int(work.counts[_basis.ITERATIONS]),
        nodes=int(work.counts[_basis.NODES]),
    )


def _rank(programme: Programme, dense: FloatArray, counts: BoolArray) -> IntArray:
    """In which order variables are branched on; `counts` says which rows count items."""
    many = (dense != 0.0).sum(axis=1) > FEW
    of_columns = np.where(np.arange(programme.n_columns) < programme.n_items, ITEM, SET)
    of_rows = np.where(counts, np.where(many, COUNT, SMALL_COUNT), NEVER)
    return np.concatenate([of_columns, of_rows])


def _bounds(
    programme: Programme, fixed_in: IntArray, fixed_out: IntArray
) -> tuple[FloatArray, FloatArray]:
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[fixed_in] = 1.0
    upper[fixed_out] = 0.0
    return lower, upper


def _cost(programme: Programme, worth: FloatArray) -> FloatArray:
    """What items are worth in units of the most valuable, equals in falling order of the pool."""
    exact = rounded(worth)
    order = np.lexsort((exact, programme.alike))
    same = (np.diff(exact[order]) == 0) & (np.diff(programme.alike[order]) == 0)
    place = np.arange(order.size)
    first = np.maximum.accumulate(np.where(np.concatenate([[False], same]), 0, place))
    later = np.empty(order.size)
    later[order] = place - first
    return exact / (np.abs(exact).max(initial=0.0) or 1.0) - FIRST_OF_EQUALS * later


def _known(
    programme: Programme,
    cost: FloatArray,
    known: IntArray | None,
    lower: FloatArray,
    upper: FloatArray,
) -> tuple[float, IntArray | None]:
    """What the known test is worth, and its items; -inf and None where it is of no use."""
    if known is not None:
        values = programme.values_of(known)
        within = np.all(values >= lower) and np.all(values <= upper)
        if within and programme.allows(values):
            return float(cost[known].sum()), known
    return -np.inf, None
