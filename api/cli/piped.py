"""What comes through a pipe, as a file: commands read theirs more than once."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import InputError

STANDARD_INPUT = Path("-")


@contextmanager
def on_disk(path: Path) -> Iterator[Path]:
    """Yield a file with what `path` holds: itself, or for `-` and pipes a copy of what they give.

    Raises
    ------
    InputError
        As raised while the copy is read, but with the name that the user gave.
    """
    if path != STANDARD_INPUT and not path.is_fifo():
        yield path
        return
    with tempfile.NamedTemporaryFile() as copy:
        if path == STANDARD_INPUT:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        else:
            with path.open("rb") as pipe:
                shutil.copyfileobj(pipe, copy)
        copy.flush()
        try:
            yield Path(copy.name)
        except InputError as error:
            name = "standard input" if path == STANDARD_INPUT else str(path)
            subject = name if error.subject == copy.name else error.subject
            raise InputError(subject, error.problems) from error
