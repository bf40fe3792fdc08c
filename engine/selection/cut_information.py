"""Information at the cut in question (Spray & Reckase, 1994; Eggen, 1999, for one cut)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine import models
from engine.arrays import FloatArray, IntArray
from engine.cut_tests import Side
from engine.errors import Problem
from engine.rounding import rounded
from engine.situation import Situation

CERTAIN = 1e-15
"""Probabilities nearer to 0 or 1 than this have the odds of this."""


@dataclass(frozen=True, slots=True)
class CutInformation:
    """The item that says most at the cut score whose decision is most in doubt.

    That is the cut, among those not settled yet, at which the odds of P(theta >= cut) are nearest
    to those of p*, on the log scale; of equally near ones the lowest. Where every cut is settled,
    all are looked at again.
    """

    name: Literal["cut"] = "cut"
    better: Literal["max"] = "max"

    def problems(self, prior: object, cuts: Sequence[float]) -> Iterator[Problem]:
        """Yield that cut scores are missing."""
        if not cuts:
            yield Problem("decision", None, "cut scores, since the rule looks at them")

    def criterion(self, situation: Situation) -> FloatArray:
        """Expected information of each item at each candidate's cut in question, (n, n_items)."""
        at_cuts = models.information(situation.tables.pool, np.array(situation.cuts))
        return at_cuts[cut_in_question(situation)]


def cut_in_question(situation: Situation) -> IntArray:
    """The place of each candidate's cut in question, shape (n,)."""
    doubt = np.abs(_log_odds(situation.p_above) - _log_odds(np.array(situation.p_star)))
    settled = situation.sides != Side.OPEN
    open_cuts = ~settled | settled.all(axis=1, keepdims=True)
    nearest: IntArray = np.where(open_cuts, rounded(doubt), np.inf).argmin(axis=1)
    return nearest


def _log_odds(p: FloatArray) -> FloatArray:
    inside = np.clip(p, CERTAIN, 1.0 - CERTAIN)
    odds: FloatArray = np.log(inside) - np.log1p(-inside)
    return odds
