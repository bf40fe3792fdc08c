"""Items taken some at a time: a row for every pattern of answers to the items of a group.

What is added up over a candidate's 40 answers is then added up over seven groups of six, from rows
made once. A group has as many items as keep its rows within `MOST_ROWS`, so that all of them stay
in a processor's cache.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine._kernels.compiler import inner
from engine.ability.patterns import Answers
from engine.arrays import BoolArray, FloatArray, IntArray, frozen

MOST_ROWS = 81
"""Six items that everybody answered right or wrong, or four that some left out."""


class Groups(NamedTuple):
    """Consecutive items in groups.

    Attributes
    ----------
    first_item, first_row
        Where each group's items and rows begin, shape (n_groups + 1,).
    stride
        What an item's category is multiplied by, shape (n_items,); the sum of the products is the
        row within the group.
    missing
        The category that stands for an item not given, shape (n_items,).
    """

    first_item: IntArray
    first_row: IntArray
    stride: IntArray
    missing: IntArray

    @classmethod
    def of(cls, n_categories: IntArray, omitted: BoolArray) -> Groups:
        """Group items of so many categories; where nobody left an item out, no row waits for it."""
        sizes = n_categories + omitted
        first_item, rows, stride = [0], [1], np.ones(sizes.size, dtype=np.int64)
        for item, size in enumerate(sizes.tolist()):
            if item > first_item[-1] and rows[-1] * size > MOST_ROWS:
                first_item.append(item)
                rows.append(1)
            stride[item] = rows[-1]
            rows[-1] *= size
        return cls(
            first_item=frozen(np.array([*first_item, sizes.size])),
            first_row=frozen(np.concatenate([[0], np.cumsum(rows)])),
            stride=frozen(stride),
            missing=frozen(n_categories.astype(np.int64)),
        )

    def __len__(self) -> int:
        return self.first_item.size - 1

    def by_items_given(self) -> IntArray:
        """For each row a number that rows share which differ in answers alone, shape (n_rows,)."""
        sizes = np.diff(self.first_item)
        place = np.arange(self.stride.size) - np.repeat(self.first_item[:-1], sizes)
        codes = self.sums(np.repeat(2.0**place, self.missing.max()).reshape(place.size, -1, 1))
        before = np.concatenate([[0], np.cumsum(2**sizes)[:-1]])
        codes += np.repeat(before, np.diff(self.first_row))[:, None]
        return codes[:, 0].astype(np.int64)

    def sums(self, table: FloatArray) -> FloatArray:
        """Add up over each group's items, shape (n_rows, n_columns).

        Parameters
        ----------
        table
            What each answer contributes, shape (n_items, n_categories, n_columns); an item that is
            not given contributes nothing.
        """
        nothing = np.zeros((1, table.shape[2]))
        parts = []
        for group in range(self.first_item.size - 1):
            rows = nothing
            n_rows = self.first_row[group + 1] - self.first_row[group]
            ends = np.append(self.stride, n_rows)
            for item in range(self.first_item[group], self.first_item[group + 1]):
                last = item + 1 == self.first_item[group + 1]
                size = (n_rows if last else ends[item + 1]) // self.stride[item]
                # One row more for an item that somebody left out.
                answers = np.concatenate([table[item, : self.missing[item]], nothing])[:size]
                rows = (answers[:, None, :] + rows[None, :, :]).reshape(-1, table.shape[2])
            parts.append(rows)
        return np.concatenate(parts)


def readable(answers: Answers) -> Answers:
    """Answers in a row, bytes or 64 bits: for other kinds, other versions would be compiled."""
    if answers.dtype == np.int8:
        return frozen(np.ascontiguousarray(answers, dtype=np.int8).view())
    return frozen(np.ascontiguousarray(answers, dtype=np.int64).view())


@inner
def find_rows(groups: Groups, answers: Answers, who: int, digits: IntArray, rows: IntArray) -> None:
    """Find the row of each group that holds a candidate's answers.

    Parameters
    ----------
    digits
        Room to work in, shape (n_items,).
    rows
        Where the rows are written, one for each group; further places stay as they are.
    """
    for item in range(digits.size):
        # Without its sign, -1 is larger than any category.
        category = np.uint64(np.int64(answers[who, item]))
        given = min(category, np.uint64(groups.missing[item]))
        digits[item] = np.int64(given) * groups.stride[item]
    place = np.uint64(0)  # Signed, numba would ask at each step whether it counts from the end.
    for group in range(groups.first_item.size - 1):
        row, beyond = groups.first_row[group], np.uint64(groups.first_item[group + 1])
        while place < beyond:
            row += digits[place]
            place += np.uint64(1)
        rows[group] = row
