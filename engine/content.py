"""Content balance: which part of the blueprint is due next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.errors import DesignError, Problem
from engine.pool import ItemPool
from engine.rounding import rounded


@dataclass(frozen=True, slots=True, eq=False)
class ContentTargets:
    """Shares of the exam that each content unit should have.

    Parameters
    ----------
    units
        The unit of each item, 0 .. n_units - 1, shape (n_items,).
    shares
        The share of each unit, shape (n_units,), sum 1.

    Raises
    ------
    DesignError
        Naming every item in no unit, every impossible share, and every unit that has a share but
        no item.
    """

    units: IntArray
    shares: FloatArray
    membership: FloatArray = field(init=False, repr=False)
    """1 where the item is of the unit, else 0, shape (n_items, n_units)."""

    def __post_init__(self) -> None:
        units, shares = checks.integers(self.units), checks.floats(self.shares)
        problems = list(_problems(units, shares))
        if problems or units is None or shares is None:
            raise DesignError("Content targets", problems)
        membership = (units[:, None] == np.arange(shares.size)).astype(np.float64)
        object.__setattr__(self, "units", frozen(units))
        object.__setattr__(self, "shares", frozen(shares))
        object.__setattr__(self, "membership", frozen(membership))

    def problems(self, pool: ItemPool, longest: int) -> Iterator[Problem]:
        """Yield a problem where the pool has not as many items as the targets."""
        if self.units.size != len(pool):
            expected = f"a unit for each of the pool's {len(pool)} items"
            yield Problem("content.units", f"{self.units.size} items", expected)

    def due(self, given: BoolArray, available: BoolArray) -> IntArray:
        """Return the unit that each candidate's next item comes from, shape (n,).

        The unit furthest behind its share once the next item is counted, among the units that
        still have an available item: largest share * (n + 1) - given in the unit (Kingsbury &
        Zara, 1989). Equally far behind: the first unit.

        Parameters
        ----------
        given, available
            Which items each candidate was given, and can still be given, shape (n, n_items).
        """
        in_unit = given @ self.membership
        left = available @ self.membership
        n_given = in_unit.sum(axis=1, keepdims=True)
        deficit = rounded(self.shares * (n_given + 1.0) - in_unit)
        unit: IntArray = np.where(left > 0, deficit, -np.inf).argmax(axis=1)
        return unit

    def of_unit(self, unit: IntArray) -> BoolArray:
        """Say which items are of each candidate's unit, shape (n, n_items)."""
        same: BoolArray = self.units == unit[:, None]
        return same


def _problems(units: IntArray | None, shares: FloatArray | None) -> Iterator[Problem]:
    if shares is None or shares.ndim != 1 or shares.size == 0:
        yield Problem("shares", shares, "one number for each unit, shape (n_units,)")
    if units is None or units.ndim != 1 or units.size == 0:
        yield Problem("units", units, "one unit for each item, whole numbers, shape (n_items,)")
    if shares is None or shares.ndim != 1:
        return
    yield from checks.each("shares", shares, (shares >= 0) & (shares <= 1), "a share in [0, 1]")
    if shares.size and not abs(shares.sum() - 1.0) <= 1e-9:
        yield Problem("shares", float(shares.sum()), "a sum of 1")
    if units is None or units.ndim != 1:
        return
    known = (units >= 0) & (units < shares.size)
    yield from checks.each("units", units, known, f"a unit from 0 to {shares.size - 1}")
    stocked = np.isin(np.arange(shares.size), units) | ~(shares > 0)
    yield from checks.each("shares", shares, stocked, "an item in the unit, or a share of 0")
