"""Sums over the nodes of the grid, in lanes."""

from __future__ import annotations

from engine._kernels.compiler import summing
from engine.arrays import FloatArray, IntArray

DEEPEST = 1200.0
"""Densities are products here. A node whose mass has underflowed, 650 below the peak on the log
scale, could matter again only if later answers brought it back by 600: where all logarithms
together span less than this, none can."""

SEVEN = 7
"""Rows that are multiplied at once, and one of masses: as many as a processor reads side by side."""

FAINTEST = 1e-25
"""Sums of masses, 1 before, that fall below this at once leave too little room above underflow."""


@summing
def weigh(
    mass: FloatArray, likelihood: FloatArray, factor: float, nodes: FloatArray
) -> tuple[float, float]:
    """Multiply masses by a likelihood and a factor; return their sum and first moment."""
    total, first = 0.0, 0.0
    for node in range(mass.size):
        weight = mass[node] * (likelihood[node] * factor)
        mass[node] = weight
        total += weight
        first += weight * nodes[node]
    return total, first


@summing
def weigh_four_times(
    mass: FloatArray, likelihood: FloatArray, rows: IntArray, factor: float
) -> float:
    """Multiply masses by the first four of some rows of likelihoods and a factor; return their sum."""
    one, two = likelihood[rows[0]], likelihood[rows[1]]
    three, four = likelihood[rows[2]], likelihood[rows[3]]
    total = 0.0
    for node in range(mass.size):
        weight = mass[node] * (one[node] * two[node]) * (three[node] * four[node]) * factor
        mass[node] = weight
        total += weight
    return total


@summing
def moments_of_seven(
    mass: FloatArray, likelihood: FloatArray, rows: IntArray, nodes: FloatArray, center: float
) -> tuple[float, float, float]:
    """Sum, first and second moment of masses times the first seven of some rows of likelihoods."""
    one, two = likelihood[rows[0]], likelihood[rows[1]]
    three, four = likelihood[rows[2]], likelihood[rows[3]]
    five, six, seven = likelihood[rows[4]], likelihood[rows[5]], likelihood[rows[6]]
    total, first, second = 0.0, 0.0, 0.0
    for node in range(nodes.size):
        early = (mass[node] * one[node]) * (two[node] * three[node])
        weight = early * ((four[node] * five[node]) * (six[node] * seven[node]))
        distance = nodes[node] - center
        total += weight
        first += weight * distance
        second += weight * distance * distance
    return total, first, second


@summing
def second_moment(mass: FloatArray, nodes: FloatArray, center: float) -> float:
    """Sum of mass times squared distance from `center`."""
    total = 0.0
    for node in range(mass.size):
        distance = nodes[node] - center
        total += mass[node] * distance * distance
    return total


@summing
def product(mass: FloatArray, weights: FloatArray) -> float:
    """Sum of mass times weight."""
    total = 0.0
    for node in range(mass.size):
        total += mass[node] * weights[node]
    return total
