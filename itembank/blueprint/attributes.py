"""What is known of items besides their parameters: columns that constraints speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.arrays import BoolArray, FloatArray, frozen
from engine.errors import Problem
from itembank.csvfile import Table, TableError, as_number, read_table
from itembank.release import ReleasedItem

ITEM = "item"
MISSING = ("", "NA")


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One attribute of each item.

    Attributes
    ----------
    text
        As it is written; None where it is missing.
    numbers
        As numbers, NaN where it is missing, shape (n_items,); None if some text is no number.
    """

    text: tuple[str | None, ...]
    numbers: FloatArray | None

    @classmethod
    def of(cls, cells: Sequence[object]) -> Column:
        """Build a column from cells; None, nothing, and NA are missing."""
        written = [None if cell is None else str(cell).strip() for cell in cells]
        text = tuple(None if cell in MISSING else cell for cell in written)
        numbers = [np.nan if cell is None else as_number(cell) for cell in text]
        known = [number for number in numbers if number is not None]
        whole = len(known) == len(numbers)
        return cls(text, frozen(np.array(known, dtype=np.float64)) if whole else None)

    @property
    def missing(self) -> BoolArray:
        """Which items have no value, shape (n_items,)."""
        return np.array([cell is None for cell in self.text], dtype=bool)

    @property
    def values(self) -> tuple[str, ...]:
        """The different values, numbers by size, then text by alphabet."""
        different = {cell for cell in self.text if cell is not None}
        if self.numbers is not None:
            return tuple(sorted(different, key=lambda cell: (as_number(cell) or 0.0, cell)))
        return tuple(sorted(different))

    def equals(self, value: str) -> BoolArray:
        """Which items have this value as text, shape (n_items,)."""
        return np.array([cell == value for cell in self.text], dtype=bool)


@dataclass(frozen=True, slots=True, eq=False)
class Attributes:
    """Items, and their attributes by name, all in the order of the pool."""

    items: tuple[str, ...]
    columns: Mapping[str, Column]

    @classmethod
    def of(cls, items: Sequence[str], columns: Mapping[str, Sequence[object]]) -> Attributes:
        """Build attributes from plain columns; `item` is the items' names in any case."""
        read = {name: Column.of(cells) for name, cells in columns.items()}
        return cls(tuple(items), {**read, ITEM: _names(items)})

    @classmethod
    def of_release(cls, items: Sequence[ReleasedItem]) -> Attributes:
        """Build the attributes that a bank's release knows of its items."""
        columns: dict[str, list[object]] = {
            "version": [item.version for item in items],
            "skill_set": [item.skill_set for item in items],
            "unit": [item.unit for item in items],
            "element": [item.element for item in items],
            "level": [item.level for item in items],
            "family": [item.family for item in items],
            "seconds": [item.seconds for item in items],
            "stimulus": [item.stimulus for item in items],
            "key": [item.key for item in items],
            "options": [len(item.options) for item in items],
            "status": [item.parameter_status for item in items],
            "model": [item.parameters.model for item in items],
            **{
                name: [getattr(item.parameters, name) for item in items]
                for name in ("a", "b", "c", "d")
            },
        }
        return cls.of([item.id for item in items], columns)

    def __len__(self) -> int:
        return len(self.items)

    def with_columns_of(self, other: Attributes) -> Attributes:
        """Return these attributes and others of the same items; of one name, the other's."""
        return Attributes(self.items, {**self.columns, **other.columns})


def read_attributes(path: Path, items: Sequence[str]) -> Attributes:
    """Read a CSV file of attributes: a column `item`, and any others.

    Parameters
    ----------
    items
        The items of the pool. Rows of other items are passed over.

    Raises
    ------
    TableError
        Naming every item that has no row or more than one, and what is wrong with the file.
    """
    table = read_table(path).without_empty_rows()
    place = table.columns.get(ITEM)
    if place is None:
        found = ",".join(table.columns)
        raise TableError(str(path), [Problem("row 1", found, "a column item")])
    names = [_cell(row, place) for row in table.rows]
    problems = list(_name_problems(table, names, items))
    if problems:
        raise TableError(str(path), problems)
    rows = dict(zip(names, table.rows, strict=True))
    columns = {
        column: [_cell(rows[item], at) for item in items] for column, at in table.columns.items()
    }
    return Attributes.of(items, columns)


def _names(items: Sequence[str]) -> Column:
    """Names are never missing, not even one that is NA."""
    numbers = Column.of(items).numbers
    return Column(tuple(items), numbers)


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _name_problems(table: Table, names: list[str], items: Sequence[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row, name in enumerate(names):
        if name in first:
            expected = f"each item once; it stands in row {table.numbers[first[name]]} too"
            yield Problem(table.where(row, ITEM), name, expected)
        first.setdefault(name, row)
    for item in items:
        if item not in first:
            yield Problem("file", f"no row for item {item}", "a row for every item of the pool")
