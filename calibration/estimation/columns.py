"""Columns of persons: combinations of the scores of the answers they gave, and their squares.

For `missing_information`, which knows what the columns mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from calibration._kernels import squares as kernel
from calibration.estimation.encoding import Encoding, Packed, Part
from calibration.estimation.score_basis import ScoreBasis
from engine.arrays import FloatArray, IntArray

ALIGNED = 16
"""Rows have a multiple of this many numbers: they begin where the processor likes to read."""

Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Columns:
    """How persons become columns.

    Attributes
    ----------
    scores
        Of groups of items, or of single answers, whichever the encoding has.
    groups
        Coefficients in the scores of being of a group, shape (n_groups, R, n_latent).
    last
        Where the parameters of groups begin in a column.
    places
        Where each parameter of the basis stands in a column, shape (n_parameters,).
    """

    scores: kernel.PackedScores | kernel.ListedScores
    groups: Floats
    last: int
    places: IntArray

    @classmethod
    def build(cls, basis: ScoreBasis, encoding: Encoding, kind: type[np.floating[Any]]) -> Columns:
        """Find them for products in floats of some kind."""
        found = _listed if encoding.listed else _packed
        scores, of_items, last = found(basis, encoding, kind)
        of_groups = last + np.arange(basis.groups.shape[2])
        return cls(
            scores=scores,
            groups=basis.groups.astype(kind),
            last=last,
            places=np.concatenate([of_items, of_groups]).astype(np.int64),
        )

    @property
    def width(self) -> int:
        """Numbers in a column."""
        return int(_whole(self.last + self.groups.shape[2], ALIGNED))

    def zeros(self) -> FloatArray:
        """Return the sum over nobody."""
        return np.zeros((self.width, self.width))

    def add_squares(
        self, total: FloatArray, part: Part, first: int, factors: Floats, ranks: IntArray
    ) -> None:
        """Add the products of the columns of persons from `first` on to the lower triangle.

        Parameters
        ----------
        factors, ranks
            Each person's columns in the functions of the basis and how many there are, shapes
            (n, at least the largest rank, R) and (n,).
        """
        columns = np.empty((int(ranks.sum()), self.width), dtype=self.groups.dtype)
        scores: Any = self.scores  # of the kind that the parts are
        of_group = self.groups[part.group]
        if isinstance(part, Packed):
            room = self._room(of_group)
            kernel.columns_packed(part.codes, first, scores, room, factors, ranks, columns)
            persons = self._all(len(columns))
        else:
            persons = self._room_for_persons(ranks.size)
            rows, last = (part.rows, part.ends, first), self.last
            kernel.columns_listed(*rows, scores, of_group, last, factors, ranks, columns, persons)
        n_rows = max(2, kernel.TILE // columns[:1].nbytes // 2 * 2)
        tile = np.empty((min(n_rows, self.width), self.width), dtype=columns.dtype)
        reached = np.empty(persons.ends.size - 1, dtype=np.int64)
        kernel.add_squares(columns, persons, tile, reached, total)

    def symmetric(self, total: FloatArray) -> FloatArray:
        """Return a sum of squares in the parameters of the basis, shape (n, n)."""
        whole = np.tril(total) + np.tril(total, -1).T
        return whole[np.ix_(self.places, self.places)]

    def _all(self, n_columns: int) -> kernel.Persons:
        """All persons at once, and all of their parameters."""
        pairs = np.arange(0, self.width, 2)
        return kernel.Persons(np.array([0, n_columns]), pairs, np.array([0, pairs.size]))

    def _room_for_persons(self, n: int) -> kernel.Persons:
        ends, pair_ends = np.empty((2, n + 1), dtype=np.int64)
        return kernel.Persons(ends, np.empty(n * self.width // 2, dtype=np.int64), pair_ends)

    def _room(self, of_group: Floats) -> kernel.Room:
        coefficients = np.zeros((len(of_group), self.width), dtype=of_group.dtype)
        coefficients[:, self.last : self.last + of_group.shape[1]] = of_group
        return kernel.Room(coefficients, coefficients.view(np.complex128))


def _packed(
    basis: ScoreBasis, encoding: Encoding, kind: type[np.floating[Any]]
) -> tuple[kernel.PackedScores, IntArray, int]:
    """Scores, where each parameter of an item stands, and where they end."""
    values, of_group = basis.of_codes(encoding)
    filled = _whole(of_group, kernel.PIECE)
    starts = np.cumsum(filled) - filled
    pieces = np.zeros((*values.shape[:2], int(filled.max())), dtype=kind)
    pieces[:, :, : values.shape[2]] = values
    at_once = np.dtype(np.complex128).itemsize // pieces.itemsize
    scores = kernel.PackedScores(
        pieces=pieces.view(np.complex128),
        firsts=encoding.firsts,
        starts=starts // at_once,
        widths=filled // at_once,
    )
    places = [start + np.arange(width) for start, width in zip(starts, of_group, strict=True)]
    return scores, np.concatenate(places), int(filled.sum())


def _listed(
    basis: ScoreBasis, encoding: Encoding, kind: type[np.floating[Any]]
) -> tuple[kernel.ListedScores, IntArray, int]:
    scores = kernel.ListedScores(
        values=np.ascontiguousarray(basis.answers.transpose(0, 2, 1), dtype=kind),
        starts=np.repeat(basis.starts, encoding.sizes),
        widths=np.repeat(basis.widths, encoding.sizes),
    )
    last = int(basis.widths.sum())
    return scores, np.arange(last), last


def _whole(n: Any, of: int) -> Any:
    """The next multiple."""
    return -(-n // of) * of
