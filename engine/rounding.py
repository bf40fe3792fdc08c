"""The one rounding before any comparison that decides something.

Processors differ in the last bits of `exp` and `log`. Two items whose criteria are equal on
paper, or a probability that equals a bound on paper, would otherwise be told apart by those bits,
and a replayed exam could take another course than the exam did.
"""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray

DECIMALS = 9
"""Criteria, deficits, standard errors and probabilities are compared to this many decimals."""


def rounded(values: FloatArray | float) -> FloatArray:
    """Return `values` rounded to `DECIMALS` decimals, same shape."""
    exact: FloatArray = np.asarray(values, dtype=np.float64)
    return np.round(exact, DECIMALS)
