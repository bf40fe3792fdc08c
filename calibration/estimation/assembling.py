"""From where the climb ended to what is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from platform import python_version

import numpy as np

from calibration.estimation import quadrature
from calibration.estimation.errors import StandardErrors, published_errors
from calibration.estimation.latent import Normal
from calibration.estimation.loop import State, Tolerance, converged
from calibration.estimation.options import CalibrationOptions
from calibration.estimation.result import Calibration, ItemEstimate, Latent, RunRecord
from calibration.estimation.screening import Screened
from calibration.estimation.survey import Survey
from calibration.estimation.target import Target
from calibration.families.layout import Layout
from engine.arrays import BoolArray, FloatArray
from engine.grid import Grid

PACKAGES = ("samatthana", "numpy", "scipy", "numba")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """All that a result is put together from.

    Attributes
    ----------
    n_held, held
        How many asymptotes are held at their ends, which are estimates all the same; and of which
        items, places in the test.
    endless
        Items without a maximum, places in the test.
    """

    options: CalibrationOptions
    survey: Survey
    screened: Screened
    target: Target
    grid: Grid
    state: State
    tolerance: Tolerance
    errors: StandardErrors | None
    n_held: int
    held: Mapping[int, tuple[str, ...]]
    endless: tuple[int, ...]


def assemble(run: Run) -> Calibration:
    """Return the result."""
    target, at = run.target, run.state.at
    phi, _ = target.split(at.z)
    errors = run.errors
    n_persons, n_used = run.survey.n_persons.sum(), at.sums.mass.sum()
    return Calibration(
        model=run.options.model if isinstance(run.options.model, str) else "mixed",
        options=run.options,
        items=tuple(_items(run, errors)),
        excluded=run.screened.excluded,
        latent=tuple(_latent(run, errors)),
        log_likelihood=at.sums.log_likelihood,
        log_posterior=at.value,
        n_persons=float(n_persons),
        n_empty=_whole(n_persons - n_used),
        n_parameters=target.layout.n_free + run.n_held + target.latent.n_parameters,
        converged=converged(run.state, run.tolerance) and not run.endless,
        iterations=run.state.iteration,
        largest_change=run.state.distance,
        quadrature=run.grid,
        quadrature_check=quadrature.check(run.grid, at.sums),
        covariance=None if errors is None else errors.covariance,
        layout=target.layout,
        phi=phi,
        record=_record(run),
        messages=tuple(_messages(run, errors)),
    )


def _whole(persons: float) -> float:
    """Sums of posterior probabilities are rounded where a count is meant."""
    return round(float(persons), 6)


def _items(run: Run, errors: StandardErrors | None) -> list[ItemEstimate]:
    target = run.target
    phi, _ = target.split(run.state.at.z)
    layout = target.layout
    plain = _published_errors(layout, phi, None if errors is None else errors.covariance)
    robust = _published_errors(layout, phi, None if errors is None else errors.robust)
    return [
        ItemEstimate(
            item=layout.items[place],
            model=layout.models[place],
            n_categories=int(run.screened.sizes[place]),
            n_answers=round(float(run.screened.n_answers[place])),
            parameters=parameters,
            errors=plain[place],
            robust_errors=robust[place],
            flags=(*run.screened.flags[place], *_flags(run, place, parameters)),
        )
        for place, parameters in enumerate(layout.published(phi))
    ]


def _published_errors(
    layout: Layout, phi: FloatArray, covariance: FloatArray | None
) -> list[dict[str, float]]:
    if covariance is None:
        return [{} for _ in layout.items]
    return published_errors(layout, phi, covariance)


def _flags(run: Run, place: int, parameters: Mapping[str, float]) -> Iterator[str]:
    if parameters.get("a", 1.0) < 0.0:
        yield "negative slope"
    if place in run.endless:
        yield "the steeper, the likelier"
    for name in run.held.get(place, ()):
        yield f"most likely at {name} = {parameters[name]:g}"


def _latent(run: Run, errors: StandardErrors | None) -> list[Latent]:
    target, mass = run.target, run.state.at.sums.mass
    _, y = target.split(run.state.at.z)
    moments = target.latent.moments(y, target.nodes)
    of_moments = _moment_errors(run, errors)
    density = np.exp(target.latent.log_density(y, target.nodes))
    return [
        Latent(
            group=name,
            n_persons=_whole(mass[place].sum()),
            mean=float(moments[place, 0]),
            sd=float(moments[place, 1]),
            se_mean=of_moments[place][0],
            se_sd=of_moments[place][1],
            density=density[place],
        )
        for place, name in enumerate(run.survey.groups)
    ]


def _moment_errors(
    run: Run, errors: StandardErrors | None
) -> list[tuple[float | None, float | None]]:
    """Standard errors of each group's mean and standard deviation; None for what is not free."""
    latent = run.target.latent
    if errors is None or not isinstance(latent, Normal):
        return [(None, None)] * len(run.survey.groups)
    _, y = run.target.split(run.state.at.z)
    found = np.full(latent.free.shape, np.nan)
    found[latent.free] = np.sqrt(np.diag(errors.covariance)[run.target.layout.n_free :])
    found[:, 1] *= latent.moments(y, run.target.nodes)[:, 1]  # y has logarithms
    return [
        (float(row[0]) if free[0] else None, float(row[1]) if free[1] else None)
        for row, free in zip(found, latent.free, strict=True)
    ]


def _messages(run: Run, errors: StandardErrors | None) -> Iterator[str]:
    n_free, n_used = run.target.layout.n_free + run.n_held, run.state.at.sums.mass.sum()
    if n_used <= n_free:
        yield (
            f"{n_used:g} persons for {n_free} parameters: too few to estimate them; "
            "take a model with fewer, or more persons"
        )
    for name, mass, free in _groups(run):
        if free.all() and mass <= free.size:
            persons = "1 person is" if mass == 1.0 else f"{mass:g} persons are"
            yield f"group {name}: {persons} too few for its mean and standard deviation"
    if run.endless:
        items = ", ".join(run.target.layout.items[place] for place in run.endless)
        yield f"the likelihood has no maximum: the steeper, the likelier are {items}"
    if errors is not None and errors.unidentified:
        names = (*run.target.layout.names, *["of the groups"] * run.target.latent.n_free)
        unknown = ", ".join(dict.fromkeys(names[place] for place in errors.unidentified))
        yield f"the answers do not tell these parameters: {unknown}"


def _groups(run: Run) -> Iterator[tuple[str, float, BoolArray]]:
    """Each normal group's name, persons, and whether its mean and standard deviation are free."""
    latent, mass = run.target.latent, run.state.at.sums.mass
    if isinstance(latent, Normal):
        for name, persons, free in zip(run.survey.groups, mass, latent.free, strict=True):
            yield name, _whole(persons.sum()), free


def _record(run: Run) -> RunRecord:
    versions = {package: version(package) for package in PACKAGES}
    return RunRecord(
        data_hash=run.survey.data_hash,
        options=run.options,
        versions={**versions, "python": python_version()},
        seed=run.options.seed,
    )
