"""From what was read to `Responses`: scales that begin at 1, items not reached, options in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibration.responses.keys import in_order
from calibration.responses.model import NOT_REACHED, OMITTED, row_blocks
from calibration.responses.options import FileOptions
from engine.arrays import BoolArray, IntArray


def finished(
    answers: NDArray[np.int8],
    scored: BoolArray,
    options: FileOptions,
    lowest: int | None = None,
) -> NDArray[np.int8]:
    """Make categories count from 0 and tell items not reached, in place; return the answers.

    Parameters
    ----------
    scored
        Which items came scored, shape (n_items,); the others were scored by a key.
    lowest
        The number of the lowest category, where these answers are not the whole file.
    """
    if lowest is None:
        lowest = lowest_category(*extremes(answers, scored), options.lowest_told)
    count_from_zero(answers, scored, lowest)
    if options.trailing_not_reached:
        mark_not_reached(answers)
    return answers


def lowest_category(smallest: int, largest: int, lowest: int | None) -> int:
    """The number that stands for the lowest category, given the smallest and largest written.

    Nobody who counts categories from 0 has a file without a single 0, unless all that is in it is
    right or wrong and everything is right.
    """
    if lowest is not None:
        return lowest
    return 1 if smallest == 1 and largest >= 2 else 0


def extremes(answers: NDArray[np.int8], scored: BoolArray) -> tuple[int, int]:
    """Smallest and largest category of the items that came scored; 127 and -1 without any."""
    smallest, largest = 127, -1
    for rows in row_blocks(len(answers)):
        block = answers[rows][:, scored] if not scored.all() else answers[rows]
        if block.size:
            largest = max(largest, int(block.max()))
            smallest = min(smallest, int(block.view(np.uint8).min()))
    return smallest, largest


def count_from_zero(answers: NDArray[np.int8], scored: BoolArray, lowest: int) -> None:
    """Make the lowest category 0, in place, in the items that came scored."""
    if not lowest:
        return
    for rows in row_blocks(len(answers)):
        block = answers[rows]
        block[(block >= 0) & scored] -= np.int8(lowest)


def mark_not_reached(answers: NDArray[np.int8]) -> None:
    """Turn omissions after each person's last answer into items not reached, in place."""
    n_items = answers.shape[1]
    places = np.arange(n_items)
    for rows in row_blocks(len(answers)):
        block = answers[rows]
        answered = block >= 0
        last = n_items - 1 - np.argmax(answered[:, ::-1], axis=1)
        last[~answered.any(axis=1)] = -1
        block[(block == OMITTED) & (places > last[:, None])] = NOT_REACHED


def options_in_order(
    raw: NDArray[np.int16], choices: Sequence[Mapping[str, int]]
) -> tuple[tuple[str, ...], ...]:
    """Number the options of each item in the order people expect, in place; return them.

    Parameters
    ----------
    choices
        For each item the number of each option as `raw` has it.
    """
    ordered = tuple(in_order(tuple(numbers)) for numbers in choices)
    tables = np.full((len(choices), max(map(len, ordered), default=0) + 1), -1, dtype=np.int16)
    for item, options in enumerate(ordered):
        for place, option in enumerate(options):
            tables[item, choices[item][option]] = place
    items = np.arange(len(choices))
    for rows in row_blocks(len(raw)):
        raw[rows] = tables[items, raw[rows]]
    return ordered


def group_places(
    names: pl.Series, groups: Sequence[str] | None = None
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    """Each row's place among the groups, and the groups in the order people expect."""
    found = in_order(names.unique().to_list()) if groups is None else tuple(groups)
    places = pl.Series(range(len(found)), dtype=pl.Int32)
    return names.replace_strict(pl.Series(found), places, return_dtype=pl.Int32).to_numpy(), found


def joined(parts: list[NDArray[Any]], places: IntArray, n_columns: int, fill: int) -> NDArray[Any]:
    """Put blocks of rows under each other, their columns at some places of the whole.

    The blocks are let go as they are copied, so that no second whole array is ever there.
    """
    n_rows = sum(map(len, parts))
    whole = np.empty((n_rows, n_columns), dtype=parts[0].dtype)
    straight = places.size == n_columns and bool((places == np.arange(n_columns)).all())
    row = 0
    parts.reverse()
    while parts:
        part = parts.pop()
        block = whole[row : row + len(part)]
        if straight:
            block[:] = part
        else:
            block[:] = fill
            block[:, places] = part
        row += len(part)
    return whole
