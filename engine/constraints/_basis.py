"""A basis of the relaxation's variables, and its inverse: what the simplex method works on, compiled.

Variables are the programme's columns, then the sums of its rows: matrix x_columns - x_rows = 0. The
inverse is kept whole; of most tests' programmes it is small, or mostly zeros that are passed over.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine._kernels.compiler import seldom
from engine.arrays import FloatArray, IntArray

LEAST_PIVOT = 1e-7
LEAST_ENTRY = 1e-13
"""Entries of the inverse that are smaller come from rounding."""
LEAST_NORM = 1e-4

COST, LOWER, UPPER, VALUE, REDUCED, ALPHA, RATIO = range(7)
"""Rows of `Work.of_all`: costs, bounds, values, reduced costs; entries of the leaving row, ratios."""
NORM, COLUMN, SHIFT = range(3)
"""Rows of `Work.of_rows`: squared lengths of the inverse's rows; the entering column; a change."""
PLACE, LISTED = range(2)
"""Rows of `Work.places`: the row in which a variable is basic, or -1; variables that could enter."""
BASIC, USED = range(2)
"""Rows of `Work.basis`: the variable that is basic in a row; rows where something is not zero."""
ITERATIONS, NODES, PIVOTS, DEPTH, TRAIL = range(5)
"""Places in `Work.counts`; PIVOTS since the inverse was computed anew."""


class Rows(NamedTuple):
    """The matrix by columns: column j has `values[start[j]:start[j + 1]]` in rows `row[...]`."""

    start: IntArray
    row: IntArray
    values: FloatArray


class Work(NamedTuple):
    """Where a search writes. Variables are the n columns, then the sums of the m rows.

    Few arrays, since compiling takes longer with each: `of_all` (7, n + m), `places` (2, n + m),
    `of_rows` (3, m), `basis` (2, m), the `inverse` of the basis (m, m), `counts` (5,).
    """

    of_all: FloatArray
    places: IntArray
    of_rows: FloatArray
    basis: IntArray
    inverse: FloatArray
    counts: IntArray

    @classmethod
    def blank(cls, n: int, m: int) -> Work:
        """Return room for a programme of n columns and m rows."""
        return cls(
            of_all=np.zeros((7, n + m)),
            places=np.zeros((2, n + m), dtype=np.int64),
            of_rows=np.zeros((3, m)),
            basis=np.zeros((2, m), dtype=np.int64),
            inverse=np.zeros((m, m)),
            counts=np.zeros(5, dtype=np.int64),
        )


@seldom
def start_from_rows(work: Work) -> None:
    """Let every row's sum be basic."""
    m = work.basis.shape[1]
    n = work.places.shape[1] - m
    work.places[PLACE, :] = -1
    work.inverse[:, :] = 0.0
    for i in range(m):
        work.basis[BASIC, i] = n + i
        work.places[PLACE, n + i] = i
        work.inverse[i, i] = -1.0
        work.of_rows[NORM, i] = 1.0
    work.counts[PIVOTS] = 0


@seldom
def column_of(rows: Rows, work: Work, j: int) -> None:
    """A variable's column in terms of the basis, in `COLUMN`."""
    n = work.places.shape[1] - work.basis.shape[1]
    for i in range(work.basis.shape[1]):
        if j >= n:
            work.of_rows[COLUMN, i] = -work.inverse[i, j - n]
            continue
        total = 0.0
        for k in range(rows.start[j], rows.start[j + 1]):
            total += work.inverse[i, rows.row[k]] * rows.values[k]
        work.of_rows[COLUMN, i] = total


@seldom
def shift(rows: Rows, work: Work, j: int, change: float) -> None:
    """Note in `SHIFT` what a change of one variable does to the rows."""
    n = work.places.shape[1] - work.basis.shape[1]
    if j >= n:
        work.of_rows[SHIFT, j - n] -= change
        return
    for k in range(rows.start[j], rows.start[j + 1]):
        work.of_rows[SHIFT, rows.row[k]] += rows.values[k] * change


@seldom
def move_basic(work: Work) -> None:
    """Let the basic variables make up for `SHIFT` in the rows."""
    m = work.basis.shape[1]
    n_used = 0
    for k in range(m):
        if work.of_rows[SHIFT, k] != 0.0:
            work.basis[USED, n_used] = k
            n_used += 1
    for i in range(m):
        total = 0.0
        for e in range(n_used):
            k = work.basis[USED, e]
            total += work.inverse[i, k] * work.of_rows[SHIFT, k]
        work.of_all[VALUE, work.basis[BASIC, i]] -= total


@seldom
def exchange(work: Work, leaving: int, entering: int) -> None:
    """The basis and its inverse after an exchange in row `leaving`; `COLUMN` is the one entering."""
    m = work.basis.shape[1]
    work.places[PLACE, work.basis[BASIC, leaving]] = -1
    work.places[PLACE, entering] = leaving
    work.basis[BASIC, leaving] = entering
    n_used, norm = 0, 0.0
    for k in range(m):
        if work.inverse[leaving, k] != 0.0:
            work.inverse[leaving, k] /= work.of_rows[COLUMN, leaving]
            norm += work.inverse[leaving, k] ** 2
            work.basis[USED, n_used] = k
            n_used += 1
    work.of_rows[NORM, leaving] = max(norm, LEAST_NORM)
    for i in range(m):
        factor = work.of_rows[COLUMN, i]
        if i == leaving or factor == 0.0:
            continue
        norm = work.of_rows[NORM, i]
        for e in range(n_used):
            k = work.basis[USED, e]
            before = work.inverse[i, k]
            after = before - factor * work.inverse[leaving, k]
            if abs(after) < LEAST_ENTRY:
                after = 0.0
            work.inverse[i, k] = after
            norm += after * after - before * before
        work.of_rows[NORM, i] = max(norm, LEAST_NORM)
    work.counts[PIVOTS] += 1


@seldom
def invert(rows: Rows, work: Work) -> None:
    """Compute the inverse anew, from that of the rows by one exchange after another.

    A column that has become dependent on the others leaves the basis.
    """
    m = work.basis.shape[1]
    n = work.places.shape[1] - m
    n_listed = 0
    for i in range(m):
        # Rows whose sum stays basic are taken; the others are free for the columns.
        work.of_rows[SHIFT, i] = 1.0 if work.places[PLACE, n + i] >= 0 else 0.0
        if work.basis[BASIC, i] < n:
            work.places[LISTED, n_listed] = work.basis[BASIC, i]
            n_listed += 1
    start_from_rows(work)
    for k in range(n_listed):
        column_of(rows, work, work.places[LISTED, k])
        best, largest = -1, LEAST_PIVOT
        for i in range(m):
            if work.of_rows[SHIFT, i] == 0.0 and abs(work.of_rows[COLUMN, i]) > largest:
                best, largest = i, abs(work.of_rows[COLUMN, i])
        if best >= 0:
            work.of_rows[SHIFT, best] = 1.0
            exchange(work, best, work.places[LISTED, k])
    work.counts[PIVOTS] = 0
