"""How far tests are from what a specification demands, by name: the judge of many tests at once."""

from __future__ import annotations

from functools import singledispatch
from math import isnan

import numpy as np

from engine.arrays import BoolArray, FloatArray, IntArray
from engine.constraints.columns import largest_size
from engine.constraints.kinds import (
    TOLERANCE,
    Bound,
    Constraint,
    Exclude,
    Family,
    Include,
    Measure,
    Order,
)
from engine.constraints.quota import Quota
from engine.constraints.specification import Specification


def deviations(specification: Specification, items: IntArray) -> FloatArray:
    """Return how far each test lies outside of each bound, shape (n, n_names).

    Below 0 by how much it lacks, above 0 by how much it has too much, in the constraint's own unit
    (items, seconds, a mean's unit, ...); 0 where the constraint is kept, as `satisfied` judges. Of
    a constraint with several parts (sets, groups) the largest. In the order of
    `specification.names`: the length comes first.

    Parameters
    ----------
    items
        Items of each test as they were given, padded with -1, shape (n, longest).
    """
    chosen = np.zeros((items.shape[0], specification.n_items + 1), dtype=bool)
    np.put_along_axis(chosen, items, True, axis=1)
    chosen = chosen[:, :-1]
    low, high = specification.length
    columns = [_outside(chosen.sum(axis=1).astype(np.float64), float(low), float(high))]
    for each in specification.constraints:
        columns.append(_falls(each, items) if isinstance(each, Order) else _deviation(each, chosen))
    return np.stack(columns, axis=1)


@singledispatch
def _deviation(constraint: Constraint, chosen: BoolArray) -> FloatArray:
    """How far each test is off, shape (n,)."""
    return np.array([_largest(constraint, test) for test in chosen])


@_deviation.register
def _(constraint: Bound, chosen: BoolArray) -> FloatArray:
    scale = largest_size(constraint.coefficients)
    return _outside(chosen @ constraint.coefficients, constraint.low, constraint.high, scale)


@_deviation.register
def _(constraint: Quota, chosen: BoolArray) -> FloatArray:
    low, high = constraint.ends(chosen.sum(axis=1))
    return _outside((chosen & constraint.where).sum(axis=1).astype(np.float64), low, high)


@_deviation.register
def _(constraint: Family, chosen: BoolArray) -> FloatArray:
    return _outside(chosen[:, constraint.items].sum(axis=1), -np.inf, float(constraint.most))


@_deviation.register
def _(constraint: Include, chosen: BoolArray) -> FloatArray:
    items = np.unique(constraint.items)
    return _outside(chosen[:, items].sum(axis=1), float(items.size), np.inf)


@_deviation.register
def _(constraint: Exclude, chosen: BoolArray) -> FloatArray:
    return _outside(chosen[:, constraint.items].sum(axis=1), -np.inf, 0.0)


def _falls(constraint: Order, items: IntArray) -> FloatArray:
    return np.array([_off(constraint.measured_in(row[row >= 0])) for row in items])


def _largest(constraint: Constraint, test: BoolArray) -> float:
    return max((_off(measure) for measure in constraint.measures(test)), key=abs, default=0.0)


def _off(measure: Measure) -> float:
    if isnan(measure.value) or measure.holds:
        return 0.0
    beyond = measure.value - measure.high
    return beyond if beyond > 0 else measure.value - measure.low


def _outside(
    values: np.ndarray, low: FloatArray | float, high: FloatArray | float, scale: float = 1.0
) -> FloatArray:
    off = np.where(values > high, values - high, np.minimum(values - low, 0.0))
    kept: FloatArray = np.where(np.abs(off) <= TOLERANCE * scale, 0.0, off)
    return kept
