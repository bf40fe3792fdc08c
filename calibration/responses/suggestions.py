"""What a name that is not there was likely meant to be."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

ALIKE = 0.6
"""A smaller share of letters in common is no likeness (difflib's ratio, and its own limit): two
letters of three that changed places are just above it."""


def nearest(name: str, columns: Sequence[str]) -> str | None:
    """Return the column most like a name, whatever their case; None where none is like it."""
    plain = {column.casefold(): column for column in reversed(columns)}
    found = get_close_matches(name.casefold(), plain, n=1, cutoff=ALIKE)
    return plain[found[0]] if found else None


def a_column(name: str, columns: Sequence[str]) -> str:
    """Say that a column of the file is expected, and which one may have been meant."""
    close = nearest(name, columns)
    return "a column of the file" + (f"; did you mean {close!r}?" if close else "")
