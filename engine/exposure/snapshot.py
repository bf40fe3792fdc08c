"""Admission of items by segment of ability: what a candidate's exam pins at its start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.errors import DesignError, Problem
from engine.rounding import rounded

FINENESS = 2.0**30
"""Admissions are whole multiples of its inverse: sums of them over candidates are then exact, and
the same however the candidates are parted (up to eight million of them)."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Admission probabilities as they stood at one moment.

    Parameters
    ----------
    number
        Which one it is: 0 before anybody sat, then one more at every update.
    admission
        Probability that an item is open to a candidate, shape (n_segments, n_items); kept as a
        multiple of 2^-30.

    Raises
    ------
    DesignError
        Naming every probability that is none.
    """

    number: int
    admission: FloatArray

    def __post_init__(self) -> None:
        admission = checks.floats(self.admission)
        problems = list(_snapshot_problems(self.number, admission))
        if problems or admission is None:
            raise DesignError("Exposure snapshot", problems)
        object.__setattr__(self, "admission", frozen(np.round(admission * FINENESS) / FINENESS))

    @classmethod
    def open(cls, n_segments: int, n_items: int) -> Snapshot:
        """Return the snapshot before anybody sat: every item is open to everybody."""
        return cls(0, np.ones((n_segments, n_items)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureControl:
    """Where exposure is controlled.

    Parameters
    ----------
    bounds
        Abilities that part the scale into segments, ascending; none: one segment of all.

    Raises
    ------
    DesignError
        Naming every bound that is not finite or not above the one before.
    """

    bounds: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        bounds = checks.floats(self.bounds)
        problems = list(_bound_problems(bounds))
        if problems or bounds is None:
            raise DesignError("Exposure control", problems)
        object.__setattr__(self, "bounds", tuple(bounds.tolist()))

    @property
    def n_segments(self) -> int:
        """How many segments of ability there are."""
        return len(self.bounds) + 1


def segment(bounds: ArrayLike, theta: FloatArray) -> IntArray:
    """Return the segment of ability each estimate lies in, shape (n,); a bound opens a segment."""
    place: IntArray = np.searchsorted(np.asarray(bounds), rounded(theta), side="right")
    return place


def admitted(
    control: ExposureControl, snapshot: Snapshot, u: FloatArray, theta: FloatArray
) -> BoolArray:
    """Say which items are open to each candidate, shape (n, n_items).

    Parameters
    ----------
    u
        Each candidate's numbers for the items, as `draws` gives them, shape (n, n_items).
    theta
        Each candidate's estimate, shape (n,).
    """
    admission = snapshot.admission[segment(control.bounds, theta)]
    return u < admission


def _snapshot_problems(number: object, admission: FloatArray | None) -> Iterator[Problem]:
    yield from checks.whole_number("number", number, low=0)
    if admission is None or admission.ndim != 2 or admission.size == 0:
        yield Problem("admission", admission, "numbers of shape (n_segments, n_items)")
        return
    fine = (admission >= 0) & (admission <= 1)
    for place in np.argwhere(~fine):
        where = f"admission[{place[0]}, {place[1]}]"
        yield Problem(where, float(admission[tuple(place)]), "a probability in [0, 1]")


def _bound_problems(bounds: FloatArray | None) -> Iterator[Problem]:
    if bounds is None or bounds.ndim != 1:
        yield Problem("bounds", bounds, "ascending abilities, shape (n_segments - 1,)")
        return
    yield from checks.each("bounds", bounds, np.isfinite(bounds), "a finite ability")
    above = np.diff(bounds, prepend=-np.inf) > 0
    yield from checks.each("bounds", bounds, above, "an ability above the bound before")
