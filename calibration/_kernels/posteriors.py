"""Compiled posteriors of persons, for what the E-step's sums do not keep.

Kept by numba under a name that covers this file and the engine: call nothing of other files of this
room here, or changes there would go unseen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine._kernels.compiler import entry, inner
from engine.arrays import FloatArray, IntArray

LOWEST = -700.0
"""Log-posteriors are cut here, where exponentials are not yet subnormal, which would be slow."""


@entry
def posterior_packed(
    codes: NDArray[np.uint8],
    firsts: IntArray,
    first: int,
    table: FloatArray,
    log_density: FloatArray,
    posterior: FloatArray,
) -> None:
    """Fill `posterior`, shape (n, n_nodes), of the persons from `first` on, answers packed.

    Parameters
    ----------
    codes
        The answers to each group of items as one number, shape (n_groups, n_persons).
    firsts
        The group's first row of `table`.
    table
        Log-probabilities of each group's codes, shape (n_codes, n_nodes).
    """
    for place in range(len(posterior)):
        for node in range(log_density.size):
            posterior[place, node] = log_density[node]
        for group in range(firsts.size):
            row = firsts[group] + codes[group, first + place]
            for node in range(log_density.size):
                posterior[place, node] += table[row, node]
        _settle(posterior, place)


@entry
def posterior_listed(
    rows: NDArray[np.int32],
    ends: IntArray,
    first: int,
    table: FloatArray,
    log_density: FloatArray,
    posterior: FloatArray,
) -> None:
    """Fill `posterior` as `posterior_packed` does, answers as lists of rows of `table`."""
    for place in range(len(posterior)):
        for node in range(log_density.size):
            posterior[place, node] = log_density[node]
        for answer in range(ends[first + place], ends[first + place + 1]):
            row = rows[answer]
            for node in range(log_density.size):
                posterior[place, node] += table[row, node]
        _settle(posterior, place)


@inner
def _settle(posterior: FloatArray, place: int) -> None:
    highest = posterior[place, 0]
    for node in range(1, posterior.shape[1]):
        highest = max(highest, posterior[place, node])
    total = 0.0
    for node in range(posterior.shape[1]):
        posterior[place, node] = np.exp(max(posterior[place, node] - highest, LOWEST))
        total += posterior[place, node]
    for node in range(posterior.shape[1]):
        posterior[place, node] /= total
