"""Compiled posteriors of persons, for what the E-step's sums do not keep.

A mass too small to change any sum of the others is 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine._kernels.compiler import entry, inner
from engine.arrays import FloatArray, IntArray

LOWEST = -60.0
"""Masses of less than exp of this, relative to the greatest, are 0: 9e-27."""


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
        above = posterior[place, node] - highest
        posterior[place, node] = np.exp(above) if above > LOWEST else 0.0
        total += posterior[place, node]
    for node in range(posterior.shape[1]):
        posterior[place, node] /= total
