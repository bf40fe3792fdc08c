"""Locks between processes, by `flock`: the system lets them go however a process ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api.errors import OperatorError

if sys.platform != "win32":  # `embedded_postgres` refuses Windows before any lock is taken
    import fcntl

PAUSE_SECONDS = 0.02


def open_lock(path: Path) -> int:
    """Open a lock file, made when missing; readable for its owner only. Close with `os.close`."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(file: int, *, shared: bool = False) -> bool:
    """Take the lock if that needs no waiting; False when others hold it.

    Changing a shared into an exclusive lock this way may lose the shared one when it fails.
    """
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(path: Path) -> bool:
    """Whether any process holds the lock, and holds it alone, at this moment."""
    file = open_lock(path)
    try:
        return not try_lock(file, shared=True)
    finally:
        os.close(file)


@contextmanager
def exclusive(path: Path, seconds: float) -> Iterator[int]:
    """Hold the lock for the block, after waiting for others; gives its file descriptor.

    A process that inherits the descriptor holds the lock too, until it ends.

    Raises
    ------
    OperatorError
        Another process kept it for all of `seconds`.
    """
    file = open_lock(path)
    try:
        end = time.monotonic() + seconds
        while not try_lock(file):
            if time.monotonic() > end:
                raise OperatorError(
                    f"Another process has held {path} for {seconds:.0f} seconds.",
                    "Look for a `samatthana` command that hangs and end it.",
                )
            time.sleep(PAUSE_SECONDS)
        yield file
    finally:
        os.close(file)
