"""Files of answers: one row a person, or one row an answer.

    person,item1,item2,...     wide: one column an item; without `person` the rows are 1, 2, ...
    person,item,response       long

Answers are categories, counted from 0. An empty cell or NA was not administered.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem
from itembank.csvfile import Table, TableError, as_number, read_table

PERSON, ITEM, RESPONSE = "person", "item", "response"
NOT_GIVEN = -1
MISSING = ("", "NA")
LARGEST = 32_000
"""Categories beyond this are slips of the pen."""


@dataclass(frozen=True, slots=True, eq=False)
class Responses:
    """The answers of n persons.

    Attributes
    ----------
    persons
        Their names, in the order of the file.
    answers
        Categories, shape (n, n_items), in the order of the items asked for; -1 not administered.
    """

    persons: tuple[str, ...]
    answers: NDArray[np.int16]


def read_responses(
    path: Path,
    items: Sequence[str],
    n_categories: Sequence[int],
    *,
    ignore: Sequence[str] = (),
) -> Responses:
    """Read the answers to these items.

    Parameters
    ----------
    items, n_categories
        The items' names, and how many categories each has. Items without a column were not
        administered to anyone.
    ignore
        Columns of a wide file that hold no answers.

    Raises
    ------
    TableError
        Naming, by row and column, everything in the file that cannot be used.
    """
    table = read_table(path)
    if PERSON in table.columns:
        table = table.without_empty_rows()
    if {PERSON, ITEM, RESPONSE} <= table.columns.keys():
        return _long(table, items, n_categories)
    return _wide(table, items, n_categories, ignore)


class _Codes(dict[str, int]):
    """The category each cell stands for; what is none gets a number of its own below -1."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(MISSING, NOT_GIVEN))
        self.refused: list[str] = []

    def __missing__(self, cell: str) -> int:
        text = cell.strip()
        number = as_number(text)
        if text in MISSING:
            code = NOT_GIVEN
        elif number is not None and number == int(number) and 0 <= number <= LARGEST:
            code = int(number)
        elif len(self.refused) < LARGEST:
            self.refused.append(text)
            code = -1 - len(self.refused)
        else:
            code = -1 - LARGEST
        self[cell] = code
        return code

    def written(self, code: int) -> str | int:
        """What stands in the file, given the code."""
        return code if code >= 0 else self.refused[-2 - code]


def _wide(
    table: Table, items: Sequence[str], n_categories: Sequence[int], ignore: Sequence[str]
) -> Responses:
    places = {name: place for place, name in enumerate(items)}
    problems = list(_wide_column_problems(table, places, ignore))
    present = [name for name in table.columns if name in places and name not in ignore]
    codes = _Codes()
    grid = _grid(table, [table.columns[name] for name in present], codes)
    counts = np.array([n_categories[places[name]] for name in present], dtype=np.int64)
    problems += _wide_answer_problems(table, present, grid, counts, codes)
    persons = _persons(table)
    problems += _person_problems(table, persons)
    if problems:
        raise TableError(str(table.path), problems)
    answers = np.full((len(grid), len(items)), NOT_GIVEN, dtype=np.int16)
    answers[:, [places[name] for name in present]] = grid
    return Responses(tuple(persons), answers)


def _grid(table: Table, places: list[int], codes: _Codes) -> NDArray[np.int16]:
    """Codes of the cells in these columns, shape (n_rows, n_columns)."""
    flat = array("h")
    width = max(places, default=-1) + 1
    straight = places == list(range(places[0], places[-1] + 1)) if places else False
    for row in table.rows:
        whole = row if len(row) >= width else row + [""] * (width - len(row))
        cells = whole[places[0] : width] if straight else [whole[place] for place in places]
        flat.extend(map(codes.__getitem__, cells))
    return np.frombuffer(flat, dtype=np.int16).reshape(len(table.rows), len(places))


def _persons(table: Table) -> list[str]:
    place = table.columns.get(PERSON)
    if place is None:
        return [str(number) for number in range(1, len(table.rows) + 1)]
    return [row[place].strip() if place < len(row) else "" for row in table.rows]


def _wide_column_problems(
    table: Table, places: dict[str, int], ignore: Sequence[str]
) -> Iterator[Problem]:
    for name in ignore:
        if name not in table.columns:
            yield Problem("--ignore", name, "a column of the file")
    known = {PERSON, *ignore, *places}
    for name in table.columns:
        if name not in known:
            yield Problem("row 1", name, "an item of the file of items, or a column to ignore")
    if not any(name in places for name in table.columns):
        yield Problem("row 1", ",".join(table.columns), "a column for at least one item")
    if not table.rows:
        yield Problem("row 2", "no persons", "at least one person")


def _person_problems(table: Table, persons: list[str]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row, name in enumerate(persons):
        if not name:
            yield Problem(table.where(row, PERSON), "", "the person's name or number")
        elif name in first:
            expected = f"each person once; also in row {table.numbers[first[name]]}"
            yield Problem(table.where(row, PERSON), name, expected)
        first.setdefault(name, row)


def _wide_answer_problems(
    table: Table,
    names: Sequence[str],
    grid: NDArray[np.int16],
    counts: NDArray[np.int64],
    codes: _Codes,
) -> Iterator[Problem]:
    wrong = (grid < NOT_GIVEN) | (grid >= counts)
    for row, column in np.argwhere(wrong):
        where = table.where(int(row), names[column])
        written = codes.written(int(grid[row, column]))
        yield Problem(where, written, _expected(int(counts[column])))


def _expected(n_categories: int) -> str:
    return f"a category from 0 to {n_categories - 1}; empty or NA where not administered"


class _Numbers(dict[str, int]):
    """A number for each name, in the order in which names first come up."""

    def __init__(self, names: Sequence[str] = (), unknown: int | None = None) -> None:
        super().__init__({name: place for place, name in enumerate(names)})
        self.unknown = unknown
        self.names = list(names)

    def __missing__(self, cell: str) -> int:
        name = cell.strip()
        if name != cell:
            number = self[name]
        elif self.unknown is not None:
            number = self.unknown
        else:
            number = len(self.names)
            self.names.append(name)
        self[cell] = number
        return number


def _long(table: Table, items: Sequence[str], n_categories: Sequence[int]) -> Responses:
    persons, places, codes = _Numbers(), _Numbers(items, unknown=-1), _Codes()
    person = _numbered(table, PERSON, persons)
    item = _numbered(table, ITEM, places)
    answer = _numbered(table, RESPONSE, codes)
    problems = list(_long_problems(table, person, item, persons))
    counts = np.array([*n_categories, LARGEST + 1], dtype=np.int64)[item]
    for row in np.flatnonzero((answer < NOT_GIVEN) | (answer >= counts)).tolist():
        where, written = table.where(row, RESPONSE), codes.written(int(answer[row]))
        problems.append(Problem(where, written, _expected(int(counts[row]))))
    if problems:
        raise TableError(str(table.path), problems)
    whole = np.full((len(persons.names), len(items)), NOT_GIVEN, dtype=np.int16)
    whole[person, item] = answer
    return Responses(tuple(persons.names), whole)


def _numbered(table: Table, column: str, numbers: dict[str, int]) -> NDArray[np.int64]:
    """The number of each row's cell in a column, shape (n_rows,)."""
    place = table.columns[column]
    cells = (row[place] if place < len(row) else "" for row in table.rows)
    return np.fromiter(map(numbers.__getitem__, cells), dtype=np.int64, count=len(table.rows))


def _long_problems(
    table: Table, person: NDArray[np.int64], item: NDArray[np.int64], persons: _Numbers
) -> Iterator[Problem]:
    if not table.rows:
        yield Problem("row 2", "no answers", "at least one answer")
        return
    for row in np.flatnonzero(item < 0).tolist():
        written = _written(table, row, ITEM)
        yield Problem(table.where(row, ITEM), written, "an item of the file of items")
    if "" in persons:
        for row in np.flatnonzero(person == persons[""]).tolist():
            yield Problem(table.where(row, PERSON), "", "the person's name or number")
    pair = person * (item.max() + 2) + item
    _, first = np.unique(pair, return_index=True)
    again = np.ones(pair.size, dtype=bool)
    again[first] = False
    for row in np.flatnonzero(again & (item >= 0)).tolist():
        found = f"{_written(table, row, PERSON)}, {_written(table, row, ITEM)}"
        yield Problem(table.where(row, ITEM), found, "one answer of a person to an item")


def _written(table: Table, row: int, column: str) -> str:
    cells, place = table.rows[row], table.columns[column]
    return cells[place].strip() if place < len(cells) else ""
