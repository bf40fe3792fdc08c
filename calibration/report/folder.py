"""Writing a folder of results so that none of it is ever half there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from calibration.errors import CalibrationError
from engine.errors import Problem

Content = bytes | Iterable[bytes]
"""What a file is to hold: all of it, or one part after another where it is too large for memory."""


ROOM = ".writing-"
"""How the name of a folder begins in which files are written, before those who wait for them see
any; it ends with the number of the process."""


def write_folder(
    folder: Path, files: Mapping[str, Content], *, without: Sequence[str] = ()
) -> tuple[Path, ...]:
    """Write files into a folder, each whole or not at all.

    All are written to a room of their own first; when every one is there they are moved into place:
    as a new folder in one step, or over files of the same name. Other files of the folder stay. A
    process that is killed leaves nothing that can be taken for a result.

    Parameters
    ----------
    files
        Content by name.
    without
        Files that are taken away: those of an earlier run that this one does not write.

    Returns
    -------
    tuple of Path
        Where the files are, in the order given.

    Raises
    ------
    CalibrationError
        If they cannot be written there.
    """
    try:
        _write(folder, files)
        for name in without:
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise _not_writable(folder, error.strerror or str(error)) from error
    return tuple(folder / name for name in files)


def check_folder(folder: Path) -> None:
    """Look whether files could be written into a folder, before hours are spent on them.

    Raises
    ------
    CalibrationError
        If the folder, or the nearest that is there above it, is none or is not to be written to.
    """
    there = next((each for each in (folder, *folder.absolute().parents) if each.exists()), folder)
    if not there.is_dir():
        raise _not_writable(folder, f"{there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise _not_writable(folder, f"{there} is not to be written to")


def _not_writable(folder: Path, reason: str) -> CalibrationError:
    expected = f"a folder that can be written to ({reason})"
    return CalibrationError("Results", [Problem("folder", str(folder), expected)])


def _write(folder: Path, files: Mapping[str, Content]) -> None:
    """Write to a room of its own, inside the folder or, where there is none yet, beside it."""
    new = not folder.exists()
    place = folder.absolute().parent if new else folder
    place.mkdir(parents=True, exist_ok=True)
    _clear(place)
    room = place / f"{ROOM}{folder.absolute().name}-{os.getpid()}"
    room.mkdir()
    try:
        for name, content in files.items():
            with (room / name).open("wb") as file:
                file.writelines([content] if isinstance(content, bytes) else content)
        if new:
            room.rename(folder)  # all files at once
            return
        for name in files:
            os.replace(room / name, folder / name)
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _clear(place: Path) -> None:
    """Take away what writers left who were killed."""
    for room in place.glob(f"{ROOM}*"):
        pid = room.name.rpartition("-")[2]
        if pid.isdecimal() and not _runs(int(pid)):
            shutil.rmtree(room, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it runs for somebody else
        return True
    return True
