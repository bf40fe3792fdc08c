"""Any item, by chance: the floor under every comparison of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.arrays import FloatArray
from engine.randomness import Stream
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class RandomItem:
    """Every eligible item alike."""

    name: Literal["random"] = "random"
    better: Literal["max"] = "max"

    def criterion(self, situation: Situation) -> FloatArray:
        """A uniform number for each item, the largest of which wins, shape (n, n_items)."""
        return situation.uniform(Stream.RANDOM)
