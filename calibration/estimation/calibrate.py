"""From answers to parameters: `calibrate`, the one call of the room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from calibration.errors import CalibrationError
from calibration.estimation import quadrature
from calibration.estimation.assembling import Run, assemble
from calibration.estimation.beginning import starting_values
from calibration.estimation.bounds import climb_to_ends, held_between
from calibration.estimation.encoding import SPARSE, Encoding, Part
from calibration.estimation.errors import StandardErrors
from calibration.estimation.latent import Empirical, LatentModel, Normal
from calibration.estimation.loop import Change, Progress, State, Tolerance, climb
from calibration.estimation.metric import Assembly
from calibration.estimation.options import CalibrationOptions, unknown_items
from calibration.estimation.orientation import oriented
from calibration.estimation.result import Calibration
from calibration.estimation.runaway import without_maximum
from calibration.estimation.screening import Screened, screen
from calibration.estimation.settling import settled
from calibration.estimation.standard import standardised
from calibration.estimation.survey import Persons, Survey, pieces, scored, survey
from calibration.estimation.target import Anchor, Target
from calibration.families.layout import Layout
from calibration.families.models import SLOPE_ONE
from calibration.families.priors import Priors
from calibration.responses.model import Responses
from engine.arrays import FloatArray
from engine.errors import Problem
from engine.grid import Grid

FIRST_PERSONS = 5000
"""So many persons with complete answers bring a start within a few standard errors of the end."""

WORTH = 3
"""A first climb on a sample pays where there are so many times more persons."""

FIRST_TOLERANCE = Tolerance(distance=1.0, gain=2.0)
ANCHOR_SD = 3.0

KNOTS_APART = 0.5
"""Standard deviations between the knots of an empirical density."""

REFINEMENTS = 4
"""How often nodes may be chosen anew."""


def calibrate(
    responses: Responses | Iterable[Responses],
    model: Any = "2pl",
    *,
    progress: Progress | None = None,
    engine: str = "samatthana",
    threads: int | None = None,
    **options: Any,
) -> Calibration:
    """Estimate items by marginal maximum likelihood (Bock & Aitkin, 1981).

    Parameters
    ----------
    responses
        Answers; or pieces of them that can be gone through again and again, such as a file that is
        read in pieces: memory then does not grow with the number of persons.
    model, options
        See `CalibrationOptions`.
    progress
        Called after each step with the number of steps, the log-likelihood, and the distance that
        is left in standard errors.
    engine
        "samatthana", or "girth" for a second opinion.
    threads
        How many work; the result does not depend on it.

    Returns
    -------
    Calibration
        Whether it converged is told there; non-convergence raises nothing.

    Raises
    ------
    CalibrationError
        Naming everything that is wrong with the options, models that do not fit their items, and
        answers of which no item can be estimated.
    """
    chosen = CalibrationOptions(model=model, **options)
    if engine != "samatthana":
        return _second_opinion(responses, chosen, engine)
    return estimate(pieces(responses), chosen, progress, threads)


def estimate(
    source: Iterable[Responses],
    options: CalibrationOptions,
    progress: Progress | None = None,
    threads: int | None = None,
) -> Calibration:
    """Survey, screen, climb on a sample, climb on all, and put the result together."""
    found = survey(source, options)
    screened = screen(found)
    problem = _problem(found, screened, options, threads)
    begun = _first_climb(problem, found.sample)
    state, target, grid = _climb(problem, problem.everyone(source), begun, progress)
    state, target, grid = oriented(*standardised(state, target, grid))
    most = options.max_iterations
    state, target = climb_to_ends(target, state, problem.tolerance, most, progress)
    state, errors = _settled(problem, state, target, progress)
    return assemble(
        Run(
            options=options,
            survey=found,
            screened=screened,
            target=target,
            grid=grid,
            state=state,
            tolerance=problem.tolerance,
            errors=errors,
            n_held=problem.layout.n_free - target.layout.n_free,
            held=held_between(problem.layout, target.layout),
            endless=without_maximum(target, state, options.likelihood_tolerance),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """What is to be estimated, before it is known from whom and on which nodes."""

    options: CalibrationOptions
    screened: Screened
    layout: Layout
    assembly: Assembly
    encoding: Encoding
    priors: Priors
    n_rows: int
    density: float
    threads: int | None

    @property
    def tolerance(self) -> Tolerance:
        """When to stop: the distance of p parameters together grows with sqrt(p)."""
        distance = self.options.tolerance * sqrt(max(self.layout.n_free, 1))
        return Tolerance(distance=distance, gain=self.options.likelihood_tolerance)

    def target(self, parts: Iterable[Part], grid: Grid, latent: LatentModel) -> Target:
        """Return what is to be climbed on some persons and nodes."""
        return Target(
            layout=self.layout,
            assembly=self.assembly,
            latent=latent,
            priors=self.priors,
            encoding=self.encoding,
            parts=parts,
            nodes=grid.nodes,
            threads=self.threads,
        )

    def everyone(self, source: Iterable[Responses]) -> Iterable[Part]:
        """Return all persons encoded: at once where they are in memory, else as they come."""
        stream = Stream(source, self.encoding, self.options)
        return list(stream) if isinstance(source, list) else stream


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """Persons in parts, encoded anew whenever they are gone through."""

    source: Iterable[Responses]
    encoding: Encoding
    options: CalibrationOptions

    def __iter__(self) -> Iterator[Part]:
        for piece in self.source:
            persons = scored(piece, self.options)
            yield from self.encoding.parts(persons.answers, persons.group, persons.weight)


def _problem(
    found: Survey, screened: Screened, options: CalibrationOptions, threads: int | None
) -> _Problem:
    names = tuple(found.items[item] for item in screened.items)
    _check(found, screened, options)
    models = dict(zip(found.items, options.models(found.items), strict=True))
    known = set(names)
    layout = Layout.build(
        names,
        [models[name] for name in names],
        screened.sizes,
        fixed={name: values for name, values in options.fixed.items() if name in known},
        equal=[(name, [i for i in items if i in known]) for name, items in options.equal],
    )
    density = float(screened.n_answers.sum() / (found.n_persons.sum() * len(names)))
    order = np.concatenate([block.items for block in layout.blocks])
    return _Problem(
        options=options,
        screened=screened,
        layout=layout,
        assembly=Assembly.of(layout),
        encoding=Encoding(
            items=screened.items[order],
            sizes=screened.sizes[order],
            categories=screened.categories[order],
            gaps=screened.gaps[order],
            listed=density < SPARSE,
        ),
        priors=Priors.default(layout) if options.priors else Priors.none(),
        n_rows=found.n_rows,
        density=density,
        threads=threads,
    )


def _check(found: Survey, screened: Screened, options: CalibrationOptions) -> None:
    problems = unknown_items("fixed", options.fixed, found.items)
    for place, (_, items) in enumerate(options.equal):
        problems += unknown_items(f"equal[{place}]", items, found.items)
    if not isinstance(options.model, str):
        problems += unknown_items("model", options.model, found.items)
    if problems:
        raise CalibrationError("Calibration options", problems)
    if not screened.items.size:
        raise CalibrationError(
            "Responses",
            [
                Problem(out.item, out.reason, "answers in two categories")
                for out in screened.excluded
            ],
        )


class _Begun(NamedTuple):
    """Where to begin with all persons: a place, what is known around it, nodes, densities."""

    z: FloatArray
    changes: tuple[Change, ...]
    grid: Grid
    latent: LatentModel


def _first_climb(problem: _Problem, sample: Persons) -> _Begun:
    """Return a place near the top, and nodes for it; from few persons where there are many."""
    wanted = min(int(FIRST_PERSONS / max(problem.density, 0.1)), len(sample.answers))
    grid, latent = problem.options.grid or quadrature.USUAL, _normal(problem)
    phi = starting_values(problem.layout, problem.screened, sample)
    z = np.concatenate([phi, np.zeros(latent.n_free)])
    empirical = problem.options.latent == "empirical"
    if problem.n_rows < WORTH * wanted and not empirical:
        return _Begun(z, (), grid, latent)
    some = sample.take(np.arange(wanted))
    parts = list(problem.encoding.parts(some.answers, some.group, some.weight))
    target = replace(problem.target(parts, grid, latent), anchor=Anchor(z, ANCHOR_SD))
    state = climb(target, z, FIRST_TOLERANCE, problem.options.max_iterations)
    grid = _finer(problem, state, target, grid)
    if not empirical:
        return _Begun(state.at.z, state.changes, grid, latent)
    phi, y = target.split(state.at.z)
    free = _empirical(problem, grid)
    return _Begun(np.concatenate([phi, free.start(latent.moments(y, grid.nodes))]), (), grid, free)


def _normal(problem: _Problem) -> Normal:
    used = problem.screened.groups
    slope_one = any(model in SLOPE_ONE for model in problem.layout.models)
    free = np.tile(used[:, None], 2)
    free[0] = problem.options.free_latent or False
    free[0, 1] |= slope_one and problem.options.free_latent is not False
    return Normal(free)


def _empirical(problem: _Problem, grid: Grid) -> Empirical:
    slope_one = any(model in SLOPE_ONE for model in problem.layout.models)
    held = 0 if problem.options.fixed else 1 if slope_one else 2
    n_knots = round((grid.hi - grid.lo) / KNOTS_APART) + 1
    return Empirical(problem.screened.groups, grid.lo, grid.hi, n_knots, held)


def _climb(
    problem: _Problem,
    parts: Iterable[Part],
    begun: _Begun,
    progress: Progress | None,
) -> tuple[State, Target, Grid]:
    """Climb on all persons, on finer nodes where those were not enough."""
    z, changes, grid, latent = begun
    taken = 0
    for attempt in range(REFINEMENTS + 1):
        target = problem.target(parts, grid, latent)
        state = climb(
            target,
            z,
            problem.tolerance,
            problem.options.max_iterations - taken,
            changes=changes,
            progress=progress,
        )
        taken += state.iteration
        state = replace(state, iteration=taken)
        finer = _finer(problem, state, target, grid)
        if finer == grid or attempt == REFINEMENTS or taken >= problem.options.max_iterations:
            break
        z, changes, grid = state.at.z, state.changes, finer
    return state, target, grid


def _settled(
    problem: _Problem, state: State, target: Target, progress: Progress | None
) -> tuple[State, StandardErrors | None]:
    options = problem.options
    if options.standard_errors == "none" or not target.layout.n_free:
        return state, None  # where every item is fixed, the groups alone have no standard errors
    robust, most = options.standard_errors == "robust", options.max_iterations
    return settled(target, state, problem.tolerance, most, robust=robust, progress=progress)


def _finer(problem: _Problem, state: State, target: Target, grid: Grid) -> Grid:
    if problem.options.grid is not None:
        return grid
    _, y = target.split(state.at.z)
    finer = quadrature.fitting(grid, state.at.sums, target.latent.moments(y, grid.nodes))
    if isinstance(target.latent, Empirical):  # its knots, and so its ends, stay
        return Grid(grid.lo, grid.hi, max(grid.n, finer.n))
    return finer


def _second_opinion(
    responses: Responses | Iterable[Responses], options: CalibrationOptions, engine: str
) -> Calibration:
    if engine != "girth" or not isinstance(responses, Responses):
        found = engine if engine != "girth" else type(responses).__name__
        expected = '"samatthana", or "girth" with responses in memory'
        raise CalibrationError("Calibration options", [Problem("engine", found, expected)])
    girth: Any = import_module("calibration.girth_backend")  # which imports a package of its own
    found_by_girth: Calibration = girth.calibrate_with_girth(responses, options)
    return found_by_girth
