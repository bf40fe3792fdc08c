"""Nearest difficulty: bopt (Urry, 1970; Owen, 1975)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import FloatArray
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class NearestDifficulty:
    """The item that lies nearest to the estimate (for more than two categories: its location)."""

    name: Literal["bopt"] = "bopt"
    better: Literal["min"] = "min"

    def criterion(self, situation: Situation) -> FloatArray:
        """|b - theta^| of each item, shape (n, n_items)."""
        return np.abs(situation.tables.location - situation.theta[:, None])
