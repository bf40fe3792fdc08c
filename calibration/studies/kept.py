"""How often exams kept each constraint of their blueprint, and how far they were off."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.constraints import Specification, deviations


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeptSums:
    """Sums over exams, for each name of a specification, the length first; shape (n_names,) each.

    Attributes
    ----------
    below, above
        How many exams had less than a constraint demands, and more.
    beyond
        The sum of how far exams were off, in the constraint's own unit.
    worst
        The furthest that an exam was off.
    """

    below: IntArray
    above: IntArray
    beyond: FloatArray
    worst: FloatArray

    def __add__(self, other: KeptSums) -> KeptSums:
        sums = {
            column.name: getattr(self, column.name) + getattr(other, column.name)
            for column in fields(self)
        }
        return KeptSums(**sums | {"worst": np.maximum(self.worst, other.worst)})


def kept_sums(specification: Specification, items: IntArray) -> tuple[KeptSums, BoolArray]:
    """Return the sums of exams, and which of them kept everything, shape (n,).

    Parameters
    ----------
    items
        Items of each exam in order, padded with -1, shape (n, longest).
    """
    off = deviations(specification, items)
    size = np.abs(off)
    sums = KeptSums(
        below=(off < 0).sum(axis=0),
        above=(off > 0).sum(axis=0),
        beyond=size.sum(axis=0),
        worst=size.max(axis=0),
    )
    return sums, (off == 0).all(axis=1)
