"""Random numbers that depend on a secret seed and a place, never on what was drawn before.

Philox4x32-10 (Salmon, Moraes, Dror & Shaw, 2011, "Parallel random numbers: as easy as 1, 2, 3"):
a keyed bijection of 128-bit counters. The key is a candidate's 64-bit seed, the counter says which
step of the exam and for what purpose. The same number comes out on any processor, in any batch and
in any order.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import FloatArray, SeedArray

Words = NDArray[np.uint64]
"""32-bit words, held in 64 bits so that the product of two does not overflow."""

ROUNDS = 10
MULTIPLIERS = np.array([[0xD2511F53], [0xCD9E8D57]], dtype=np.uint64)
KEY_STEPS = np.array([[0x9E3779B9], [0xBB67AE85]], dtype=np.uint64)
ROUND_KEYS = np.arange(ROUNDS, dtype=np.uint64)[:, None, None] * KEY_STEPS
"""What each round adds to the key, shape (10, 2, 1)."""
LOW_WORD = np.uint64(0xFFFFFFFF)
WORD_BITS = np.uint64(32)


class Stream(IntEnum):
    """What a random number is for; numbers of different streams are independent."""

    SELECT = 0
    ANSWER = 1
    PROGRESSIVE = 2
    PROPORTIONAL = 3
    RANDOM = 4
    EXPOSURE = 5


def uniform(seeds: SeedArray, step: ArrayLike, stream: Stream) -> FloatArray:
    """Uniform numbers in [0, 1), multiples of 2^-53, one a seed.

    Parameters
    ----------
    seeds
        64-bit secret seeds, shape (n,).
    step
        How many items were given so far: one number, or one a seed; below 2^32.
    """
    seeds = np.asarray(seeds, dtype=np.uint64)
    steps = np.broadcast_to(np.asarray(step, dtype=np.uint64), seeds.shape)
    none = np.zeros_like(seeds)
    counter = np.stack([steps, np.full_like(seeds, int(stream)), none, none])
    return _fraction(philox4x32(counter, np.stack([seeds & LOW_WORD, seeds >> WORD_BITS])))


def uniform_each(seeds: SeedArray, step: ArrayLike, stream: Stream, n: int) -> FloatArray:
    """Uniform numbers in [0, 1), n for each seed, shape (n_seeds, n): those of n items, say.

    The third word of the counter is the column, so that column 0 is what `uniform` gives.
    """
    seeds = np.asarray(seeds, dtype=np.uint64)
    columns = np.broadcast_to(np.arange(n, dtype=np.uint64), (seeds.size, n))
    return uniform_at(seeds, step, stream, columns)


def uniform_at(
    seeds: SeedArray, step: ArrayLike, stream: Stream, columns: NDArray[np.uint64]
) -> FloatArray:
    """Columns of `uniform_each` without computing the others, shape (n_seeds, width).

    Parameters
    ----------
    columns
        Which columns for each seed, shape (n_seeds, width).
    """
    width = columns.shape[1]
    steps = np.broadcast_to(np.asarray(step, dtype=np.uint64), seeds.shape)
    column = columns.ravel()
    none = np.zeros_like(column)
    counter = np.stack([np.repeat(steps, width), none + np.uint64(stream), column, none])
    key = np.repeat(np.stack([seeds & LOW_WORD, seeds >> WORD_BITS]), width, axis=1)
    return _fraction(philox4x32(counter, key)).reshape(columns.shape)


def philox4x32(counter: Words, key: Words) -> Words:
    """Philox4x32-10 of counters, shape (4, n), under keys, shape (2, n): words of shape (4, n).

    Words 0 and 2 of the counter are multiplied, words 1 and 3 are mixed in; the two pairs are held
    as arrays of two rows and swap their rows at every round.
    """
    multiplied, mixed = counter[0::2], counter[1::2]
    for round_key in (key + ROUND_KEYS) & LOW_WORD:
        product = MULTIPLIERS * multiplied
        multiplied = (product >> WORD_BITS)[::-1] ^ mixed ^ round_key
        mixed = (product & LOW_WORD)[::-1]
    return np.stack([multiplied[0], mixed[0], multiplied[1], mixed[1]])


def _fraction(words: Words) -> FloatArray:
    whole = words[0] | (words[1] << WORD_BITS)
    fraction: FloatArray = (whole >> np.uint64(11)) * 2.0**-53
    return fraction
