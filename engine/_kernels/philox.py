"""`engine.randomness.uniform` for one seed, compiled: the same numbers to the last bit."""

from __future__ import annotations

import numpy as np

from engine import randomness
from engine._kernels.compiler import inner

FIRST_MULTIPLIER, SECOND_MULTIPLIER = randomness.MULTIPLIERS[:, 0]
FIRST_KEY_STEP, SECOND_KEY_STEP = randomness.KEY_STEPS[:, 0]
LOW = randomness.LOW_WORD
WORD = randomness.WORD_BITS
SURPLUS = np.uint64(11)
ROUNDS = randomness.ROUNDS


@inner
def uniform(seed: np.uint64, step: int, stream: int, column: int = 0) -> float:
    """One number in [0, 1), a multiple of 2^-53; those of other columns as `uniform_each` gives."""
    x0, x1, x2, x3 = np.uint64(step), np.uint64(stream), np.uint64(column), np.uint64(0)
    key0, key1 = seed & LOW, seed >> WORD
    for _ in range(ROUNDS):
        first, second = FIRST_MULTIPLIER * x0, SECOND_MULTIPLIER * x2
        x0, x2 = (second >> WORD) ^ x1 ^ key0, (first >> WORD) ^ x3 ^ key1
        x1, x3 = second & LOW, first & LOW
        key0, key1 = (key0 + FIRST_KEY_STEP) & LOW, (key1 + SECOND_KEY_STEP) & LOW
    return np.float64((x0 | (x1 << WORD)) >> SURPLUS) * 2.0**-53
