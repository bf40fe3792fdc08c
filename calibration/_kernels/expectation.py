"""The compiled E-step: answers looked up in tables of log-probabilities, posteriors counted.

Persons pass in blocks that stay in the processor's cache: their log-likelihoods at the nodes are
summed, exponentials make them posteriors, and these are added to the counts.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine._kernels.compiler import entry, inner, summing
from engine.arrays import FloatArray, IntArray

BLOCK = 128
"""Persons in a block: 64 nodes each fill 64 kB."""

LANES = 16
"""Tables have a multiple of this many nodes, so that loops over them have no odd end."""

LOWEST = -700.0
"""Log-posteriors are cut here, where exponentials are not yet subnormal, which would be slow."""

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts, the first with zeros at its end (as in fdlibm, Sun Microsystems, 1993)."""

SHIFTER = 6755399441055744.0
"""1.5 * 2**52: adding it leaves the rounded number in the last bits."""

EXPONENT_BIAS, EXPONENT_PLACE = 1023, 52


class Given(NamedTuple):
    """What does not depend on the persons.

    Attributes
    ----------
    table
        Log-probabilities of the answers, or of each group's codes, shape (n_rows, n_nodes).
    log_density
        Of the latent distribution at the nodes, shape (n_nodes,).
    nodes
        Abilities, shape (n_nodes,).
    """

    table: FloatArray
    log_density: FloatArray
    nodes: FloatArray


class Sums(NamedTuple):
    """What is added to.

    Attributes
    ----------
    counts
        Shape of the table.
    mass
        Shape (n_nodes,).
    totals
        Log-likelihood; the smallest posterior variance met.
    """

    counts: FloatArray
    mass: FloatArray
    totals: FloatArray


class Room(NamedTuple):
    """Room to work in: shapes (BLOCK, n_nodes), (n_nodes,), and `scale` again as integers."""

    block: FloatArray
    scale: FloatArray
    scale_bits: IntArray


@entry
def expect_packed(
    codes: NDArray[np.uint8],
    firsts: IntArray,
    weight: FloatArray,
    given: Given,
    sums: Sums,
    room: Room,
) -> None:
    """Add what persons with packed answers expect to `sums`.

    Parameters
    ----------
    codes
        The answers to each group of items as one number, shape (n_groups, n).
    firsts
        The group's first row of the table, shape (n_groups,).
    weight
        How many persons each stands for, shape (n,).
    """
    n_groups, n = codes.shape
    table, block = given.table, room.block
    for first in range(0, n, BLOCK):
        size = min(BLOCK, n - first)
        _start(block, size, given.log_density)
        group = 0
        while group + 4 <= n_groups:
            _look_up_four(codes, firsts, group, first, size, table, block)
            group += 4
        while group < n_groups:
            _look_up(codes, firsts, group, first, size, table, block)
            group += 1
        for person in range(size):
            _settle(person, weight[first + person], given.nodes, sums, room)
        for group in range(n_groups):
            _count(codes, firsts, group, first, size, sums.counts, block)


@entry
def expect_listed(
    rows: NDArray[np.int32],
    ends: IntArray,
    weight: FloatArray,
    given: Given,
    sums: Sums,
    room: Room,
) -> None:
    """Add what persons with few answers expect; as `expect_packed`, answers as lists.

    Parameters
    ----------
    rows
        The row of the table that each answer has; the answers of one person after another.
    ends
        Where each person's answers begin, and the end of the last, shape (n + 1,).
    """
    table, counts, block = given.table, sums.counts, room.block
    n_nodes = given.log_density.size
    for person in range(weight.size):
        _start(block, 1, given.log_density)
        answer, end = ends[person], ends[person + 1]
        while answer + 4 <= end:
            one, two = rows[answer], rows[answer + 1]
            three, four = rows[answer + 2], rows[answer + 3]
            for node in range(n_nodes):
                block[0, node] += (table[one, node] + table[two, node]) + (
                    table[three, node] + table[four, node]
                )
            answer += 4
        while answer < end:
            one = rows[answer]
            for node in range(n_nodes):
                block[0, node] += table[one, node]
            answer += 1
        _settle(0, weight[person], given.nodes, sums, room)
        for answer in range(ends[person], end):
            one = rows[answer]
            for node in range(n_nodes):
                counts[one, node] += block[0, node]


@inner
def _start(block: FloatArray, size: int, log_density: FloatArray) -> None:
    for person in range(size):
        for node in range(log_density.size):
            block[person, node] = log_density[node]


@inner
def _look_up(
    codes: NDArray[np.uint8],
    firsts: IntArray,
    group: int,
    first: int,
    size: int,
    table: FloatArray,
    block: FloatArray,
) -> None:
    for person in range(size):
        row = firsts[group] + codes[group, first + person]
        for node in range(block.shape[1]):
            block[person, node] += table[row, node]


@inner
def _look_up_four(
    codes: NDArray[np.uint8],
    firsts: IntArray,
    group: int,
    first: int,
    size: int,
    table: FloatArray,
    block: FloatArray,
) -> None:
    for person in range(size):
        one = firsts[group] + codes[group, first + person]
        two = firsts[group + 1] + codes[group + 1, first + person]
        three = firsts[group + 2] + codes[group + 2, first + person]
        four = firsts[group + 3] + codes[group + 3, first + person]
        for node in range(block.shape[1]):
            block[person, node] += (table[one, node] + table[two, node]) + (
                table[three, node] + table[four, node]
            )


@inner
def _count(
    codes: NDArray[np.uint8],
    firsts: IntArray,
    group: int,
    first: int,
    size: int,
    counts: FloatArray,
    block: FloatArray,
) -> None:
    for person in range(size):
        row = firsts[group] + codes[group, first + person]
        for node in range(block.shape[1]):
            counts[row, node] += block[person, node]


@inner
def _settle(person: int, weight: float, nodes: FloatArray, sums: Sums, room: Room) -> None:
    """Turn a person's log-likelihoods into posterior masses times weight."""
    block, mass, totals = room.block, sums.mass, sums.totals
    n_nodes = nodes.size
    highest = block[person, 0]
    for node in range(1, n_nodes):
        highest = max(highest, block[person, node])
    for node in range(n_nodes):
        block[person, node] = max(block[person, node] - highest, LOWEST)
    _exponentials(block, person, room.scale, room.scale_bits)
    total, variance = _moments(block, person, nodes)
    totals[0] += weight * (highest + np.log(total))
    totals[1] = min(totals[1], variance)
    factor = weight / total
    for node in range(n_nodes):
        block[person, node] *= factor
        mass[node] += block[person, node]


@inner
def _exponentials(block: FloatArray, person: int, scale: FloatArray, scale_bits: IntArray) -> None:
    """Replace x by exp(x) to 2e-16: x = k ln 2 + r, a polynomial in r, k into the exponent."""
    for node in range(scale.size):
        scale[node] = block[person, node] * LOG2_E + SHIFTER
    for node in range(scale.size):
        k = scale[node] - SHIFTER
        r = (block[person, node] - k * LN2_HIGH) - k * LN2_LOW
        high = 1 / 479001600.0
        high = high * r + 1 / 39916800.0
        high = high * r + 1 / 3628800.0
        high = high * r + 1 / 362880.0
        high = high * r + 1 / 40320.0
        high = high * r + 1 / 5040.0
        high = high * r + 1 / 720.0
        high = high * r + 1 / 120.0
        high = high * r + 1 / 24.0
        high = high * r + 1 / 6.0
        high = high * r + 0.5
        block[person, node] = (high * r + 1.0) * r + 1.0
    for node in range(scale.size):
        scale_bits[node] = (scale_bits[node] + EXPONENT_BIAS) << EXPONENT_PLACE
    for node in range(scale.size):
        block[person, node] *= scale[node]


@summing
def _moments(block: FloatArray, person: int, nodes: FloatArray) -> tuple[float, float]:
    total, first, second = 0.0, 0.0, 0.0
    for node in range(nodes.size):
        total += block[person, node]
        first += block[person, node] * nodes[node]
        second += block[person, node] * (nodes[node] * nodes[node])
    mean = first / total
    return total, second / total - mean * mean
