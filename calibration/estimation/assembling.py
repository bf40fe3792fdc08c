"""From where the climb ended to what is published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from platform import python_version

import numpy as np

from calibration.estimation import quadrature
from calibration.estimation.loop import State, Tolerance, converged
from calibration.estimation.options import CalibrationOptions
from calibration.estimation.result import Calibration, ItemEstimate, Latent, RunRecord
from calibration.estimation.screening import Screened
from calibration.estimation.survey import Survey
from calibration.estimation.target import Target
from engine.grid import Grid

PACKAGES = ("samatthana", "numpy", "scipy", "numba")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """All that a result is put together from."""

    options: CalibrationOptions
    survey: Survey
    screened: Screened
    target: Target
    grid: Grid
    state: State
    tolerance: Tolerance


def assemble(run: Run) -> Calibration:
    """Return the result."""
    target, at = run.target, run.state.at
    phi, _ = target.split(at.z)
    n_persons, n_used = run.survey.n_persons.sum(), at.sums.mass.sum()
    return Calibration(
        model=run.options.model if isinstance(run.options.model, str) else "mixed",
        options=run.options,
        items=tuple(_items(run)),
        excluded=run.screened.excluded,
        latent=tuple(_latent(run)),
        log_likelihood=at.sums.log_likelihood,
        log_posterior=at.value,
        n_persons=float(n_persons),
        n_empty=float(n_persons - n_used) if n_persons - n_used > 1e-9 * n_persons else 0.0,
        n_parameters=target.layout.n_free + target.latent.n_parameters,
        converged=converged(run.state, run.tolerance),
        iterations=run.state.iteration,
        largest_change=run.state.distance,
        quadrature=run.grid,
        quadrature_check=quadrature.check(run.grid, at.sums),
        covariance=None,
        layout=target.layout,
        phi=phi,
        record=_record(run),
        messages=tuple(_messages(run)),
    )


def _items(run: Run) -> list[ItemEstimate]:
    target = run.target
    phi, _ = target.split(run.state.at.z)
    layout = target.layout
    return [
        ItemEstimate(
            item=layout.items[place],
            model=layout.models[place],
            n_categories=int(run.screened.sizes[place]),
            n_answers=round(float(run.screened.n_answers[place])),
            parameters=parameters,
            flags=(*run.screened.flags[place], *_slope_flags(parameters)),
        )
        for place, parameters in enumerate(layout.published(phi))
    ]


def _slope_flags(parameters: Mapping[str, float]) -> list[str]:
    return ["negative slope"] if parameters.get("a", 1.0) < 0.0 else []


def _latent(run: Run) -> list[Latent]:
    target, mass = run.target, run.state.at.sums.mass
    _, y = target.split(run.state.at.z)
    moments = target.latent.moments(y, target.nodes)
    density = np.exp(target.latent.log_density(y, target.nodes))
    return [
        Latent(
            group=name,
            n_persons=round(float(mass[place].sum()), 6),
            mean=float(moments[place, 0]),
            sd=float(moments[place, 1]),
            density=density[place],
        )
        for place, name in enumerate(run.survey.groups)
    ]


def _messages(run: Run) -> list[str]:
    n_free, n_used = run.target.layout.n_free, run.state.at.sums.mass.sum()
    if n_used <= n_free:
        return [
            f"{n_used:g} persons for {n_free} parameters: too few to estimate them; "
            "take a model with fewer, or more persons"
        ]
    return []


def _record(run: Run) -> RunRecord:
    versions = {package: version(package) for package in PACKAGES}
    return RunRecord(
        data_hash=run.survey.data_hash,
        options=run.options,
        versions={**versions, "python": python_version()},
        seed=run.options.seed,
    )
