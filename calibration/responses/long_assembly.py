"""The rows of a long file put into a table of persons and items."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibration.responses.assembly import finished, group_places
from calibration.responses.batches import Table
from calibration.responses.codes import UNREADABLE, Codes, as_written, expected_category, plain
from calibration.responses.findings import Findings, at
from calibration.responses.keys import EITHER, in_order, key_of_items
from calibration.responses.long import EMPTY, LongRows, long_rows
from calibration.responses.model import LARGEST_CATEGORY, NOT_GIVEN, Responses
from calibration.responses.options import ITEM, RESPONSE, FileOptions
from engine.arrays import BoolArray, IntArray

Raw = tuple[NDArray[np.int16], tuple[tuple[str, ...], ...]]


def read_long(table: Table, options: FileOptions) -> Responses:
    """Read a whole long file."""
    findings = Findings(str(table.path))
    rows = long_rows(table, options, findings)
    key = None if options.key is None else key_of_items(options.key, rows.items)
    codes = Codes(options)
    of_item = _rows_of_items(rows)
    answer = _answers(rows, key, codes, of_item)
    scored = np.array([not (key and key[item]) for item in range(len(rows.items))])
    _note_wrong(rows, answer, scored, options, findings)
    _note_repeated(rows, options, findings)
    group = _of_persons(rows, rows.group, options.group, findings)
    weight = _of_persons(rows, rows.weight, next(iter(options.weights), None), findings)
    findings.stop_if_any()
    raw = _raw(rows, key, codes, answer, of_item)
    answers = finished(_placed(rows, answer, options, NOT_GIVEN), scored, options)
    groups, names = (None, ()) if group is None else _groups(rows, group)
    return Responses(
        items=rows.items,
        persons=rows.persons,
        answers=answers,
        raw=None if raw is None else _placed(rows, raw[0], options, -1),
        options=None if raw is None else raw[1],
        key=_key_seen(rows, answer, raw) if key is None and raw is not None else key,
        group=groups,
        groups=names,
        weight=weight,
    )


def _rows_of_items(rows: LongRows) -> list[IntArray]:
    """The places of the rows of each item."""
    order = np.argsort(rows.item, kind="stable")
    ends = np.searchsorted(rows.item[order], np.arange(1, len(rows.items)))
    return np.split(order, ends)


def _answers(
    rows: LongRows, key: tuple[str, ...] | None, codes: Codes, of_item: list[IntArray]
) -> NDArray[np.int8]:
    """Category, reason or `UNREADABLE` of each row."""
    by_text = np.array([*map(codes.category, rows.texts), codes.empty], dtype=np.int8)
    answer = by_text[rows.response]
    if key is None:
        return answer
    meant = [plain(text) for text in rows.texts]
    reasons = [*(codes.reasons.get(text, 0) for text in meant), codes.empty]
    for item, right in enumerate(key):
        if right:
            options = right.split(EITHER)
            scores = [
                reason or text in options for reason, text in zip(reasons, meant, strict=False)
            ]
            by_option = np.array([*scores, codes.empty], dtype=np.int8)
            answer[of_item[item]] = by_option[rows.response[of_item[item]]]
    return answer


def _raw(
    rows: LongRows,
    key: tuple[str, ...] | None,
    codes: Codes,
    answer: NDArray[np.int8],
    of_item: list[IntArray],
) -> Raw | None:
    """The option of each row and the options of each item; None where the file holds none.

    They stand in the column of options, or are the answers to the items with a key.
    """
    if rows.option is None and key is None:
        return None
    texts = rows.response if rows.option is None else rows.option
    meant = np.array([*map(plain, rows.texts), ""])
    is_option = np.array([text not in codes.reasons for text in meant]) & (meant != "")
    place = np.full(answer.shape, -1, dtype=np.int16)
    ordered: list[tuple[str, ...]] = []
    for item, all_rows in enumerate(of_item):
        right = key[item].split(EITHER) if key is not None and key[item] else []
        used = all_rows[(answer[all_rows] >= 0) & is_option[texts[all_rows]]]
        if rows.option is None and not right:
            used = used[:0]
        found = set(meant[np.unique(texts[used])].tolist())
        options = in_order(tuple(found.union(right)))
        places = {option: number for number, option in enumerate(options)}
        by_text = np.array([places.get(text, -1) for text in meant.tolist()], dtype=np.int16)
        place[used] = by_text[texts[used]]
        ordered.append(options)
    return place, tuple(ordered)


def _key_seen(rows: LongRows, answer: NDArray[np.int8], raw: Raw) -> tuple[str, ...]:
    """The options that were scored 1 in items scored 0 and 1; "" for any other item."""
    place, options = raw
    most = np.full(len(rows.items), -1, dtype=np.int8)
    np.maximum.at(most, rows.item, answer)
    right: list[set[str]] = [set() for _ in rows.items]
    earned = (answer == 1) & (place >= 0)
    for item, option in np.unique(np.stack([rows.item[earned], place[earned]]), axis=1).T.tolist():
        right[item].add(options[item][option])
    return tuple(
        EITHER.join(in_order(tuple(each))) if most[item] <= 1 else ""
        for item, each in enumerate(right)
    )


def _placed(rows: LongRows, values: NDArray[Any], options: FileOptions, fill: int) -> NDArray[Any]:
    """Values of rows in a table of persons and items, shape (n_persons, n_items)."""
    whole = np.full((len(rows.persons), len(rows.items)), fill, dtype=values.dtype)
    place = rows.person.astype(np.int64) * len(rows.items) + rows.item
    if options.repeated == "first":
        # The last to come stays; a reversed view would be walked forwards all the same.
        place, values = place[::-1].copy(), values[::-1].copy()
    whole.reshape(-1)[place] = values
    return whole


def _groups(rows: LongRows, group: NDArray[Any]) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    return group_places(pl.Series([rows.texts[number] for number in group.tolist()]))


def _note_wrong(
    rows: LongRows,
    answer: NDArray[np.int8],
    scored: BoolArray,
    options: FileOptions,
    findings: Findings,
) -> None:
    lowest = np.where(scored, options.lowest_told or 0, 0)
    highest = np.full(len(rows.items), LARGEST_CATEGORY)
    if options.n_categories is not None:
        highest = np.minimum(highest, lowest + np.array(options.n_categories) - 1)
    outside = (answer > highest[rows.item]) | ((answer >= 0) & (answer < lowest[rows.item]))
    for place in findings.room(np.flatnonzero((answer == UNREADABLE) | outside)).tolist():
        row, cell = int(rows.row[place]), rows.texts[rows.response[place]]
        item = rows.item[place]
        expected = expected_category(int(lowest[item]), int(highest[item]))
        findings.add(row, at(row, RESPONSE), as_written(cell), expected)


def _note_repeated(rows: LongRows, options: FileOptions, findings: Findings) -> None:
    if options.repeated != "refuse":
        return
    seen = np.zeros((len(rows.persons), len(rows.items)), dtype=bool)
    seen[rows.person, rows.item] = True
    if np.count_nonzero(seen) == rows.row.size:
        return
    pair = rows.person.astype(np.int64) * len(rows.items) + rows.item
    again = np.ones(pair.size, dtype=bool)
    again[np.unique(pair, return_index=True)[1]] = False
    for place in findings.room(np.flatnonzero(again)).tolist():
        row = int(rows.row[place])
        found = f"{rows.persons[rows.person[place]]}, {rows.items[rows.item[place]]}"
        findings.add(row, at(row, ITEM), found, "one answer of a person to an item")


def _of_persons(
    rows: LongRows, values: NDArray[Any] | None, column: str | None, findings: Findings
) -> NDArray[Any] | None:
    """One value for each person, from the first of their rows; the others must say the same."""
    if values is None or column is None:
        return None
    _, first = np.unique(rows.person, return_index=True)
    chosen: NDArray[Any] = values[first]
    differs: BoolArray = (values != chosen[rows.person]) & (values == values)
    for place in findings.room(np.flatnonzero(differs)).tolist():
        row = int(rows.row[place])
        found = values[place].item()
        text = rows.texts[found] if values.dtype == np.int32 and found != EMPTY else found
        expected = f"the same in all rows of {rows.persons[rows.person[place]]}"
        findings.add(row, at(row, column), text, expected)
    return chosen
