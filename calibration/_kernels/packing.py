"""Answers to several items as one number, and tables of log-probabilities and counts to match.

Up to 256 combinations of answers, eight items scored right or wrong, make a group. Looking up a
group's sum of log-probabilities takes one step instead of eight, and so does counting it. (The
"method of four Russians": Arlazarov, Dinic, Kronrod & Faradzev, 1970.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine._kernels.compiler import entry
from engine.arrays import FloatArray, IntArray


@entry
def tally(
    answers: NDArray[np.int8], group: NDArray[np.int32], weight: FloatArray, counts: FloatArray
) -> None:
    """Add to `counts`, shape (n_groups, n_items, 128), who gave which answer; nothing is place 0.

    `weight` may have one place, for all persons.
    """
    for person in range(answers.shape[0]):
        share = weight[person] if weight.size > 1 else weight[0]
        place = group[person] if group.size > 1 else 0
        for item in range(answers.shape[1]):
            counts[place, item, max(answers[person, item], -1) + 1] += share


@entry
def pack(
    answers: NDArray[np.int8],
    persons: IntArray,
    items: IntArray,
    groups: IntArray,
    digits: NDArray[np.int32],
    codes: NDArray[np.uint8],
    given: IntArray,
) -> None:
    """Fill `codes`, shape (n_groups, n), and how many answers each person gave, shape (n,).

    Parameters
    ----------
    persons
        Rows of `answers`, shape (n,).
    items
        Columns of `answers`, group by group, shape (n_items,).
    groups
        The group of each item, ascending, shape (n_items,).
    digits
        What each answer adds to its group's number, nothing first, shape (n_items, 128); where an
        answer counts as none, one less than minus that.
    """
    for place in range(persons.size):
        person, code, n = persons[place], 0, 0
        for item in range(items.size):
            digit = digits[item, answers[person, items[item]] + 1]
            n += digit >= 0
            code += digit if digit >= 0 else -1 - digit
            if item + 1 == items.size or groups[item + 1] != groups[item]:
                codes[groups[item], place] = code
                code = 0
        given[place] = n


@entry
def count_answers(
    answers: NDArray[np.int8],
    persons: IntArray,
    items: IntArray,
    rows: NDArray[np.int32],
    given: IntArray,
) -> None:
    """Count each person's answers that have a row, shape (n,)."""
    for place in range(persons.size):
        n = 0
        for item in range(items.size):
            n += rows[item, answers[persons[place], items[item]] + 1] >= 0
        given[place] = n


@entry
def list_answers(
    answers: NDArray[np.int8],
    persons: IntArray,
    items: IntArray,
    rows: NDArray[np.int32],
    ends: IntArray,
    listed: NDArray[np.int32],
) -> None:
    """Fill `listed` with the row of each answer given; `rows` (n_items, 128), nothing first."""
    for place in range(persons.size):
        end = ends[place]
        for item in range(items.size):
            row = rows[item, answers[persons[place], items[item]] + 1]
            if row >= 0:
                listed[end] = row
                end += 1


@entry
def combine(
    table: FloatArray,
    first_rows: IntArray,
    sizes: IntArray,
    radices: IntArray,
    groups: IntArray,
    firsts: IntArray,
    combined: FloatArray,
) -> None:
    """Fill the groups' tables with sums of the items' rows.

    Parameters
    ----------
    table
        Log-probabilities of the answers, shape (n_rows, n_nodes).
    first_rows, sizes
        Each item's first row and its number of categories, shape (n_items,).
    radices
        How many answers an item has, with nothing among them where someone did not answer.
    groups
        Each item's group, ascending.
    firsts
        Each group's first row of `combined`.
    """
    known = 1
    for item in range(sizes.size):
        first = firsts[groups[item]]
        if item == 0 or groups[item] != groups[item - 1]:
            known = 1
            for node in range(table.shape[1]):
                combined[first, node] = 0.0
        for digit in range(radices[item] - 1, -1, -1):
            for code in range(known):
                row = first + digit * known + code
                if digit < sizes[item]:
                    answer = first_rows[item] + digit
                    for node in range(table.shape[1]):
                        combined[row, node] = combined[first + code, node] + table[answer, node]
                else:
                    for node in range(table.shape[1]):
                        combined[row, node] = combined[first + code, node]
        known *= radices[item]


@entry
def separate(
    combined: FloatArray,
    first_rows: IntArray,
    sizes: IntArray,
    radices: IntArray,
    groups: IntArray,
    firsts: IntArray,
    counts: FloatArray,
) -> None:
    """Add the groups' counts to those of the answers; `combined` is used up."""
    item = sizes.size
    while item > 0:
        beyond = item
        known = 1
        item -= 1
        known = radices[item]
        while item > 0 and groups[item - 1] == groups[item]:
            item -= 1
            known *= radices[item]
        first = firsts[groups[item]]
        for one in range(beyond - 1, item - 1, -1):
            known //= radices[one]
            for digit in range(radices[one]):
                for code in range(known):
                    row = first + digit * known + code
                    if digit < sizes[one]:
                        answer = first_rows[one] + digit
                        for node in range(counts.shape[1]):
                            counts[answer, node] += combined[row, node]
                    if digit > 0:
                        for node in range(counts.shape[1]):
                            combined[first + code, node] += combined[row, node]
