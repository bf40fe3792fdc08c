"""Files of calibrated items: their names and parameters, for any model.

    item,a,b,c,d                       logistic items; c and d may be left out
    item,model,a,b,c,d,b1,b2,...       pools of several models
    item,model,a,b1,b2,...             graded and partial credit items
    item,model,a1,a2,...,c1,c2,...     nominal items: slopes and intercepts against category 0

An empty cell at the end of a row of numbers means fewer categories; a logistic item's difficulty
may stand under b or b1. Other columns, such as standard errors, are passed over.

They belong to this room since parameters are part of what a bank holds; `calibration` writes such
files and reads them, and may import from here, not the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine import ItemPool, PoolError, Problem, pool_from_columns
from engine.columns import LOGISTIC, MODELS, NOMINAL
from itembank.csvfile import Table, TableError, as_number, read_table

NAMED = ("a", "b", "c", "d")
NUMBERED = re.compile(r"([abc])(\d+)")
OF_CATEGORIES = {"slopes": "a", "intercepts": "c"}
"""The letters of the columns a1, a2, ... and c1, c2, ... of nominal items."""
WITHOUT_MODEL = "4pl"
FIXED = {"c": 0.0, "d": 1.0}
"""What an asymptote is where the model has none."""
PER_CATEGORY = "slopes a1, a2, ... and intercepts c1, c2, ... of the categories after 0"
HAS_ASYMPTOTE = {"c": ("3pl", "4pl"), "d": ("4pl",)}


@dataclass(frozen=True, slots=True, eq=False)
class ItemFile:
    """Items by name, and their parameters.

    Attributes
    ----------
    names
        In the order of the file, which also breaks ties.
    pool
        Their parameters, in the metric D = 1.
    """

    names: tuple[str, ...]
    pool: ItemPool
    _places: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        places = {name: place for place, name in enumerate(self.names)}
        object.__setattr__(self, "_places", places)

    def place(self, name: str) -> int | None:
        """The position of an item in the pool, or None where the file has no such item."""
        return self._places.get(name)


def read_item_file(path: Path, *, metric: float = 1.0) -> ItemFile:
    """Read a file of items.

    Parameters
    ----------
    metric
        The scaling constant the slopes were estimated with, 1 or 1.702; slopes are multiplied by
        it.

    Raises
    ------
    TableError
        Naming, by row and column, everything in the file that cannot be used.
    """
    table = read_table(path).without_empty_rows()
    problems = list(_column_problems(table))
    if problems:
        raise TableError(str(path), problems)
    cells = _Cells(table)
    problems = [*_name_problems(table), *cells.problems]
    try:
        pool = _pool(cells, metric)
    except PoolError as error:
        # A cell that is no number was named already; as NaN it is not named again.
        named = {problem.where for problem in problems}
        told = (cells.located(problem) for problem in error.problems)
        problems += [problem for problem in told if problem.where not in named]
    if problems:
        raise TableError(str(path), problems)
    return ItemFile(tuple(_names(table)), pool)


class _Cells:
    """The numbers of a file of items, NaN where a cell is empty, and what is wrong with them."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.problems: list[Problem] = []
        self.models = self._models()
        self.steps = _numbered_columns(table, "b")
        self.columns = {name: self._column(name) for name in NAMED}
        self.b = self._thresholds()
        self.of_categories = {
            name: self._of_categories(letter) for name, letter in OF_CATEGORIES.items()
        }
        self.problems += _asymptote_problems(self)

    def located(self, problem: Problem) -> Problem:
        """Name row and column, and the cell as it was written, instead of places in arrays."""
        match = re.fullmatch(r"(\w+)\[(\d+)(?:, (\d+))?\]", problem.where)
        if match is None:
            return problem
        name, row = match[1], int(match[2])
        if name == "b":
            name = self._threshold_column(row, int(match[3] or 0))
        elif name in OF_CATEGORIES:
            name = f"{OF_CATEGORIES[name]}{match[3] or 1}"
        expected = problem.expected if match[3] or name != "a1" else PER_CATEGORY
        place = self.table.columns.get(name)
        cells = self.table.rows[row]
        written = cells[place].strip() if place is not None and place < len(cells) else ""
        return Problem(self.table.where(row, name), written, expected)

    def logistic(self, row: int) -> bool:
        """Whether an item's difficulty is one number."""
        return self.models[row] in LOGISTIC

    def _threshold_column(self, row: int, place: int) -> str:
        if self.logistic(row) and place == 0:
            return "b" if "b" in self.table.columns or not self.steps else self.steps[0]
        return self.steps[place] if place < len(self.steps) else f"b{place + 1}"

    def _models(self) -> list[str]:
        place = self.table.columns.get("model")
        if place is None:
            return [WITHOUT_MODEL] * len(self.table.rows)
        names = [_cell(row, place).lower() for row in self.table.rows]
        for row, name in enumerate(names):
            if name not in MODELS:
                where, written = self.table.where(row, "model"), _cell(self.table.rows[row], place)
                self.problems.append(Problem(where, written, "one of " + ", ".join(MODELS)))
        return [name if name in MODELS else WITHOUT_MODEL for name in names]

    def _column(self, name: str) -> np.ndarray:
        """The numbers of a column, NaN where it is empty or missing."""
        numbers = np.full(len(self.table.rows), np.nan)
        place = self.table.columns.get(name)
        if place is None:
            return numbers
        for row, cells in enumerate(self.table.rows):
            text = _cell(cells, place)
            number = as_number(text)
            if number is not None:
                numbers[row] = number
            elif text not in ("", "NA"):
                self.problems.append(Problem(self.table.where(row, name), text, "a number"))
        return numbers

    def _thresholds(self) -> np.ndarray:
        """Difficulties, thresholds and steps, shape (n_items, n)."""
        steps = [self._column(name) for name in self.steps]
        b = np.stack(steps or [self.columns["b"]], axis=1)
        logistic = np.array([self.logistic(row) for row in range(len(b))], dtype=bool)
        alone = logistic & ~np.isnan(self.columns["b"])
        b[alone, 0] = self.columns["b"][alone]
        return b

    def _of_categories(self, letter: str) -> np.ndarray:
        """Slopes or intercepts of categories 1, 2, ..., NaN in other items, shape (n_items, n)."""
        width = max(len(_numbered_columns(self.table, each)) for each in OF_CATEGORIES.values())
        rows = np.full((len(self.table.rows), max(width, 1)), np.nan)
        if NOMINAL in self.models:
            for place, name in enumerate(_numbered_columns(self.table, letter)):
                rows[:, place] = self._column(name)
        return rows


def _pool(cells: _Cells, metric: float) -> ItemPool:
    return pool_from_columns(
        cells.models,
        a=cells.columns["a"],
        b=cells.b,
        c=cells.columns["c"],
        d=cells.columns["d"],
        metric=metric,
        **cells.of_categories,
    )


def _asymptote_problems(cells: _Cells) -> Iterator[Problem]:
    """Yield asymptotes of items whose model has none."""
    for name, models in HAS_ASYMPTOTE.items():
        for row in np.flatnonzero(~np.isnan(cells.columns[name])).tolist():
            model, number = cells.models[row], float(cells.columns[name][row])
            if model not in models and number != FIXED[name]:
                expected = f"nothing or {FIXED[name]:g}: the model {model} has no {name}"
                yield Problem(cells.table.where(row, name), number, expected)


def _column_problems(table: Table) -> Iterator[Problem]:
    header = ",".join(table.columns)
    rows = {letter: _numbered_columns(table, letter) for letter in ("b", "a", "c")}
    nominal = bool(rows["a"] or rows["c"])
    if "item" not in table.columns:
        yield Problem("row 1", header, "a column item")
    if "b" not in table.columns and not rows["b"] and not nominal:
        yield Problem("row 1", header, "a column b, or columns b1, b2, ...")
    if "model" not in table.columns:
        if "a" not in table.columns:
            yield Problem("row 1", header, "a column a, or a column model")
        if rows["b"]:
            expected = "a column model, which says what b1, b2, ... mean"
            yield Problem("row 1", header, expected)
    for letter, names in rows.items():
        for place, name in enumerate(names, 1):
            if name != f"{letter}{place}":
                without_gap = f"the columns {letter}1, {letter}2, ... without a gap"
                yield Problem("row 1", name, f"{letter}{place}: {without_gap}")
                break
    if not table.rows:
        yield Problem("row 2", "no items", "at least one item")


def _numbered_columns(table: Table, letter: str) -> list[str]:
    """The columns such as b1, b2, ... in the order of their numbers."""
    matches = [match for name in table.columns if (match := NUMBERED.fullmatch(name))]
    mine = [match for match in matches if match[1] == letter]
    return [match[0] for match in sorted(mine, key=lambda match: int(match[2]))]


def _name_problems(table: Table) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row, name in enumerate(_names(table)):
        if not name:
            yield Problem(table.where(row, "item"), "", "the item's name")
        elif name in first:
            expected = f"each item once; it stands in row {table.numbers[first[name]]} too"
            yield Problem(table.where(row, "item"), name, expected)
        first.setdefault(name, row)


def _names(table: Table) -> Iterator[str]:
    place = table.columns["item"]
    return (_cell(row, place) for row in table.rows)


def _cell(row: list[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""
