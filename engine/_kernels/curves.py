"""The formulas of `engine.families.logistic` for one item at one ability, compiled.

With e = exp(-|z|), z = a (theta - b), the logistic curve and its complement are 1 and e over 1 + e,
in the order of z's sign. Multiplying P and Q by 1 + e leaves sums of positive terms, and information
one fraction: every value keeps full relative precision, as numpy's does, and the two differ in
their last bits.
"""

from __future__ import annotations

import math

from engine._kernels.compiler import inner
from engine.families import logistic

STEEPEST_LOGIT = logistic.STEEPEST_LOGIT


@inner
def information(a: float, b: float, c: float, d: float, theta: float) -> float:
    """Expected (Fisher) information."""
    z = a * (theta - b)
    e = math.exp(-min(abs(z), STEEPEST_LOGIT))
    spread = d - c
    right = c * (1.0 + e) + spread * (1.0 if z > 0.0 else e)
    wrong = (1.0 - d) * (1.0 + e) + spread * (e if z > 0.0 else 1.0)
    peak = a * spread * e / (1.0 + e)
    return peak * (peak / (right * wrong))


@inner
def wrong_probability(a: float, b: float, c: float, d: float, theta: float) -> float:
    """Probability of a wrong answer."""
    z = a * (theta - b)
    e = math.exp(-min(abs(z), STEEPEST_LOGIT))
    return (1.0 - d) + (d - c) * ((e if z > 0.0 else 1.0) / (1.0 + e))
