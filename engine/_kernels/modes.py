"""`engine.ability.modes` for many patterns, compiled: the same nodes, polynomials and steps.

Weights that depend on the items given (Jeffreys', Warm's) are summed up only where they can matter:
between two nodes such a weight rises by no more than that of some single item, and where that does
not make up for a lower likelihood, the largest value cannot be.
"""

from __future__ import annotations

import math

import numpy as np

from engine._kernels.compiler import entry, inner, summing
from engine._kernels.groups import find_rows, readable
from engine._kernels.lanes import LANES
from engine._kernels.mode_curves import FOUR, JEFFREYS, KINDS, STRAIGHT, WARM, WINDOW, Curves, Room
from engine._kernels.threads import on_threads
from engine.ability.eap import LEAST_INFORMATION
from engine.ability.equations import UNKNOWN, Equation
from engine.ability.interpolation import REACH, Tables
from engine.ability.modes import CLOSE, MOST_STEPS
from engine.ability.patterns import Answers, Patterns
from engine.arrays import FloatArray, IntArray
from engine.posterior import Score


def understood(equation: Equation, tables: Tables) -> bool:
    """Whether the compiled loop knows the equation and polynomials are accurate between nodes."""
    return tables.accurate and type(equation) in KINDS


def modes(
    patterns: Patterns, equation: Equation, tables: Tables, threads: int | None = None
) -> Score:
    """Return estimates and standard errors, as `engine.ability.modes.mode`."""
    curves = Curves.of(patterns, equation, tables)
    theta, se = np.empty((2, len(patterns)))

    def work(first: int, beyond: int) -> None:
        share = slice(first, beyond)
        answers = readable(patterns.answers[share])
        estimate_all(curves, answers, Room.clear(curves), theta[share], se[share])

    on_threads(work, len(patterns), threads)
    return Score(theta=theta, se=se)


@entry
def estimate_all(
    curves: Curves, answers: Answers, room: Room, theta: FloatArray, se: FloatArray
) -> None:
    """Estimate all the patterns in `answers`."""
    _copy(room.information, curves.all_information)
    _copy(room.warm, curves.all_warm)
    for who in range(answers.shape[0]):
        find_rows(curves.groups, answers, who, room.digits, room.rows)
        for place in range(room.rows.size):
            room.given[place] = curves.given[room.rows[place]]
        _add_up(room.likelihood, curves.likelihood, room.rows, 0)
        if curves.complete or curves.kind == STRAIGHT:
            node = _best(curves, room)
        else:
            node = _best_by_own_weight(curves, room)
        _interpolate(room.likelihood_terms, room.likelihood, node, curves.basis)
        _interpolate(room.information_terms, room.information, node, curves.basis)
        if curves.kind == WARM:
            _interpolate(room.warm_terms, room.warm, node, curves.basis)
        theta[who] = _refined(curves, room, node)
        se[who] = _standard_error(curves, room, node, theta[who])
        if not curves.peaked and _nothing_given(answers[who]):
            theta[who] = se[who] = np.nan


@inner
def _best(curves: Curves, room: Room) -> int:
    """The node to begin with, where all candidates' weights are the same."""
    n_nodes = curves.nodes.size
    for node in range(n_nodes):
        room.values[node] = room.likelihood[node] + curves.weight[node]
    node = REACH + _best_node(room.values[REACH : n_nodes - REACH], curves.single)
    if not curves.complete:
        begin, beyond = _span(node, node, room)
        _add_up(room.information[begin:beyond], curves.information, room.given, begin)
    return node


@inner
def _best_by_own_weight(curves: Curves, room: Room) -> int:
    """The node to begin with, by the weight of the items that the candidate was given."""
    first, last = _where_it_may_be(curves, room.likelihood)
    begin, beyond = _span(first, last, room)
    _add_up(room.information[begin:beyond], curves.information, room.given, begin)
    if curves.kind == JEFFREYS:
        _weigh_by_jeffreys(first, last, room)
    else:
        _add_up(room.warm[begin:beyond], curves.warm, room.given, begin)
        _weigh_by_warm(first, last, curves.nodes[1] - curves.nodes[0], room)
    return first + _best_node(room.values[first : last + 1], False)


@inner
def _where_it_may_be(curves: Curves, likelihood: FloatArray) -> tuple[int, int]:
    """The first and last node whose likelihood some weight could lift above that of all others."""
    first, last = REACH, curves.nodes.size - REACH
    values, least, most = likelihood[first:last], curves.least[first:last], curves.most[first:last]
    peak = _best_node(values, True)
    floor = values[peak] - curves.margin
    lowest, highest = floor + least[peak], floor + most[peak]
    below, above = peak, peak
    for node in range(values.size):
        below = min(below, node if values[node] + least[node] >= lowest else peak)
        above = max(above, node if values[node] + most[node] >= highest else peak)
    return first + below, first + above


@inner
def _span(first: int, last: int, room: Room) -> tuple[int, int]:
    """From where to where to add up, in whole lanes, for polynomials around nodes."""
    width = room.information.size
    size = -(-(last - first + WINDOW) // LANES) * LANES
    begin = min(first - REACH, width - size)
    return begin, begin + size


@inner
def _weigh_by_jeffreys(first: int, last: int, room: Room) -> None:
    """Add `equations.Jeffreys.weight` at some nodes."""
    for node in range(first, last + 1):
        weight = 0.5 * math.log(max(room.information[node], LEAST_INFORMATION))
        room.values[node] = room.likelihood[node] + weight


@inner
def _weigh_by_warm(first: int, last: int, step: float, room: Room) -> None:
    """Add `equations.Warm.weight`, but for a constant, at some nodes."""
    f, weight = room.slope, 0.0
    for node in range(first - 2, last + 2):
        f[node] = _ratio(room.warm[node], 2.0 * room.information[node])
    room.values[first] = room.likelihood[first]
    for node in range(first + 1, last + 1):
        weight += step / 24.0 * (13.0 * (f[node - 1] + f[node]) - f[node - 2] - f[node + 1])
        room.values[node] = room.likelihood[node] + weight


@inner
def _best_node(values: FloatArray, single: bool) -> int:
    """As `engine.ability.modes.best_node`, for the values between the bounds."""
    last = values.size - 1
    rises, turns = _rises_and_turns(values)
    if turns == 0:
        return rises
    best = 0
    for node in range(1, last + 1):
        if values[node] > values[best]:
            best = node
    if single:
        return best
    highest, top = best, -np.inf
    for node in range(1, last):
        left, middle, right = values[node - 1], values[node], values[node + 1]
        if middle >= left and middle >= right:
            bend = left + right - 2.0 * middle
            height = middle - ((right - left) ** 2 / bend / 8.0 if bend < 0.0 else 0.0)
            if height > top:
                highest, top = node, height
    return highest if top >= max(values[0], values[last]) else best


@inner
def _rises_and_turns(values: FloatArray) -> tuple[int, int]:
    """How often values do not fall from one to the next, and how often they stop falling."""
    rises, turns = 0, 0
    for node in range(values.size - 1):
        rises += 1 if values[node + 1] >= values[node] else 0
    for node in range(values.size - 2):
        falls, falls_on = values[node + 1] < values[node], values[node + 2] < values[node + 1]
        turns += 1 if falls and not falls_on else 0
    return rises, turns


@inner
def _refined(curves: Curves, room: Room, node: int) -> float:
    """As `engine.ability.modes.refined`."""
    nodes = curves.nodes
    theta = float(nodes[node])
    lo, hi = nodes[max(node - 1, REACH)], nodes[min(node + 1, nodes.size - REACH - 1)]
    for _ in range(MOST_STEPS):
        slope, bend = _slope_and_bend(curves, room, node, theta)
        if slope >= 0.0:
            lo = theta
        if slope <= 0.0:
            hi = theta
        moved = theta - slope / bend if bend < 0.0 else np.inf
        if not lo <= moved <= hi:
            moved = 0.5 * (lo + hi)
        near = abs(moved - theta) <= CLOSE * (1.0 + abs(moved))
        theta = moved
        if near:
            break
    return theta


@inner
def _slope_and_bend(curves: Curves, room: Room, node: int, theta: float) -> tuple[float, float]:
    """First and second derivative of what is to be largest."""
    step = curves.nodes[1] - curves.nodes[0]
    t = (theta - curves.nodes[node]) / step
    _, first, second = _at(room.likelihood_terms, t)
    slope, bend = first / step, second / (step * step)
    if curves.kind == STRAIGHT:
        return slope + curves.level - curves.fall * theta, bend - curves.fall
    value, first, second = _at(room.information_terms, t)
    value, first, second = max(value, 0.0), first / step, second / (step * step)
    if curves.kind == JEFFREYS:
        ratio = _ratio(first, value)
        slope += _ratio(first, 2.0 * value)
        return slope, bend + 0.5 * (_ratio(second, value) - ratio * ratio)
    warm, rise, _ = _at(room.warm_terms, t)
    slope += _ratio(warm, 2.0 * value)
    fall = _ratio(warm, value) * _ratio(first, value)
    return slope, bend + 0.5 * (_ratio(rise / step, value) - fall)


@inner
def _standard_error(curves: Curves, room: Room, node: int, theta: float) -> float:
    """1 / sqrt of the equation's precision, NaN where that is not finite."""
    step = curves.nodes[1] - curves.nodes[0]
    value, first, second = _at(room.information_terms, (theta - curves.nodes[node]) / step)
    precision = max(value, 0.0) + curves.fall
    if curves.kind == JEFFREYS:
        ratio = _ratio(first / step, max(value, 0.0))
        precision -= 0.5 * (_ratio(second / (step * step), max(value, 0.0)) - ratio * ratio)
    if not precision > 0.0:
        return np.nan
    error = 1.0 / math.sqrt(precision)
    return error if error < np.inf else np.nan


@summing
def _interpolate(terms: FloatArray, curve: FloatArray, node: int, basis: FloatArray) -> None:
    """Coefficients of the polynomial around a node in units of the step."""
    middle, around = curve[node], curve[node - REACH :]
    for term in range(terms.size):
        total = 0.0
        for place in range(WINDOW):
            total += (around[place] - middle) * basis[place, term]
        terms[term] = total
    terms[0] = middle


@inner
def _at(terms: FloatArray, t: float) -> tuple[float, float, float]:
    """A polynomial and its first two derivatives."""
    value, first, second = 0.0, 0.0, 0.0
    for term in range(WINDOW - 1, -1, -1):
        second = second * t + first
        first = first * t + value
        value = value * t + terms[term]
    return value, first, 2.0 * second


@inner
def _ratio(above: float, below: float) -> float:
    return above / below if below > UNKNOWN else 0.0


@inner
def _nothing_given(row: Answers) -> bool:
    n_given = 0
    for item in range(row.size):
        n_given += 1 if row[item] >= 0 else 0
    return n_given == 0


@inner
def _add_up(curve: FloatArray, table: FloatArray, rows: IntArray, begin: int) -> None:
    """Fill a curve with the sum of some rows from a node on."""
    for node in range(curve.size):
        curve[node] = 0.0
    for place in range(0, rows.size, FOUR):
        _add_four(curve, table, rows[place:], begin)


@summing
def _add_four(curve: FloatArray, table: FloatArray, rows: IntArray, begin: int) -> None:
    one, two = table[rows[0]][begin:], table[rows[1]][begin:]
    three, four = table[rows[2]][begin:], table[rows[3]][begin:]
    for node in range(curve.size):
        curve[node] += (one[node] + two[node]) + (three[node] + four[node])


@inner
def _copy(curve: FloatArray, other: FloatArray) -> None:
    for node in range(other.size):
        curve[node] = other[node]
