"""What a cell stands for: a category, an option, or one of the reasons why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from calibration.responses.model import LARGEST_CATEGORY, NOT_GIVEN, NOT_REACHED, OMITTED
from calibration.responses.options import FileOptions
from engine.arrays import FloatArray
from itembank.csvfile import as_number

UNREADABLE = -128
"""Stands in an array of codes where a cell is neither a category nor a code."""

DECIMAL_COMMA = str.maketrans(",", ".")


class Codes:
    """The reasons for a missing answer by what is written; all else is a category or an option."""

    def __init__(self, options: FileOptions) -> None:
        self.reasons: dict[str, int] = {}
        for codes, reason in (
            (options.missing_codes, NOT_GIVEN),
            (options.omit_codes, OMITTED),
            (options.not_reached_codes, NOT_REACHED),
        ):
            self.reasons.update((plain(str(code)), reason) for code in codes)
        self.empty = self.reasons.get("", NOT_GIVEN)
        self.numbers = {int(c): r for c, r in self.reasons.items() if c.lstrip("-").isdecimal()}

    def category(self, cell: str) -> int:
        """The category written in a cell, the reason for none, or `UNREADABLE`."""
        text = plain(cell)
        if text in self.reasons:
            return self.reasons[text]
        good = text.isascii() and text.isdecimal() and len(text) <= 3
        return int(text) if good and int(text) <= LARGEST_CATEGORY else UNREADABLE


def plain(cell: str) -> str:
    """Return what is meant by a cell: no space around it, 1 for 1.0, ๑, +1 and 01, B for b.

    >>> plain(" ๓ "), plain("2.0"), plain("b"), plain("1,0"), plain("Bangkok"), plain("1.5")
    ('3', '2', 'B', '1', 'Bangkok', '1.5')
    """
    text = cell.strip()
    number = as_number(text)
    if number is None and text.count(",") == 1:
        number = as_number(text.translate(DECIMAL_COMMA))
    if number is not None and number == int(number):
        return str(int(number))
    return text.upper() if len(text) == 1 else text


def categories(frame: pl.DataFrame, codes: Codes) -> NDArray[np.int8]:
    """Category of each cell, the reason for none, or `UNREADABLE`; shape (n_rows, n_columns)."""
    found = np.full(frame.shape, UNREADABLE, dtype=np.int8)
    numbers = whole_numbers(frame)
    good = (numbers >= 0) & (numbers <= LARGEST_CATEGORY)
    np.copyto(found, numbers.astype(np.int8), where=good)
    for number, reason in codes.numbers.items():
        found[numbers == number] = reason
    for place in np.flatnonzero((found == UNREADABLE).any(axis=0)).tolist():
        column = frame.to_series(place)
        missing = column.is_null().to_numpy()
        found[missing, place] = codes.empty
        unread = found[:, place] == UNREADABLE
        if unread.any():
            cells = column.cast(pl.String).filter(pl.Series(unread))
            found[unread, place] = translated(cells, codes.category, pl.Int8)
    return found


def translated(
    cells: pl.Series, meaning: Callable[[str], int], kind: type[pl.DataType]
) -> NDArray[np.int64]:
    """The number that each text means, asking once for each different text."""
    texts = cells.unique(maintain_order=True)
    numbers = pl.Series([meaning(text) for text in texts.to_list()], dtype=kind)
    return cells.replace_strict(texts, numbers, return_dtype=kind).to_numpy()


def written(column: pl.Series, places: Iterable[int]) -> list[str]:
    """What stands in some cells of a column."""
    return [str(column[place] if column[place] is not None else "") for place in places]


def expected_category(lowest: int, highest: int) -> str:
    """Say what may stand in a cell."""
    return f"a category from {lowest} to {highest}; empty or NA where not administered"


def as_written(cell: str) -> str | int:
    """Return a wrong cell as a number where it holds a whole one."""
    text = cell.strip()
    number = as_number(text)
    if number is None or number != int(number):
        return text
    return int(text) if text.lstrip("+-").isdecimal() else int(number)


def weights_of(column: pl.Series) -> FloatArray:
    """The number in each cell, NaN where there is none; Thai digits are read."""
    numbers = column.cast(pl.Float64, strict=False)
    if column.dtype == pl.String:
        odd = numbers.is_null() | ~numbers.is_finite()
        values = [as_number(cell or "") for cell in column.filter(odd).to_list()]
        found = numbers.to_numpy().copy()
        found[odd.to_numpy()] = [np.nan if value is None else value for value in values]
        return found
    return numbers.fill_null(np.nan).to_numpy().copy()


def plain_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the columns as whole numbers or text, whatever a Parquet file held them as.

    A number that is not one (NaN) is how pandas writes a missing answer to an item.
    """
    return frame.select(_plain_column(column) for column in frame.iter_columns())


def _plain_column(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String or column.dtype.is_integer():
        return column
    if column.dtype == pl.Boolean:
        return column.cast(pl.Int8)
    if column.dtype.is_float():
        column = column.fill_nan(None)
        whole = column.cast(pl.Int64, strict=False)
        same = (whole.cast(column.dtype) == column) | column.is_null()
        return whole if same.all() else column.cast(pl.String)
    if column.dtype.is_numeric() or column.dtype.is_temporal() or column.dtype == pl.Categorical:
        return column.cast(pl.String)
    return column.cast(pl.String, strict=False)


def whole_numbers(frame: pl.DataFrame) -> NDArray[np.int16]:
    """Each cell as a whole number, -32768 where it is none or too large for 16 bits."""
    lowest = np.iinfo(np.int16).min
    whole = frame.select(pl.all().cast(pl.Int16, strict=False).fill_null(lowest))
    return np.ascontiguousarray(whole.to_numpy())
