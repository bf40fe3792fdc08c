"""The item that `engine.adaptive.next_item` would choose, found without looking at all of them.

Values are compared as in `engine.selection.choose`: to 9 decimals, ties to the first in the file.
The estimate differs from numpy's in its last bits, by no more than `slack`. Where that could tip
the choice, because two different items lie within a rounding of each other and one of them at the
edge of a rounding, the choice is called unsure, and the caller leaves the candidate to numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine import rounding
from engine._kernels.compiler import inner, seldom
from engine._kernels.curves import information
from engine._kernels.plan import Content, Items, Plan
from engine.arrays import FloatArray, IntArray
from engine.information_index import HAIR, PlaceArray

SCALE = 10.0**rounding.DECIMALS
ROUNDING = 1.0 / SCALE
LAST_BITS = 1e-14
"""Relative difference of two evaluations of the same formula at the same ability."""

Flags = NDArray[np.bool_]


@inner
def choose(
    plan: Plan,
    theta: float,
    slack: float,
    u: float,
    given: Flags,
    in_unit: IntArray,
    n_given: int,
    best: IntArray,
    worth: FloatArray,
) -> tuple[int, bool]:
    """Return the item, and whether numpy is certain to choose it too.

    Parameters
    ----------
    given, in_unit
        Which items were given, shape (n_items,), and how many of each unit, shape (n_units,).
    best, worth
        Room for the best items and their values, of `among` or more.
    """
    unit = _due(plan.content, in_unit, n_given)
    rank = int(u * min(plan.content.size[unit] - in_unit[unit], plan.rules.among))
    shelves = plan.shelves
    row = int((theta - shelves.lo) * shelves.cells_per_theta)
    row = max(0, min(row, shelves.order.shape[0] - 1))
    start, stop = shelves.first[unit], shelves.first[unit + 1]
    line, left = shelves.order[row, start:stop], rank
    for place in range(line.size):
        left -= int(not given[line[place]])
        if left < 0:
            if plan.items.steepest * slack > HAIR / 2.0:
                break
            if shelves.alone[row, start + place]:
                return int(line[place]), True
            return _compare(plan, unit, row, start + place, rank, theta, slack, given, best, worth)
    return _choose_of_all(plan, unit, rank, theta, slack, given, best, worth)


@inner
def _compare(
    plan: Plan,
    unit: int,
    row: int,
    place: int,
    rank: int,
    theta: float,
    slack: float,
    given: Flags,
    best: IntArray,
    worth: FloatArray,
) -> tuple[int, bool]:
    """As `choose`, where items have to be evaluated: those about a place in the index."""
    shelves = plan.shelves
    order, bound = shelves.order, shelves.bound
    start, stop, beyond = shelves.first[unit], shelves.first[unit + 1], shelves.beyond[row, unit]
    # An item that keeps its rank, and all before it, are better than those behind.
    whole, rank = rank, 0
    while place > start and not shelves.alone[row, place - 1]:
        place -= 1
        rank += int(not given[order[row, place]])
    found, passed = _search(
        plan.items, order, bound, row, place, stop, beyond, theta, slack, given, rank, best, worth
    )
    if not found:
        return _choose_of_all(plan, unit, whole, theta, slack, given, best, worth)
    item, value = best[rank], worth[rank]
    if not _near(plan.items, value, slack, passed, rank, worth):
        return item, True
    return item, _sure(plan.items, order, bound, row, place, stop, theta, slack, given, item, value)


@seldom
def _choose_of_all(
    plan: Plan,
    unit: int,
    rank: int,
    theta: float,
    slack: float,
    given: Flags,
    best: IntArray,
    worth: FloatArray,
) -> tuple[int, bool]:
    """As `choose`, where the index does not reach far enough: from all items of the unit."""
    order, bound = plan.content.members, plan.shelves.no_bound
    start, stop = plan.content.first_member[unit], plan.content.first_member[unit + 1]
    _search(plan.items, order, bound, 0, start, stop, -1.0, theta, slack, given, rank, best, worth)
    item, value = best[rank], worth[rank]
    return item, _sure(plan.items, order, bound, 0, start, stop, theta, slack, given, item, value)


@inner
def _near(
    items: Items, value: float, slack: float, passed: float, rank: int, worth: FloatArray
) -> bool:
    """Whether an item that was passed over, or is better, has nearly the chosen one's value."""
    least = _floor(items, value, slack)
    near = passed >= least
    for place in range(rank):
        near = near or worth[place] <= value + (value - least)
    return near


@inner
def _due(content: Content, in_unit: IntArray, n_given: int) -> int:
    """The unit furthest behind its share, as `engine.content.ContentTargets.due`."""
    due, most = 0, -np.inf
    if content.share.size == 1:
        return 0
    for unit in range(content.share.size):
        deficit = content.share[unit] * (n_given + 1.0) - in_unit[unit]
        deficit = np.rint(deficit * SCALE) / SCALE
        if content.size[unit] > in_unit[unit] and deficit > most:
            due, most = unit, deficit
    return due


@inner
def _search(
    items: Items,
    order: PlaceArray,
    bound: FloatArray,
    row: int,
    start: int,
    stop: int,
    beyond: float,
    theta: float,
    slack: float,
    given: Flags,
    rank: int,
    best: IntArray,
    worth: FloatArray,
) -> tuple[bool, float]:
    """Fill `best` and `worth` up to `rank`; say whether they are the best, and what was passed over.

    What was passed over is the largest value of an item that is not among them.
    """
    filled = 0
    passed = -1.0
    for place in range(start, stop):
        item = order[row, place]
        if given[item]:
            continue
        if filled > rank and bound[row, place] < _floor(items, worth[rank], slack):
            return True, passed
        value = information(items.a[item], items.b[item], items.c[item], items.d[item], theta)
        if filled > rank:
            if not _better(value, item, worth[rank], best[rank]):
                passed = max(passed, value)
                continue
            passed = max(passed, worth[rank])
        else:
            filled += 1
        slot = filled - 1
        while slot > 0 and _better(value, item, worth[slot - 1], best[slot - 1]):
            best[slot], worth[slot] = best[slot - 1], worth[slot - 1]
            slot -= 1
        best[slot], worth[slot] = item, value
    if filled <= rank:
        return False, passed
    return beyond < _floor(items, worth[rank], slack), passed


@inner
def _better(value: float, item: int, other_value: float, other_item: int) -> bool:
    ours, theirs = np.rint(value * SCALE), np.rint(other_value * SCALE)
    return ours > theirs or (ours == theirs and item < other_item)


@inner
def _floor(items: Items, value: float, slack: float) -> float:
    """An item whose value is below this is worse than one of this value, whatever the last bits."""
    return value - 2.0 * (ROUNDING + 2.0 * _doubt(items, value, slack))


@inner
def _doubt(items: Items, value: float, slack: float) -> float:
    """How far numpy's value may be from this one, at an estimate that is `slack` away."""
    return value * (items.steepest * slack + LAST_BITS)


@seldom
def _sure(
    items: Items,
    order: PlaceArray,
    bound: FloatArray,
    row: int,
    start: int,
    stop: int,
    theta: float,
    slack: float,
    given: Flags,
    chosen: int,
    chosen_value: float,
) -> bool:
    """Whether no item of other parameters could change places with the chosen one."""
    edge = _at_an_edge(chosen_value, _doubt(items, chosen_value, slack))
    least = _floor(items, chosen_value, slack)
    for place in range(start, stop):
        if bound[row, place] < least:
            return True
        item = order[row, place]
        if given[item] or items.twin[item] == items.twin[chosen]:
            continue
        value = information(items.a[item], items.b[item], items.c[item], items.d[item], theta)
        doubt = _doubt(items, value, slack)
        near = abs(value - chosen_value) <= chosen_value - least + 2.0 * doubt
        if near and (edge or _at_an_edge(value, doubt)):
            return False
    return True


@inner
def _at_an_edge(value: float, doubt: float) -> bool:
    """Whether a value so uncertain could be rounded up or down."""
    return bool(np.rint((value - doubt) * SCALE) != np.rint((value + doubt) * SCALE))
