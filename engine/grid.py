"""The grid of abilities on which densities live, and integration over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from engine import checks
from engine.arrays import FloatArray, frozen
from engine.errors import DesignError, Problem

WIDEST = 1e3
"""Ends beyond this are slips of the pen: ability is counted in standard deviations."""

NARROWEST = 1e-6
"""Ends closer together than this are too."""

MOST_NODES = 10**6
"""More would fill a machine's memory and add nothing."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Equally spaced abilities from `lo` to `hi`, both included.

    A density on the grid is the piecewise-linear function through its values at the nodes;
    `weights` integrate it exactly (the trapezoid rule: end nodes count half).

    Raises
    ------
    DesignError
        Naming every bound that is not finite or out of order, and too few nodes.
    """

    lo: float = -6.0
    hi: float = 6.0
    n: int = 121
    nodes: FloatArray = field(init=False, repr=False, compare=False)
    weights: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise DesignError("Grid", problems)
        object.__setattr__(self, "nodes", frozen(np.linspace(self.lo, self.hi, self.n)))
        object.__setattr__(self, "weights", self.weights_above(self.lo))

    @property
    def step(self) -> float:
        """Distance between two nodes."""
        return (self.hi - self.lo) / (self.n - 1)

    def weights_above(self, cut: float) -> FloatArray:
        """Weights w, shape (n,), such that sum(w * f) integrates f from `cut` to `hi`.

        Exact for the piecewise-linear f, also where the cut lies between two nodes: with t the
        part of the cell below the cut, integrating f0 (1 - s) + f1 s over s from t to 1 leaves the
        lower node (1 - t)^2 / 2 and the upper node (1 - t^2) / 2 of the cell.
        """
        return _weights_above(self, cut)


@lru_cache(maxsize=1024)
def _weights_above(grid: Grid, cut: float) -> FloatArray:
    below = np.clip((cut - grid.nodes[:-1]) / grid.step, 0.0, 1.0)
    weights = np.zeros(grid.n)
    weights[:-1] += grid.step * (1.0 - below) ** 2 / 2.0
    weights[1:] += grid.step * (1.0 - below**2) / 2.0
    return frozen(weights)


def _problems(grid: Grid) -> Iterator[Problem]:
    ends = [
        *checks.number("lo", grid.lo, low=-WIDEST, high=WIDEST),
        *checks.number("hi", grid.hi, low=-WIDEST, high=WIDEST),
    ]
    yield from ends or order_problems(grid.lo, grid.hi)
    few = list(checks.whole_number("n", grid.n, low=3))
    yield from few
    if not few and grid.n > MOST_NODES:
        yield Problem("n", grid.n, f"at most {MOST_NODES}")


def order_problems(lo: float, hi: float) -> Iterator[Problem]:
    """Yield an upper end that is not above the lower one."""
    if not hi - lo >= NARROWEST:
        yield Problem("hi", hi, f"more than lo = {lo:g}, by {NARROWEST:g} at least")
