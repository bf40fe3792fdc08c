"""One door to all estimators of ability from whole patterns of answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.ability.eap import eap
from engine.ability.equations import Equation, Jeffreys, Likelihood, LogPrior, Warm
from engine.ability.modes import mode
from engine.ability.patterns import Patterns
from engine.ability.robust import Huber, Tukey, robust
from engine.errors import DesignError, Problem
from engine.grid import NARROWEST, WIDEST, Grid
from engine.pool import ItemPool
from engine.posterior import Score
from engine.priors import JeffreysPrior, NormalPrior, Prior, SmoothPrior, UniformPrior

Method = Literal["eap", "map", "mle", "wle", "huber", "tukey"]
METHODS: tuple[Method, ...] = get_args(Method)

LEAST_TUNING, MOST_TUNING = 1e-6, 1e12
"""Beyond these nothing counts, or everything does."""


def score(
    pool: ItemPool,
    responses: ArrayLike,
    *,
    method: Method = "eap",
    prior: Prior | JeffreysPrior | None = None,
    grid: Grid | None = None,
    bounds: tuple[float, float] | None = None,
    tuning: float | None = None,
) -> Score:
    """Return each candidate's ability and its standard error.

    Parameters
    ----------
    responses
        Categories, shape (n, n_items), integers of any width; -1 where an item was not given. They
        are worked through in chunks, so that memory beyond them stays flat.
    method
        "eap", posterior mean (Bock & Mislevy, 1982), with the posterior's standard deviation;
        "map", posterior mode, with 1 / sqrt(I + 1 / sd^2) for a normal prior, 1 / sqrt(I) for a
        uniform one and 1 / sqrt(I - (log I)'' / 2) for Jeffreys';
        "mle", maximum likelihood, and "wle", Warm's weighted likelihood (1989), with 1 / sqrt(I);
        "huber" and "tukey", robust estimates with the standard error of Magis (2014).
        I is the expected information of the items given, at the estimate.
    prior
        For "eap" and "map", by default the standard normal; others use none. A histogram serves
        "eap" only.
    grid
        Where "eap" integrates; by default -6 to 6 with 121 nodes.
    bounds
        Where all others look for the estimate; by default the ends of the grid, and never beyond
        those of a uniform prior.
    tuning
        The tuning constant of "huber" (by default 1) and "tukey" (4), in logits.

    Returns
    -------
    Score
        A standard error that is not finite is NaN. Without any answer "eap" and "map" return what
        the prior says, and both numbers are NaN where nothing tells abilities apart.

    Raises
    ------
    AnswerError
        Naming every answer that is no category of its item, and a shape that does not fit.
    DesignError
        Naming every option that cannot be used.
    """
    grid = grid or Grid()
    problems = list(_problems(method, prior, grid, bounds, tuning))
    if problems:
        raise DesignError("Score", problems)
    if method == "eap":
        return eap(pool, responses, grid=grid, prior=prior)
    patterns = Patterns.checked(pool, responses)
    limits = (grid.lo, grid.hi) if bounds is None else (float(bounds[0]), float(bounds[1]))
    if method == "huber":
        return robust(patterns, Huber(tuning or Huber().tuning), limits)
    if method == "tukey":
        return robust(patterns, Tukey(tuning or Tukey().tuning), limits)
    if method == "map" and isinstance(prior, UniformPrior):
        limits = _common(limits, prior) if bounds is not None else (prior.lo, prior.hi)
    return mode(patterns, _equation(method, prior), limits)


def _equation(method: Method, prior: Prior | JeffreysPrior | None) -> Equation:
    if method == "mle":
        return Likelihood()
    if method == "wle":
        return Warm()
    if isinstance(prior, JeffreysPrior):
        return Jeffreys()
    return LogPrior(prior if isinstance(prior, SmoothPrior) else NormalPrior())


def _common(bounds: tuple[float, float], prior: UniformPrior) -> tuple[float, float]:
    lo, hi = max(bounds[0], prior.lo), min(bounds[1], prior.hi)
    if not hi - lo >= NARROWEST:
        found = f"{bounds[0]:g} to {bounds[1]:g}"
        expected = f"bounds that meet the prior's, {prior.lo:g} to {prior.hi:g}"
        raise DesignError("Score", [Problem("bounds", found, expected)])
    return lo, hi


def _problems(
    method: object, prior: object, grid: object, bounds: object, tuning: object
) -> Iterator[Problem]:
    if method not in METHODS:
        yield Problem("method", method, "one of " + ", ".join(METHODS))
    if not isinstance(grid, Grid):
        yield Problem("grid", grid, "a Grid")
    if prior is not None and not isinstance(prior, Prior | JeffreysPrior):
        yield Problem("prior", prior, "a prior of this package, or one like them")
        return
    if method == "eap" and isinstance(grid, Grid) and isinstance(prior, Prior):
        yield from prior.problems(prior.on(grid))
    smooth = prior is None or isinstance(prior, SmoothPrior | JeffreysPrior)
    if method == "map" and not smooth:
        expected = "a normal, a uniform or Jeffreys' prior: a histogram has no smooth mode"
        yield Problem("prior", prior, expected)
    if bounds is not None:
        ends = checks.floats(bounds)
        if (
            ends is None
            or ends.shape != (2,)
            or not np.abs(ends).max() <= WIDEST
            or not ends[1] - ends[0] >= NARROWEST
        ):
            expected = f"two numbers, the lower first and {NARROWEST:g} apart, at most {WIDEST:g}"
            yield Problem("bounds", bounds, expected)
    if tuning is not None:
        yield from checks.number("tuning", tuning, low=LEAST_TUNING, high=MOST_TUNING)
