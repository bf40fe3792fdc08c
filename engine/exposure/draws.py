"""Each candidate's uniform number for each item, drawn once for the whole exam."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray, IntArray, SeedArray
from engine.randomness import Stream, uniform_at, uniform_each


def draws(seeds: SeedArray, n_items: int) -> FloatArray:
    """Return the numbers that admit items to candidates, shape (n, n_items).

    They depend on seed and item alone. An exam draws them at its start and keeps them.
    """
    return uniform_each(seeds, 0, Stream.EXPOSURE, n_items)


def draws_of(seeds: SeedArray, items: IntArray) -> FloatArray:
    """Return each candidate's numbers for some items only, shape (n, width).

    The columns of `draws` at `items`, shape (n, width), without computing the others; an item of
    -1 has a number that means nothing.
    """
    columns = np.maximum(items, 0).astype(np.uint64)
    return uniform_at(seeds, 0, Stream.EXPOSURE, columns)
