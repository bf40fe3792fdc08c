"""Ways to settle on which side of a cut score an ability lies, beside the posterior probability.

Each looks at every cut by itself and says above, below or still open. With more than one cut the
sides are found at the same time from the same answers; an exam that stops when all are settled
errs at each cut no more often than a test of that cut alone would (Armitage, 1950; Spray, 1993),
since crossing the wrong bound at the stop is a case of ever crossing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from math import log, log1p
from statistics import NormalDist
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.errors import DesignError, Problem
from engine.rounding import rounded

if TYPE_CHECKING:
    from engine.grid import Grid
    from engine.situation import Situation

LEAST_ERROR = 1e-100
"""Stands for a standard error of 0, where a whole density is at one node."""


class Side(IntEnum):
    """On which side of a cut an ability was found to lie."""

    BELOW = -1
    OPEN = 0
    ABOVE = 1


class CutTest(Protocol):
    """A test of every cut; to add one, write a class with these three."""

    def evidence(self, situation: Situation) -> FloatArray:
        """How much speaks for above, shape (n, n_cuts); 0 where both sides are as good."""
        ...

    def bounds(self) -> tuple[float, float]:
        """The evidence at or below which a cut is settled below, and at or above which above."""
        ...

    def problems(self, cuts: tuple[float, ...], grid: Grid) -> Iterator[Problem]:
        """Yield why the test cannot be made at these cuts on this grid."""
        ...


def sides(test: CutTest, situation: Situation) -> IntArray:
    """Return codes of `Side` for each candidate and cut, shape (n, n_cuts)."""
    evidence = rounded(test.evidence(situation))
    lower, upper = rounded(np.array(test.bounds()))
    above = np.where(evidence >= upper, int(Side.ABOVE), int(Side.OPEN))
    side: IntArray = np.where(evidence <= lower, int(Side.BELOW), above)
    return side


def leaning(test: CutTest, situation: Situation) -> BoolArray:
    """Return whether more speaks for above, shape (n, n_cuts): the side of a forced decision."""
    return rounded(test.evidence(situation)) >= 0


def posterior_sides(p_above: FloatArray, confidence: float | None, p_star: float) -> IntArray:
    """Sides by posterior probability, shape (n, n_cuts).

    Above where P(theta >= cut) is at least the confidence and at least p*, below where it is at
    most 1 - confidence; open everywhere without a confidence.
    """
    if confidence is None:
        return np.zeros(p_above.shape, dtype=np.int64)
    p = rounded(p_above)
    below = np.where(p <= rounded(1.0 - confidence), int(Side.BELOW), int(Side.OPEN))
    side: IntArray = np.where(p >= rounded(max(confidence, p_star)), int(Side.ABOVE), below)
    return side


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfidenceInterval:
    """Settled when the interval theta +- z se leaves the cut outside (Kingsbury & Weiss, 1983).

    Parameters
    ----------
    confidence
        Of the two-sided interval, as 0.95.
    """

    confidence: float = 0.95

    def __post_init__(self) -> None:
        problems = list(checks.number("confidence", self.confidence, low=0.0, high=1.0, ends="()"))
        if problems:
            raise DesignError("Confidence interval", problems)

    def evidence(self, situation: Situation) -> FloatArray:
        """Distance of the estimate from each cut in standard errors, shape (n, n_cuts)."""
        distance = situation.theta[:, None] - np.array(situation.cuts)
        evidence: FloatArray = distance / np.maximum(situation.se, LEAST_ERROR)[:, None]
        return evidence

    def bounds(self) -> tuple[float, float]:
        """Minus and plus the normal quantile."""
        z = NormalDist().inv_cdf((1.0 - self.confidence) / 2.0)
        return z, -z

    def problems(self, cuts: tuple[float, ...], grid: Grid) -> Iterator[Problem]:
        """Yield nothing."""
        yield from ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _LikelihoodRatio:
    """What the likelihood-ratio tests share: an indifference region and Wald's bounds.

    Parameters
    ----------
    delta
        Half the width of the indifference region around each cut: between cut - delta and
        cut + delta either side is as good.
    alpha, beta
        How often someone at cut - delta may be found above, and at cut + delta below.
    """

    delta: float
    alpha: float = 0.05
    beta: float = 0.05

    def __post_init__(self) -> None:
        problems = [
            *checks.number("delta", self.delta, low=0.0, high=np.inf, ends="()"),
            *checks.number("alpha", self.alpha, low=0.0, high=0.5, ends="()"),
            *checks.number("beta", self.beta, low=0.0, high=0.5, ends="()"),
        ]
        if problems:
            raise DesignError(type(self).__name__, problems)

    def bounds(self) -> tuple[float, float]:
        """log(beta / (1 - alpha)) and log((1 - beta) / alpha) (Wald, 1947, chapter 3)."""
        return log(self.beta) - log1p(-self.alpha), log1p(-self.beta) - log(self.alpha)

    def problems(self, cuts: tuple[float, ...], grid: Grid) -> Iterator[Problem]:
        """Yield cuts whose indifference region leaves the grid."""
        for place, cut in enumerate(cuts):
            if not grid.lo <= cut - self.delta < cut + self.delta <= grid.hi:
                inside = f"inside the grid, with {self.delta:g} on either side"
                yield Problem(f"decision.cuts[{place}]", cut, inside)

    def _at_edges(self, situation: Situation) -> tuple[FloatArray, FloatArray]:
        """Log-likelihood at cut - delta and at cut + delta, shape (n, n_cuts) each."""
        cuts = situation.cuts
        points = (*(cut - self.delta for cut in cuts), *(cut + self.delta for cut in cuts))
        values = situation.log_likelihood_at(points)
        return values[:, : len(cuts)], values[:, len(cuts) :]


@dataclass(frozen=True, slots=True, kw_only=True)
class SequentialRatio(_LikelihoodRatio):
    """Wald's sequential probability ratio test, SPRT (Wald, 1947; Reckase, 1983; Eggen, 1999)."""

    def evidence(self, situation: Situation) -> FloatArray:
        """Log L(cut + delta) - log L(cut - delta), shape (n, n_cuts)."""
        lower, upper = self._at_edges(situation)
        return upper - lower


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneralisedRatio(_LikelihoodRatio):
    """The generalised likelihood ratio, GLR (Thompson, 2009): the best of each side's abilities.

    Taking the best of many abilities makes the ratio cross Wald's bounds by chance more often than
    that of two fixed ones: at the edges of the indifference region Thompson's test errs up to twice
    as often as `alpha` and `beta` say. The bounds are therefore moved outwards.

    Parameters
    ----------
    margin
        By how much; None: by log(1 + b), b the size of Wald's bound, as inequalities for such
        maxima have it (Garivier & Cappe, 2011), with which simulated errors stay below the
        nominal ones; 0 for Wald's bounds as Thompson has them.
    """

    margin: float | None = None

    def __post_init__(self) -> None:
        _LikelihoodRatio.__post_init__(self)
        if self.margin is not None:
            problems = list(checks.number("margin", self.margin, low=0.0, high=np.inf, ends="[)"))
            if problems:
                raise DesignError("GeneralisedRatio", problems)

    def bounds(self) -> tuple[float, float]:
        """Wald's bounds, moved outwards."""
        lower, upper = _LikelihoodRatio.bounds(self)
        if self.margin is None:
            return lower - log(1.0 - lower), upper + log(1.0 + upper)
        return lower - self.margin, upper + self.margin

    def evidence(self, situation: Situation) -> FloatArray:
        """Largest log L from cut + delta on, less the largest up to cut - delta, (n, n_cuts)."""
        lower, upper = self._at_edges(situation)
        at, values = _with_peaks(situation.tables.grid, situation.log_likelihood)
        for place, cut in enumerate(situation.cuts):
            below = np.where(at <= cut - self.delta, values, -np.inf).max(axis=1)
            above = np.where(at >= cut + self.delta, values, -np.inf).max(axis=1)
            lower[:, place] = np.maximum(lower[:, place], below)
            upper[:, place] = np.maximum(upper[:, place], above)
        return upper - lower


def _with_peaks(grid: Grid, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Move each local maximum to the top of the parabola through it and its neighbours.

    Returns
    -------
    at, values
        Abilities and the values there, shape (n, n_nodes): nodes, but for the maxima. Which side of
        an edge a maximum is on is a matter of where its top is, not of the node next to it.
    """
    left, middle, right = values[:, :-2], values[:, 1:-1], values[:, 2:]
    bend = left + right - 2.0 * middle
    peak = (middle >= left) & (middle >= right) & (bend < 0)
    # The top in units of the step, at most half of one away from the node.
    shift = np.divide(left - right, 2.0 * bend, out=np.zeros_like(bend), where=peak)
    at = np.broadcast_to(grid.nodes, values.shape).copy()
    raised = values.copy()
    at[:, 1:-1] += grid.step * shift
    raised[:, 1:-1] -= 0.5 * bend * shift**2
    return at, raised
