"""Many candidates at once: the compiled exam on all threads, and numpy for whom it is unsure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from engine._kernels.compiler import config
from engine._kernels.exam import Desk, Sheet, sit
from engine._kernels.plan import plan
from engine.arrays import FloatArray, SeedArray, frozen
from engine.design import Design

SHARE = 512
"""Candidates a thread takes at a time; nothing depends on it."""


def sit_all(
    design: Design, abilities: FloatArray, seeds: SeedArray, threads: int | None = None
) -> Sheet:
    """Return the courses and results of all candidates.

    Parameters
    ----------
    threads
        How many threads work; by default as many as there are processors.
    """
    arrays = plan(design)
    abilities, seeds = frozen(abilities.view()), frozen(seeds.view())
    sheet = Sheet.blank(abilities.size, design.longest, len(design.cuts))

    def work(first: int) -> None:
        beyond = min(first + SHARE, abilities.size)
        sit(arrays, abilities, seeds, first, beyond, sheet, Desk.clear(arrays))

    n_threads = threads or config.NUMBA_NUM_THREADS
    with ThreadPoolExecutor(n_threads) as pool:
        list(pool.map(work, range(0, abilities.size, SHARE)))
    return sheet


def load(design: Design) -> None:
    """Compile what `sit_all` needs, or load it from disk, and build the design's index."""
    sit_all(design, np.zeros(1), np.zeros(1, dtype=np.uint64), threads=1)
