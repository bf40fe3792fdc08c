"""Timing of what stands beside a benchmark: the peer and the zero baseline."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter


def seconds(work: Callable[[], object], *, repeats: int = 3) -> float:
    """Return the shortest of several times that `work` takes, after one call to warm up."""
    work()
    times = []
    for _ in range(repeats):
        before = perf_counter()
        work()
        times.append(perf_counter() - before)
    return min(times)


def note(benchmark, *, units: int, unit: str, peer: float | None, zero: float) -> None:
    """Write throughput and ratios beside the measured time.

    Parameters
    ----------
    units, unit
        How many of what one measured call works on.
    peer, zero
        Seconds that the peer and the zero baseline need for as many units.
    """
    if benchmark.stats is None:
        return
    best = benchmark.stats.stats.min
    benchmark.extra_info[f"{unit}_per_second"] = round(units / best, 1)
    if peer is not None:
        benchmark.extra_info["times_faster_than_textbook"] = round(peer / best, 2)
    benchmark.extra_info["times_the_zero_baseline"] = round(best / zero, 1)
