"""Answers in the form the E-step reads: packed in groups where most are there, else as lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from calibration._kernels import packing
from engine.arrays import BoolArray, FloatArray, IntArray

COMBINATIONS = 256
"""A group's answers are one byte."""

SPARSE = 0.25
"""With fewer of the answers than this, a list of them is shorter than the groups."""

SMALLEST_PART, LARGEST_PART = 1024, 8192
PARTS = 16
"""Persons in a part depend on their number alone, so that sums do not depend on threads."""

Answers = NDArray[np.int8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Packed:
    """Persons of one group, their answers to each group of items in a byte, (n_groups, n)."""

    codes: NDArray[np.uint8]
    weight: FloatArray
    group: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Listed:
    """Persons of one group, the rows of their answers one after another; `ends` (n + 1,)."""

    rows: NDArray[np.int32]
    ends: IntArray
    weight: FloatArray
    group: int


Part = Packed | Listed


@dataclass(frozen=True, kw_only=True, eq=False)
class Encoding:
    """How answers become rows of a table of log-probabilities.

    Attributes
    ----------
    items
        The column of each estimated item among the answers, shape (m,).
    sizes
        Its number of categories, shape (m,); rows of the table follow in this order.
    categories
        The category that an answer counts as, -1 for none, shape (m, 128); places are the answer
        as given plus one.
    gaps
        Whether someone did not answer it, shape (m,).
    listed
        Whether persons are lists of answers.
    """

    items: IntArray
    sizes: IntArray
    categories: IntArray
    gaps: BoolArray
    listed: bool = False

    @cached_property
    def first_rows(self) -> IntArray:
        """Each item's first row, shape (m,)."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def n_rows(self) -> int:
        """Rows of the table of the answers."""
        return int(self.sizes.sum())

    @cached_property
    def radices(self) -> IntArray:
        """How many answers an item can have, with none among them where someone gave none."""
        return self.sizes + self.gaps

    @cached_property
    def groups(self) -> IntArray:
        """The group that each item is packed in, ascending, shape (m,)."""
        groups, product = np.zeros(self.sizes.size, dtype=np.int64), 1
        for item, radix in enumerate(self.radices.tolist()):
            product *= radix
            groups[item] = groups[item - 1] if item else 0
            if product > COMBINATIONS and item:
                groups[item] += 1
                product = radix
        return groups

    @cached_property
    def combinations(self) -> IntArray:
        """How many codes each group of items has."""
        return np.array(
            [np.prod(self.radices[self.groups == group]) for group in range(self.groups[-1] + 1)],
            dtype=np.int64,
        )

    @cached_property
    def firsts(self) -> IntArray:
        """Each group's first row in the combined table."""
        return np.cumsum(self.combinations) - self.combinations

    @cached_property
    def _digits(self) -> NDArray[np.int32]:
        """What each answer adds to its group's code; -1 less that where it counts as none."""
        digits = np.empty(self.categories.shape, dtype=np.int32)
        stride = 1
        for item, radix in enumerate(self.radices.tolist()):
            if item and self.groups[item] != self.groups[item - 1]:
                stride = 1
            category = self.categories[item]
            none = -1 - stride * self.sizes[item]
            digits[item] = np.where(category >= 0, category * stride, none)
            stride *= radix
        return digits

    @cached_property
    def _rows(self) -> NDArray[np.int32]:
        row = self.categories + self.first_rows[:, None]
        return np.where(self.categories >= 0, row, -1).astype(np.int32)

    def parts(
        self, answers: Answers, group: NDArray[np.int32] | None, weight: FloatArray | None
    ) -> Iterator[Part]:
        """Yield the persons who answered something, in parts of one group each."""
        n_groups = 1 if group is None or not group.size else int(group.max()) + 1
        for place in range(n_groups):
            persons = np.arange(len(answers)) if group is None else np.flatnonzero(group == place)
            weights = np.ones(persons.size) if weight is None else weight[persons]
            if self.listed:
                yield from self._listed(answers, persons, weights, place)
            else:
                yield from self._packed(answers, persons, weights, place)

    def _packed(
        self, answers: Answers, persons: IntArray, weight: FloatArray, group: int
    ) -> Iterator[Packed]:
        if not persons.size:
            return
        codes = np.empty((self.combinations.size, persons.size), dtype=np.uint8)
        given = np.empty(persons.size, dtype=np.int64)
        packing.pack(answers, persons, self.items, self.groups, self._digits, codes, given)
        if not given.all():
            codes, weight = codes[:, given > 0], weight[given > 0]
        if np.prod(self.combinations.astype(float)) <= weight.size / 2:
            codes, weight = _merged(codes, weight)
        for start, stop in _bounds(weight.size):
            yield Packed(
                codes=np.ascontiguousarray(codes[:, start:stop]),
                weight=weight[start:stop],
                group=group,
            )

    def _listed(
        self, answers: Answers, persons: IntArray, weight: FloatArray, group: int
    ) -> Iterator[Listed]:
        for start, stop in _bounds(persons.size):
            some, share = persons[start:stop], weight[start:stop]
            given = np.empty(some.size, dtype=np.int64)
            packing.count_answers(answers, some, self.items, self._rows, given)
            some, share, given = some[given > 0], share[given > 0], given[given > 0]
            ends = np.concatenate([[0], np.cumsum(given)])
            rows = np.empty(ends[-1], dtype=np.int32)
            packing.list_answers(answers, some, self.items, self._rows, ends, rows)
            yield Listed(rows=rows, ends=ends, weight=share, group=group)


def _bounds(n: int) -> Iterator[tuple[int, int]]:
    size = min(max(-(-n // PARTS), SMALLEST_PART), LARGEST_PART)
    yield from pairwise([*range(0, n, size), n])


def _merged(codes: NDArray[np.uint8], weight: FloatArray) -> tuple[NDArray[np.uint8], FloatArray]:
    """Return each pattern once, in the order of the patterns, with the weights of its persons."""
    patterns, place = np.unique(codes.T, axis=0, return_inverse=True)
    total = np.bincount(place.ravel(), weight).astype(np.float64)
    return np.ascontiguousarray(patterns.T), total
