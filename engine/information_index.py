"""Which items can be the most informative near an ability, so that not all need be looked at.

The scale is cut into cells. For every cell and content unit, items stand in descending order of a
bound that their information exceeds nowhere in the cell. Whoever seeks the best items at an
ability evaluates them exactly in this order, and stops at the first whose bound is below what is
found. The index thus never decides; it only says where looking may end.

The bound rests on the curvature of log I. With L the logistic curve, M = 1 - L, and P, Q the
probabilities of a right and a wrong answer,

    log I = 2 log L + 2 log M - log P - log Q + constant,
    -9/8 a^2 <= (log I)'' <= 5/4 a^2,

since (log L)'' = (log M)'' = -a^2 L M, and, with r = (d - c) L / P in [0, 1], the term of P is
a^2 (r^2 M^2 - r M (M - L)), which lies between -M^2/4 and M^2 + 1/8, and that of Q between -L^2/4
and L^2 + 1/8. A function whose second derivative is at least -k lies, between two points h apart,
at most k h^2 / 8 above the line through its values there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import models
from engine.arrays import FloatArray, IntArray, frozen
from engine.grid import Grid
from engine.pool import ItemPool

MOST_CONCAVE, MOST_CONVEX = 9 / 8, 5 / 4
CELLS = 1024
CELLS_OF_LARGE_POOLS = 8192
LARGE = 5000
"""From so many items on, the best differ so little that cells have to be finer."""
CELLS_A_BLOCK = 64
"""Items that are nowhere among the best of so many cells together are dropped at once."""
HAIR = 1e-9
"""Relative room for rounding in the bounds."""

PlaceArray = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InformationIndex:
    """Items by bounds on their information, for each cell of the scale.

    Attributes
    ----------
    lo, cells_per_theta
        Cell k holds the abilities from lo + k / cells_per_theta to lo + (k + 1) / cells_per_theta.
    order
        Items, shape (n_cells, n_places); the places of unit u are first[u] to first[u + 1] - 1.
    bound
        Their bounds, falling within a unit, same shape.
    beyond
        What no item of the unit that has no place exceeds; -1 where each has one, shape (n_cells,
        n_units).
    """

    lo: float
    cells_per_theta: float
    order: PlaceArray
    bound: FloatArray
    beyond: FloatArray
    first: IntArray

    @classmethod
    def build(
        cls, pool: ItemPool, grid: Grid, members: Sequence[IntArray], depth: int
    ) -> InformationIndex:
        """Sort a pool of logistic items with positive slopes.

        Parameters
        ----------
        members
            The items of each unit.
        depth
            How many places each unit has at the most.
        """
        n_cells = CELLS_OF_LARGE_POOLS if len(pool) >= LARGE else CELLS
        edges = np.linspace(grid.lo, grid.hi, n_cells + 1)
        places = [min(depth, items.size) for items in members]
        first = np.concatenate([[0], np.cumsum(places)])
        order = np.zeros((n_cells, int(first[-1])), dtype=np.int32)
        bound = np.zeros(order.shape)
        beyond = np.full((n_cells, len(members)), -1.0)
        for unit, items in enumerate(members):
            columns = slice(first[unit], first[unit + 1])
            for cell in range(0, n_cells if items.size else 0, CELLS_A_BLOCK):
                rows = slice(cell, cell + CELLS_A_BLOCK)
                block = _sorted(pool, items, edges[cell : cell + CELLS_A_BLOCK + 1], places[unit])
                order[rows, columns], bound[rows, columns] = block
            if places[unit] < items.size:
                beyond[:, unit] = bound[:, columns][:, -1]
        return cls(
            lo=grid.lo,
            cells_per_theta=n_cells / (grid.hi - grid.lo),
            order=frozen(order),
            bound=frozen(bound),
            beyond=frozen(beyond),
            first=frozen(first),
        )


def _sorted(
    pool: ItemPool, items: IntArray, edges: FloatArray, places: int
) -> tuple[IntArray, FloatArray]:
    """The items of highest bound in each cell and their bounds, shape (n_cells, places) each."""
    items = _contenders(pool, items, edges[[0, -1]], places)
    bound = _upper(pool.take(items), edges)
    best = np.argpartition(-bound, places - 1, axis=1)[:, :places]
    # Sorting the positions first leaves equal bounds in the order of the file.
    best.sort(axis=1)
    falling = np.argsort(-np.take_along_axis(bound, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, falling, axis=1)
    return items[best], np.take_along_axis(bound, best, axis=1)


def _contenders(pool: ItemPool, items: IntArray, ends: FloatArray, places: int) -> IntArray:
    """The items that may be among the best so many somewhere between two abilities."""
    if items.size <= 2 * places:
        return items
    subset = pool.take(items)
    lower = _lower(subset, ends)[0]
    least = np.partition(lower, -places)[-places]
    contenders: IntArray = items[_upper(subset, ends)[0] >= least]
    return contenders


def _upper(pool: ItemPool, edges: FloatArray) -> FloatArray:
    """What information exceeds nowhere between neighbouring edges, shape (n_edges - 1, n_items)."""
    at_edges = models.information(pool, edges)
    with np.errstate(over="ignore", invalid="ignore"):
        rise = np.exp(MOST_CONCAVE * (pool.a * (edges[1] - edges[0])) ** 2 / 8.0)
        bound = np.maximum(at_edges[:-1], at_edges[1:]) * (rise * (1.0 + HAIR))
    # I <= a^2 / 4 everywhere, as L/P <= 1/(d - c) and M/Q <= 1/(d - c): also where rise overflows.
    upper: FloatArray = np.fmin(bound, pool.a**2 / 4.0 * (1.0 + HAIR))
    return upper


def _lower(pool: ItemPool, edges: FloatArray) -> FloatArray:
    """What information is nowhere less than between neighbouring edges, same shape."""
    at_edges = models.information(pool, edges)
    fall = np.exp(-MOST_CONVEX * (pool.a * (edges[1] - edges[0])) ** 2 / 8.0)
    lower: FloatArray = np.minimum(at_edges[:-1], at_edges[1:]) * (fall * (1.0 - HAIR))
    return lower
