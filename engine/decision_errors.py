"""How often simulated exams decide a cut wrongly: settled, or by force at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import BoolArray, FloatArray
from engine.classification import Outcome
from engine.errors import AnswerError, Problem
from engine.simulation import Simulation


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecisionErrors:
    """Shares of n simulated exams, for each cut, shape (n_cuts,) each.

    Attributes
    ----------
    settled
        Decided because the cut was settled: the evidence crossed a bound.
    settled_wrongly
        Of those, found on the wrong side of the cut; NaN where there are none.
    forced
        Decided by force, since the exam ended before the cut was settled.
    forced_wrongly
        Of those, found on the wrong side; NaN where there are none.
    undecided
        Not yet shown.
    """

    settled: FloatArray
    settled_wrongly: FloatArray
    forced: FloatArray
    forced_wrongly: FloatArray
    undecided: FloatArray


def decision_errors(simulation: Simulation, cuts: tuple[float, ...]) -> DecisionErrors:
    """Compare what simulated exams say of each cut with the true abilities.

    Raises
    ------
    AnswerError
        If the exams were of another number of cuts.
    """
    outcome = simulation.report.outcome
    if outcome.shape[1] != len(cuts):
        problem = Problem("cuts", cuts, f"the {outcome.shape[1]} cuts of the exams' design")
        raise AnswerError("Decision errors", [problem])
    above = simulation.theta[:, None] >= np.array(cuts)
    settled = (outcome == Outcome.SHOWN) | (outcome == Outcome.NOT_SHOWN)
    forced = (outcome == Outcome.FORCED_SHOWN) | (outcome == Outcome.FORCED_NOT_SHOWN)
    shown = (outcome == Outcome.SHOWN) | (outcome == Outcome.FORCED_SHOWN)
    wrong = shown != above
    return DecisionErrors(
        settled=settled.mean(axis=0),
        settled_wrongly=_share(wrong, settled),
        forced=forced.mean(axis=0),
        forced_wrongly=_share(wrong, forced),
        undecided=(~settled & ~forced).mean(axis=0),
    )


def _share(wrong: BoolArray, among: BoolArray) -> FloatArray:
    count = among.sum(axis=0).astype(np.float64)
    found = (wrong & among).sum(axis=0).astype(np.float64)
    share: FloatArray = np.divide(found, count, out=np.full_like(count, np.nan), where=count > 0)
    return share
