"""The one loop that climbs, for all models: start, step, report, stop.

EM (Bock & Aitkin, 1981), accelerated by Anderson's method (Anderson, 1965; Walker & Ni, 2011): of
the last steps, the mixture is taken whose remaining EM step would be shortest, in the metric of the
complete-data information. A mixture that loses likelihood is dropped for the EM step itself, which
cannot lose any.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf, isfinite, sqrt

import numpy as np

from calibration.estimation.maximisation import maximise
from calibration.estimation.target import Evaluation, Target
from engine.arrays import FloatArray

MEMORY = 25
"""How many of the last steps are mixed."""

LONGEST = 4.0
"""A mixture that moves a working parameter farther is shortened."""

ALIKE = 1e-8
"""Steps whose remainders differ by less, relatively, count as one (singular values cut off)."""

ROUNDING = 4e-15
"""Relative error of a log-likelihood: differences below it are none."""

SHORTEST = 1e-3
"""An EM step that must be shortened to this brings nothing more."""

Progress = Callable[[int, float, float], None]
"""Called with the number of steps, the log-likelihood and the distance yet to go."""

Change = tuple[FloatArray, FloatArray]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Where the climb is.

    Attributes
    ----------
    em_step
        The next step of EM.
    scale
        Standard errors there would be if abilities were known.
    changes
        Of the last steps, the move and the change it made in the EM step.
    step
        The next step as mixed from these.
    distance
        How far the maximum is, if the step leads there: sqrt(s' H s) with H the observed
        information. No parameter, nor any linear function of them, is farther from its value at the
        maximum in its own standard errors (Cauchy & Schwarz).
    gain
        What the last step gained in the log-posterior.
    stuck
        Whether no step gains anything.
    """

    at: Evaluation
    em_step: FloatArray
    scale: FloatArray
    changes: tuple[Change, ...] = ()
    step: FloatArray
    distance: float = inf
    gain: float = inf
    iteration: int = 0
    stuck: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """Close enough: still to go in standard errors, and gained by the last step."""

    distance: float
    gain: float


def climb(
    target: Target,
    z: FloatArray,
    tolerance: Tolerance,
    max_iterations: int,
    *,
    changes: tuple[Change, ...] = (),
    progress: Progress | None = None,
) -> State:
    """Climb from z until close enough, stuck, or out of steps; return the last state.

    Parameters
    ----------
    changes
        What is known of other climbs of the kind: those on a sample of the persons.
    """
    state = start(target, z, changes)
    report(state, progress)
    while not finished(state, tolerance) and state.iteration < max_iterations:
        state = step(target, state)
        report(state, progress)
    return state


def start(target: Target, z: FloatArray, changes: tuple[Change, ...] = ()) -> State:
    """Evaluate the target at z and look ahead."""
    return _arrived(target, target.evaluate(z), changes, 0)


def step(target: Target, state: State) -> State:
    """Take the mixed step, or the EM step where that loses; be stuck where neither gains."""
    iteration = state.iteration + 1
    found = target.evaluate(state.at.z + state.step)
    kept = state.changes
    if not _no_worse(found, state.at):
        plain = _em_step(target, state)
        if plain is None:
            return replace(state, stuck=True, iteration=iteration)
        found, kept = plain, ()
    arrived = _arrived(target, found, (), iteration)
    change = found.z - state.at.z, arrived.em_step - state.em_step
    gain = found.value - state.at.value
    return _mixed(replace(arrived, changes=(*kept, change)[-MEMORY:], gain=gain))


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
    hidden = state.stuck and state.distance**2 <= 1e3 * ROUNDING * abs(state.at.value)
    return (state.distance <= tolerance.distance and state.gain <= tolerance.gain) or hidden


def _arrived(target: Target, at: Evaluation, changes: tuple[Change, ...], iteration: int) -> State:
    maximised = maximise(target, at)
    state = State(
        at=at,
        em_step=maximised.step,
        scale=maximised.metric.errors,
        changes=changes,
        step=maximised.step,
        iteration=iteration,
    )
    return _mixed(state)


def _mixed(state: State) -> State:
    """Look ahead: the mixture of the last steps, and how far it goes."""
    mixed = _mixture(state.em_step, state.changes, state.scale)
    longest = np.abs(mixed).max(initial=0.0)
    mixed = mixed * min(1.0, LONGEST / longest) if longest > 0.0 else mixed
    if state.at.gradient @ mixed <= 0.0:
        mixed = state.em_step
    slopes = float(state.at.gradient @ mixed), float(state.at.gradient @ state.em_step)
    return replace(state, step=mixed, distance=sqrt(max(*slopes, 0.0)))


def _mixture(em_step: FloatArray, changes: tuple[Change, ...], scale: FloatArray) -> FloatArray:
    """Anderson's step: minimise the EM step that remains if changes are linear, then take it."""
    if not changes:
        return em_step
    moves = np.stack([move for move, _ in changes], axis=1)
    remainders = np.stack([remainder for _, remainder in changes], axis=1)
    weighted = remainders / scale[:, None]
    share, *_ = np.linalg.lstsq(weighted, em_step / scale, rcond=ALIKE)
    mixed: FloatArray = em_step - (moves + remainders) @ share
    return mixed


def _no_worse(found: Evaluation, before: Evaluation) -> bool:
    return isfinite(found.value) and found.value >= before.value - ROUNDING * abs(before.value)


def _em_step(target: Target, state: State) -> Evaluation | None:
    """Take the EM step, shortened if rounding or a flat likelihood asks for it; None if in vain."""
    length = 1.0
    while length > SHORTEST:
        found = target.evaluate(state.at.z + length * state.em_step)
        if isfinite(found.value) and found.value >= state.at.value:
            return found
        length /= 4.0
    return None
