"""The one loop that climbs, for all models: start, step, report, stop.

A quasi-Newton method with limited memory (L-BFGS; Liu & Nocedal, 1989) in the metric of the
complete-data information. Its first step is a step of EM gradient (Lange, 1995); what is missing
between complete and observed information is learned from the steps taken. No step that would lose
likelihood is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, isfinite

import numpy as np

from calibration.estimation.metric import Metric
from calibration.estimation.target import Evaluation, Target
from engine.arrays import FloatArray

MEMORY = 20
"""How many of the last steps are remembered."""

LONGEST = 1.5
"""No working parameter moves farther in one step; a slope of 1 does not become negative at once."""

SUFFICIENT = 1e-4
"""Share of the gain that the slope promises which a step must bring (Armijo, 1966)."""

ROUNDING = 4e-15
"""Relative error of a log-likelihood: differences below it are none."""

SHORTEST = 1e-6
"""A step shortened to this brings nothing more."""

RENEWED = 5
"""The metric is computed anew after as many steps."""

Progress = Callable[[int, float, float], None]
"""Called with the number of steps, the log-likelihood and the distance yet to go."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Where the climb is.

    Attributes
    ----------
    pairs
        The last steps, each with the change of the gradient that it made, its sign turned.
    direction
        The next step, if the quadratic model that `pairs` and `metric` make up is right.
    distance
        Its longest component in standard errors.
    gain
        The gain in the log-posterior that it promises.
    stuck
        Whether no step along it gains anything.
    """

    at: Evaluation
    metric: Metric
    pairs: tuple[tuple[FloatArray, FloatArray], ...]
    direction: FloatArray
    distance: float
    gain: float
    iteration: int = 0
    stuck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Close enough: in standard errors, and in the log-likelihood."""

    distance: float
    gain: float


def climb(
    target: Target,
    z: FloatArray,
    tolerance: Tolerance,
    max_iterations: int,
    progress: Progress | None = None,
) -> State:
    """Climb from z until close enough, stuck, or out of steps; return the last state."""
    state = start(target, z)
    report(state, progress)
    while not finished(state, tolerance) and state.iteration < max_iterations:
        state = step(target, state)
        report(state, progress)
    return state


def start(target: Target, z: FloatArray) -> State:
    """Evaluate the target at z and look ahead."""
    at = target.evaluate(z)
    return _ahead(
        target,
        State(at=at, metric=target.metric(at), pairs=(), direction=z, distance=inf, gain=inf),
    )


def step(target: Target, state: State) -> State:
    """Take one step that gains; without one, forget the past, and then be stuck."""
    found = _search(target, state)
    if found is None:
        if not state.pairs:
            return replace(state, stuck=True, iteration=state.iteration + 1)
        fresh = replace(
            state, pairs=(), metric=target.metric(state.at), iteration=state.iteration + 1
        )
        return _ahead(target, fresh)
    pair = found.z - state.at.z, state.at.gradient - found.gradient
    pairs = state.pairs
    if pair[0] @ pair[1] > 1e-10 * (pair[1] @ state.metric.solve(pair[1])):
        pairs = (*pairs, pair)[-MEMORY:]
    iteration = state.iteration + 1
    metric = state.metric if iteration % RENEWED else target.metric(found)
    return _ahead(target, replace(state, at=found, metric=metric, pairs=pairs, iteration=iteration))


def report(state: State, progress: Progress | None) -> None:
    """Tell whoever wants to know where the climb is."""
    if progress is not None:
        progress(state.iteration, state.at.sums.log_likelihood, state.distance)


def finished(state: State, tolerance: Tolerance) -> bool:
    """Whether the loop should stop."""
    return state.stuck or converged(state, tolerance)


def converged(state: State, tolerance: Tolerance) -> bool:
    """Whether parameters and likelihood both stand still.

    Where rounding hides every gain there is, what is left to gain is compared with rounding.
    """
    hidden = state.stuck and state.gain <= 1e3 * ROUNDING * abs(state.at.value)
    return (state.distance <= tolerance.distance and state.gain <= tolerance.gain) or hidden


def _ahead(target: Target, state: State) -> State:
    direction = _two_loops(state.at.gradient, state.pairs, state.metric)
    errors = state.metric.errors
    judged = slice(None) if target.latent.judged else slice(0, target.layout.n_free)
    in_errors = np.abs(direction / errors)[judged]
    return replace(
        state,
        direction=direction,
        distance=float(in_errors.max(initial=0.0)),
        gain=float(0.5 * state.at.gradient @ direction),
    )


def _two_loops(
    gradient: FloatArray, pairs: tuple[tuple[FloatArray, FloatArray], ...], metric: Metric
) -> FloatArray:
    """The L-BFGS direction (Nocedal & Wright, 2006, algorithm 7.4)."""
    direction, shares = gradient.copy(), []
    for s, y in reversed(pairs):
        share = (s @ direction) / (s @ y)
        direction -= share * y
        shares.append(share)
    direction = metric.solve(direction)
    for (s, y), share in zip(pairs, reversed(shares), strict=True):
        direction += s * (share - (y @ direction) / (s @ y))
    return direction


def _search(target: Target, state: State) -> Evaluation | None:
    """Shorten the step until it gains enough; None where no step does."""
    slope = float(state.at.gradient @ state.direction)
    longest = np.abs(state.direction).max(initial=0.0)
    length = min(1.0, LONGEST / longest) if longest > 0.0 else 0.0
    noise = ROUNDING * abs(state.at.value)
    while length > SHORTEST and slope > 0.0:
        found = target.evaluate(state.at.z + length * state.direction)
        gain = found.value - state.at.value if isfinite(found.value) else -inf
        if gain >= SUFFICIENT * length * slope or (gain >= 0.0 and length * slope <= noise):
            return found
        length = _shorter(length, slope, gain)
    return None


def _shorter(length: float, slope: float, gain: float) -> float:
    """The top of the parabola through what is known, between a tenth and a half of the step."""
    if not isfinite(gain):
        return length / 4.0
    top = 0.5 * slope * length**2 / (slope * length - gain)
    return float(np.clip(top, 0.1 * length, 0.5 * length))
