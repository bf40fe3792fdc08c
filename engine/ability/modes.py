"""Estimates that are the largest value of a function: found on nodes, then refined.

The function's values at equally spaced nodes come from one matrix product for a chunk of
candidates. The best node is taken (of several peaks the highest), and Newton's method goes on from
there, kept between the two neighbouring nodes by bisection. Sums over the answers between the nodes
are interpolated as accurately as `interpolation` says or, where it cannot, come from the models.
"""

from __future__ import annotations

import numpy as np

from engine.ability.equations import Equation
from engine.ability.interpolation import REACH, InterpolatedSums, NodeSums, Tables
from engine.ability.patterns import WORTH_COMPILING, Answers, Patterns
from engine.ability.sums import ExactSums, SumsAt
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.posterior import Score

CLOSE = 1e-12
"""Newton's steps end here, in units of ability."""

LEVEL = 1e-15
"""Values that differ by less than this part of them are as high as each other."""

TIED = 2
"""So many neighbours may be equally high with the peak between them."""

HARDLY_KNOWN = 1e4
"""Standard errors from here on go with curves so flat that values at nodes cannot tell them."""

MOST_STEPS = 100
"""Bisection alone would be exact to the last bit after 60."""


def mode(
    patterns: Patterns,
    equation: Equation,
    bounds: tuple[float, float],
    compiled: bool | None = None,
) -> Score:
    """Return the estimates between the bounds and their standard errors, one a pattern.

    Both are NaN where no ability is better than another: nothing was answered, or nothing that
    depends on ability, and `equation` adds nothing that has a largest value. A standard error is
    NaN too where it is not finite. Compiled code agrees to 1e-9; by default it is used where so
    many answers make loading it worth while, for the equations it knows.
    """
    tables = Tables.build(patterns.pool, *bounds)
    if compiled is None:
        compiled = patterns.answers.size >= WORTH_COMPILING
    if compiled:
        # Numba takes a good part of a second to import; only who scores many waits for it.
        from engine._kernels.modes import modes, understood

        if understood(equation, tables):
            return _surely(modes(patterns, equation, tables), tables, patterns, equation)
    return _by_numpy(tables, patterns, equation)


def _by_numpy(tables: Tables, patterns: Patterns, equation: Equation) -> Score:
    theta, se = np.empty((2, len(patterns)))
    for rows, answers in patterns.chunks():
        theta[rows], se[rows] = _mode(tables, patterns, answers, equation)
    return Score(theta=theta, se=se)


def _surely(score: Score, tables: Tables, patterns: Patterns, equation: Equation) -> Score:
    """Estimate anew where so little is known that curves may be level to the last bit."""
    known = (score.se < HARDLY_KNOWN) | np.isnan(score.theta)
    vague = np.flatnonzero(~known)
    if vague.size:
        few = _by_numpy(tables, patterns.some(vague), equation)
        score.theta[vague], score.se[vague] = few.theta, few.se
    return score


def _mode(
    tables: Tables, patterns: Patterns, answers: Answers, equation: Equation
) -> tuple[FloatArray, FloatArray]:
    at_nodes = NodeSums(tables, answers)
    values = at_nodes.likelihood + equation.weight(at_nodes)
    single = tables.concave and equation.concave
    within = values[:, tables.within]
    exact = ExactSums(patterns.pool, answers)
    nodes = tables.nodes[tables.within]
    node, nothing = on_plateaus(within, best_node(within, single), exact, equation, nodes)
    sums: SumsAt = InterpolatedSums(at_nodes, node + REACH) if tables.accurate else exact
    theta = refined(sums, equation, nodes, node)
    se = standard_error(equation.precision(sums(theta, np.arange(len(answers)))))
    theta[nothing] = se[nothing] = np.nan
    return theta, se


def standard_error(precision: FloatArray) -> FloatArray:
    """1 / sqrt(precision), NaN where that is not finite."""
    known = precision > 0
    root = np.sqrt(precision, out=np.full_like(precision, np.nan), where=known)
    error = np.divide(1.0, root, out=np.full_like(precision, np.nan), where=known)
    return np.where(np.isfinite(error), error, np.nan)


def best_node(values: FloatArray, single: bool) -> IntArray:
    """The node with the largest value of each row, shape (n,).

    Unless a row is known to have a `single` peak, peaks are compared at the tops of the parabolas
    through them and their neighbours, so that the higher of two is found even where it falls
    between nodes.
    """
    best: IntArray = values.argmax(axis=1)
    if single:
        return best
    # A row with a single peak falls from it to the end; a rise after a fall leads to another.
    falls = values[:, 1:] < values[:, :-1]
    several = np.flatnonzero((falls[:, :-1] > falls[:, 1:]).any(axis=1))
    if several.size:
        best[several] = _highest_peak(values[several], best[several])
    return best


def on_plateaus(
    values: FloatArray, best: IntArray, sums: SumsAt, equation: Equation, nodes: FloatArray
) -> tuple[IntArray, BoolArray]:
    """Move from the edge of a plateau to where its slope changes sign.

    Where all answers are right and items far too easy to matter, a likelihood rises by less than
    its last bit; the slope still says which way. A row of three or more nodes that are as high as
    the best is a plateau.

    Returns
    -------
    node, nothing
        The node for each row, and in which rows no node is better than another, shape (n,) each.
    """
    top = values[np.arange(len(values)), best]
    level = values >= (top - LEVEL * np.maximum(np.abs(top), 1.0))[:, None]
    node, nothing = best.copy(), np.zeros(best.size, dtype=bool)
    for row in np.flatnonzero(level.sum(axis=1) > TIED):
        lower = np.flatnonzero(~level[row, : best[row]])
        higher = np.flatnonzero(~level[row, best[row] :])
        first = lower[-1] + 1 if lower.size else 0
        last = best[row] + higher[0] - 1 if higher.size else nodes.size - 1
        places = np.arange(first, last + 1)
        at = sums(nodes[places], np.full(places.size, row))
        slope = at.score + equation.slope(nodes[places], at)
        falls = np.flatnonzero(slope <= 0)
        node[row] = places[falls[0]] if falls.size else last
        nothing[row] = not slope.any() and places.size == nodes.size
    return node, nothing


def _highest_peak(values: FloatArray, best: IntArray) -> IntArray:
    """The node of the highest parabola; where an end is higher than all, that is the best node."""
    middle = values[:, 1:-1]
    peak = (middle >= values[:, :-2]) & (middle >= values[:, 2:])
    tops = np.where(peak, _tops(values), -np.inf)
    inside = tops.max(axis=1) >= np.maximum(values[:, 0], values[:, -1])
    return np.where(inside, tops.argmax(axis=1) + 1, best)


def _tops(values: FloatArray) -> FloatArray:
    """Heights of the parabolas through each inner node and its neighbours."""
    left, middle, right = values[:, :-2], values[:, 1:-1], values[:, 2:]
    bend = left + right - 2.0 * middle
    rise = np.divide((right - left) ** 2, bend, out=np.zeros_like(bend), where=bend < 0)
    tops: FloatArray = middle - rise / 8.0
    return tops


def refined(sums: SumsAt, equation: Equation, nodes: FloatArray, node: IntArray) -> FloatArray:
    """Solve the equation between the neighbours of each candidate's node, shape (n,).

    Newton's method; a step that leaves the bracket is replaced by its middle.
    """
    theta = nodes[node]
    lo = nodes[np.maximum(node - 1, 0)]
    hi = nodes[np.minimum(node + 1, nodes.size - 1)]
    rows = np.arange(node.size)
    for _ in range(MOST_STEPS):
        at = sums(theta[rows], rows)
        slope = at.score + equation.slope(theta[rows], at)
        bend = at.bend + equation.bend(theta[rows], at)
        lo[rows], hi[rows] = _narrowed(theta[rows], slope, lo[rows], hi[rows])
        moved = _step(theta[rows], slope, bend, lo[rows], hi[rows])
        far = np.abs(moved - theta[rows]) > CLOSE * (1.0 + np.abs(moved))
        theta[rows] = moved
        rows = rows[far]
        if not rows.size:
            break
    return theta


def _narrowed(
    theta: FloatArray, slope: FloatArray, lo: FloatArray, hi: FloatArray
) -> tuple[FloatArray, FloatArray]:
    return np.where(slope >= 0, theta, lo), np.where(slope <= 0, theta, hi)


def _step(
    theta: FloatArray, slope: FloatArray, bend: FloatArray, lo: FloatArray, hi: FloatArray
) -> FloatArray:
    newton = theta - np.divide(slope, bend, out=np.full_like(slope, np.inf), where=bend < 0)
    return np.where((newton >= lo) & (newton <= hi), newton, 0.5 * (lo + hi))
