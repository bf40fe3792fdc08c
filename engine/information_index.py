"""Which items can be the most informative near an ability, so that not all need be looked at.

The scale is cut into cells. For every cell and content unit, items stand in descending order of a
bound that their information exceeds nowhere in the cell. Whoever seeks the best items at an
ability evaluates them exactly in this order, and stops at the first whose bound is below what is
found. The index thus never decides; it only says where looking may end.

Most often there is nothing to evaluate: where an item is above all behind it and below all before
it at both edges of a narrow cell, by more than they can bend between, it keeps its rank in all of
the cell. Such items are marked as alone.

The bounds rest on the curvature of log I. With L the logistic curve, M = 1 - L, and P, Q the
probabilities of a right and a wrong answer,

    log I = 2 log L + 2 log M - log P - log Q + constant,
    -9/8 a^2 <= (log I)'' <= 5/4 a^2,

since (log L)'' = (log M)'' = -a^2 L M, and, with r = (d - c) L / P in [0, 1], the term of P is
a^2 (r^2 M^2 - r M (M - L)), which lies between -M^2/4 and M^2 + 1/8, and that of Q between -L^2/4
and L^2 + 1/8. A function whose second derivative is at least -k lies, between two points h apart,
at most k h^2 / 8 above the line through its values there. Likewise below, and for
log I - log J of two items of slopes a and b, whose second derivative is at most 5/4 a^2 + 9/8 b^2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine import models, rounding
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.grid import Grid
from engine.pool import ItemPool

MOST_CONCAVE, MOST_CONVEX = 9 / 8, 5 / 4
CELLS = 2048
CELLS_OF_LARGE_POOLS = 8192
LARGE = 5000
"""From so many items on, the best differ so little that cells have to be finer."""
CELLS_A_BLOCK = 64
"""Items that are nowhere among the best of so many cells together are dropped at once."""
HAIR = 1e-9
"""Relative room in the bounds for rounding, and for an estimate that is known to its last bits."""
ROUNDING = 10.0**-rounding.DECIMALS
"""What is compared is rounded to multiples of this."""

PlaceArray = NDArray[np.uint32]


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
    alone
        Whether an item keeps its rank among the unit's items at all abilities of the cell, same
        shape: no other can change places with it, compared to the decimals of `engine.rounding`.
        True also within a run of items of the same parameters, which rank as in the file.
    beyond
        What no item of the unit that has no place exceeds; -1 where each has one, shape (n_cells,
        n_units).
    """

    lo: float
    cells_per_theta: float
    order: PlaceArray
    bound: FloatArray
    alone: BoolArray
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
        twin = twins(pool)
        n_cells = CELLS_OF_LARGE_POOLS if len(pool) >= LARGE else CELLS
        edges = np.linspace(grid.lo, grid.hi, n_cells + 1)
        places = [min(depth, items.size) for items in members]
        first = np.concatenate([[0], np.cumsum(places)])
        order = np.zeros((n_cells, int(first[-1])), dtype=np.uint32)
        bound = np.zeros(order.shape)
        alone = np.zeros(order.shape, dtype=np.bool_)
        beyond = np.full((n_cells, len(members)), -1.0)
        for unit, items in enumerate(members):
            columns = slice(first[unit], first[unit + 1])
            for rows, near, dropped in _blocks(pool, items, edges, slice(0, n_cells), places[unit]):
                block_edges = edges[rows.start : rows.stop + 1]
                block = _sorted(pool, twin, near, block_edges, places[unit], dropped)
                order[rows, columns], bound[rows, columns], alone[rows, columns] = block
            if places[unit] < items.size:
                beyond[:, unit] = bound[:, columns][:, -1]
        return cls(
            lo=grid.lo,
            cells_per_theta=n_cells / (grid.hi - grid.lo),
            order=frozen(order),
            bound=frozen(bound),
            alone=frozen(alone),
            beyond=frozen(beyond),
            first=frozen(first),
        )


def twins(pool: ItemPool) -> IntArray:
    """The first item of the same parameters, for each item, shape (n_items,)."""
    columns = np.stack([pool.a, pool.b, pool.c, pool.d], axis=1)
    _, first, same = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    twin: IntArray = first[same.ravel()]
    return twin


def _blocks(
    pool: ItemPool,
    items: IntArray,
    edges: FloatArray,
    cells: slice,
    places: int,
    dropped: float = -1.0,
) -> Iterator[tuple[slice, IntArray, float]]:
    """Yield few cells at a time, the items that may be among the best there, and `dropped`.

    That is what no other item exceeds there; -1 where there is no other.
    """
    if items.size > 2 * places:
        curves = _Curves.at(pool.take(items), edges[[cells.start, cells.stop]])
        least = float(np.partition(curves.lower()[0], -places)[-places])
        stay = curves.upper()[0] >= least
        items, dropped = items[stay], dropped if stay.all() else max(dropped, least)
    if cells.stop - cells.start <= CELLS_A_BLOCK:
        if items.size:
            yield cells, items, dropped
        return
    middle = (cells.start + cells.stop) // 2
    for half in (slice(cells.start, middle), slice(middle, cells.stop)):
        yield from _blocks(pool, items, edges, half, places, dropped)


def _sorted(
    pool: ItemPool,
    twin: IntArray,
    items: IntArray,
    edges: FloatArray,
    places: int,
    dropped: float,
) -> tuple[IntArray, FloatArray, BoolArray]:
    """The items of highest bound in each cell, their bounds, and which are alone.

    Shape (n_cells, places) each. No item of the unit that is not among `items` exceeds `dropped`.
    """
    curves = _Curves.at(pool.take(items), edges)
    bound = curves.upper()
    best = np.argpartition(-bound, places - 1, axis=1)[:, :places]
    # Sorting the positions first leaves equal bounds in the order of the file.
    best.sort(axis=1)
    falling = np.argsort(-np.take_along_axis(bound, best, axis=1), axis=1, kind="stable")
    best = np.take_along_axis(best, falling, axis=1)
    alone = _alone(_fixed(curves, best, dropped), twin[items[best]])
    return items[best], np.take_along_axis(bound, best, axis=1), alone


class _Curves(NamedTuple):
    """Items' information at the edges of cells, shape (n_edges, n_items), and how it may bend."""

    a: FloatArray
    at_edges: FloatArray
    width: float

    @classmethod
    def at(cls, pool: ItemPool, edges: FloatArray) -> _Curves:
        return cls(pool.a, models.information(pool, edges), float(edges[1] - edges[0]))

    def upper(self) -> FloatArray:
        """What information exceeds nowhere in a cell, shape (n_edges - 1, n_items)."""
        with np.errstate(invalid="ignore"):
            bound = np.maximum(self.at_edges[:-1], self.at_edges[1:]) * self.rise()
        # I <= a^2 / 4 everywhere, as L/P <= 1/(d - c) and M/Q <= 1/(d - c): also where rise
        # overflows.
        upper: FloatArray = np.fmin(bound, self.a**2 / 4.0 * (1.0 + HAIR))
        return upper

    def lower(self) -> FloatArray:
        """What information is nowhere less than in a cell, same shape."""
        lower: FloatArray = np.minimum(self.at_edges[:-1], self.at_edges[1:]) * self.fall()
        return lower

    def rise(self) -> FloatArray:
        """How many times as high as its higher edge information may be, shape (n_items,)."""
        with np.errstate(over="ignore"):
            rise: FloatArray = np.exp(MOST_CONCAVE * (self.a * self.width) ** 2 / 8.0)
        return rise * (1.0 + HAIR)

    def fall(self) -> FloatArray:
        """What part of its lower edge information may fall to, shape (n_items,)."""
        fall: FloatArray = np.exp(-MOST_CONVEX * (self.a * self.width) ** 2 / 8.0)
        return fall * (1.0 - HAIR)

    def contested(self) -> FloatArray:
        """What another item must exceed at both edges, with its own fall, to be above in between.

        Shape (n_edges, n_items). With room for the rounding of both: 2e-9 at the lowest point of
        the cell, since |(log I)'| <= 3 a, is as much at the edges as is added here.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            room = 2.0 * ROUNDING * np.exp(3.0 * self.a * self.width)
            contested: FloatArray = (self.at_edges + room) * self.rise()
        return np.where(np.isnan(contested), np.inf, contested)


def _fixed(curves: _Curves, best: IntArray, dropped: float) -> BoolArray:
    """Between which places no items can pass each other, shape (n_cells, places + 1).

    Column j is about the place j and that before it; the last column about items without a place.
    """
    fixed = np.ones((best.shape[0], best.shape[1] + 1), dtype=np.bool_)
    for edge in (slice(None, -1), slice(1, None)):
        low = np.take_along_axis(curves.at_edges[edge] * curves.fall(), best, axis=1)
        high = curves.contested()[edge]
        behind = np.take_along_axis(high, best, axis=1)
        np.put_along_axis(high, best, -np.inf, axis=1)
        rest = np.maximum(high.max(axis=1), dropped * (1.0 + HAIR) + 2.0 * ROUNDING)
        rising = np.column_stack([behind, rest])[:, ::-1]
        most_behind = np.maximum.accumulate(rising, axis=1)[:, ::-1]
        fixed[:, 1:] &= np.minimum.accumulate(low, axis=1) > most_behind[:, 1:]
    return fixed


def _alone(fixed: BoolArray, twin: IntArray) -> BoolArray:
    """Which items nothing can pass, their twins aside, which rank as in the file; shape of twin."""
    place = np.broadcast_to(np.arange(twin.shape[1]), twin.shape)
    changes = twin[:, 1:] != twin[:, :-1]
    begins = np.column_stack([place[:, :1] == 0, changes])
    ends = np.column_stack([changes, place[:, :1] == 0])
    first = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    last = np.where(ends, place, place.shape[1] - 1)[:, ::-1]
    last = np.minimum.accumulate(last, axis=1)[:, ::-1]
    alone: BoolArray = np.take_along_axis(fixed, first, axis=1)
    return alone & np.take_along_axis(fixed, last + 1, axis=1)
