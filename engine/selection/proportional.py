"""The proportional method (Segall, 2004; Barrada, Olea, Ponsoda & Abad, 2008)."""

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

LEAST = 1e-300
"""Stands for no information, and for the uniform number 0, where a logarithm is taken."""


@dataclass(frozen=True, slots=True)
class Proportional:
    """By chance, in proportion to information to the power H, which grows from 0 to the length.

    H = M s, with M the most items an exam can have and s its progress. The draw is made by adding
    to each item's H log I a number of Gumbel's distribution: the item of the largest sum is item i
    with probability I_i^H / sum of I^H (Luce, 1959; Yellott, 1977).

    Parameters
    ----------
    acceleration
        How late information takes over; 1 in proportion to the items' sum of ranks.
    """

    acceleration: float = 1.0
    name: Literal["proportional"] = "proportional"
    better: Literal["max"] = "max"

    def __post_init__(self) -> None:
        problems = list(checks.number("acceleration", self.acceleration, low=0.0, high=1e3))
        if problems:
            raise DesignError("Proportional", problems)

    def criterion(self, situation: Situation) -> FloatArray:
        """Log-weight plus chance of each item, shape (n, n_items)."""
        information = models.information(situation.tables.pool, situation.theta)
        power = situation.longest * progress(situation, self.acceleration)[:, None]
        u = np.maximum(situation.uniform(Stream.PROPORTIONAL), LEAST)
        gumbel = -np.log(-np.log(u))
        chance: FloatArray = power * np.log(np.maximum(information, LEAST)) + gumbel
        return chance
