"""Sums over the nodes of the grid, in lanes."""

from __future__ import annotations

from engine._kernels.compiler import summing
from engine.arrays import FloatArray

DEEPEST = 1200.0
"""Densities are products here. A node whose mass has underflowed, 650 below the peak on the log
scale, could matter again only if later answers brought it back by 600: where all logarithms
together span less than this, none can."""

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
    mass: FloatArray,
    one: FloatArray,
    two: FloatArray,
    three: FloatArray,
    four: FloatArray,
    factor: float,
) -> float:
    """Multiply masses by four likelihoods and a factor; return their sum."""
    total = 0.0
    for node in range(mass.size):
        weight = mass[node] * (one[node] * two[node]) * (three[node] * four[node]) * factor
        mass[node] = weight
        total += weight
    return total


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
