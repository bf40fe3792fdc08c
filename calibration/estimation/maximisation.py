"""The M-step: parameters that make the expected complete data most likely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.estimation.metric import Metric
from calibration.estimation.target import Evaluation, Target
from engine.arrays import FloatArray

INNER = 5
"""Most steps of scoring in one M-step; a generalised EM step need not go all the way."""

ENOUGH = 0.05
"""An M-step ends when what it could still gain is this share of what it promised at first."""

LONGEST = 3.0
"""No working parameter moves farther in one step of scoring."""

SMALLEST_GAIN = 1e-9
HALVINGS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Maximised:
    """An M-step: how far it moves, and the metric where it began."""

    step: FloatArray
    metric: Metric


def maximise(target: Target, at: Evaluation) -> Maximised:
    """Return the M-step from a place, by Fisher scoring (Lange, 1995, takes one step of it)."""
    z, gradient = at.z, at.gradient
    metric = first = target.metric(z, at.sums)
    promised = 0.0
    for inner in range(INNER):
        step = np.clip(metric.solve(gradient), -LONGEST, LONGEST)
        gain = 0.5 * float(gradient @ step)
        promised = promised or gain
        if gain <= max(ENOUGH * promised if inner else 0.0, SMALLEST_GAIN):
            break
        z = _uphill(target, at, z, step)
        if inner + 1 < INNER:
            gradient = target.complete_gradient(z, at.sums)
            metric = target.metric(z, at.sums)
    return Maximised(z - at.z, first)


def _uphill(target: Target, at: Evaluation, z: FloatArray, step: FloatArray) -> FloatArray:
    """Halve the step until the expected complete-data likelihood does not fall."""
    before = target.complete_value(z, at.sums)
    for _ in range(HALVINGS):
        if target.complete_value(z + step, at.sums) >= before:
            return z + step
        step = step / 2.0
    return z
