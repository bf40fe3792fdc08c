"""Each candidate's uniform number for each item, drawn once for the whole exam."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine.arrays import FloatArray, IntArray, SeedArray, frozen
from engine.randomness import Stream, uniform_at, uniform_each

MOST_KEPT = 2_000_000
"""Numbers that are kept from one step of the exams to the next: 16 MB."""


class _Batch(NamedTuple):
    """The numbers of some candidates, by ascending seed."""

    seeds: SeedArray
    u: FloatArray


_last = [_Batch(np.zeros(0, dtype=np.uint64), np.zeros((0, 0)))]


def draws(seeds: SeedArray, n_items: int) -> FloatArray:
    """Return the numbers that admit items to candidates, shape (n, n_items).

    They depend on seed and item alone. Those of the last batch are kept, since every step of its
    exams asks for them again.
    """
    batch = _last[0]
    if batch.u.shape[1] != n_items or not _holds(batch, seeds):
        ascending = np.unique(seeds)
        u = uniform_each(ascending, 0, Stream.EXPOSURE, n_items)
        batch = _Batch(frozen(ascending), frozen(u))
        if u.size <= MOST_KEPT:
            _last[0] = batch
    return batch.u[np.searchsorted(batch.seeds, seeds)]


def draws_of(seeds: SeedArray, items: IntArray) -> FloatArray:
    """Return each candidate's numbers for some items only, shape (n, width).

    The columns of `draws` at `items`, shape (n, width), without computing the others; an item of
    -1 has a number that means nothing.
    """
    columns = np.maximum(items, 0).astype(np.uint64)
    return uniform_at(seeds, 0, Stream.EXPOSURE, columns)


def _holds(batch: _Batch, seeds: SeedArray) -> bool:
    """Whether the batch has numbers of all these seeds."""
    if not batch.seeds.size:
        return False
    place = np.minimum(np.searchsorted(batch.seeds, seeds), batch.seeds.size - 1)
    return bool((batch.seeds[place] == seeds).all())
