"""A table, a batch of rows at a time, whatever file it came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import polars as pl

from engine.arrays import IntArray

BATCH = 32_768
"""Rows taken at once."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table, and the number of each in the file as a spreadsheet shows it."""

    frame: pl.DataFrame
    rows: IntArray


class Table(Protocol):
    """A file of columns with names, each once."""

    @property
    def path(self) -> Path:
        """The file, for messages."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""

    def n_rows_about(self) -> int:
        """How many rows there are; of a CSV file, as many as its size and its first rows tell."""

    def batches(self, largest: int = BATCH) -> Iterator[Batch]:
        """Yield the rows in order, at most `largest` at once."""
