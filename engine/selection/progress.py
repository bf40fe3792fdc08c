"""How far an exam has come, for rules that begin with chance and end with information."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray
from engine.situation import Situation


def progress(situation: Situation, acceleration: float) -> FloatArray:
    """The weight of information at this step, shape (n,), from 0 at the first item to 1 at the last.

    With g items given of the M an exam can have: the sum of f^k over f = 1 .. g, divided by that
    over f = 1 .. M - 1, where k is the acceleration (Barrada, Olea, Ponsoda & Abad, 2008).
    """
    steps = np.arange(max(situation.longest, 2), dtype=np.float64)
    # Relative to the largest, so that no power overflows.
    powers = np.where(steps > 0, (steps / steps[-1]) ** acceleration, 0.0)
    reached = np.cumsum(powers) / powers.sum()
    share: FloatArray = reached[np.minimum(situation.n_given, steps.size - 1)]
    return share
