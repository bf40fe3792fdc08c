"""The item that `engine.adaptive.next_item` would choose, found without looking at all of them.

Values are compared as in `engine.selection.choose`: to 9 decimals, ties to the first in the file.
The estimate differs from numpy's in its last bits, by no more than `slack`. Where that could tip
the choice, because two different items lie within a rounding of each other and one of them at the
edge of a rounding, the choice is called unsure, and the caller leaves the candidate to numpy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine._kernels.compiler import inner, seldom
from engine._kernels.curves import information
from engine._kernels.gate import SCALE, Gate, is_open, rounded
from engine._kernels.plan import Content, Items, Plan
from engine.arrays import FloatArray, IntArray
from engine.information_index import HAIR, PlaceArray

ROUNDING = 1.0 / SCALE
LAST_BITS = 1e-14
"""Relative difference of two evaluations of the same formula at the same ability."""

NO_UNIT = -1

Flags = NDArray[np.bool_]


class Room(NamedTuple):
    """Room for a choice: the best items and their values, (among,), and units without open items."""

    best: IntArray
    worth: FloatArray
    dry: Flags


class Estimate(NamedTuple):
    """A candidate's estimate, and how far numpy's may be from it."""

    theta: float
    slack: float


class Line(NamedTuple):
    """Items to look through, (n_places,), by falling `bound`; `beyond` bounds all that have no place."""

    order: PlaceArray
    bound: FloatArray
    beyond: float


@inner
def choose(
    plan: Plan,
    theta: float,
    slack: float,
    u: float,
    gate: Gate,
    in_unit: IntArray,
    n_given: int,
    room: Room,
) -> tuple[int, bool]:
    """Return the item, and whether numpy is certain to choose it too.

    Parameters
    ----------
    in_unit
        How many items of each unit were given, shape (n_units,).
    """
    shelves = plan.shelves
    row = int((theta - shelves.lo) * shelves.cells_per_theta)
    row = max(0, min(row, shelves.order.shape[0] - 1))
    unit, n_open = _due(plan.content, in_unit, n_given, room.dry), 0
    if gate.admission.size:
        unit, n_open = _due_and_open(plan, row, unit, gate, in_unit, n_given, room.dry)
    if n_open == 0:
        # Nothing is held back, or where nothing else is left, no longer.
        gate = Gate(gate.given, gate.admission[:0], gate.numbers, gate.seed)
        n_open = plan.content.size[unit] - in_unit[unit]
    rank = int(u * min(n_open, plan.rules.among))
    start, stop = shelves.first[unit], shelves.first[unit + 1]
    place = start + _place(shelves.order[row, start:stop], rank, gate)
    at = Estimate(theta, slack)
    if place == stop or plan.items.steepest * slack > HAIR / 2.0:
        return _choose_of_all(plan, unit, rank, at, gate, room)
    if shelves.alone[row, place]:
        return int(shelves.order[row, place]), True
    return _compare(plan, unit, row, place, rank, at, gate, room)


@inner
def _place(line: PlaceArray, rank: int, gate: Gate) -> int:
    """Where so many open items stand before; the length of the line where nowhere."""
    left = rank
    if gate.admission.size == 0:
        for place in range(line.size):
            left -= int(not gate.given[line[place]])
            if left < 0:
                return place
        return line.size
    for place in range(line.size):
        left -= int(is_open(gate, line[place]))
        if left < 0:
            return place
    return line.size


@inner
def _due_and_open(
    plan: Plan,
    row: int,
    unit: int,
    gate: Gate,
    in_unit: IntArray,
    n_given: int,
    dry: Flags,
) -> tuple[int, int]:
    """The first of the units, as they are due, that has open items, and how many of interest.

    Where none has any, the unit that is due and 0.
    """
    due, n_open = unit, 0
    while unit != NO_UNIT:
        n_open = _n_open(plan, row, unit, gate)
        if n_open:
            break
        dry[unit] = True
        unit = _due(plan.content, in_unit, n_given, dry)
    for other in range(dry.size):
        dry[other] = False
    return (unit if n_open else due), n_open


@inner
def _n_open(plan: Plan, row: int, unit: int, gate: Gate) -> int:
    """How many items of a unit are open, counted no further than some may be drawn from."""
    most, shelves, content = plan.rules.among, plan.shelves, plan.content
    line = shelves.order[row, shelves.first[unit] : shelves.first[unit + 1]]
    n_open = 0
    for place in range(line.size):
        n_open += int(is_open(gate, line[place]))
        if n_open == most:
            return n_open
    if line.size == content.size[unit]:
        return n_open
    n_open = 0
    for place in range(content.first_member[unit], content.first_member[unit + 1]):
        n_open += int(is_open(gate, content.members[0, place]))
    return n_open


@inner
def _compare(
    plan: Plan,
    unit: int,
    row: int,
    place: int,
    rank: int,
    at: Estimate,
    gate: Gate,
    room: Room,
) -> tuple[int, bool]:
    """As `choose`, where items have to be evaluated: those about a place in the index."""
    shelves = plan.shelves
    # An item that keeps its rank, and all before it, are better than those behind.
    whole, rank = rank, 0
    while place > shelves.first[unit] and not shelves.alone[row, place - 1]:
        place -= 1
        rank += int(is_open(gate, shelves.order[row, place]))
    stop, beyond = shelves.first[unit + 1], shelves.beyond[row, unit]
    line = Line(shelves.order[row, place:stop], shelves.bound[row, place:stop], beyond)
    found, passed = _search(plan.items, line, at, gate, rank, room)
    if not found:
        return _choose_of_all(plan, unit, whole, at, gate, room)
    item, value = room.best[rank], room.worth[rank]
    if not _near(plan.items, value, at.slack, passed, rank, room.worth):
        return item, True
    return item, _sure(plan.items, line, at, gate, item, value)


@seldom
def _choose_of_all(
    plan: Plan, unit: int, rank: int, at: Estimate, gate: Gate, room: Room
) -> tuple[int, bool]:
    """As `choose`, where the index does not reach far enough: from all items of the unit."""
    start, stop = plan.content.first_member[unit], plan.content.first_member[unit + 1]
    no_bound = plan.shelves.no_bound[0, : stop - start]
    line = Line(plan.content.members[0, start:stop], no_bound, -1.0)
    _search(plan.items, line, at, gate, rank, room)
    item, value = room.best[rank], room.worth[rank]
    return item, _sure(plan.items, line, at, gate, item, value)


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
def _due(content: Content, in_unit: IntArray, n_given: int, dry: Flags) -> int:
    """The unit furthest behind its share, as `engine.content.ContentTargets.due`.

    Of those that have items left and are not noted as dry; `NO_UNIT` where there is none.
    """
    if content.share.size == 1:
        return NO_UNIT if dry[0] else 0
    due, most = NO_UNIT, -np.inf
    for unit in range(content.share.size):
        deficit = rounded(content.share[unit] * (n_given + 1.0) - in_unit[unit])
        if content.size[unit] > in_unit[unit] and not dry[unit] and deficit > most:
            due, most = unit, deficit
    return due


@inner
def _search(
    items: Items, line: Line, at: Estimate, gate: Gate, rank: int, room: Room
) -> tuple[bool, float]:
    """Fill `room` up to `rank`; say whether they are the best, and what was passed over.

    What was passed over is the largest value of an item that is not among them.
    """
    best, worth = room.best, room.worth
    filled = 0
    passed = -1.0
    for place in range(line.order.size):
        item = line.order[place]
        if not is_open(gate, item):
            continue
        if filled > rank and line.bound[place] < _floor(items, worth[rank], at.slack):
            return True, passed
        value = information(items.a[item], items.b[item], items.c[item], items.d[item], at.theta)
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
    return line.beyond < _floor(items, worth[rank], at.slack), passed


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
    items: Items, line: Line, at: Estimate, gate: Gate, chosen: int, chosen_value: float
) -> bool:
    """Whether no item of other parameters could change places with the chosen one."""
    edge = _at_an_edge(chosen_value, _doubt(items, chosen_value, at.slack))
    least = _floor(items, chosen_value, at.slack)
    for place in range(line.order.size):
        if line.bound[place] < least:
            return True
        item = line.order[place]
        if not is_open(gate, item) or items.twin[item] == items.twin[chosen]:
            continue
        value = information(items.a[item], items.b[item], items.c[item], items.d[item], at.theta)
        doubt = _doubt(items, value, at.slack)
        near = abs(value - chosen_value) <= chosen_value - least + 2.0 * doubt
        if near and (edge or _at_an_edge(value, doubt)):
            return False
    return True


@inner
def _at_an_edge(value: float, doubt: float) -> bool:
    """Whether a value so uncertain could be rounded up or down."""
    return bool(np.rint((value - doubt) * SCALE) != np.rint((value + doubt) * SCALE))
