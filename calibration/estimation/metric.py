"""The complete-data information as a metric: small blocks of parameters that items share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

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

    @classmethod
    def of(cls, information: sparse.csc_array) -> Metric:
        """Invert the information, shape (n, n), after a ridge is added."""
        n = information.shape[0]
        _, labels = connected_components(information, directed=False)
        member = labels.astype(np.int64)
        order = np.argsort(member, kind="stable")
        sizes = np.bincount(member)[member[order]]
        entries = sparse.coo_array(information)
        local = _positions(member)
        places, inverses = [], []
        for size in np.unique(sizes):
            chosen = order[sizes == size].reshape(-1, size)
            number = np.full(n, -1)
            number[chosen] = np.arange(len(chosen))[:, None]
            inside = number[entries.row] >= 0
            row, column = entries.row[inside], entries.col[inside]
            blocks = np.zeros((len(chosen), size, size))
            blocks[number[row], local[row], local[column]] = entries.data[inside]
            blocks[:, np.arange(size), np.arange(size)] += RIDGE
            places.append(chosen)
            inverses.append(np.linalg.inv(blocks))
        return cls(n, tuple(places), tuple(inverses))

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


def _positions(member: IntArray) -> IntArray:
    """Each parameter's place among those of its block, shape (n,)."""
    order = np.argsort(member, kind="stable")
    starts = np.cumsum(np.bincount(member)) - np.bincount(member)
    local = np.empty(member.size, dtype=np.int64)
    local[order] = np.arange(member.size) - starts[member[order]]
    return local
