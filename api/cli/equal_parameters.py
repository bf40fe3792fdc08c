"""Parameters that items share, as the command line takes them: a line, or a table of words.

a: i1, i2, i3          these three have one slope
c: *                   all items have one lower asymptote

item,a,b               a file: items with the same word in a column share that parameter,
i1,s,                  and an empty cell shares with nobody
i2,s,easy
i3,,easy
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from calibration.errors import CalibrationError
from calibration.responses.suggestions import nearest
from engine.errors import Problem
from itembank.csvfile import Table, read_table

Shared = tuple[str, tuple[str, ...]]

PARAMETER = re.compile(r"[a-d]|[abc]\d+")
PARAMETERS = "a, b, c, d, or b1, b2, ... (nominal: a1, ..., c1, ...)"
ALL = "*"
WRITTEN = "PARAMETER: ITEM,ITEM,... as in 'a: i1,i2', or a file with the columns item,a,b,..."


def parsed_equal(texts: Sequence[str], items: Sequence[str]) -> tuple[Shared, ...]:
    """Read what is to be equal among the items of the answers.

    Returns
    -------
    tuple
        Pairs of a parameter and the items that share it, as `calibrate` takes them.

    Raises
    ------
    CalibrationError
        Naming every text that cannot be read, parameter that is none, item that is not among the
        answers or comes twice, and word that only one item has.
    """
    shared: list[Shared] = []
    problems: list[Problem] = []
    for text in texts:
        from_file = ":" not in text or Path(text).is_file()
        found = _of_file(text, items) if from_file else _of_line(text, items)
        for each in found:
            if isinstance(each, Problem):
                problems.append(each)
            else:
                shared.append(each)
    if problems:
        raise CalibrationError("Equal parameters", problems)
    return tuple(shared)


def _of_line(text: str, items: Sequence[str]) -> Iterator[Shared | Problem]:
    where = f"--equal {text!r}"
    name, _, rest = text.partition(":")
    names = [each.strip() for each in rest.split(",") if each.strip()]
    names = list(items) if names == [ALL] else names
    problems = [
        *_parameter_problems(where, name.strip()),
        *_name_problems([where] * len(names), names, items),
    ]
    if len(set(names)) < 2:
        problems.append(Problem(where, rest.strip(), "at least two items, or * for all"))
    yield from problems
    if not problems:
        yield name.strip(), tuple(names)


def _of_file(text: str, items: Sequence[str]) -> Iterator[Shared | Problem]:
    if not Path(text).is_file():
        yield Problem("--equal", text, WRITTEN)
        return
    table = read_table(Path(text)).without_empty_rows()
    columns = [name for name in table.columns if name != "item"]
    if "item" not in table.columns or not columns:
        yield Problem(f"{text}, row 1", ",".join(table.columns), "the columns item,a,b,...")
        return
    names = [_cell(table, row, "item") for row in range(len(table.rows))]
    wheres = [f"{text}, {table.where(row, 'item')}" for row in range(len(names))]
    problems = [*_name_problems(wheres, names, items)]
    for column in columns:
        problems += _parameter_problems(f"{text}, row 1", column)
        words = [_cell(table, row, column) for row in range(len(names))]
        for row, word in enumerate(words):
            if word and words.count(word) < 2:
                where = f"{text}, {table.where(row, column)}"
                problems.append(Problem(where, word, "a word that at least two items have"))
    yield from problems
    if not problems:
        yield from _shared(table, columns, names)


def _shared(table: Table, columns: Sequence[str], names: Sequence[str]) -> Iterator[Shared]:
    for column in columns:
        by_word: dict[str, list[str]] = {}
        for row, name in enumerate(names):
            if word := _cell(table, row, column):
                by_word.setdefault(word, []).append(name)
        yield from ((column, tuple(sharing)) for sharing in by_word.values())


def _cell(table: Table, row: int, column: str) -> str:
    cells, place = table.rows[row], table.columns[column]
    return cells[place].strip() if place < len(cells) else ""


def _parameter_problems(where: str, name: str) -> Iterator[Problem]:
    if not PARAMETER.fullmatch(name):
        yield Problem(where, name, f"a parameter: {PARAMETERS}")


def _name_problems(
    wheres: Sequence[str], names: Sequence[str], items: Sequence[str]
) -> Iterator[Problem]:
    known, seen = set(items), set[str]()
    for where, name in zip(wheres, names, strict=True):
        if name not in known:
            close = nearest(name, items)
            meant = f"; did you mean {close!r}?" if close else ""
            yield Problem(where, name, f"an item of the answers{meant}")
        elif name in seen:
            yield Problem(where, name, "each item once")
        seen.add(name)
