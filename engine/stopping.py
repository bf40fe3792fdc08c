"""When an exam ends, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.classification import DecisionRule
from engine.errors import DesignError, Problem
from engine.rounding import rounded


class Reason(IntEnum):
    """Why a candidate's exam is over; `GOING_ON` while it is not."""

    GOING_ON = 0
    PRECISE = 1
    DECIDED = 2
    PRECISE_AND_DECIDED = 3
    LENGTH = 4
    EXHAUSTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingRule:
    """Between `min_items` and `max_items`, stop as soon as the result is good enough.

    Parameters
    ----------
    standard_error
        Good enough is a standard error of at most this; None: precision stops nothing.
    decision
        Good enough is that each cut is settled: P(theta >= cut) is at least `decision` (and at
        least the rule's p*), or at most 1 - `decision`; None: decisions stop nothing.
    require
        Where both are set: "any" of them, or "all".

    Raises
    ------
    DesignError
        Naming everything that is wrong.
    """

    min_items: int = 1
    max_items: int
    standard_error: float | None = None
    decision: float | None = None
    require: Literal["any", "all"] = "any"

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise DesignError("Stopping rule", problems)

    def reasons(
        self,
        *,
        n_given: IntArray,
        n_left: IntArray,
        se: FloatArray,
        p_above: FloatArray,
        classification: DecisionRule | None,
    ) -> IntArray:
        """Say of each candidate whether and why the exam is over: codes of `Reason`, shape (n,).

        A good enough result is named before the length, and the length before an empty pool.
        """
        enough = n_given >= self.min_items
        precise = enough & self._precise(se)
        decided = enough & self._decided(p_above, classification)
        if self._needs_both():
            precise = decided = precise & decided
        over = {
            Reason.PRECISE_AND_DECIDED: precise & decided,
            Reason.DECIDED: decided,
            Reason.PRECISE: precise,
            Reason.LENGTH: n_given >= self.max_items,
            Reason.EXHAUSTED: n_left == 0,
        }
        codes = np.full(n_given.shape, int(Reason.GOING_ON), dtype=np.int64)
        for reason, holds in reversed(over.items()):
            codes[holds] = reason
        return codes

    def _needs_both(self) -> bool:
        return (
            self.require == "all" and self.standard_error is not None and self.decision is not None
        )

    def _precise(self, se: FloatArray) -> BoolArray:
        if self.standard_error is None:
            return np.zeros(se.shape, dtype=bool)
        return rounded(se) <= rounded(self.standard_error)

    def _decided(self, p_above: FloatArray, classification: DecisionRule | None) -> BoolArray:
        if self.decision is None or classification is None:
            return np.zeros(p_above.shape[0], dtype=bool)
        above = rounded(p_above)
        shown = above >= rounded(max(self.decision, classification.p_star))
        settled = shown | (above <= rounded(1.0 - self.decision))
        decided: BoolArray = np.all(settled, axis=1)
        return decided


def _problems(rule: StoppingRule) -> Iterator[Problem]:
    lengths = [
        *checks.whole_number("min_items", rule.min_items, low=1),
        *checks.whole_number("max_items", rule.max_items, low=1),
    ]
    yield from lengths
    if not lengths and rule.max_items < rule.min_items:
        yield Problem("max_items", rule.max_items, f"at least min_items = {rule.min_items}")
    if rule.standard_error is not None:
        yield from checks.number(
            "standard_error", rule.standard_error, low=0.0, high=np.inf, ends="()"
        )
    if rule.decision is not None:
        yield from checks.number("decision", rule.decision, low=0.5, high=1.0, ends="[)")
    if rule.require not in ("any", "all"):
        yield Problem("require", rule.require, '"any" or "all"')
