"""The progressive method (Revuelta & Ponsoda, 1998; Barrada, Olea, Ponsoda & Abad, 2008)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine import checks, models
from engine.arrays import FloatArray
from engine.errors import DesignError
from engine.randomness import Stream
from engine.selection.progress import progress
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class Progressive:
    """Chance at first, information at last: (1 - s) R + s I, with s the exam's progress.

    R is uniform between 0 and the largest information of an eligible item.

    Parameters
    ----------
    acceleration
        How late information takes over; 1 in proportion to the items' sum of ranks.
    """

    acceleration: float = 1.0
    name: Literal["progressive"] = "progressive"
    better: Literal["max"] = "max"

    def __post_init__(self) -> None:
        problems = list(checks.number("acceleration", self.acceleration, low=0.0, high=1e3))
        if problems:
            raise DesignError("Progressive", problems)

    def criterion(self, situation: Situation) -> FloatArray:
        """Weighted sum of chance and information of each item, shape (n, n_items)."""
        information = models.information(situation.tables.pool, situation.theta)
        largest = np.where(situation.eligible, information, 0.0).max(axis=1, keepdims=True)
        s = progress(situation, self.acceleration)[:, None]
        chance: FloatArray = situation.uniform(Stream.PROGRESSIVE) * largest
        return (1.0 - s) * chance + s * information
