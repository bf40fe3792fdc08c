"""Many candidates at once: the compiled exam on all threads, and numpy for whom it is unsure."""

from __future__ import annotations

import numpy as np

from engine._kernels.exam import sit
from engine._kernels.hall import ALL_OPEN, Hall, Sheet
from engine._kernels.plan import plan
from engine._kernels.threads import on_threads
from engine.arrays import FloatArray, SeedArray, frozen
from engine.design import Design
from engine.exposure import Snapshot


def sit_all(
    design: Design,
    abilities: FloatArray,
    seeds: SeedArray,
    threads: int | None = None,
    snapshot: Snapshot | None = None,
) -> Sheet:
    """Return the courses and results of all candidates.

    Parameters
    ----------
    threads
        How many threads work; by default as many as there are processors.
    snapshot
        Where the design controls exposure, what these exams are pinned to.
    """
    arrays = plan(design)
    abilities, seeds = frozen(abilities.view()), frozen(seeds.view())
    admission = ALL_OPEN if snapshot is None else np.ascontiguousarray(snapshot.admission)
    controlled = snapshot is not None
    sheet = Sheet.blank(abilities.size, design.longest, len(design.cuts), controlled)

    def work(first: int, beyond: int) -> None:
        sit(arrays, abilities, seeds, first, beyond, sheet, Hall.clear(arrays, admission=admission))

    on_threads(work, abilities.size, threads)
    return sheet


def load(design: Design) -> None:
    """Compile what `sit_all` needs, or load it from disk, and build the design's index."""
    sit_all(design, np.zeros(1), np.zeros(1, dtype=np.uint64), threads=1)
