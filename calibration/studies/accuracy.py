"""How accurate an exam's design is, told by candidates whose ability is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, sqrt

import numpy as np

import engine
from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray

DEFAULT_EDGES = (-2.0, -1.0, 0.0, 1.0, 2.0)
"""Bounds between the bands of true ability."""

Z_95 = 1.959963984540054
"""The 97.5th percentile of the standard normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Candidates whose true ability lies in [low, high).

    Bias is the mean of estimate minus truth; a band without candidates has NaN throughout.
    """

    low: float
    high: float
    n: int
    bias: float
    bias_se: float
    rmse: float
    mean_se: float
    mean_length: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccuracyStudy:
    """What `accuracy` found. Errors are estimate minus truth, on the scale of theta.

    Attributes
    ----------
    mean_error, mean_error_se
        Mean error and its standard error.
    rmse
        Root of the mean squared error.
    mean_se
        Mean of the standard errors that candidates are told.
    variance_ratio, variance_ratio_se
        Mean squared error over mean posterior variance, 1 for an honest standard error; and the
        ratio's standard error (of a ratio of means; Cochran, 1977, chapter 2).
    coverage
        Share of candidates within 1.96 standard errors of their estimate.
    mean_length, longest
        Items given, on average and at most.
    reasons
        How many exams ended for each reason.
    bands
        The same by true ability. EAP estimates shrink towards the prior's mean, so that the bias
        is positive below it and negative above; it is zero over the whole prior.
    levels
        How many candidates of each true level (row) were shown each level (column), 0 for none;
        None where the design decides nothing.
    """

    n: int
    seed: int
    mean_error: float
    mean_error_se: float
    rmse: float
    mean_se: float
    variance_ratio: float
    variance_ratio_se: float
    coverage: float
    mean_length: float
    longest: int
    reasons: Mapping[engine.Reason, int]
    bands: tuple[Band, ...]
    levels: IntArray | None

    def as_text(self) -> str:
        """Return the study as tables that read well in a fixed-width font."""
        parts = [_summary_text(self), _bands_text(self.bands), _reasons_text(self)]
        if self.levels is not None:
            parts.append(_levels_text(self.levels))
        return "\n\n".join(parts)


def accuracy(
    design: engine.Design, n: int, seed: int, *, edges: Sequence[float] = DEFAULT_EDGES
) -> AccuracyStudy:
    """Let n candidates drawn from the design's prior sit the exam, and compare results with truth.

    Under its own prior an EAP estimate has mean error 0 and a mean squared error equal to the mean
    posterior variance, for any design; a study that finds otherwise has found a fault.

    Parameters
    ----------
    n
        How many candidates, at least 2.
    seed
        Decides every ability and every answer.
    edges
        Bounds between the bands of true ability, ascending.

    Raises
    ------
    engine.InputError
        Naming everything that is wrong with `n`, `seed` and `edges`.
    """
    _check(n, seed, edges)
    generator = np.random.default_rng(seed)
    theta = design.prior.sample(generator, n)
    seeds = generator.integers(0, 2**64, n, dtype=np.uint64)
    return _study(design, engine.simulate(design, theta, seeds), seed, edges)


def _study(
    design: engine.Design, simulation: engine.Simulation, seed: int, edges: Sequence[float]
) -> AccuracyStudy:
    result, n = simulation.report, simulation.theta.size
    error = result.theta - simulation.theta
    squared, variance = error**2, result.se**2
    ratio = squared.mean() / variance.mean()
    return AccuracyStudy(
        n=n,
        seed=seed,
        mean_error=float(error.mean()),
        mean_error_se=_se_of_mean(error),
        rmse=sqrt(squared.mean()),
        mean_se=float(result.se.mean()),
        variance_ratio=float(ratio),
        variance_ratio_se=_se_of_mean(squared - ratio * variance) / float(variance.mean()),
        coverage=float((np.abs(error) <= Z_95 * result.se).mean()),
        mean_length=float(result.n_items.mean()),
        longest=int(result.n_items.max()),
        reasons={reason: int((result.reason == reason).sum()) for reason in engine.Reason},
        bands=tuple(_bands(simulation, error, edges)),
        levels=_levels(design, simulation),
    )


def _bands(
    simulation: engine.Simulation, error: FloatArray, edges: Sequence[float]
) -> Iterator[Band]:
    for low, high in pairwise([-inf, *edges, inf]):
        inside = (simulation.theta >= low) & (simulation.theta < high)
        yield _band(simulation.report, error, inside, low, high)


def _band(
    result: engine.Report, error: FloatArray, inside: BoolArray, low: float, high: float
) -> Band:
    return Band(
        low=low,
        high=high,
        n=int(inside.sum()),
        bias=_mean(error[inside]),
        bias_se=_se_of_mean(error[inside]),
        rmse=sqrt(_mean(error[inside] ** 2)),
        mean_se=_mean(result.se[inside]),
        mean_length=_mean(result.n_items[inside].astype(np.float64)),
    )


def _levels(design: engine.Design, simulation: engine.Simulation) -> IntArray | None:
    if design.decision is None:
        return None
    true_level = np.searchsorted(np.array(design.cuts), simulation.theta, side="right")
    table = np.zeros((len(design.cuts) + 1, len(design.cuts) + 1), dtype=np.int64)
    np.add.at(table, (true_level, simulation.report.level), 1)
    return table


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if values.size else np.nan


def _se_of_mean(values: FloatArray) -> float:
    return float(values.std(ddof=1)) / sqrt(values.size) if values.size > 1 else np.nan


def _check(n: int, seed: int, edges: Sequence[float]) -> None:
    problems = [
        *checks.whole_number("n", n, low=2),
        *checks.whole_number("seed", seed, low=0),
    ]
    bounds = checks.floats(edges)
    if bounds is None or bounds.ndim != 1 or not (np.diff(bounds) > 0).all():
        problems.append(engine.Problem("edges", edges, "numbers in ascending order"))
    if problems:
        raise engine.InputError("Accuracy study", problems)


def _summary_text(study: AccuracyStudy) -> str:
    lines = [
        ("candidates", f"{study.n:,}"),
        ("mean error", f"{study.mean_error:+.4f} (standard error {study.mean_error_se:.4f})"),
        ("RMSE", f"{study.rmse:.4f}"),
        ("mean standard error", f"{study.mean_se:.4f}"),
        (
            "squared error / variance",
            f"{study.variance_ratio:.4f} (standard error {study.variance_ratio_se:.4f})",
        ),
        ("within 1.96 standard errors", f"{study.coverage:.2%}"),
        ("items", f"{study.mean_length:.2f} on average, {study.longest} at most"),
    ]
    return "\n".join(f"{name:<28}{value}" for name, value in lines)


def _bands_text(bands: Sequence[Band]) -> str:
    head = (
        f"{'true ability':<16}{'n':>8}{'bias':>9}{'(se)':>9}{'RMSE':>8}{'mean SE':>9}{'items':>8}"
    )
    return "\n".join([head, *map(_band_text, bands)])


def _band_text(band: Band) -> str:
    span = f"{band.low:g} to {band.high:g}"
    if band.low == -inf:
        span = f"below {band.high:g}"
    elif band.high == inf:
        span = f"{band.low:g} and above"
    return (
        f"{span:<16}{band.n:>8,}{band.bias:>+9.3f}{band.bias_se:>9.3f}"
        f"{band.rmse:>8.3f}{band.mean_se:>9.3f}{band.mean_length:>8.2f}"
    )


def _reasons_text(study: AccuracyStudy) -> str:
    lines = [
        f"{reason.name.lower().replace('_', ' '):<24}{count:>8,}{count / study.n:>9.1%}"
        for reason, count in study.reasons.items()
        if count
    ]
    return "\n".join([f"{'ended because':<24}{'n':>8}{'share':>9}", *lines])


def _levels_text(levels: IntArray) -> str:
    columns = "".join(f"{f'shown {level}':>9}" for level in range(len(levels)))
    lines = [
        f"{f'true level {level}':<16}" + "".join(f"{count:>9,}" for count in row)
        for level, row in enumerate(levels)
    ]
    return "\n".join([f"{'(0 = none)':<16}{columns}", *lines])
