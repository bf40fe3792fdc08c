"""The E-step: what is expected of persons at the nodes, given log-probabilities of answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from calibration._kernels import expectation as kernel
from calibration._kernels import packing
from calibration.estimation.encoding import Encoding, Packed, Part
from calibration.estimation.sums import Sums
from engine._kernels.compiler import config
from engine.arrays import FloatArray, IntArray

IMPOSSIBLE = -1e300
"""Log-density of nodes that only fill up a row."""

RAREST = -690.0
"""Log-probabilities are cut here, so that a count of 0 times one of them is 0."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def expect(
    parts: Iterable[Part],
    encoding: Encoding,
    table: FloatArray,
    log_density: FloatArray,
    nodes: FloatArray,
    threads: int | None = None,
) -> Sums:
    """Return the sums over all persons, added up in the order of the parts.

    Parameters
    ----------
    table
        Log-probabilities of the answers, shape (n_rows, n_nodes).
    log_density
        Logarithms of each group's probabilities at the nodes, shape (n_groups, n_nodes).
    threads
        How many work; by default as many as there are processors. The result does not depend on
        it.
    """
    step = _Step(encoding, table, log_density, nodes)
    total = Sums.zero(encoding.n_rows, len(log_density), nodes.size)
    for sums in in_order(step.sums, parts, threads):
        total += sums
    return total


def in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Iterator[Result]:
    """Yield the results in the order of the items, few of which are held at a time."""
    threads = threads or config.NUMBA_NUM_THREADS
    if threads == 1 or (isinstance(items, list) and len(items) == 1):
        yield from map(work, items)
        return
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Step:
    """One E-step's tables, with as many nodes as the compiled loops like."""

    def __init__(
        self, encoding: Encoding, table: FloatArray, log_density: FloatArray, nodes: FloatArray
    ) -> None:
        self.encoding = encoding
        self.n_nodes = nodes.size
        self.table = _filled_up(np.maximum(table, RAREST), 0.0)
        self.log_density = _filled_up(np.maximum(log_density, IMPOSSIBLE), IMPOSSIBLE)
        self.nodes = _filled_up(nodes[None, :], 0.0)[0]
        if not encoding.listed:
            self.combined = np.empty((encoding.combinations.sum(), self.nodes.size))
            packing.combine(self.table, *_plan(encoding), self.combined)

    def sums(self, part: Part) -> Sums:
        """Return the sums over the persons of a part."""
        counts = np.zeros_like(self.table)
        mass, totals = np.zeros(self.nodes.size), np.array([0.0, np.inf])
        if isinstance(part, Packed):
            self._packed(part, counts, mass, totals)
        else:
            given, sums = self._given(self.table, part), kernel.Sums(counts, mass, totals)
            kernel.expect_listed(part.rows, part.ends, part.weight, given, sums, self._room(1))
        masses = np.zeros((len(self.log_density), self.n_nodes))
        masses[part.group] = mass[: self.n_nodes]
        return Sums(
            counts=counts[:, : self.n_nodes],
            mass=masses,
            log_likelihood=float(totals[0]),
            narrowest=float(totals[1]),
        )

    def _packed(
        self, part: Packed, counts: FloatArray, mass: FloatArray, totals: FloatArray
    ) -> None:
        combined = np.zeros_like(self.combined)
        given, sums = self._given(self.combined, part), kernel.Sums(combined, mass, totals)
        firsts, room = self.encoding.firsts, self._room(kernel.BLOCK)
        kernel.expect_packed(part.codes, firsts, part.weight, given, sums, room)
        packing.separate(combined, *_plan(self.encoding), counts)

    def _given(self, table: FloatArray, part: Part) -> kernel.Given:
        return kernel.Given(table, self.log_density[part.group], self.nodes)

    def _room(self, persons: int) -> kernel.Room:
        scale = np.empty(self.nodes.size)
        block = np.empty((persons, self.nodes.size))
        return kernel.Room(block, scale, scale.view(np.int64))


def _plan(encoding: Encoding) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    return (
        encoding.first_rows,
        encoding.sizes,
        encoding.radices,
        encoding.groups,
        encoding.firsts,
    )


def _filled_up(rows: FloatArray, value: float) -> FloatArray:
    n_nodes = rows.shape[1]
    width = -(-n_nodes // kernel.LANES) * kernel.LANES
    filled = np.full((len(rows), width), value)
    filled[:, :n_nodes] = rows
    return filled
