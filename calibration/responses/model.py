"""What `Responses` are: the answers of n persons to m items, and why an answer is not there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from calibration.errors import ResponsesError
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.errors import Problem

NOT_GIVEN, OMITTED, NOT_REACHED = -1, -2, -3
"""Why there is no category: not administered (by design), seen and passed over, never come to."""

LARGEST_CATEGORY = 126
"""Answers are kept in eight bits: an item has at most 127 categories."""

ROWS_AT_ONCE = 65_536

Treatment = Literal["wrong", "missing"]
"""What an answer that is not there counts as: category 0, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Responses:
    """Answers of n persons (or patterns of answers) to m items.

    Arrays are taken as they are, without a copy, and can no longer be written to.

    Attributes
    ----------
    items
        Names of the items, each once.
    persons
        Names of the persons; None where they are numbered 1 to n.
    answers
        Categories from 0, or `NOT_GIVEN`, `OMITTED`, `NOT_REACHED`; int8, shape (n, m), C order.
    raw
        The place in `options` of the option chosen, -1 where none was; int16, shape (n, m). None
        unless options were read.
    options
        The options of each item as written in the file, those of the key and those chosen.
    key
        The right option of each item as written, several with | between them; "" for an item
        that came scored. None where every item did.
    group
        Each person's place in `groups`; int32, shape (n,).
    groups
        Names of the groups.
    weight
        How many persons each row stands for, or a sampling weight, shape (n,). None for 1 each.

    Raises
    ------
    ResponsesError
        Naming everything in them that contradicts the rest.
    """

    items: tuple[str, ...]
    persons: tuple[str, ...] | None = None
    answers: NDArray[np.int8]
    raw: NDArray[np.int16] | None = None
    options: tuple[tuple[str, ...], ...] | None = None
    key: tuple[str, ...] | None = None
    group: NDArray[np.int32] | None = None
    groups: tuple[str, ...] = ()
    weight: FloatArray | None = None

    def __post_init__(self) -> None:
        problems = [*_shape_problems(self), *_item_problems(self)]
        if not problems:
            problems += [*_answer_problems(self), *_row_problems(self)]
        if problems:
            raise ResponsesError("Responses", problems)
        object.__setattr__(self, "answers", np.ascontiguousarray(self.answers))
        for array in (self.answers, self.raw, self.group, self.weight):
            if array is not None:
                frozen(array)

    @property
    def n_rows(self) -> int:
        """How many rows there are: persons, or patterns."""
        return len(self.answers)

    @property
    def n_persons(self) -> float:
        """How many persons the rows stand for: the sum of the weights."""
        return float(self.n_rows if self.weight is None else self.weight.sum())

    @property
    def n_categories(self) -> IntArray:
        """The largest category anyone answered with plus one, shape (m,); 0 without answers."""
        if not self.n_rows:
            return np.zeros(len(self.items), dtype=np.int64)
        largest: IntArray = self.answers.max(axis=0).astype(np.int64)
        return np.maximum(largest, -1) + 1

    @property
    def n_answers(self) -> IntArray:
        """How many persons answered each item, shape (m,); weights are counted, then rounded."""
        total = np.zeros(len(self.items))
        for rows in self.blocks():
            given = self.answers[rows] >= 0
            total += given.sum(axis=0) if self.weight is None else self.weight[rows] @ given
        return np.rint(total).astype(np.int64)

    @property
    def hash(self) -> str:
        """SHA-256 over items, answers, groups and weights, in hexadecimal digits."""
        digest = Digest()
        digest.add(self)
        return digest.hexdigest()

    def scored(
        self, *, omitted: Treatment | None = None, not_reached: Treatment = "missing"
    ) -> NDArray[np.int8]:
        """Categories from 0, or -1 for nothing known, shape (n, m); unwriteable.

        Parameters
        ----------
        omitted
            What an omission counts as. None: as wrong for an item scored by a key, whose option
            the candidate could have guessed; as missing for any other item.
        not_reached
            What an item never come to counts as.
        """
        wrong_if_omitted = np.full(len(self.items), omitted == "wrong")
        if omitted is None and self.key is not None:
            wrong_if_omitted = np.array([bool(right) for right in self.key])
        if not self.n_rows or self.answers.min() >= NOT_GIVEN:
            return self.answers
        scored = np.maximum(self.answers, np.int8(NOT_GIVEN))
        for rows in self.blocks():
            block = self.answers[rows]
            scored[rows][(block == OMITTED) & wrong_if_omitted] = 0
            if not_reached == "wrong":
                scored[rows][block == NOT_REACHED] = 0
        return frozen(scored)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the persons, or their numbers from 1."""
        if self.persons is not None:
            return self.persons
        return tuple(str(number) for number in range(1, self.n_rows + 1))

    def person(self, row: int) -> str:
        """Name of the person in a row, counted from 0."""
        return str(row + 1) if self.persons is None else self.persons[row]

    def take(self, rows: NDArray[Any] | slice) -> Responses:
        """Return some of the rows: their places, a slice, or a truth value for each."""
        places = np.arange(self.n_rows)[rows]
        return Responses(
            items=self.items,
            persons=tuple(self.person(row) for row in places.tolist()),
            answers=self.answers[places],
            raw=None if self.raw is None else self.raw[places],
            options=self.options,
            key=self.key,
            group=None if self.group is None else self.group[places],
            groups=self.groups,
            weight=None if self.weight is None else self.weight[places],
        )

    def of_items(self, names: Sequence[str]) -> Responses:
        """Return the answers to some of the items, in this order.

        Raises
        ------
        ResponsesError
            Naming every item that is not among them.
        """
        places = {name: place for place, name in enumerate(self.items)}
        unknown = [Problem("items", name, "an item") for name in names if name not in places]
        if unknown:
            raise ResponsesError("Responses", unknown)
        chosen = [places[name] for name in names]
        return Responses(
            items=tuple(names),
            persons=self.persons,
            answers=np.ascontiguousarray(self.answers[:, chosen]),
            raw=None if self.raw is None else self.raw[:, chosen],
            options=None if self.options is None else tuple(self.options[i] for i in chosen),
            key=None if self.key is None else tuple(self.key[i] for i in chosen),
            group=self.group,
            groups=self.groups,
            weight=self.weight,
        )

    def blocks(self) -> Iterator[slice]:
        """Rows by some ten thousands, so that a pass over them needs no second whole array."""
        return row_blocks(self.n_rows)


def row_blocks(n_rows: int) -> Iterator[slice]:
    """Rows by some ten thousands."""
    for start in range(0, n_rows, ROWS_AT_ONCE):
        yield slice(start, min(start + ROWS_AT_ONCE, n_rows))


class Digest:
    """SHA-256 of answers that come whole or in pieces of any size: it is the same."""

    def __init__(self) -> None:
        self._names: tuple[tuple[str, ...], ...] = ()
        self._columns = [hashlib.sha256() for _ in range(3)]
        self._n_rows = 0

    def add(self, piece: Responses) -> None:
        """Take in the next rows; their items and groups are those of the rows before."""
        self._names = (piece.items, piece.groups)
        self._n_rows += piece.n_rows
        arrays = (piece.answers, piece.group, piece.weight)
        for column, array in zip(self._columns, arrays, strict=True):
            if array is not None:
                column.update(np.ascontiguousarray(array).data)

    def hexdigest(self) -> str:
        """Return the hash of all rows so far, in hexadecimal digits."""
        names = ["\0".join((str(len(each)), *each)) for each in self._names]
        columns = [column.hexdigest() for column in self._columns]
        return hashlib.sha256("\0".join([*names, str(self._n_rows), *columns]).encode()).hexdigest()


def _shape_problems(responses: Responses) -> Iterator[Problem]:
    n, m = len(responses.answers), len(responses.items)
    expected: tuple[tuple[str, np.ndarray | None, tuple[int, ...], str], ...] = (
        ("answers", responses.answers, (n, m), "int8"),
        ("raw", responses.raw, (n, m), "int16"),
        ("group", responses.group, (n,), "int32"),
        ("weight", responses.weight, (n,), "float64"),
    )
    for name, array, shape, kind in expected:
        if array is not None and (array.shape != shape or array.dtype != kind):
            yield Problem(name, f"{array.dtype} {array.shape}", f"{kind} {shape}")
    counted: tuple[tuple[str, Sequence[object] | None, int], ...] = (
        ("persons", responses.persons, n),
        ("options", responses.options, m),
        ("key", responses.key, m),
    )
    for name, names, length in counted:
        if names is not None and len(names) != length:
            yield Problem(name, len(names), f"{length} of them")


def _item_problems(responses: Responses) -> Iterator[Problem]:
    if not responses.items:
        yield Problem("items", 0, "at least one item")
    seen: set[str] = set()
    for place, name in enumerate(responses.items):
        if not name or name in seen:
            yield Problem(f"items[{place}]", name, "a name of its own")
        seen.add(name)
    for name, value, other in (
        ("raw", responses.raw, responses.options),
        ("options", responses.options, responses.raw),
        ("group", responses.group, responses.groups or None),
    ):
        if value is not None and other is None:
            yield Problem(name, "given alone", "raw with options, group with groups")


def _answer_problems(responses: Responses) -> Iterator[Problem]:
    for rows in responses.blocks():
        block = responses.answers[rows]
        wrong = (block < NOT_REACHED) | (block > LARGEST_CATEGORY)
        if wrong.any():
            for row, item in np.argwhere(wrong):
                where = f"answers[{rows.start + row}, {responses.items[item]}]"
                expected = f"a category from 0 to {LARGEST_CATEGORY}, -1, -2 or -3"
                yield Problem(where, int(block[row, item]), expected)


def _row_problems(responses: Responses) -> Iterator[Problem]:
    if responses.group is not None:
        good = (responses.group >= 0) & (responses.group < len(responses.groups))
        expected = f"a place from 0 to {len(responses.groups) - 1}"
        yield from _bad_rows("group", responses.group, good, expected)
    if responses.weight is not None:
        good = np.isfinite(responses.weight) & (responses.weight >= 0)
        yield from _bad_rows("weight", responses.weight, good, "a finite number of 0 or more")
        if good.all() and responses.n_rows and not responses.weight.any():
            yield Problem("weight", 0.0, "a weight above 0 for at least one row")


def _bad_rows(name: str, values: NDArray[Any], good: BoolArray, expected: str) -> Iterator[Problem]:
    for row in np.flatnonzero(~good).tolist():
        yield Problem(f"{name}[{row}]", values[row].item(), expected)
