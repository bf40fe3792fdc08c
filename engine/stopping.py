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
from engine.cut_tests import Side, posterior_sides
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
    STABLE = 6
    TIME = 7
    UNINFORMATIVE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingRule:
    """Between `min_items` and `max_items`, stop as soon as the result is good enough.

    The exam is over at the latest after `max_items`, after `seconds`, or when the pool has nothing
    more to give.

    Parameters
    ----------
    standard_error
        Good enough is a standard error of at most this; None: precision stops nothing.
    decision
        Good enough is that each cut is settled: P(theta >= cut) is at least `decision` (and at
        least the rule's p*), or at most 1 - `decision`; None: decisions stop nothing.
    require
        Where several of standard_error, decision or settled, and change are set: "any" of them, or
        "all".
    settled
        Good enough is that the decision rule's own test has settled each cut.
    change
        Good enough is that the last answer moved the estimate by at most this.
    information
        Over, once `min_items` are given, when no item that could come next has more expected
        information at the estimate than this.
    seconds
        Over when this much time was used, as `record` was told.

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
    settled: bool = False
    change: float | None = None
    information: float | None = None
    seconds: float | None = None

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
        sides: IntArray | None = None,
        moved: FloatArray | None = None,
        seconds: FloatArray | None = None,
        information: FloatArray | None = None,
        complete: BoolArray | None = None,
    ) -> IntArray:
        """Say of each candidate whether and why the exam is over: codes of `Reason`, shape (n,).

        A good enough result is named before the length, and the length before time and an empty
        pool. Of several that hold, decision and precision are named before a stable estimate.

        Parameters
        ----------
        sides
            Codes of `cut_tests.Side` by the decision rule's own test, shape (n, n_cuts).
        moved
            How far the last answer moved the estimate, infinite before the first.
        seconds
            Time used.
        information
            The most any item that could come next tells at the estimate; minus infinity if none.
        complete
            Whether the items given keep the blueprint: before, no result is good enough. None:
            they always do.
        """
        enough = n_given >= self.min_items
        if complete is not None:
            enough &= complete
        met = {
            Reason.PRECISE: self._precise(se),
            Reason.DECIDED: self._decided(p_above, classification, sides),
            Reason.STABLE: _at_most(moved, self.change, se.shape),
        }
        precise, decided, stable = (enough & holds for holds in self._required(met).values())
        over = {
            Reason.PRECISE_AND_DECIDED: precise & decided,
            Reason.DECIDED: decided,
            Reason.PRECISE: precise,
            Reason.STABLE: stable,
            Reason.LENGTH: n_given >= self.max_items,
            Reason.TIME: _at_least(seconds, self.seconds, se.shape),
            Reason.EXHAUSTED: n_left == 0,
            Reason.UNINFORMATIVE: enough & _at_most(information, self.information, se.shape),
        }
        codes = np.full(n_given.shape, int(Reason.GOING_ON), dtype=np.int64)
        for reason, holds in reversed(over.items()):
            codes[holds] = reason
        return codes

    @property
    def ends_early(self) -> bool:
        """Whether a result can be good enough before the longest exam."""
        enough = (self.standard_error, self.decision, self.change, self.information)
        return self.min_items < self.max_items and (
            self.settled or any(each is not None for each in enough)
        )

    @property
    def bounds(self) -> dict[Reason, float | None]:
        """What each reason is measured against; None where it stops nothing."""
        return {
            Reason.PRECISE: self.standard_error,
            Reason.DECIDED: self.decision,
            Reason.STABLE: self.change,
            Reason.LENGTH: float(self.max_items),
            Reason.TIME: self.seconds,
            Reason.UNINFORMATIVE: self.information,
        }

    def _required(self, met: dict[Reason, BoolArray]) -> dict[Reason, BoolArray]:
        """Under "all", each criterion that was set holds only where all of them do."""
        if self.require == "any":
            return met
        asked = {
            Reason.PRECISE: self.standard_error is not None,
            Reason.DECIDED: self.decision is not None or self.settled,
            Reason.STABLE: self.change is not None,
        }
        whole = np.logical_and.reduce([met[reason] | ~np.bool_(asked[reason]) for reason in met])
        return {reason: met[reason] & whole for reason in met}

    def _precise(self, se: FloatArray) -> BoolArray:
        return _at_most(se, self.standard_error, se.shape)

    def _decided(
        self, p_above: FloatArray, classification: DecisionRule | None, sides: IntArray | None
    ) -> BoolArray:
        if self.settled:
            found = sides
        elif self.decision is not None and classification is not None:
            found = posterior_sides(p_above, self.decision, classification.p_star)
        else:
            found = None
        if found is None:
            return np.zeros(p_above.shape[0], dtype=bool)
        decided: BoolArray = np.all(found != Side.OPEN, axis=1)
        return decided


def _at_most(values: FloatArray | None, bound: float | None, shape: tuple[int, ...]) -> BoolArray:
    if values is None or bound is None:
        return np.zeros(shape, dtype=bool)
    return rounded(values) <= rounded(bound)


def _at_least(values: FloatArray | None, bound: float | None, shape: tuple[int, ...]) -> BoolArray:
    if values is None or bound is None:
        return np.zeros(shape, dtype=bool)
    return rounded(values) >= rounded(bound)


def _problems(rule: StoppingRule) -> Iterator[Problem]:
    lengths = [
        *checks.whole_number("min_items", rule.min_items, low=1),
        *checks.whole_number("max_items", rule.max_items, low=1),
    ]
    yield from lengths
    if not lengths and rule.max_items < rule.min_items:
        yield Problem("max_items", rule.max_items, f"at least min_items = {rule.min_items}")
    for name in ("standard_error", "change", "information", "seconds"):
        if getattr(rule, name) is not None:
            lowest = "()" if name in ("standard_error", "seconds") else "[)"
            yield from checks.number(name, getattr(rule, name), low=0.0, high=np.inf, ends=lowest)
    if rule.decision is not None:
        yield from checks.number("decision", rule.decision, low=0.5, high=1.0, ends="[)")
    if rule.require not in ("any", "all"):
        yield Problem("require", rule.require, '"any" or "all"')
    if not isinstance(rule.settled, bool):
        yield Problem("settled", rule.settled, "true or false")
    elif rule.settled and rule.decision is not None:
        yield Problem("settled", True, "one of settled and decision, not both")
