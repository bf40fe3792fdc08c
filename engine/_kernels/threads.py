"""Work shared among threads; compiled code holds no lock that would keep them apart."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from engine._kernels.compiler import config

SHARES = 8
"""How many shares a thread takes: enough that none waits long for the last one."""

SMALLEST, LARGEST = 64, 4096
"""Candidates in a share: handing one out takes as long as scoring a hundred."""


def on_threads(work: Callable[[int, int], None], n: int, threads: int | None = None) -> None:
    """Call `work(first, beyond)` on shares of n candidates, by default a thread a processor.

    No result may depend on how candidates are shared out.
    """
    threads = threads or config.NUMBA_NUM_THREADS
    size = max(SMALLEST, min(LARGEST, n // (SHARES * threads)))

    def share(first: int) -> None:
        work(first, min(first + size, n))

    with ThreadPoolExecutor(threads) as pool:
        # The list is made for the errors that `work` may raise.
        list(pool.map(share, range(0, n, size)))
