"""Array types of the engine, and the one way an array becomes unchangeable."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
SeedArray = NDArray[np.uint64]

Scalar = TypeVar("Scalar", bound=np.generic)


def frozen(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return `array` itself, no longer writeable.

    Give it only an array nobody else holds: the flag is set in place.
    """
    array.setflags(write=False)
    return array
