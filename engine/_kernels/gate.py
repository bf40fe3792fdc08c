"""Which items stand open to a candidate: not given before, and not held back to spare them.

As `engine.offer` has it: an item is held back while the candidate's number for it is not below its
admission where the estimate lies, unless nothing else is left. Numbers are drawn for items that are
looked at, and kept for the rest of the exam.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine import rounding
from engine._kernels.compiler import inner
from engine._kernels.philox import uniform
from engine.arrays import BoolArray, FloatArray
from engine.randomness import Stream

EXPOSURE = int(Stream.EXPOSURE)
SCALE = 10.0**rounding.DECIMALS


class Gate(NamedTuple):
    """What decides which items are open to one candidate at one step.

    `given` (n_items,); `admission` (n_items,) in the segment of the estimate, or (0,) where nothing
    is held back; `numbers` (n_items,), negative where none was drawn.
    """

    given: BoolArray
    admission: FloatArray
    numbers: FloatArray
    seed: np.uint64


@inner
def is_open(gate: Gate, item: int) -> bool:
    """Whether an item may come next; draws the candidate's number for it where that decides."""
    if gate.admission.size == 0:
        return not gate.given[item]
    if gate.given[item] or gate.admission[item] >= 1.0:
        return not gate.given[item]
    if gate.numbers[item] < 0.0:
        gate.numbers[item] = uniform(gate.seed, 0, EXPOSURE, item)
    return bool(gate.numbers[item] < gate.admission[item])


@inner
def segment(bounds: FloatArray, theta: float, slack: float) -> tuple[int, bool]:
    """As `engine.exposure.segment`, and whether an estimate `slack` away would lie there too."""
    place, sure = 0, True
    for bound in bounds:
        place += int(bound <= rounded(theta))
        sure = sure and (bound <= rounded(theta - slack)) == (bound <= rounded(theta + slack))
    return place, sure


@inner
def rounded(value: float) -> float:
    """As `engine.rounding.rounded`."""
    return float(np.rint(value * SCALE) / SCALE)
