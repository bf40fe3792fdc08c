"""Simulations on all cores: threads where there is compiled code, else processes.

What comes back does not depend on how many there are: exams depend on design, ability and seed, and
come back in the order in which they were asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from multiprocessing import get_context
from types import TracebackType
from typing import Self

import numpy as np

import engine
from engine.arrays import FloatArray, SeedArray

Sittings = tuple[engine.Simulation, engine.Simulation | None]

WORTH_PROCESSES = 60_000
"""Answers from which on starting processes is sooner done."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sitting:
    """Candidates of one section, once or twice.

    Attributes
    ----------
    section
        Which section.
    theta, seeds, seeds_again
        Shape (n,) each; None: no second sitting.
    snapshot
        The exposure of items that these exams are pinned to.
    conditions
        Real answers and times.
    without_items_seen
        Whether the second sitting can give none of the items of the first.
    """

    section: int
    theta: FloatArray
    seeds: SeedArray
    seeds_again: SeedArray | None = None
    snapshot: engine.Snapshot | None = None
    conditions: engine.Conditions = engine.PLAIN
    without_items_seen: bool = False


def sit(design: engine.Design, sitting: Sitting, threads: int | None = 1) -> Sittings:
    """Let the candidates sit."""
    first = engine.simulate(
        design,
        sitting.theta,
        sitting.seeds,
        snapshot=sitting.snapshot,
        conditions=sitting.conditions,
        threads=threads,
    )
    if sitting.seeds_again is None:
        return first, None
    conditions = sitting.conditions
    if sitting.without_items_seen:
        seen = np.zeros((sitting.theta.size, len(design.pool) + 1), dtype=bool)
        np.put_along_axis(seen, first.items, True, axis=1)
        conditions = engine.Conditions(
            barred=seen[:, :-1], times=conditions.times, speed=conditions.speed
        )
    again = engine.simulate(
        design,
        sitting.theta,
        sitting.seeds_again,
        snapshot=sitting.snapshot,
        conditions=conditions,
        threads=threads,
    )
    return first, again


class Crew(AbstractContextManager["Crew"]):
    """The processes, or threads, that simulate; one process where it is not worth more.

    Parameters
    ----------
    designs
        Of the sections.
    workers
        How many.
    n
        How many candidates there are in all.
    """

    def __init__(self, designs: Sequence[engine.Design], workers: int, n: int) -> None:
        self._designs = tuple(designs)
        self._workers = workers
        answers = sum(n * design.longest for design in designs if not engine.compiles(design))
        self._pool: ProcessPoolExecutor | None = None
        if workers > 1 and answers >= WORTH_PROCESSES:
            self._pool = ProcessPoolExecutor(
                workers, get_context("spawn"), initializer=_take_over, initargs=(self._designs,)
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    @property
    def hands(self) -> int:
        """Into how many pieces a block is worth cutting."""
        return self._workers if self._pool is not None else 1

    def sit(self, sittings: Iterable[Sitting]) -> Iterator[tuple[Sitting, Sittings]]:
        """Yield what comes of each sitting, in order, with few of them in memory at a time."""
        waiting: deque[tuple[Sitting, Future[Sittings]]] = deque()
        for sitting in sittings:
            if self._pool is None or engine.compiles(self._designs[sitting.section]):
                design = self._designs[sitting.section]
                yield sitting, sit(design, sitting, threads=self._workers)
                continue
            waiting.append((sitting, self._pool.submit(_sit_there, sitting)))
            if len(waiting) > 2 * self._workers:
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()


_designs: list[engine.Design] = []
"""The designs of a worker process, sent once."""


def _take_over(designs: tuple[engine.Design, ...]) -> None:
    _designs[:] = designs


def _sit_there(sitting: Sitting) -> Sittings:
    return sit(_designs[sitting.section], sitting)
