"""Nearest peak of information: thopt (Barrada, Mazuela & Olea, 2006; Magis, 2013)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import FloatArray
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class NearestPeak:
    """The item whose point of most information is nearest to the estimate."""

    name: Literal["thopt"] = "thopt"
    better: Literal["min"] = "min"

    def criterion(self, situation: Situation) -> FloatArray:
        """|theta* - theta^| of each item, shape (n, n_items)."""
        return np.abs(situation.tables.most_informative - situation.theta[:, None])
