"""Keys: which option of an item is right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from calibration.errors import ResponsesError
from calibration.responses.codes import plain
from calibration.responses.options import Key
from calibration.responses.tables import open_table
from engine.errors import Problem
from itembank.csvfile import as_number

EITHER = "|"
"""Stands between several right options."""


def read_key(path: Path) -> Key:
    """Read a key: a table of `item,key`, or one line with the right options in the items' order.

    Raises
    ------
    ResponsesError
        Naming every row without an item or a key, and every item that comes twice.
    """
    table = open_table(path)
    if {"item", "key"} <= set(table.columns):
        return _by_item(path)
    if "item" in table.columns or "key" in table.columns:
        found, expected = ", ".join(table.columns), "the columns item and key"
        raise ResponsesError(str(path), [Problem("row 1", found, expected)])
    return parse_key(path.read_text(encoding="utf-8-sig"))


def parse_key(text: str) -> tuple[str, ...]:
    """Return the right options of a line such as "1 4 5 2", "a,c|d,b" or "ACDB".

    Raises
    ------
    ResponsesError
        If it is empty.
    """
    options = tuple(part for part in re.split(r"[\s,;]+", text.strip()) if part)
    if not options:
        raise ResponsesError("Key", [Problem("key", text, "the right option of each item")])
    return options


def key_of_items(key: Key, items: Sequence[str]) -> tuple[str, ...]:
    """Return the right options of each item as options are compared; "" for an item without.

    Raises
    ------
    ResponsesError
        If there is a key for something that is no item, or another number of keys than items.
    """
    if isinstance(key, Mapping):
        unknown = [
            Problem("key", name, "an item of the answers") for name in key.keys() - set(items)
        ]
        if unknown:
            raise ResponsesError("Key", sorted(unknown, key=lambda each: str(each.value)))
        return tuple(EITHER.join(rights(key.get(item, ""))) for item in items)
    if len(key) == 1 and len(key[0]) == len(items):
        key = tuple(key[0])
    if len(key) != len(items):
        found = f"{len(key)} key{'s' if len(key) > 1 else ''}: {' '.join(key)}"
        expected = f"{len(items)}, one for each item"
        raise ResponsesError("Key", [Problem("key", found, expected)])
    return tuple(EITHER.join(rights(each)) for each in key)


def rights(key: str) -> tuple[str, ...]:
    """Return the right options of a key, of which any is right."""
    return tuple(plain(part) for part in key.split(EITHER) if part.strip())


def in_order(options: Sequence[str]) -> tuple[str, ...]:
    """Return options (or groups) in the order people expect: numbers by size, then text."""
    return tuple(sorted(options, key=_place))


def _place(option: str) -> tuple[bool, float, str]:
    number = as_number(option)
    return number is None, number or 0.0, option


def _by_item(path: Path) -> Mapping[str, str]:
    key: dict[str, str] = {}
    problems: list[Problem] = []
    for row, item, right in _rows(path):
        if not item:
            problems.append(Problem(f"row {row}, column item", item, "the name of an item"))
        elif item in key:
            problems.append(Problem(f"row {row}, column item", item, "each item once"))
        if not rights(right):
            problems.append(Problem(f"row {row}, column key", right, "the right option"))
        key[item] = right
    if problems:
        raise ResponsesError(str(path), problems)
    return key


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    for batch in open_table(path).batches():
        cells = zip(batch.frame["item"].to_list(), batch.frame["key"].to_list(), strict=True)
        for row, (item, key) in zip(batch.rows.tolist(), cells, strict=True):
            yield row, str(item or "").strip(), "" if key is None else str(key)
