"""The one place that compiles, and decides where compiled code is kept.

Numba keeps code by function and looks at that function's own file only: after a change in another
file it would go on running the old code. The folder is therefore named by a hash of all the
engine's sources and, for functions of another room, of the package they stand in. Whoever starts
the program chooses where that folder lies with NUMBA_CACHE_DIR; without it, it is the user's folder
for caches. Where nothing can be written, code is compiled anew in each process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from glob import glob
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from shutil import rmtree
from typing import Any, ParamSpec, TypeVar

import numba
from numba.misc.appdirs import AppDirs

config: Any = numba.config
"""Numba's settings; it declares no types for them."""

ENGINE = "engine"
KEPT = 8
"""So many versions of the sources keep their code: branches to and fro, a program still running."""
FOLDERS = "engine-*"
USED = "engine.used"
"""Where the names of folders stand, the last used at the end."""

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Function = Callable[Arguments, Result]

EXACT: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""Without numba's run-time memory: kernels make no arrays, they are given all that they write to.
Counting references to arrays would take four fifths of the time of a choice."""
INLINE: dict[str, Any] = {**EXACT, "forceinline": True}
FREE_SUMS: dict[str, Any] = {**INLINE, "fastmath": {"reassoc", "contract", "nsz"}}
"""Sums may run in several lanes at once. The order is fixed when the code is compiled, so that the
same numbers give the same sum in every call; no value is assumed away."""


def inner(function: Function[Arguments, Result]) -> Function[Arguments, Result]:
    """Compile a function that only other compiled functions call, into each of them."""
    return _compiled(function, INLINE)


def seldom(function: Function[Arguments, Result]) -> Function[Arguments, Result]:
    """Compile a function that compiled functions call rarely, apart from them."""
    return _compiled(function, EXACT)


def summing(function: Function[Arguments, Result]) -> Function[Arguments, Result]:
    """Compile a function that only compiled functions call, its sums in lanes."""
    return _compiled(function, FREE_SUMS)


def entry(function: Function[Arguments, Result]) -> Function[Arguments, Result]:
    """Compile a function that Python calls, or load it where it was compiled before."""
    before = config.CACHE_DIR
    config.CACHE_DIR = folder = _folder(function.__module__.rpartition(".")[0])
    try:
        kept = numba.njit(cache=True, **EXACT)(function)
    except RuntimeError:  # numba found no folder at all in which it may write
        return _compiled(function, EXACT)
    finally:
        config.CACHE_DIR = before
    # Where our folder cannot be written, numba takes one that is not named by the sources.
    return kept if kept.stats.cache_path.startswith(folder) else _compiled(function, EXACT)


@cache
def sources_hash(package: str = ENGINE) -> str:
    """Return a hash over the names and texts of all the engine's source files, and the package's."""
    rooms = {ENGINE} if package.partition(".")[0] == ENGINE else {ENGINE, package}
    digest = sha256()
    for room in sorted(rooms):
        for name, text in sorted(_sources(files(room), room)):
            digest.update(f"{name} {len(text)}\n".encode() + text)
    return digest.hexdigest()


def _sources(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{name}/{entry.name}")
        elif entry.name.endswith(".py"):
            yield f"{name}/{entry.name}", entry.read_bytes()


def _folder(package: str = ENGINE) -> str:
    dirs: Any = AppDirs
    chosen = config.CACHE_DIR or dirs("samatthana", appauthor=False).user_cache_dir
    folder = f"engine-{sources_hash(package)[:16]}"
    _sweep(chosen, folder)
    return f"{chosen}/{folder}"


@cache
def _sweep(chosen: str, folder: str) -> None:
    """Remove the code of sources long changed, and note that this folder is in use.

    A program that has lost its folder compiles what it had not loaded, and makes the folder anew.
    """
    others = set(glob(FOLDERS, root_dir=chosen)) - {folder}
    used = [name for name in _used(chosen) if name in others]
    oldest_first = [*sorted(others.difference(used)), *used]
    for name in oldest_first[: 1 - KEPT]:
        rmtree(f"{chosen}/{name}", ignore_errors=True)
    with suppress(OSError), open(f"{chosen}/{USED}", "w", encoding="utf-8") as notes:
        notes.write("\n".join([*oldest_first[1 - KEPT :], folder]))


def _used(chosen: str) -> list[str]:
    """The folders that were used, the last at the end; none where nothing was noted."""
    with suppress(OSError, UnicodeDecodeError), open(f"{chosen}/{USED}", encoding="utf-8") as notes:
        return notes.read().split()
    return []


def _compiled(
    function: Function[Arguments, Result], options: dict[str, Any]
) -> Function[Arguments, Result]:
    dispatcher: Function[Arguments, Result] = numba.njit(**options)(function)
    return dispatcher
