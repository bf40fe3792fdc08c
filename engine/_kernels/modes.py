"""`engine.ability.modes` for many patterns, compiled: the same nodes, polynomials and steps."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from engine._kernels.compiler import entry, inner, summing
from engine._kernels.groups import Groups, find_rows, readable
from engine._kernels.threads import on_threads
from engine.ability.eap import LEAST_INFORMATION
from engine.ability.equations import UNKNOWN, Equation, Jeffreys, Likelihood, LogPrior, Warm
from engine.ability.interpolation import REACH, NodeSums, Tables, lagrange_basis
from engine.ability.modes import CLOSE, MOST_STEPS
from engine.ability.patterns import Answers, Patterns
from engine.arrays import FloatArray, IntArray, frozen
from engine.posterior import Score

STRAIGHT, JEFFREYS, WARM = 0, 1, 2
KINDS: dict[type, int] = {
    Likelihood: STRAIGHT,
    LogPrior: STRAIGHT,
    Jeffreys: JEFFREYS,
    Warm: WARM,
}
"""What is added to the likelihood: a function with a straight slope, or one of the information."""

WINDOW = 2 * REACH + 1


class Curves(NamedTuple):
    """Sums for each row of the groups at the nodes, and what is the same for all candidates.

    `likelihood`, `information`, `warm` (n_rows, n_nodes). `weight`, `all_information`, `all_warm`
    (n_nodes,) are of whoever was given all items. The slope of a straight weight is `level` -
    `fall` * theta.
    """

    groups: Groups
    likelihood: FloatArray
    information: FloatArray
    warm: FloatArray
    weight: FloatArray
    all_information: FloatArray
    all_warm: FloatArray
    nodes: FloatArray
    basis: FloatArray
    kind: int
    level: float
    fall: float
    complete: bool
    single: bool
    peaked: bool


class Room(NamedTuple):
    """Room to work in, of one thread: curves (n_nodes,) and polynomials (`WINDOW`,).

    `values` is the likelihood with the weight added; `digits` (n_items,) and `rows` (n_groups,) are
    of the groups.
    """

    digits: IntArray
    rows: IntArray

    likelihood: FloatArray
    information: FloatArray
    warm: FloatArray
    weight: FloatArray
    values: FloatArray
    likelihood_terms: FloatArray
    information_terms: FloatArray
    warm_terms: FloatArray

    @classmethod
    def clear(cls, curves: Curves) -> Room:
        """Return new room."""
        n_items, n_groups = curves.groups.stride.size, len(curves.groups)
        return cls(
            np.zeros(n_items, dtype=np.int64),
            np.zeros(n_groups, dtype=np.int64),
            *np.zeros((5, curves.nodes.size)),
            *np.zeros((3, WINDOW)),
        )


def understood(equation: Equation, tables: Tables) -> bool:
    """Whether the compiled loop knows the equation and polynomials are accurate between nodes."""
    return tables.accurate and type(equation) in KINDS


def modes(
    patterns: Patterns, equation: Equation, tables: Tables, threads: int | None = None
) -> Score:
    """Return estimates and standard errors, as `engine.ability.modes.mode`."""
    curves = _curves(patterns, equation, tables)
    theta, se = np.empty((2, len(patterns)))

    def work(first: int, beyond: int) -> None:
        share = slice(first, beyond)
        answers = readable(patterns.answers[share])
        estimate_all(curves, answers, Room.clear(curves), theta[share], se[share])

    on_threads(work, len(patterns), threads)
    return Score(theta=theta, se=se)


def _curves(patterns: Patterns, equation: Equation, tables: Tables) -> Curves:
    n_items, n_nodes = len(patterns.pool), tables.nodes.size
    groups = Groups.of(patterns.pool.n_categories, patterns.omitted)
    flat = tables.log_probability.reshape(-1, n_items, n_nodes)
    logs = np.moveaxis(flat, 0, 1)
    everything = NodeSums(tables, np.zeros((1, n_items), dtype=np.int64))
    kind = KINDS[type(equation)]
    prior = equation.prior if isinstance(equation, LogPrior) else None
    complete = not patterns.omitted.any()

    def of_items(table: FloatArray, needed: bool) -> FloatArray:
        """Sums of what depends on the item alone; only who lacks answers needs them."""
        if not needed or complete:
            return frozen(np.zeros((1, n_nodes)))
        return frozen(groups.sums(np.broadcast_to(table[:, None, :], logs.shape)))

    return Curves(
        groups=groups,
        likelihood=frozen(groups.sums(logs)),
        information=of_items(tables.information, True),
        warm=of_items(tables.warm, kind == WARM),
        weight=frozen(np.broadcast_to(equation.weight(everything)[0], n_nodes).copy()),
        all_information=frozen(everything.information[0].copy()),
        all_warm=frozen(everything.warm[0].copy()),
        nodes=frozen(tables.nodes.view()),
        basis=lagrange_basis(),
        kind=kind,
        level=0.0 if prior is None else float(prior.log_slope(np.zeros(1))[0]),
        fall=0.0 if prior is None else prior.precision,
        complete=complete,
        single=tables.concave and equation.concave,
        peaked=equation.peaked,
    )


@entry
def estimate_all(
    curves: Curves, answers: Answers, room: Room, theta: FloatArray, se: FloatArray
) -> None:
    """Estimate all the patterns in `answers`."""
    _copy(room.weight, curves.weight)
    _copy(room.information, curves.all_information)
    _copy(room.warm, curves.all_warm)
    for who in range(answers.shape[0]):
        n_given = _add_up(curves, answers, who, room)
        node = _best_node(room.values, curves.single)
        if curves.kind == STRAIGHT and not curves.complete:
            _add_up_around(node, curves, room)
        _interpolate(room.likelihood_terms, room.likelihood, node, curves.basis)
        _interpolate(room.information_terms, room.information, node, curves.basis)
        if curves.kind == WARM:
            _interpolate(room.warm_terms, room.warm, node, curves.basis)
        theta[who] = _refined(curves, room, node)
        se[who] = _standard_error(curves, room, node, theta[who])
        if n_given == 0 and not curves.peaked:
            theta[who] = se[who] = np.nan


@inner
def _add_up(curves: Curves, answers: Answers, who: int, room: Room) -> int:
    """Fill the room with a candidate's curves; return how many answers there are."""
    find_rows(curves.groups, answers, who, room.digits, room.rows)
    _clear(room.likelihood)
    for row in room.rows:
        _add(room.likelihood, curves.likelihood[row])
    n_given = 0
    for item in range(answers.shape[1]):
        n_given += 1 if answers[who, item] >= 0 else 0
    if curves.kind != STRAIGHT and not curves.complete:
        _clear(room.information)
        _clear(room.warm)
        for row in room.rows:
            _add(room.information, curves.information[row])
            if curves.kind == WARM:
                _add(room.warm, curves.warm[row])
        _weigh(curves, room)
    _copy(room.values, room.likelihood)
    _add(room.values, room.weight)
    return n_given


@inner
def _add_up_around(node: int, curves: Curves, room: Room) -> None:
    """Fill in the candidate's information as far as the polynomial reaches."""
    places = slice(node - REACH, node + REACH + 1)
    _clear(room.information[places])
    for row in room.rows:
        _add(room.information[places], curves.information[row, places])


@inner
def _weigh(curves: Curves, room: Room) -> None:
    """The weight of the candidate's own items: `equations.Jeffreys.weight`, `Warm.weight`."""
    if curves.kind == JEFFREYS:
        for node in range(room.weight.size):
            room.weight[node] = 0.5 * math.log(max(room.information[node], LEAST_INFORMATION))
        return
    for node in range(room.warm.size):
        room.values[node] = _ratio(room.warm[node], 2.0 * room.information[node])
    f, total = room.values, 0.0
    share = (curves.nodes[1] - curves.nodes[0]) / 24.0
    room.weight[0] = room.weight[1] = 0.0
    for node in range(2, f.size):
        if node < f.size - 1:
            total += share * (13.0 * (f[node - 1] + f[node]) - f[node - 2] - f[node + 1])
        room.weight[node] = total


@inner
def _best_node(values: FloatArray, single: bool) -> int:
    """As `engine.ability.modes.best_node`, among the nodes between the bounds."""
    last = values.size - REACH - 1
    best, turns, falling = REACH, 0, False
    for node in range(REACH + 1, last + 1):
        if values[node] > values[best]:
            best = node
        falls = values[node] < values[node - 1]
        turns += 1 if falling and not falls else 0
        falling = falls
    if single or turns == 0:
        return best
    highest, top = best, -np.inf
    for node in range(REACH + 1, last):
        left, middle, right = values[node - 1], values[node], values[node + 1]
        if middle >= left and middle >= right:
            bend = left + right - 2.0 * middle
            height = middle - ((right - left) ** 2 / bend / 8.0 if bend < 0.0 else 0.0)
            if height > top:
                highest, top = node, height
    return highest if top >= max(values[REACH], values[last]) else best


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
    middle = curve[node]
    for term in range(WINDOW):
        terms[term] = 0.0
    for place in range(WINDOW):
        value = curve[node + place - REACH] - middle
        for term in range(WINDOW):
            terms[term] += value * basis[place, term]
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


@summing
def _add(curve: FloatArray, row: FloatArray) -> None:
    for node in range(curve.size):
        curve[node] += row[node]


@inner
def _clear(curve: FloatArray) -> None:
    for node in range(curve.size):
        curve[node] = 0.0


@inner
def _copy(curve: FloatArray, other: FloatArray) -> None:
    for node in range(curve.size):
        curve[node] = other[node]
