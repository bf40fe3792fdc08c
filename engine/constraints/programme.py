"""A specification as a mixed-integer linear programme.

Columns: one for each item (1: it is chosen), then one for each set of each grouping by stimulus (1:
at least one item of the set is chosen). After van der Linden (2005), *Linear Models for Optimal
Test Design*, chapters 2, 3 and 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from itertools import pairwise
from math import inf

import numpy as np
from scipy import sparse

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.constraints.kinds import (
    TOLERANCE,
    Bound,
    Constraint,
    Exclude,
    Family,
    Include,
    Mean,
    Order,
    SetBound,
    Sets,
    Shares,
    Together,
)
from engine.constraints.quota import Quota
from engine.constraints.specification import Specification

WITHIN = 1e-3
"""How near to a whole item off its share a quota may not come: a test that is one off is refused."""
DEFINITION = ""
"""The name of rows that say what a set's column means; no constraint of a person's."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Programme:
    """row_low <= matrix x <= row_high, lower <= x <= upper, x whole where `whole` says so.

    Rows are scaled so that the largest coefficient of each is 1 in size.

    Attributes
    ----------
    matrix
        Coefficients, CSR, shape (n_rows, n_columns).
    row_low, row_high
        Shape (n_rows,).
    lower, upper
        Shape (n_columns,).
    whole
        Which columns take whole numbers only, shape (n_columns,).
    n_items
        The first so many columns are the items.
    row_names
        The constraint each row belongs to; `DEFINITION` for those that belong to none.
    groupings
        The stimulus of each item in each grouping, whose sets' columns follow the items' in order.
    alike
        Items with the same number have the same part in every row, shape (n_items,).
    """

    matrix: sparse.csr_array
    row_low: FloatArray
    row_high: FloatArray
    lower: FloatArray
    upper: FloatArray
    whole: BoolArray
    n_items: int
    row_names: tuple[str, ...]
    groupings: tuple[IntArray, ...] = ()
    alike: IntArray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "alike", _alike(self))

    @property
    def n_columns(self) -> int:
        """How many variables there are."""
        return int(self.lower.size)

    def values_of(self, items: IntArray) -> FloatArray:
        """Return the values of the columns for a test of these items, shape (n_columns,)."""
        chosen = np.zeros(self.n_items)
        chosen[items] = 1.0
        used = [
            np.bincount(stimulus[stimulus >= 0], weights=chosen[stimulus >= 0]) > 0
            for stimulus in self.groupings
        ]
        values: FloatArray = np.concatenate([chosen, *used]).astype(np.float64)
        return values

    def allows(self, values: FloatArray) -> bool:
        """Whether these values of the columns, shape (n_columns,), keep every row and bound."""
        rows = self.matrix @ values
        return bool(
            np.all(rows >= self.row_low - TOLERANCE)
            and np.all(rows <= self.row_high + TOLERANCE)
            and np.all(values >= self.lower - TOLERANCE)
            and np.all(values <= self.upper + TOLERANCE)
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One row before it is scaled: its columns, their coefficients and its bounds."""

    name: str
    columns: IntArray
    coefficients: FloatArray
    low: float
    high: float


def compile(specification: Specification) -> Programme:
    """Return the programme whose whole solutions are the tests that satisfy a specification."""
    groupings = _Groupings(specification)
    rows = [_length_row(specification), *groupings.definitions()]
    for constraint in specification.constraints:
        rows += _rows(constraint, groupings)
    lower, upper = np.zeros(groupings.n_columns), np.ones(groupings.n_columns)
    for constraint in specification.constraints:
        if isinstance(constraint, Include):
            lower[constraint.items] = 1.0
        if isinstance(constraint, Exclude):
            upper[constraint.items] = 0.0
    return assembled(
        rows,
        lower=lower,
        upper=upper,
        n_items=specification.n_items,
        groupings=groupings.stimuli,
    )


def assembled(
    rows: list[Row],
    *,
    lower: FloatArray,
    upper: FloatArray,
    n_items: int,
    whole: BoolArray | None = None,
    groupings: Sequence[IntArray] = (),
) -> Programme:
    """Return the programme of these rows, scaled; without `whole` every column is whole."""
    scales = [float(np.abs(row.coefficients).max(initial=0.0)) or 1.0 for row in rows]
    ends = np.cumsum([0, *(row.columns.size for row in rows)])
    values = [row.coefficients / scale for row, scale in zip(rows, scales, strict=True)]
    whole = np.ones(lower.size, dtype=bool) if whole is None else whole
    tight = [_rounded(row, whole) for row in rows]
    matrix = sparse.csr_array(
        (
            np.concatenate([*values, np.zeros(0)]),
            np.concatenate([*(row.columns for row in rows), np.zeros(0, dtype=np.int64)]),
            ends,
        ),
        shape=(len(rows), lower.size),
    )
    return Programme(
        matrix=matrix,
        row_low=np.array([low for low, _ in tight]) / scales,
        row_high=np.array([high for _, high in tight]) / scales,
        lower=lower,
        upper=upper,
        whole=whole,
        n_items=n_items,
        row_names=tuple(row.name for row in rows),
        groupings=tuple(groupings),
    )


def _alike(programme: Programme) -> IntArray:
    """Number the items by what they do in the rows.

    The row that gives an item its set is the item's own; it counts as the set's instead.
    """
    matrix = programme.matrix
    keys = np.arange(matrix.shape[0])
    for row in np.flatnonzero(np.diff(matrix.indptr) == 2).tolist():
        if programme.row_names[row] == DEFINITION:
            first = matrix.indptr[row]
            keys[row] = -int(matrix.indices[first : first + 2].max())
    columns = matrix.tocsc()
    numbers: dict[bytes, int] = {}
    ends = columns.indptr
    return np.array(
        [
            numbers.setdefault(
                keys[columns.indices[lo:hi]].tobytes() + columns.data[lo:hi].tobytes(),
                len(numbers),
            )
            for lo, hi in pairwise(ends[: programme.n_items + 1])
        ],
        dtype=np.int64,
    )


def _rounded(row: Row, whole: BoolArray) -> tuple[float, float]:
    """A sum of whole numbers has whole bounds."""
    even = np.array_equal(row.coefficients, np.rint(row.coefficients))
    if not even or not whole[row.columns].all():
        return row.low, row.high
    return float(np.ceil(row.low - TOLERANCE)), float(np.floor(row.high + TOLERANCE))


class _Groupings:
    """Where the columns of sets stand: constraints on the same stimuli share them."""

    def __init__(self, specification: Specification) -> None:
        self.n_columns = specification.n_items
        self.length = specification.length
        self._first: dict[bytes, int] = {}
        self.stimuli: list[IntArray] = []
        for each in specification.constraints:
            if isinstance(each, Sets | SetBound) and each.stimulus.tobytes() not in self._first:
                self._first[each.stimulus.tobytes()] = self.n_columns
                self.stimuli.append(each.stimulus)
                self.n_columns += int(each.stimulus.max()) + 1

    def columns(self, stimulus: IntArray) -> IntArray:
        """The columns of the sets of a grouping, shape (n_sets,)."""
        return self._first[stimulus.tobytes()] + np.arange(int(stimulus.max()) + 1)

    def definitions(self) -> Iterator[Row]:
        """Yield: an item needs its set, and a set at least one item."""
        for stimulus in self.stimuli:
            for place, column in enumerate(self.columns(stimulus).tolist()):
                items = np.flatnonzero(stimulus == place)
                for item in items.tolist():
                    yield _row(DEFINITION, [item, column], [1.0, -1.0], -inf, 0.0)
                yield _row(DEFINITION, [*items, column], [*np.ones(items.size), -1.0], 0.0, inf)


def _row(name: str, columns: object, coefficients: object, low: float, high: float) -> Row:
    return Row(
        name,
        np.asarray(columns, dtype=np.int64),
        np.asarray(coefficients, dtype=np.float64),
        float(low),
        float(high),
    )


def _dense_row(name: str, coefficients: FloatArray, low: float, high: float) -> Row:
    columns = np.flatnonzero(coefficients)
    return _row(name, columns, coefficients[columns], low, high)


def _length_row(specification: Specification) -> Row:
    items = np.arange(specification.n_items)
    return _row(specification.length_name, items, np.ones(items.size), *specification.length)


@singledispatch
def _rows(constraint: Constraint, groupings: _Groupings) -> Iterator[Row]:
    """Yield the rows of a constraint."""
    raise TypeError(f"{type(constraint).__name__} {constraint.name!r} is no kind of constraint")


@_rows.register
def _(constraint: Bound, groupings: _Groupings) -> Iterator[Row]:
    yield _dense_row(constraint.name, constraint.coefficients, constraint.low, constraint.high)


@_rows.register
def _(constraint: Mean, groupings: _Groupings) -> Iterator[Row]:
    values = np.where(constraint.where, constraint.values, 0.0)
    for end, low, high in ((constraint.low, 0.0, inf), (constraint.high, -inf, 0.0)):
        if np.isfinite(end):
            off = np.where(constraint.where, values - end, 0.0)
            yield _dense_row(constraint.name, off, low, high)


@_rows.register
def _(constraint: Shares, groupings: _Groupings) -> Iterator[Row]:
    counted = constraint.groups >= 0
    for group in range(constraint.n_groups):
        own = (constraint.groups == group).astype(np.float64)
        for end, low, high in ((constraint.low, 0.0, inf), (constraint.high, -inf, 0.0)):
            yield _dense_row(constraint.name, np.where(counted, own - end, 0.0), low, high)


@_rows.register
def _(constraint: Quota, groupings: _Groupings) -> Iterator[Row]:
    own = constraint.where.astype(np.float64)
    shortest, longest = groupings.length
    if shortest == longest:
        low, high = constraint.ends(longest)
        yield _dense_row(constraint.name, own, float(low), float(high))
        return
    # Less than one item off the share, of any length, is the share rounded down or up.
    off = own - constraint.share
    yield _dense_row(constraint.name, off, WITHIN - 1.0, 1.0 - WITHIN)


@_rows.register
def _(constraint: Family, groupings: _Groupings) -> Iterator[Row]:
    items = np.unique(constraint.items)
    yield _row(constraint.name, items, np.ones(items.size), -inf, constraint.most)


@_rows.register
def _(constraint: Together, groupings: _Groupings) -> Iterator[Row]:
    for first, second in pairwise(np.unique(constraint.items).tolist()):
        yield _row(constraint.name, [first, second], [1.0, -1.0], 0.0, 0.0)


@_rows.register(Include)
@_rows.register(Exclude)
@_rows.register(Order)
def _(constraint: Constraint, groupings: _Groupings) -> Iterator[Row]:
    """These bound columns, or nothing."""
    return iter(())


@_rows.register
def _(constraint: Sets, groupings: _Groupings) -> Iterator[Row]:
    if not constraint.n_sets:
        yield _row(constraint.name, [], [], constraint.least, constraint.most)
        return
    name, columns = constraint.name, groupings.columns(constraint.stimulus)
    yield _row(name, columns, np.ones(columns.size), constraint.least, constraint.most)
    for place, column in enumerate(columns.tolist()):
        items = np.flatnonzero(constraint.stimulus == place)
        ones = np.ones(items.size)
        if constraint.low > 0:
            yield _row(name, [*items, column], [*ones, -constraint.low], 0.0, inf)
        if constraint.high < items.size:
            yield _row(name, [*items, column], [*ones, -constraint.high], -inf, 0.0)


@_rows.register
def _(constraint: SetBound, groupings: _Groupings) -> Iterator[Row]:
    row = _dense_row(constraint.name, constraint.coefficients, constraint.low, constraint.high)
    if not constraint.coefficients.size:
        yield row
        return
    columns = groupings.columns(constraint.stimulus)
    yield _row(row.name, columns[row.columns], row.coefficients, row.low, row.high)
