"""Compiled sums over persons of columns times themselves, for standard errors.

A person's column is a sum of rows of coefficients, the same few functions b for every parameter;
the rows are put together from those of the answers given.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calibration._kernels.rows import UNROLLED, Floats, add_one, combine, product
from engine._kernels.compiler import entry, inner, summing
from engine.arrays import FloatArray, IntArray

PIECE = 4
"""Each answer's parameters are filled up to a multiple of so many, which are copied together."""

TILE = 2**17
"""Bytes of a square that are added to in one go stay in the processor's cache."""


class PackedScores(NamedTuple):
    """Scores of the codes of groups of items, in the functions b.

    Attributes
    ----------
    pieces
        Coefficients of each code, `PIECE` of one precision as one or two complex numbers so that
        they are moved at once, shape (n_codes, R, widest).
    firsts
        Each group's first code, shape (n_groups,).
    starts, widths
        First parameter of each group and how many it has, counted in such numbers.
    """

    pieces: NDArray[np.complex128]
    firsts: IntArray
    starts: IntArray
    widths: IntArray


class ListedScores(NamedTuple):
    """Scores of single answers, in the functions b.

    Attributes
    ----------
    values
        Coefficients of each row of the table of answers, shape (n_rows, widest, R).
    starts, widths
        First parameter of each row and how many it has, shape (n_rows,).
    """

    values: Floats
    starts: IntArray
    widths: IntArray


class Room(NamedTuple):
    """Coefficients of one person's parameters, shape (R, n); `pieces` is the same memory."""

    coefficients: Floats
    pieces: NDArray[np.complex128]


class Persons(NamedTuple):
    """Whose columns they are: persons, or many at once who have zeros in the same places.

    Attributes
    ----------
    ends
        Where the columns of each begin, and the end of the last, shape (n + 1,).
    pairs
        Even places of which, or of the next after which, they have anything but 0; ascending.
    pair_ends
        Where the pairs of each begin, and the end of the last, shape (n + 1,).
    """

    ends: IntArray
    pairs: IntArray
    pair_ends: IntArray


@entry
def columns_packed(
    codes: NDArray[np.uint8],
    first: int,
    scores: PackedScores,
    room: Room,
    factors: Floats,
    ranks: IntArray,
    columns: Floats,
) -> None:
    """Fill the persons' columns of parameters, one a row.

    Parameters
    ----------
    room
        Where the coefficients of the persons' own distribution stand at the end.
    factors, ranks
        As `missing.factor` fills them.
    columns
        Shape (the sum of ranks, n).
    """
    row = 0
    for person in range(ranks.size):
        for group in range(scores.firsts.size):
            code = scores.firsts[group] + codes[group, first + person]
            start = scores.starts[group]
            for s in range(room.pieces.shape[0]):
                for piece in range(scores.widths[group]):
                    room.pieces[s, start + piece] = scores.pieces[code, s, piece]
        for rank in range(ranks[person]):
            combine(factors[person, rank], room.coefficients, columns[row + rank])
        row += ranks[person]


@entry
def columns_listed(
    rows: NDArray[np.int32],
    ends: IntArray,
    first: int,
    scores: ListedScores,
    other: Floats,
    last: int,
    factors: Floats,
    ranks: IntArray,
    columns: Floats,
    persons: Persons,
) -> None:
    """Fill the persons' columns, 0 where they did not answer; as `columns_packed`.

    Parameters
    ----------
    other, last
        Coefficients of the parameters of the persons' own distribution, shape (R, n_latent), and
        where these begin.
    persons
        Filled as well.
    """
    row, n_pairs = 0, 0
    persons.ends[0] = persons.pair_ends[0] = 0
    for person in range(ranks.size):
        for rank in range(ranks[person]):
            columns[row + rank] = 0.0
            combine(factors[person, rank], other, columns[row + rank, last : last + other.shape[1]])
        for answer in range(ends[first + person], ends[first + person + 1]):
            code = rows[answer]
            for p in range(scores.widths[code]):
                place = scores.starts[code] + p
                for rank in range(ranks[person]):
                    columns[row + rank, place] = product(
                        factors[person, rank], scores.values[code, p]
                    )
                n_pairs = _list(persons, person, n_pairs, place)
        for place in range(last, last + other.shape[1]):
            n_pairs = _list(persons, person, n_pairs, place)
        row += ranks[person]
        persons.ends[person + 1], persons.pair_ends[person + 1] = row, n_pairs


@inner
def _list(persons: Persons, person: int, n_pairs: int, place: int) -> int:
    """Note the pair of a place that is not before those of the person that were noted."""
    pair = place - place % 2
    if n_pairs > persons.pair_ends[person] and persons.pairs[n_pairs - 1] == pair:
        return n_pairs
    persons.pairs[n_pairs] = pair
    return n_pairs + 1


@entry
def add_squares(
    columns: Floats, persons: Persons, tile: Floats, reached: IntArray, total: FloatArray
) -> None:
    """Add the product of `columns`, transposed, with themselves to the lower triangle of `total`.

    BLAS would do the same on threads of its own, which would stand in the way of those that call
    this; and it would not pass over the parameters of items that a person did not answer.

    Parameters
    ----------
    tile, reached
        Room: an even number of rows of `total`, and a number for each of the persons.
    """
    size = columns.shape[1]
    for person in range(reached.size):
        reached[person] = persons.pair_ends[person]
    for first in range(0, size, len(tile)):
        beyond = min(first + len(tile), size)
        tile[:] = 0.0
        for person in range(reached.size):
            end = reached[person]
            while end < persons.pair_ends[person + 1] and persons.pairs[end] < beyond:
                end += 1
            here = persons.pairs[reached[person] : end]
            _add_person(columns, persons.ends[person], persons.ends[person + 1], here, first, tile)
            reached[person] = end
        for one in range(first, beyond):
            _add(tile[one - first], total[one, : one + 1])


@inner
def _add_person(
    columns: Floats, k: int, end: int, pairs: IntArray, first: int, tile: Floats
) -> None:
    while k + UNROLLED <= end:
        for one in pairs:
            _add_pair(columns, k, one, tile[one - first : one - first + 2])
        k += UNROLLED
    while k < end:
        for one in pairs:
            add_one(columns[k, one], columns[k], tile[one - first, : one + 2])
            add_one(columns[k, one + 1], columns[k], tile[one + 1 - first, : one + 2])
        k += 1


@summing
def _add_pair(columns: Floats, k: int, one: int, pair: Floats) -> None:
    a0, a1 = columns[k, one], columns[k + 1, one]
    a2, a3 = columns[k + 2, one], columns[k + 3, one]
    b0, b1 = columns[k, one + 1], columns[k + 1, one + 1]
    b2, b3 = columns[k + 2, one + 1], columns[k + 3, one + 1]
    for j in range(one + 2):
        c0, c1, c2, c3 = columns[k, j], columns[k + 1, j], columns[k + 2, j], columns[k + 3, j]
        pair[0, j] += (a0 * c0 + a1 * c1) + (a2 * c2 + a3 * c3)
        pair[1, j] += (b0 * c0 + b1 * c1) + (b2 * c2 + b3 * c3)


@summing
def _add(values: Floats, total: FloatArray) -> None:
    for j in range(total.size):
        total[j] += values[j]
