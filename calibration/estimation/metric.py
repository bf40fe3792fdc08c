"""The complete-data information as a metric: small blocks of parameters that items share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from calibration.families.layout import Layout
from engine.arrays import FloatArray, IntArray

RIDGE = 0.05
"""Added to the information on every parameter: steps stay short, and stop, where the data say
nothing at all. A parameter known to better than one unit hardly feels it."""


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """The inverse of a positive definite matrix of small diagonal blocks.

    Attributes
    ----------
    places
        For each size of blocks, which parameters each block has, shape (n_blocks, size).
    inverses
        The blocks' inverses, shape (n_blocks, size, size).
    """

    n: int
    places: tuple[IntArray, ...]
    inverses: tuple[FloatArray, ...]

    def solve(self, gradient: FloatArray) -> FloatArray:
        """Return the inverse times a vector, shape (n,)."""
        solved = np.empty(self.n)
        for chosen, inverse in zip(self.places, self.inverses, strict=True):
            solved[chosen] = (inverse @ gradient[chosen][:, :, None])[:, :, 0]
        return solved

    @property
    def errors(self) -> FloatArray:
        """Standard errors that the parameters would have if abilities were known, shape (n,)."""
        errors = np.empty(self.n)
        for chosen, inverse in zip(self.places, self.inverses, strict=True):
            errors[chosen] = np.sqrt(np.einsum("bii->bi", inverse))
        return errors


@dataclass(frozen=True, slots=True, eq=False)
class Assembly:
    """How the items' own information matrices add up to one on the free parameters.

    The information on phi is M' H M with H made of the items' matrices: linear in their entries.
    Which entry goes where, and times what, is found once for a layout.

    Attributes
    ----------
    places
        For each size of blocks, which parameters each block has, shape (n_blocks, size).
    entries
        The blocks' entries, all sizes in a row, of the items' entries; sparse.
    diagonal
        The same of a diagonal matrix on x.
    """

    n: int
    places: tuple[IntArray, ...]
    entries: sparse.csr_array
    diagonal: sparse.csr_array

    @classmethod
    def of(cls, layout: Layout) -> Assembly:
        """Find the blocks of parameters that share items, and where entries go."""
        rows, columns = _pairs(layout)
        width = layout.M.shape[0]
        ones = np.ones(rows.size)
        linked = sparse.csr_array((ones, (rows, columns)), shape=(width, width))
        member = connected_components(abs(layout.M).T @ linked @ abs(layout.M), directed=False)[1]
        places, position = _blocks(member.astype(np.int64), layout.n_free)
        size = sum(place.shape[0] * place.shape[1] ** 2 for place in places)
        return cls(
            n=layout.n_free,
            places=places,
            entries=_spread(layout, rows, columns, position, size),
            diagonal=_spread(layout, np.arange(width), np.arange(width), position, size),
        )

    def metric(
        self, hessians: list[FloatArray], diagonal: FloatArray, ridge: float, rest: FloatArray
    ) -> Metric:
        """Return the inverse of the information on phi, and on the groups' y beside it.

        Parameters
        ----------
        hessians
            The items' information, (J, P, P) a block of the layout.
        diagonal
            What is added on x, of priors, shape (n_x,).
        ridge
            What is added on every parameter.
        rest
            The information on y, shape (n_y, n_y).
        """
        entries = self.entries @ np.concatenate([part.ravel() for part in hessians])
        if diagonal.any():
            entries = entries + self.diagonal @ diagonal
        inverses: list[FloatArray] = []
        first = 0
        for place in self.places:
            n_blocks, size = place.shape
            blocks = entries[first : first + n_blocks * size**2].reshape(n_blocks, size, size)
            inverses.append(_inverse(blocks, ridge))
            first += n_blocks * size**2
        n_rest = len(rest)
        others = np.arange(self.n, self.n + n_rest)[None, :]
        inverses.append(_inverse(rest[None], ridge))
        return Metric(self.n + n_rest, (*self.places, others), tuple(inverses))


def _inverse(blocks: FloatArray, ridge: float) -> FloatArray:
    return np.asarray(np.linalg.inv(blocks + ridge * np.eye(blocks.shape[1])), dtype=np.float64)


def _pairs(layout: Layout) -> tuple[IntArray, IntArray]:
    """Rows and columns in x of the entries of the items' matrices, block by block."""
    rows, columns = [], []
    for place in layout.split(np.arange(layout.M.shape[0], dtype=np.float64)):
        index = place.astype(np.int64)
        shape = (*index.shape, index.shape[1])
        rows.append(np.broadcast_to(index[:, :, None], shape).ravel())
        columns.append(np.broadcast_to(index[:, None, :], shape).ravel())
    return np.concatenate(rows), np.concatenate(columns)


def _blocks(member: IntArray, n: int) -> tuple[tuple[IntArray, ...], IntArray]:
    """Parameters by blocks of one size each, and where each one's row of its block begins.

    The second has, for each parameter, the entry of its row's first column and its own column.
    """
    order = np.argsort(member, kind="stable")
    sizes = np.bincount(member, minlength=1)[member[order]]
    places, position, first = [], np.zeros((n, 2), dtype=np.int64), 0
    for size in np.unique(sizes):
        place = order[sizes == size].reshape(-1, size)
        local = np.broadcast_to(np.arange(size), place.shape)
        starts = first + size**2 * np.arange(len(place))[:, None] + size * local
        position[place, 0], position[place, 1] = starts, local
        places.append(place)
        first += place.size * int(size)
    return tuple(places), position


def _spread(
    layout: Layout, rows: IntArray, columns: IntArray, position: IntArray, size: int
) -> sparse.csr_array:
    """The sparse matrix from entries (row, column) on x to entries of the blocks on phi."""
    M = layout.M
    n_left, n_right = np.diff(M.indptr)[rows], np.diff(M.indptr)[columns]
    entry = np.repeat(np.arange(rows.size), n_left * n_right)
    rank = np.arange(entry.size) - np.repeat(
        np.cumsum(n_left * n_right) - n_left * n_right, n_left * n_right
    )
    left = M.indptr[rows[entry]] + rank // n_right[entry]
    right = M.indptr[columns[entry]] + rank % n_right[entry]
    target = position[M.indices[left], 0] + position[M.indices[right], 1]
    values = M.data[left] * M.data[right]
    return sparse.csr_array((values, (target, entry)), shape=(size, rows.size))
