"""Why the next item is the next item: every value and every rule behind one choice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np

from engine.adaptive import next_item
from engine.arrays import BoolArray, FloatArray
from engine.design import Design
from engine.errors import AnswerError, Problem
from engine.offer import offer
from engine.state import State
from engine.stopping import Reason


class Standing(StrEnum):
    """What stands between an item and the candidate."""

    ELIGIBLE = "eligible"
    GIVEN = "given before"
    OTHER_UNIT = "another unit is due"
    FINISHED = "the exam is over"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Explanation:
    """One choice laid open.

    Attributes
    ----------
    theta, se
        The estimate the items were valued at, and its standard error.
    rule, better
        The rule, and whether its largest or its smallest value wins.
    criterion, eligible, standing
        Each item's value, whether it could be given, and why or why not; one entry an item.
    unit
        The content unit that was due, or None.
    among, u
        How many of the best were drawn from, and the uniform number that drew.
    chosen
        The next item, or None where the exam is over.
    reason
        Why the exam is over, or that it goes on.
    """

    theta: float
    se: float
    rule: str
    better: Literal["max", "min"]
    criterion: FloatArray
    eligible: BoolArray
    standing: tuple[Standing, ...]
    unit: int | None
    among: int
    u: float
    chosen: int | None
    reason: Reason


def explain(design: Design, state: State) -> Explanation:
    """Explain the next choice for one candidate.

    Raises
    ------
    AnswerError
        If the state holds more or fewer than one candidate; `state.take(i)` picks one.
    """
    if len(state) != 1:
        problem = Problem("state", f"{len(state)} candidates", "one; take it with state.take(i)")
        raise AnswerError("Explanation", [problem])
    offered = offer(design, state)
    reason = Reason(int(state.reason[0]))
    chosen = int(next_item(design, state)[0])
    standing = _standing(offered.given[0], offered.eligible[0], reason)
    return Explanation(
        theta=float(state.theta[0]),
        se=float(state.se[0]),
        rule=design.rule.name,
        better=design.rule.better,
        criterion=offered.criterion[0],
        eligible=np.array([item is Standing.ELIGIBLE for item in standing]),
        standing=standing,
        unit=None if design.content is None else int(offered.unit[0]),
        among=design.randomesque,
        u=float(offered.u[0]),
        chosen=chosen if reason is Reason.GOING_ON else None,
        reason=reason,
    )


def _standing(given: BoolArray, eligible: BoolArray, reason: Reason) -> tuple[Standing, ...]:
    over = reason is not Reason.GOING_ON
    waiting = Standing.FINISHED if over else Standing.OTHER_UNIT
    free = Standing.FINISHED if over else Standing.ELIGIBLE
    return tuple(
        Standing.GIVEN if was_given else free if may_be_given else waiting
        for was_given, may_be_given in zip(given, eligible, strict=True)
    )
