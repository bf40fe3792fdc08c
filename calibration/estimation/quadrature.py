"""Where the nodes lie, and whether they were enough."""

from __future__ import annotations

from math import ceil, sqrt

import numpy as np

from calibration.estimation.sums import Sums
from engine.arrays import FloatArray
from engine.grid import Grid

USUAL = Grid(-6.0, 6.0, 61)
"""Enough for tests up to some sixty items, and a start for longer ones."""

MOST = 2001
"""No test needs more nodes."""

REACH = 6.0
"""Nodes go out to so many standard deviations of every group: 2e-9 of a normal lies beyond."""

FARTHEST = 60.0

MARGIN = 0.9
"""New nodes are somewhat closer than they need be, so that they remain close enough."""

END_MASS = 1e-4
"""More of the persons than this at an end of the grid means that some belong beyond it."""


def fitting(grid: Grid, sums: Sums, moments: FloatArray) -> Grid:
    """Return a grid for what was found on `grid`: the same where that is content.

    The trapezoid rule errs by exp(-2 (pi s / h)^2) for a normal posterior of standard deviation s
    and spacing h (Goodwin, 1949): by 5e-9 where they are equal.

    Parameters
    ----------
    moments
        Mean and standard deviation of each group, shape (G, 2).
    """
    lo = min(grid.lo, _outward((moments[:, 0] - REACH * moments[:, 1]).min()))
    hi = max(grid.hi, _outward((moments[:, 0] + REACH * moments[:, 1]).max()))
    spacing = grid.step
    if spacing > _narrowest(sums):
        spacing = MARGIN * max(_narrowest(sums), spacing / 4.0)
    if (lo, hi, spacing) == (grid.lo, grid.hi, grid.step):
        return grid
    n = min(ceil(round((hi - lo) / spacing, 9)) + 1, MOST)
    return Grid(lo, hi, n + 1 - n % 2)


def check(grid: Grid, sums: Sums) -> str | None:
    """Say in words where the nodes were not enough; None where they were."""
    found = []
    if grid.step > _narrowest(sums):
        found.append(
            f"the nodes are {grid.step:.3g} apart, wider than the smallest posterior standard "
            f"deviation, {_narrowest(sums):.3g}: give more nodes"
        )
    share = sums.mass[:, [0, -1]].sum() / sums.mass.sum()
    if share > END_MASS:
        found.append(
            f"{share:.2%} of the persons lie at the ends of the nodes, {grid.lo:g} and "
            f"{grid.hi:g}: give wider ones"
        )
    return "; ".join(found) or None


def _narrowest(sums: Sums) -> float:
    return sqrt(max(sums.narrowest, 0.0))


def _outward(end: float) -> float:
    """Round away from 0, and not beyond what any scale needs."""
    return float(np.clip(np.sign(end) * ceil(abs(end)), -FARTHEST, FARTHEST))
