"""How reliable scores are: on average over persons, and where on the scale.

Marginal and empirical reliability answer different questions: what the items would do for the
population they were calibrated on, and what the answers at hand did for these persons (an adaptive
test or many missing answers set them apart).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from calibration.abilities import Abilities, log_densities
from calibration.estimation.result import Calibration
from engine import models
from engine.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Reliability of scores on the calibrated items; NaN where it cannot be computed.

    Attributes
    ----------
    marginal
        Mean over the population of I / (I + 1 / variance), with I the information of all items: the
        share of true variance when everybody answers all (Green, Bock, Humphreys, Linn & Reckase,
        1984, in the form for posterior errors; as `marginal_rxx` of R's mirt where the variance
        is 1).
    empirical
        Variance of the EAP estimates over itself plus the mean squared standard error (Bock &
        Mislevy, 1982; as `empirical_rxx` of R's mirt).
    mean_se
        Root of the mean squared standard error of the EAP estimates.
    """

    marginal: float
    empirical: float
    mean_se: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Precision:
    """Information and standard error by ability, shape (n,) each.

    Attributes
    ----------
    information
        Expected information of all items together.
    se
        1 / sqrt(information): the conditional standard error of maximum likelihood; infinite
        where there is no information.
    """

    theta: FloatArray
    information: FloatArray
    se: FloatArray


def reliability(
    calibration: Calibration, abilities: Abilities, weight: FloatArray | None = None
) -> Reliability:
    """Return the reliability of scores on the calibrated items.

    Parameters
    ----------
    weight
        How many persons each row stands for, shape (n,); None for 1 each.
    """
    answered = abilities.n_answers > 0
    weights = np.ones(len(answered)) if weight is None else weight
    persons = weights[answered]
    theta, squared = abilities.theta[answered], abilities.se[answered] ** 2
    mean_square = _mean(squared, persons)
    return Reliability(
        marginal=_marginal(calibration),
        empirical=_share(_variance(theta, persons), mean_square),
        mean_se=float(np.sqrt(mean_square)),
    )


def precision(calibration: Calibration, theta: ArrayLike) -> Precision:
    """Return the information of all items together, and the standard error it leaves."""
    points = np.atleast_1d(np.asarray(theta, dtype=np.float64))
    information = models.information(calibration.pool(), points).sum(axis=1)
    with np.errstate(divide="ignore"):
        se = 1.0 / np.sqrt(information)
    return Precision(theta=points, information=information, se=se)


def measured_well(found: Precision, *, largest_se: float) -> tuple[float, float] | None:
    """Return the ends of the widest stretch where the standard error stays within a limit.

    Parameters
    ----------
    found
        On a fine, ascending grid of abilities.
    """
    inside = found.se <= largest_se
    if not inside.any():
        return None
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2] - 1
    widest = int(np.argmax(found.theta[ends] - found.theta[starts]))
    return float(found.theta[starts[widest]]), float(found.theta[ends[widest]])


def _marginal(calibration: Calibration) -> float:
    """The mean over the groups' densities together, as large as the groups are."""
    nodes = calibration.quadrature.nodes
    density = _population(calibration)
    mean = float(density @ nodes)
    variance = float(density @ (nodes - mean) ** 2)
    information = precision(calibration, nodes).information
    if not variance > 0:
        return float("nan")
    return float(density @ (information / (information + 1.0 / variance)))


def _population(calibration: Calibration) -> FloatArray:
    sizes: Sequence[float] = [each.n_persons for each in calibration.latent]
    shares = np.asarray(sizes) / sum(sizes)
    density: FloatArray = shares @ np.exp(log_densities(calibration))
    return density


def _share(true: float, error: float) -> float:
    return true / (true + error) if true + error > 0 else float("nan")


def _mean(values: FloatArray, weights: FloatArray) -> float:
    total = float(weights.sum())
    return float(weights @ values) / total if total > 0 else float("nan")


def _variance(values: FloatArray, weights: FloatArray) -> float:
    """Variance with n - 1, n the sum of the weights."""
    total = float(weights.sum())
    if not total > 1:
        return float("nan")
    mean = float(weights @ values) / total
    return float(weights @ (values - mean) ** 2) / (total - 1.0)
