"""A file of answers that is read anew for every pass, so that memory does not grow with persons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from calibration.responses.model import Responses
from calibration.responses.reading import CHUNK, chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class InPieces:
    """A wide file for `calibrate`, in pieces of `size` persons.

    Parameters
    ----------
    path
        A Parquet or CSV file, a row a person.
    options
        As `read_responses` takes them.
    """

    path: Path
    size: int = CHUNK
    options: Mapping[str, Any] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Responses]:
        """Read the file from its beginning."""
        return chunks(Path(self.path), self.size, **self.options)
