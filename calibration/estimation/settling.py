"""Whether the climb really ended at the maximum: asked of the observed information.

The loop stops where its own linear model, made of the steps it took, puts the maximum close by. On
a ridge it may not have stepped along the ridge yet. Standard errors need the observed information
anyway, and with it the distance sqrt(g' I^-1 g) is that of Newton's step: no model is in it.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, sqrt

import numpy as np

from calibration.estimation.errors import StandardErrors, standard_errors
from calibration.estimation.latent import Normal
from calibration.estimation.loop import Progress, State, Tolerance, converged, report
from calibration.estimation.target import Target
from engine.arrays import FloatArray

MOST = 20
"""Most steps of Newton's method here; where more are needed the climb has not converged."""

MOVED = 10.0
"""Standard errors are those at a place no farther from the last than so many tolerances."""

LENGTHS = (1.0, 0.25, 0.0625)
"""Parts of Newton's step that are tried: a ridge may bend."""

ROUNDING = 4e-15
"""Relative error of a log-likelihood: a loss below it is none."""


def settled(
    target: Target,
    state: State,
    tolerance: Tolerance,
    max_iterations: int,
    *,
    robust: bool = False,
    progress: Progress | None = None,
) -> tuple[State, StandardErrors]:
    """Return where the climb ends by Newton's steps, with its true distance, and standard errors.

    With an empirical latent density, which standard errors take as known, nothing is checked.
    """
    errors = standard_errors(target, state.at, robust=robust)
    if not isinstance(target.latent, Normal) or not converged(state, tolerance):
        return state, errors
    last, moved = state.iteration + MOST, 0.0
    state = _told(state, errors)
    while not converged(state, tolerance) and state.iteration < min(last, max_iterations):
        before = state.distance
        state = _newton(target, state, errors)
        report(state, progress)
        if state.stuck:
            break
        moved += before
        if moved > MOVED * tolerance.distance:
            errors, moved = standard_errors(target, state.at, robust=robust), 0.0
            state = _told(state, errors)
    return state, errors


def _newton(target: Target, state: State, errors: StandardErrors) -> State:
    """Take Newton's step, shortened until it gains, and be stuck where none does."""
    iteration, step = state.iteration + 1, _step(state, errors)
    allowed = ROUNDING * abs(state.at.value)
    for length in LENGTHS:
        found = target.evaluate(state.at.z + length * step)
        if isfinite(found.value) and found.value >= state.at.value - allowed:
            gain = found.value - state.at.value
            return _told(replace(state, at=found, gain=gain, iteration=iteration), errors)
    return replace(state, stuck=True, iteration=iteration)


def _told(state: State, errors: StandardErrors) -> State:
    """The state with the distance that the observed information tells."""
    promised = float(state.at.gradient @ _step(state, errors))
    return replace(state, distance=sqrt(max(promised, 0.0)))


def _step(state: State, errors: StandardErrors) -> FloatArray:
    """Newton's step, in the parameters that the data tell of."""
    step: FloatArray = np.nan_to_num(errors.covariance) @ state.at.gradient
    return step
