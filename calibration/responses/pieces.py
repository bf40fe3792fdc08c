"""A wide file of any size, in pieces: read once, gone through as often as an estimation likes.

What was read waits in a temporary file, a byte an answer, and not in memory. The file has no name,
so that nothing of it stays however the program ends.
"""

from __future__ import annotations

import pickle
import tempfile
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from calibration.errors import ResponsesError
from calibration.responses.assembly import extremes, lowest_category
from calibration.responses.keys import in_order
from calibration.responses.long import is_long
from calibration.responses.model import Responses
from calibration.responses.options import FileOptions
from calibration.responses.tables import open_table
from calibration.responses.wide import Part, WideReader
from calibration.responses.wide_assembly import assembled, note_repeated, wide_reader
from engine.arrays import FloatArray
from engine.errors import Problem

CHUNK = 65_536
"""Persons of a piece, unless said otherwise."""

SAMPLE = 20_000
"""Persons kept in memory, for what looks at persons one by one."""

SEED = 0
"""Who is kept is drawn at random, and the same ones from the same file."""


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class InPieces:
    """A wide file for `calibrate`, in pieces of at most `size` persons.

    Every pass yields the same `Responses`, without the options that were chosen.

    Parameters
    ----------
    path
        A Parquet or CSV file, a row a person.
    size
        Most persons of a piece.
    options
        As `read_responses` takes them.
    progress
        Called with the number of rows so far while the file is read.

    Raises
    ------
    ResponsesError
        At the first pass: as `read_responses`; if the file is long, whose persons may stand
        anywhere; and if the temporary folder has no room.
    """

    path: Path
    size: int = CHUNK
    options: Mapping[str, Any] = field(default_factory=dict)
    progress: Callable[[int], None] | None = None
    _kept: _Kept | None = field(default=None, init=False, repr=False)

    def __iter__(self) -> Iterator[Responses]:
        """Go through the whole file."""
        kept = self._read()
        for part in kept.parts():
            yield assembled(
                [part], kept.reader, kept.options, **kept.of_the_whole, with_options=False
            )

    @property
    def items(self) -> tuple[str, ...]:
        """Names of the items."""
        return self._read().reader.columns.items

    @property
    def n_rows(self) -> int:
        """How many persons (or patterns) there are."""
        return self._read().n_rows

    def sample(self) -> Responses:
        """Return persons drawn at random, each as likely, with their options; all of a few."""
        kept = self._read()
        return assembled(kept.sample.parts(), kept.reader, kept.options, **kept.of_the_whole)

    def _read(self) -> _Kept:
        if self._kept is None:
            self._kept = _read(
                Path(self.path), self.size, FileOptions(**self.options), self.progress
            )
        return self._kept


def _read(
    path: Path, size: int, options: FileOptions, progress: Callable[[int], None] | None
) -> _Kept:
    table = open_table(path, header=options.header)
    _check(path, is_long(table, options), size, options)
    reader = wide_reader(table, options)
    kept = _Kept(reader, options)
    for part in reader.parts(table.batches(size)):
        kept.add(part)
        if progress is not None:
            progress(kept.n_rows)
    if not kept.n_rows:
        reader.findings.add(2, "row 2", "no persons", "at least one person")
    kept.note_repeated()
    reader.findings.stop_if_any()
    return kept


def _check(path: Path, long: bool, size: int, options: FileOptions) -> None:
    problems = []
    if size < 1:
        problems.append(Problem("size", size, "at least one person in a piece"))
    if long:
        expected = "a wide file, a row a person: only that can be read in pieces"
        problems.append(Problem("row 1", "a long file", expected))
    if len(options.weights) > 1:
        found = ", ".join(options.weights)
        problems.append(Problem("weight", found, "one column of counts in a file read in pieces"))
    if options.repeated in ("first", "last"):
        expected = "refuse or keep in a file read in pieces"
        problems.append(Problem("repeated", options.repeated, expected))
    if problems:
        raise ResponsesError(str(path), problems)


def _no_room(n_rows: int, error: OSError) -> ResponsesError:
    found = f"{tempfile.gettempdir()}: {error.strerror} after {n_rows:,} persons"
    expected = "room for a byte an answer; name another temporary folder with TMPDIR"
    return ResponsesError("Temporary folder", [Problem("folder", found, expected)])


class _Kept:
    """What was read of a file: its parts on disk, a sample of its rows, and what the whole says."""

    def __init__(self, reader: WideReader, options: FileOptions) -> None:
        self.reader = reader
        self.options = options
        self.n_rows = 0
        self.sample = _Sample()
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this object
        weakref.finalize(self, self._file.close)
        self._starts: list[int] = []
        self._names: list[np.ndarray] = []
        self._smallest, self._largest = 127, -1
        columns = reader.columns
        self._scored = np.array([name not in columns.keyed for name in columns.present])
        self._groups: set[str] = set()

    def add(self, part: Part) -> None:
        """Take in what some rows say."""
        if not len(part.rows):
            return
        self.n_rows += len(part.rows)
        low, high = extremes(part.answers, self._scored)
        self._smallest, self._largest = min(self._smallest, low), max(self._largest, high)
        if part.group is not None:
            self._groups.update(part.group.unique().to_list())
        if part.persons is not None:
            self._names.append(part.persons.hash().to_numpy())
        self.sample.add(part)
        try:
            self._starts.append(self._file.tell())
            pickle.dump(replace(part, raw=None), self._file, protocol=pickle.HIGHEST_PROTOCOL)
        except OSError as error:
            raise _no_room(self.n_rows, error) from error

    def parts(self) -> Iterator[Part]:
        """Yield the parts again; several may go through them at the same time."""
        for start in self._starts:
            self._file.seek(start)
            part: Part = pickle.load(self._file)
            yield part

    @property
    def of_the_whole(self) -> dict[str, Any]:
        """What no part alone can tell: the number of the lowest category, and the groups."""
        lowest = lowest_category(self._smallest, self._largest, self.options.lowest_told)
        groups = in_order(tuple(self._groups)) if self.reader.columns.group is not None else None
        return {"lowest": lowest, "groups": groups}

    def note_repeated(self) -> None:
        """Note each person that comes again, wherever in the file."""
        if self.options.repeated != "refuse" or not self._names:
            return
        # Eight bytes stand for a name; those that meet are then compared as they are written.
        hashes = np.sort(np.concatenate(self._names))
        twice = np.unique(hashes[1:][hashes[1:] == hashes[:-1]])
        if twice.size:
            again = (np.flatnonzero(np.isin(names, twice)) for names in self._names)
            some = [part.take(rows) for part, rows in zip(self.parts(), again, strict=True)]
            note_repeated(some, self.reader, self.options)


class _Sample:
    """The rows with the smallest of random numbers, which do not depend on how rows come."""

    def __init__(self) -> None:
        self._generator = np.random.default_rng(SEED)
        self._kept: list[tuple[Part, FloatArray]] = []
        self._limit = np.inf

    def add(self, part: Part) -> None:
        keys = self._generator.random(len(part.rows))
        chosen = np.flatnonzero(keys < self._limit)
        self._kept.append((part.take(chosen), keys[chosen]))
        if sum(keys.size for _, keys in self._kept) > 2 * SAMPLE:
            self._thin()

    def parts(self) -> list[Part]:
        """The rows kept, in the order of the file."""
        self._thin()
        return [part for part, _ in self._kept]

    def _thin(self) -> None:
        keys = np.concatenate([keys for _, keys in self._kept])
        if keys.size <= SAMPLE:
            return
        self._limit = float(np.partition(keys, SAMPLE)[SAMPLE])
        kept = [(part, keys, np.flatnonzero(keys < self._limit)) for part, keys in self._kept]
        self._kept = [(part.take(rows), keys[rows]) for part, keys, rows in kept if rows.size]
