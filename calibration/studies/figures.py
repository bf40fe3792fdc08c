"""The figures of a study, each with its Monte Carlo standard error, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isfinite, nan, sqrt
from typing import Any

import numpy as np

import engine
from calibration.studies.blueprints import told
from calibration.studies.run import SectionStudy, Study
from calibration.studies.sums import Sums
from engine.arrays import FloatArray, IntArray
from engine.classification import Outcome
from engine.constraints import Constraint, Quota, Sets, Specification

MEANS = {
    "bias": "bias",
    "mean_se": "se",
    "coverage": "coverage",
    "mean_length": "length",
    "mean_seconds": "seconds",
    "classification_accuracy": "classification_accuracy",
    "classification_consistency": "classification_consistency",
    "false_positives": "false_positives",
    "false_negatives": "false_negatives",
    "forced_decisions": "forced_decisions",
    "constraints_kept": "constraints_kept",
    "retake_length": "retake_length",
    "retake_classification_accuracy": "retake_classification_accuracy",
}
"""Figures that are means over candidates, by the name of what is averaged."""

ROOTS = {"rmse": "squared_error", "retake_rmse": "retake_squared_error"}


def figures(study: Study) -> dict[str, Any]:
    """Return what `samatthana simulate --json` prints: plain values, None for no number.

    The figures at the top are of the one section, or over all sections' exams.
    """
    sections = [section_figures(each) for each in study.sections]
    found: dict[str, Any] = {
        "title": study.file.title,
        "n": study.n,
        "n_without_answers": study.n_without,
        "seed": study.file.seed,
        "classification_accuracy": None,
        **(sections[0] if len(sections) == 1 else _over(study)),
    }
    if len(sections) > 1:
        found["sections"] = sections
        found["sitting"] = {name: _mean(np.array(moments)) for name, moments in study.whole.items()}
    return found


def section_figures(study: SectionStudy) -> dict[str, Any]:
    """Return the figures of one section."""
    design, sums = study.section.design, study.sums
    given = sums.given.sum(axis=0)
    n = int(sums.lengths.sum())
    return {
        "section": study.section.name,
        "n_items": len(design.pool),
        "provisional": study.section.provisional,
        **summary(sums.moments, given, n, slice(None)),
        "exposure": exposure(study),
        "constraints": constraints(study),
        "cuts": list(design.cuts),
        "decisions": [_cut(study, level) for level in range(1, len(design.cuts) + 1)],
        "levels": sums.levels.tolist() if design.decision else None,
        "levels_of_two_sittings": sums.repeated.tolist() if sums.repeated.sum() else None,
        "lengths": sums.lengths.tolist(),
        "reasons": {
            reason.name.lower(): int(count)
            for reason, count in zip(engine.Reason, sums.reasons.tolist(), strict=True)
            if count
        },
        "by_ability": [
            {"low": _plain(low), "high": _plain(high), "n": _count(sums, band)}
            | summary(sums.moments, sums.given[band], _count(sums, band), slice(band, band + 1))
            for band, (low, high) in enumerate(study.bands.ends())
        ],
    }


def summary(
    moments: Mapping[str, FloatArray], given: IntArray, n: int, bands: slice
) -> dict[str, Any]:
    """Return the figures of the candidates of some bands, with standard errors."""
    totals = {name: table[bands].sum(axis=0) for name, table in moments.items()}
    found: dict[str, Any] = {}
    for name, of in ROOTS.items():
        if of in totals:
            found |= _with_se(name, *_root(totals[of]))
    for name, of in MEANS.items():
        if of in totals:
            found |= _with_se(name, _mean(totals[of]), _se(totals[of]))
    rate = float(given.max()) / n if n else nan
    length = _mean(totals["length"]) or nan
    found |= _with_se("max_exposure", rate, sqrt(rate * (1 - rate) / n) if n else nan)
    overlap = engine.average_overlap(given.astype(np.float64), n)
    # A U-statistic of order 2 (Hoeffding, 1948): twice the standard error of a candidate's share.
    found |= _with_se("overlap", overlap, 2.0 * (_se(totals["met"]) or nan) / length)
    if "retake_shared" in totals:
        shared = totals["retake_shared"]
        found |= _with_se(
            "retake_overlap", (_mean(shared) or 0.0) / length, (_se(shared) or nan) / length
        )
    return found


def exposure(study: SectionStudy) -> dict[str, Any]:
    """Return how the exposure of items is distributed."""
    n = int(study.sums.lengths.sum())
    rates = study.sums.given.sum(axis=0) / n
    percents = (0, 10, 25, 50, 75, 90, 100)
    found: dict[str, Any] = {
        "max": float(rates.max()),
        "unused": int((rates == 0).sum()),
        "below_2_percent": int((rates < 0.02).sum()),
        "quantiles": {
            str(percent): float(value)
            for percent, value in zip(percents, np.percentile(rates, percents), strict=True)
        },
        "max_by_ability": [
            _plain(float(given.max()) / _count(study.sums, band))
            if _count(study.sums, band)
            else None
            for band, given in enumerate(study.sums.given)
        ],
    }
    if study.parameters is not None:
        found["settled"] = study.parameters.settled
        found["rate_at_check"] = float(study.parameters.rates.max())
    return found


def constraints(study: SectionStudy) -> list[dict[str, Any]] | None:
    """Return how each constraint was kept, in the order of the file; None where there are none.

    `kept`, `below` and `above` are shares of all exams; `mean_violation` is the mean over all exams
    of how far they were off, 0 for those that kept it, in the constraint's own unit.
    """
    counted, kept = study.section.counted, study.sums.kept
    if counted is None or kept is None:
        return None
    n = int(study.sums.lengths.sum())
    demands = dict(zip(counted.names, (None, *counted.constraints), strict=True))
    shown = told(counted)
    return [
        {"name": name}
        | demanded(counted, demands[name])
        | _with_se("kept", *_proportion(n - int(below + above), n))
        | {"below": float(below) / n, "above": float(above) / n}
        | {"mean_violation": float(beyond) / n, "worst_violation": float(worst)}
        for name, below, above, beyond, worst in zip(
            counted.names, kept.below, kept.above, kept.beyond, kept.worst, strict=True
        )
        if name in shown
    ]


def demanded(specification: Specification, constraint: Constraint | None) -> dict[str, Any]:
    """Return what a constraint demands: its kind, and min, max and share where it has them.

    Parameters
    ----------
    constraint
        None: the length.
    """
    low: float
    high: float
    if constraint is None:
        kind, (low, high) = "length", specification.length
    else:
        kind = type(constraint).__name__.lower()
        low = getattr(constraint, "low", -inf)
        high = getattr(constraint, "high", getattr(constraint, "most", inf))
    found = {"kind": kind, "min": _plain(low), "max": _plain(high)}
    if isinstance(constraint, Sets):
        number = {"sets_min": _plain(constraint.least), "sets_max": _plain(constraint.most)}
        return found | number
    return found | {"share": constraint.share} if isinstance(constraint, Quota) else found


def _proportion(count: int, n: int) -> tuple[float, float]:
    share = count / n
    return share, sqrt(share * (1 - share) / n)


def item_rows(study: Study) -> list[dict[str, Any]]:
    """Return a row for each item of each section: parameters, exposure, exposure by ability."""
    rows = []
    for each in study.sections:
        n = int(each.sums.lengths.sum())
        pool, given = each.section.design.pool, each.sums.given
        for place, name in enumerate(each.section.items):
            rate = float(given[:, place].sum()) / n
            row: dict[str, Any] = {
                "section": each.section.name,
                "item": name,
                "a": float(pool.a[place]),
                "b": float(np.nanmean(pool.b[place])),
                "exposure": rate,
                "exposure_se": sqrt(rate * (1 - rate) / n),
            }
            for band, count in enumerate(given[:, place].tolist()):
                total = _count(each.sums, band)
                row[f"exposure_band_{band + 1}"] = count / total if total else None
            if each.snapshot is not None:
                row["admission"] = float(each.snapshot.admission[:, place].min())
            rows.append(row)
    return rows


def _over(study: Study) -> dict[str, Any]:
    """The figures over the exams of all sections; exposure and overlap are the highest of any."""
    parts = [each.sums for each in study.sections]
    names = set.intersection(*(set(part.moments) for part in parts))
    kept = {
        name: np.stack([part.moments[name].sum(axis=0) for part in parts]) for name in sorted(names)
    }
    given = np.zeros(1, dtype=np.int64)
    found = summary(kept, given, study.n, slice(None))
    own = [section_figures(each) for each in study.sections]
    for name in ("max_exposure", "overlap", "retake_overlap"):
        worst = max((each for each in own if name in each), key=lambda each: each[name], default={})
        found |= {key: worst[key] for key in (name, f"{name}_mc_se") if key in worst}
    return found


def _cut(study: SectionStudy, level: int) -> dict[str, Any]:
    """What was decided at the cut of a level, and how often wrongly."""
    totals = {name: table.sum(axis=0) for name, table in study.sums.moments.items()}
    found: dict[str, Any] = {"level": level, "cut": study.section.design.cuts[level - 1]}
    for name in ("false_positives", "false_negatives", "wrongly_shown", "missed"):
        column = totals[f"{name}_{level}"]
        found |= _with_se(name, _mean(column), _se(column))
    counts = study.sums.outcomes[level - 1].tolist()
    found["outcomes"] = {
        outcome.name.lower(): int(count)
        for outcome, count in zip(Outcome, counts, strict=True)
        if count
    }
    return found


def _count(sums: Sums, band: int) -> int:
    return int(sums.moments["bias"][band, 0])


def _with_se(name: str, value: float | None, se: float | None) -> dict[str, float | None]:
    return {name: _plain(value), f"{name}_mc_se": _plain(se)}


def _mean(moments: FloatArray) -> float | None:
    n, total = moments[0], moments[1]
    return float(total / n) if n else None


def _se(moments: FloatArray) -> float | None:
    """Standard error of a mean."""
    n, total, squares = (float(each) for each in moments)
    if n < 2:
        return None
    variance = max(squares - total**2 / n, 0.0) / (n - 1)
    return sqrt(variance / n)


def _root(moments: FloatArray) -> tuple[float | None, float | None]:
    """The root of a mean and its standard error, by the delta method."""
    mean, se = _mean(moments), _se(moments)
    if mean is None:
        return None, None
    return sqrt(mean), se / (2 * sqrt(mean)) if se is not None and mean > 0 else None


def _plain(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
