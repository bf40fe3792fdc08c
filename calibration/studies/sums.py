"""What is kept of simulated exams: sums, so that parts add up and memory does not grow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

import engine
from calibration.studies.accuracy import Z_95
from calibration.studies.kept import KeptSums, kept_sums
from calibration.studies.sections import StudySection
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.classification import Outcome
from engine.cut_tests import Side, posterior_sides


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exams:
    """Finished exams of n candidates in one section.

    Attributes
    ----------
    theta
        True abilities, shape (n,).
    sat
        What happened.
    estimate, se
        The ability that is reported and its standard error, shape (n,).
    again
        A second sitting of the same candidates; None where there is none.
    """

    theta: FloatArray
    sat: engine.Simulation
    estimate: FloatArray
    se: FloatArray
    again: engine.Simulation | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """Sums over candidates; those of any parts, added in the same order, are those of all.

    Attributes
    ----------
    moments
        By name of a figure: how many candidates have it, its sum and its sum of squares in each
        band of ability, shape (n_bands, 3).
    given
        To how many candidates of each band each item was given, shape (n_bands, n_items).
    lengths
        How many exams had 0, 1, ... items, shape (longest + 1,).
    reasons
        How many exams ended for each reason, in the order of `engine.Reason`.
    levels
        How many candidates of each true level (row) were shown each (column), 0 for none.
    repeated
        How many were shown a level (row) and at the second sitting another (column).
    outcomes
        What was said of each cut, shape (n_cuts, number of `Outcome`s).
    kept
        How each constraint was kept; None where there are none.
    """

    moments: Mapping[str, FloatArray]
    given: IntArray
    lengths: IntArray
    reasons: IntArray
    levels: IntArray
    repeated: IntArray
    outcomes: IntArray
    kept: KeptSums | None = None

    def __add__(self, other: Sums) -> Sums:
        arrays = {
            column.name: getattr(self, column.name) + getattr(other, column.name)
            for column in fields(self)
            if column.name not in ("moments", "kept")
        }
        moments = {name: own + other.moments[name] for name, own in self.moments.items()}
        kept = self.kept + other.kept if self.kept is not None and other.kept is not None else None
        return Sums(moments=moments, kept=kept, **arrays)


def sums_of(section: StudySection, exams: Exams, band: IntArray, n_bands: int) -> Sums:
    """Sum up exams of one section.

    Parameters
    ----------
    band
        The band of ability each candidate belongs to, shape (n,).
    """
    design = section.design
    sat, n_items = exams.sat, len(design.pool)
    given = np.zeros((n_bands, n_items), dtype=np.int64)
    who, step = np.nonzero(sat.items >= 0)
    np.add.at(given, (band[who], sat.items[who, step]), 1)
    n_levels = len(design.cuts) + 1
    true = true_level(design, exams.theta)
    repeated = _table(n_levels)
    if exams.again is not None:
        np.add.at(repeated, (sat.report.level, exams.again.report.level), 1)
    levels = _table(n_levels)
    np.add.at(levels, (true, sat.report.level), 1)
    averaged = figures_of(design, exams, given.sum(axis=0))
    kept = None
    if section.counted is not None:
        kept, everything = kept_sums(section.counted, sat.items)
        averaged["constraints_kept"] = everything.astype(np.float64)
    return Sums(
        moments={name: _moments(values, band, n_bands) for name, values in averaged.items()},
        given=given,
        lengths=np.bincount(sat.report.n_items, minlength=design.longest + 1),
        reasons=np.bincount(sat.report.reason, minlength=len(engine.Reason)),
        levels=levels,
        repeated=repeated,
        outcomes=_outcomes(sat.report.outcome, len(design.cuts)),
        kept=kept,
    )


def figures_of(design: engine.Design, exams: Exams, given: IntArray) -> dict[str, FloatArray]:
    """Return what is averaged over candidates, shape (n,) each; NaN where it means nothing."""
    sat = exams.sat
    error = exams.estimate - exams.theta
    return {
        "bias": error,
        "squared_error": error**2,
        "se": np.where(np.isfinite(exams.se), exams.se, np.nan),
        "coverage": (np.abs(error) <= Z_95 * exams.se).astype(np.float64),
        "length": sat.report.n_items.astype(np.float64),
        "seconds": np.where(sat.seconds > 0, sat.seconds, np.nan),
        "met": _met(sat.items, given, error.size),
        **_decisions(design, exams),
        **_second_sitting(design, exams),
    }


def _met(items: IntArray, given: IntArray, n: int) -> FloatArray:
    """How many items, by the rates among these candidates, each shares with another one."""
    rates = np.append(given / n, 0.0)
    met: FloatArray = rates[items].sum(axis=1)
    return met


def _decisions(design: engine.Design, exams: Exams) -> dict[str, FloatArray]:
    """Right and wrong decisions; nothing without cut scores."""
    if design.decision is None:
        return {}
    shown, true = exams.sat.report.level, true_level(design, exams.theta)
    figures = {
        "classification_accuracy": shown == true,
        "false_positives": shown > true,
        "false_negatives": shown < true,
    }
    if _settles(design):
        figures["forced_decisions"] = _unsettled(design, exams.sat.report).any(axis=1)
    for level in range(1, len(design.cuts) + 1):
        above = true >= level
        wrong = (shown >= level) != above
        figures[f"false_positives_{level}"] = wrong & ~above
        figures[f"false_negatives_{level}"] = wrong & above
    found = {name: values.astype(np.float64) for name, values in figures.items()}
    for level in range(1, len(design.cuts) + 1):
        above = true >= level
        found[f"wrongly_shown_{level}"] = np.where(above, np.nan, found[f"false_positives_{level}"])
        found[f"missed_{level}"] = np.where(above, found[f"false_negatives_{level}"], np.nan)
    return found


def _second_sitting(design: engine.Design, exams: Exams) -> dict[str, FloatArray]:
    """How the second sitting compares with the first, and what it is like itself."""
    again = exams.again
    if again is None:
        return {}
    error = again.report.theta - exams.theta
    figures = {
        "retake_shared": _shared(exams.sat.items, again.items, len(design.pool)),
        "retake_length": again.report.n_items.astype(np.float64),
        "retake_squared_error": error**2,
    }
    if design.decision is not None:
        same = again.report.level == exams.sat.report.level
        right = again.report.level == true_level(design, exams.theta)
        figures["classification_consistency"] = same.astype(np.float64)
        figures["retake_classification_accuracy"] = right.astype(np.float64)
    return figures


def _shared(first: IntArray, second: IntArray, n_items: int) -> FloatArray:
    """How many items two sittings of each candidate have in common."""
    seen = np.zeros((first.shape[0], n_items + 1), dtype=bool)
    np.put_along_axis(seen, first, True, axis=1)
    seen[:, -1] = False
    shared: FloatArray = np.take_along_axis(seen, second, axis=1).sum(axis=1).astype(np.float64)
    return shared


def _settles(design: engine.Design) -> bool:
    """Whether the design says when a cut is settled."""
    test = None if design.decision is None else design.decision.test
    return test is not None or design.stopping.decision is not None


def _unsettled(design: engine.Design, report: engine.Report) -> BoolArray:
    """Which cuts were not settled when the exam ended, shape (n, n_cuts)."""
    decision = design.decision
    if decision is None or decision.test is not None:
        unsettled: BoolArray = np.isin(
            report.outcome,
            [Outcome.NOT_YET_SHOWN, Outcome.FORCED_SHOWN, Outcome.FORCED_NOT_SHOWN],
        )
        return unsettled
    sides = posterior_sides(report.p_above, design.stopping.decision, decision.p_star)
    open_cuts: BoolArray = sides == Side.OPEN
    return open_cuts


def true_level(design: engine.Design, theta: FloatArray) -> IntArray:
    """Return the level that abilities have, 0 for none, shape (n,)."""
    return np.searchsorted(np.array(design.cuts), theta, side="right")


def _moments(values: FloatArray, band: IntArray, n_bands: int) -> FloatArray:
    there = np.isfinite(values)
    columns = [
        np.bincount(band[there], weights=weights, minlength=n_bands)
        for weights in (None, values[there], values[there] ** 2)
    ]
    return np.stack(columns, axis=1).astype(np.float64)


def _table(n_levels: int) -> IntArray:
    return np.zeros((n_levels, n_levels), dtype=np.int64)


def _outcomes(outcome: IntArray, n_cuts: int) -> IntArray:
    table = np.zeros((n_cuts, len(Outcome)), dtype=np.int64)
    for cut in range(n_cuts):
        table[cut] = np.bincount(outcome[:, cut], minlength=len(Outcome))
    return table
