"""The linear relaxation of a search for tests, by the bounded dual simplex method, compiled.

Maximise cost x over lower <= x <= upper. Every variable lies between finite bounds, so that every
basis becomes dual feasible by moving variables to their other bounds: there is no first phase, and
the last basis serves whatever bounds change. Ratio test with bound flipping (Maros, 2003,
*Computational Techniques of the Simplex Method*, chapter 10); steepest edge (Forrest & Goldfarb, 1992,
*Mathematical Programming* 57, 341-374). Sums run in a fixed order, so that the same numbers give the
same result on every processor.
"""

from __future__ import annotations

from engine._kernels.compiler import inner, seldom
from engine.constraints._basis import (
    ALPHA,
    BASIC,
    COLUMN,
    COST,
    ITERATIONS,
    LEAST_PIVOT,
    LISTED,
    LOWER,
    NORM,
    PIVOTS,
    PLACE,
    RATIO,
    REDUCED,
    SHIFT,
    UPPER,
    VALUE,
    Rows,
    Work,
    column_of,
    exchange,
    invert,
    move_basic,
    shift,
)

OPTIMAL, CUT, INFEASIBLE, LIMIT = 0, 1, 2, 3
"""How a relaxation ends; CUT: it cannot exceed the cutoff."""

TOLERANCE = 1e-9
"""How far a variable may lie beyond its bound."""
TIE = 1e-13
"""Ratios that differ by less are equal."""
NO_PRICE = 1e-12
"""Reduced costs that are smaller come from rounding."""
REFRESH = 100
"""Pivots after which the inverse is computed anew."""


@seldom
def relax(rows: Rows, work: Work, cutoff: float, most: int) -> int:
    """Solve the relaxation from the present basis and bounds; say how it ended.

    What is returned as optimal or cut is so at prices and values that were computed anew.
    """
    refresh(rows, work)
    fresh = True
    while True:
        leaving = _leaving(work)
        if leaving < 0 or objective(work) <= cutoff or work.counts[PIVOTS] >= REFRESH:
            if fresh:
                return OPTIMAL if leaving < 0 else CUT
            refresh(rows, work)
            fresh = True
            continue
        if work.counts[ITERATIONS] >= most:
            return LIMIT
        work.counts[ITERATIONS] += 1
        if not _step(rows, work, leaving):
            return INFEASIBLE
        fresh = False


@seldom
def refresh(rows: Rows, work: Work) -> None:
    """Compute prices and values anew, and the inverse too where it is old."""
    if work.counts[PIVOTS] >= REFRESH:
        invert(rows, work)
    _price(rows, work)
    _solve_basic(rows, work)


@inner
def bound(work: Work) -> float:
    """The most that the objective can reach, whatever the error of the inverse: weak duality."""
    total = 0.0
    for j in range(work.places.shape[1]):
        d = work.of_all[REDUCED, j]
        total += d * work.of_all[UPPER if d > 0.0 else LOWER, j]
    return total


@inner
def objective(work: Work) -> float:
    """The objective at the present values."""
    total = 0.0
    for j in range(work.places.shape[1] - work.basis.shape[1]):
        total += work.of_all[COST, j] * work.of_all[VALUE, j]
    return total


@inner
def _leaving(work: Work) -> int:
    """The row whose basic variable is furthest out of its bounds, or -1."""
    leaving, most = -1, 0.0
    for i in range(work.basis.shape[1]):
        j = work.basis[BASIC, i]
        value = work.of_all[VALUE, j]
        out = max(work.of_all[LOWER, j] - value, value - work.of_all[UPPER, j])
        if out > TOLERANCE and out * out > most * work.of_rows[NORM, i]:
            leaving, most = i, out * out / work.of_rows[NORM, i]
    return leaving


@inner
def _step(rows: Rows, work: Work, leaving: int) -> bool:
    """Bring one variable back to its bound; False where no change of the others can."""
    j = work.basis[BASIC, leaving]
    below = work.of_all[VALUE, j] < work.of_all[LOWER, j]
    end = work.of_all[LOWER if below else UPPER, j]
    n_listed = _ratios(rows, work, leaving, 1.0 if below else -1.0)
    entering = _entering(work, n_listed, abs(work.of_all[VALUE, j] - end))
    if entering < 0:
        return False
    _flip(rows, work, n_listed)
    _pivot(rows, work, leaving, entering, end)
    return True


@inner
def _ratios(rows: Rows, work: Work, leaving: int, sign: float) -> int:
    """List the variables that could help and at what price; return how many there are."""
    size = work.places.shape[1]
    n = size - work.basis.shape[1]
    n_listed = 0
    for j in range(size):
        lower = work.of_all[LOWER, j]
        if work.places[PLACE, j] >= 0 or lower == work.of_all[UPPER, j]:
            continue
        if j < n:
            alpha = 0.0
            for k in range(rows.start[j], rows.start[j + 1]):
                alpha += work.inverse[leaving, rows.row[k]] * rows.values[k]
        else:
            alpha = -work.inverse[leaving, j - n]
        work.of_all[ALPHA, j] = alpha
        helps = -sign * alpha if work.of_all[VALUE, j] == lower else sign * alpha
        if helps > LEAST_PIVOT:
            work.places[LISTED, n_listed] = j
            work.of_all[RATIO, n_listed] = abs(work.of_all[REDUCED, j]) / helps
            n_listed += 1
    return n_listed


@inner
def _entering(work: Work, n_listed: int, out: float) -> int:
    """The variable that enters; those before it, marked by a ratio of -1, go to their other bounds.

    -1 where all of them together do not suffice.
    """
    while True:
        best = -1
        for k in range(n_listed):
            ratio = work.of_all[RATIO, k]
            if ratio < 0.0:
                continue
            if best >= 0 and ratio >= work.of_all[RATIO, best] - TIE:
                present = abs(work.of_all[ALPHA, work.places[LISTED, best]])
                steeper = abs(work.of_all[ALPHA, work.places[LISTED, k]]) > present
                if ratio > work.of_all[RATIO, best] + TIE or not steeper:
                    continue
            best = k
        if best < 0:
            return -1
        j: int = work.places[LISTED, best]
        out -= abs(work.of_all[ALPHA, j]) * (work.of_all[UPPER, j] - work.of_all[LOWER, j])
        if out <= TOLERANCE:
            return j
        work.of_all[RATIO, best] = -1.0


@inner
def _flip(rows: Rows, work: Work, n_listed: int) -> None:
    """Move the marked variables to their other bounds."""
    work.of_rows[SHIFT, :] = 0.0
    for k in range(n_listed):
        if work.of_all[RATIO, k] < 0.0:
            j = work.places[LISTED, k]
            low, high = work.of_all[LOWER, j], work.of_all[UPPER, j]
            other = high if work.of_all[VALUE, j] == low else low
            shift(rows, work, j, other - work.of_all[VALUE, j])
            work.of_all[VALUE, j] = other
    move_basic(work)


@inner
def _pivot(rows: Rows, work: Work, leaving: int, entering: int, end: float) -> None:
    """Exchange two variables; the leaving one goes to its bound `end`."""
    column_of(rows, work, entering)
    out = work.basis[BASIC, leaving]
    step = (work.of_all[VALUE, out] - end) / work.of_rows[COLUMN, leaving]
    price = work.of_all[REDUCED, entering] / work.of_all[ALPHA, entering]
    for j in range(work.places.shape[1]):
        if work.places[PLACE, j] < 0 and work.of_all[LOWER, j] != work.of_all[UPPER, j]:
            work.of_all[REDUCED, j] -= price * work.of_all[ALPHA, j]
    work.of_all[REDUCED, out] = -price
    work.of_all[REDUCED, entering] = 0.0
    for i in range(work.basis.shape[1]):
        work.of_all[VALUE, work.basis[BASIC, i]] -= step * work.of_rows[COLUMN, i]
    work.of_all[VALUE, entering] += step
    work.of_all[VALUE, out] = end
    exchange(work, leaving, entering)


@inner
def _price(rows: Rows, work: Work) -> None:
    """Reduced costs of all variables; those outside of the basis go where these want them."""
    m = work.basis.shape[1]
    n = work.places.shape[1] - m
    for k in range(m):
        work.of_all[REDUCED, n + k] = 0.0
    for i in range(m):
        cost = work.of_all[COST, work.basis[BASIC, i]]
        if cost != 0.0:
            for k in range(m):
                work.of_all[REDUCED, n + k] += cost * work.inverse[i, k]
    for j in range(n):
        total = work.of_all[COST, j]
        for k in range(rows.start[j], rows.start[j + 1]):
            total -= work.of_all[REDUCED, n + rows.row[k]] * rows.values[k]
        work.of_all[REDUCED, j] = total
    for j in range(n + m):
        if work.places[PLACE, j] < 0:
            low, high = work.of_all[LOWER, j], work.of_all[UPPER, j]
            value, d = work.of_all[VALUE, j], work.of_all[REDUCED, j]
            # Without a price worth the name, a variable stays: moving it could break a row.
            if abs(d) > NO_PRICE or (value != low and value != high):
                work.of_all[VALUE, j] = high if d > 0.0 else low


@inner
def _solve_basic(rows: Rows, work: Work) -> None:
    """Values of the basic variables from those of the others."""
    work.of_rows[SHIFT, :] = 0.0
    for j in range(work.places.shape[1]):
        if work.places[PLACE, j] >= 0:
            work.of_all[VALUE, j] = 0.0
        elif work.of_all[VALUE, j] != 0.0:
            shift(rows, work, j, work.of_all[VALUE, j])
    move_basic(work)
