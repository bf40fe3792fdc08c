"""Maximum Fisher information at the estimate (Lord, 1980, chapter 10)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine import models
from engine.arrays import FloatArray
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class MaximumInformation:
    """The item that says most about an ability equal to the estimate."""

    name: Literal["mfi"] = "mfi"
    better: Literal["max"] = "max"

    def criterion(self, situation: Situation) -> FloatArray:
        """Expected information of each item at the estimate, shape (n, n_items)."""
        return models.information(situation.tables.pool, situation.theta)
