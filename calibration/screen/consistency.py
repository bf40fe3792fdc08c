"""Internal consistency: coefficients alpha and omega, and what each item does to alpha."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import fdtri

from calibration.screen.scores import Scores
from engine.arrays import FloatArray

SWEEPS = 2_000
CHANGE = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Consistency:
    """How consistently the items order the persons. What cannot be had is NaN.

    Attributes
    ----------
    alpha
        Cronbach's (1951) coefficient, m / (m - 1) (1 - sum of variances / sum of covariances).
    alpha_low, alpha_high
        Its 95% interval (Feldt, 1965): 1 - (1 - alpha) F, F with n - 1 and (n - 1)(m - 1) degrees
        of freedom. Exact for parallel normal scores, and close to right for others.
    omega
        Coefficient omega of one factor, (sum of loadings)^2 / ((sum of loadings)^2 + sum of
        unique variances) (McDonald, 1999, eq. 6.20b). It is alpha where all loadings are equal.
    loadings
        The items' loadings in units of their scores, shape (m,), fitted to the covariances by
        least squares (minres: Harman & Jones, 1966).
    if_deleted
        Alpha of the test without each item, shape (m,).
    score_sd, error_sd
        Standard deviation of total scores, and its part sqrt(1 - alpha) that is error of
        measurement, in points; from the covariances.
    n
        Persons behind the average covariance, by which the interval is wide or narrow.
    apart
        Pairs of items that no two persons answered both. Alpha needs every pair and is then NaN;
        omega does without them.
    heywood
        Whether an item's loading explains more than its variance: omega is then too large.
    """

    alpha: float
    alpha_low: float
    alpha_high: float
    omega: float
    loadings: FloatArray
    if_deleted: FloatArray
    score_sd: float
    error_sd: float
    n: float
    apart: int
    heywood: bool


def consistency(scores: Scores) -> Consistency:
    """Return the coefficients of all items that were answered in at least two ways.

    Covariances are taken over the persons who answered both items (pairwise).
    """
    covariance, pairs = pair_covariances(scores)
    used = np.flatnonzero(np.diag(covariance) > 0)
    m = used.size
    part = covariance[np.ix_(used, used)]
    apart = int(np.isnan(part).sum()) // 2
    alpha, total = _alpha(part), float(part.sum())
    loadings = np.full(len(covariance), np.nan)
    loadings[used] = minres_loadings(part)
    unique = np.diag(part) - loadings[used] ** 2
    common = loadings[used].sum() ** 2
    n = float(np.mean(pairs[np.ix_(used, used)][~np.eye(m, dtype=bool)])) if m > 1 else 0.0
    low, high = _interval(alpha, n, m)
    return Consistency(
        alpha=alpha,
        alpha_low=low,
        alpha_high=high,
        omega=float(common / (common + np.maximum(unique, 0.0).sum())) if m > 2 else np.nan,
        loadings=loadings,
        if_deleted=_if_deleted(part, used, len(covariance)),
        score_sd=float(np.sqrt(total)) if total > 0 else np.nan,
        error_sd=float(np.sqrt(total * (1 - alpha))) if total > 0 and alpha <= 1 else np.nan,
        n=n,
        apart=apart,
        heywood=bool((unique < 0).any()),
    )


def pair_covariances(scores: Scores) -> tuple[FloatArray, FloatArray]:
    """Covariance of each pair of items over who answered both, and how many those are.

    Returns
    -------
    covariance
        Shape (m, m), divided by the number of persons minus 1; NaN where that is none.
    pairs
        Persons, weights counted, shape (m, m).
    """
    m = len(scores.mean)
    products, sums, pairs = np.zeros((m, m)), np.zeros((m, m)), np.zeros((m, m))
    for rows in scores.blocks():
        residual, given = scores.residuals(rows)
        weighted = residual * scores.weight[rows, None]
        products += weighted.T @ residual
        mask = given.astype(np.float64)
        if given.all():
            sums += weighted.sum(axis=0)[:, None]
            pairs += scores.weight[rows].sum()
        else:
            sums += weighted.T @ mask
            pairs += (mask * scores.weight[rows, None]).T @ mask
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = (products - sums * sums.T / pairs) / (pairs - 1)
    covariance[pairs <= 1] = np.nan
    return covariance, pairs


def minres_loadings(covariance: FloatArray) -> FloatArray:
    """Loadings l of one factor that minimise the sum of (s_ij - l_i l_j)^2 over i != j, shape (m,).

    Each in turn is set to its least-squares value given the others, until none moves; pairs whose
    covariance is NaN are left out. Their sum is not negative.
    """
    m = len(covariance)
    off = ~np.eye(m, dtype=bool) & ~np.isnan(covariance)
    known = np.where(off, covariance, 0.0)
    loadings = np.sqrt(np.diag(covariance).clip(0.0)) * 0.5
    if m < 2:
        return np.full(m, np.nan)
    for _ in range(SWEEPS):
        before = loadings.copy()
        for item in range(m):
            squares = off[item] @ (loadings * loadings)
            loadings[item] = known[item] @ loadings / squares if squares > 0 else 0.0
        if np.abs(loadings - before).max() <= CHANGE * (1.0 + np.abs(loadings).max()):
            break
    sign = 1.0 if float(loadings.sum()) >= 0 else -1.0
    turned: FloatArray = sign * loadings
    return turned


def _alpha(covariance: FloatArray) -> float:
    m, total = len(covariance), float(covariance.sum())
    if m < 2 or not total > 0:
        return float("nan")
    return float(m / (m - 1) * (1.0 - np.trace(covariance) / total))


def _if_deleted(covariance: FloatArray, used: np.ndarray, n_items: int) -> FloatArray:
    """Alpha without each item; where an item was not used to begin with, NaN."""
    deleted = np.full(n_items, np.nan)
    for place, item in enumerate(used.tolist()):
        rest = np.delete(np.delete(covariance, place, axis=0), place, axis=1)
        deleted[item] = _alpha(rest)
    return deleted


def _interval(alpha: float, n: float, m: int) -> tuple[float, float]:
    if not (n > 1 and m > 1 and alpha == alpha):
        return float("nan"), float("nan")
    quantiles = fdtri(n - 1, (n - 1) * (m - 1), [0.975, 0.025])
    ends: FloatArray = np.asarray(1.0 - (1.0 - alpha) * quantiles)
    return float(ends[0]), float(ends[1])
