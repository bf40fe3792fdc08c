"""What this machine could do at best with the arithmetic and the memory that the tasks need.

Counted for a posterior on 121 nodes, and measured here: how fast one core reads tables that lie in
its second cache, which both tasks are made of.
"""

from __future__ import annotations

import numba
import numpy as np

from benchmarks.compare import seconds

NODES = 121
ROW = NODES * 8
TABLE_BYTES = 500_000


def read_rate() -> float:
    """Bytes a second that one core reads from rows in its second cache, adding them up."""
    rows = np.ones((TABLE_BYTES // ROW, NODES))
    repeats = 400
    _add_up(rows, 1)
    return rows.nbytes * repeats / seconds(lambda: _add_up(rows, repeats), repeats=9)


def per_candidate(bytes_read: float, rate: float) -> float:
    """Seconds that one core needs to read so much."""
    return bytes_read / rate


EAP_BYTES = 7 * ROW
"""Seven rows of groups of items for 40 answers."""

EXAM_BYTES = 30 * ROW
"""A row for each of 30 answers."""


@numba.njit(fastmath=True, nogil=True)
def _add_up(rows: np.ndarray, repeats: int) -> float:
    total = 0.0
    for _ in range(repeats):
        for row in range(rows.shape[0]):
            for node in range(rows.shape[1]):
                total += rows[row, node]
    return total
