"""How one competitor is measured on one problem, and what is written down about it."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time
from typing import Any

ROUNDS = 5


def measure(
    benchmark: Any,
    work: Callable[[], object],
    *,
    problem: str,
    competitor: str,
    units: int,
    unit: str,
    error: float | None = None,
    rounds: int = ROUNDS,
) -> None:
    """Time `work` after one call to warm up, and note what it works on.

    Beside the time on the clock, which depends on what else the machine is doing, goes that of all
    processors on this work, which does so much less.

    Parameters
    ----------
    units, unit
        How many of what one call of `work` gets through.
    error
        How far its answers are from the right ones.
    rounds
        How often it is timed; with a single one, for what takes minutes, nothing is warmed up and
        the time of all processors is that of the same call.
    """
    benchmark.group = problem
    benchmark.extra_info.update(
        problem=problem, competitor=competitor, units=units, unit=unit, error=error
    )
    if rounds > 1:
        benchmark.pedantic(work, rounds=rounds, warmup_rounds=1)
        used = seconds(work, repeats=rounds, clock=process_time)
    else:
        before = process_time()
        benchmark.pedantic(work, rounds=1)
        used = process_time() - before
    benchmark.extra_info["processor_seconds"] = used


def seconds(
    work: Callable[[], object],
    *,
    repeats: int = ROUNDS,
    clock: Callable[[], float] = perf_counter,
) -> float:
    """Return the shortest of several times that `work` takes."""
    times = []
    for _ in range(repeats):
        before = clock()
        work()
        times.append(clock() - before)
    return min(times)
