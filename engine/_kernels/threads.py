"""Work shared among threads; compiled code holds no lock that would keep them apart."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from engine._kernels.compiler import config

SHARE = 512
"""Candidates a thread takes at a time; nothing depends on it."""


def on_threads(work: Callable[[int, int], None], n: int, threads: int | None = None) -> None:
    """Call `work(first, beyond)` on shares of n candidates, by default a thread a processor."""
    firsts = range(0, n, SHARE)

    def share(first: int) -> None:
        work(first, min(first + SHARE, n))

    with ThreadPoolExecutor(threads or config.NUMBA_NUM_THREADS) as pool:
        # The list is made for the errors that `work` may raise.
        list(pool.map(share, firsts))
