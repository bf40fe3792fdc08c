"""Writing a folder of results so that none of it is ever half there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_folder(
    folder: Path, files: Mapping[str, bytes], *, without: Sequence[str] = ()
) -> tuple[Path, ...]:
    """Write files into a folder, each whole or not at all.

    All are written to a new folder beside it first; when every one is there they are moved into
    place, over files of the same name. Other files of the folder stay.

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
    """
    folder.mkdir(parents=True, exist_ok=True)
    # In the folder itself, since moving is only sure within one file system.
    room = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        for name, content in files.items():
            (room / name).write_bytes(content)
        for name in files:
            os.replace(room / name, folder / name)
        for name in without:
            (folder / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return tuple(folder / name for name in files)
