"""Why the next item is the next item, and why an exam is over: every value behind a step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np

from engine.adaptive import next_item, record, start
from engine.arrays import BoolArray, FloatArray
from engine.balance import Dividing
from engine.cut_tests import Side
from engine.design import Design
from engine.errors import AnswerError, Problem
from engine.offer import Offer, most_information, offer, situation
from engine.rounding import rounded
from engine.selection.rule import in_full
from engine.state import State
from engine.stopping import Reason


class Standing(StrEnum):
    """What stands between an item and the candidate."""

    ELIGIBLE = "eligible"
    GIVEN = "given before"
    WITHHELD = "held back to spare it"
    OTHER_UNIT = "another unit is due"
    OUTSIDE_PLAN = "not in the test planned to keep the blueprint"
    SET_ASIDE = "the rule sets it aside for now"
    FINISHED = "the exam is over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One thing an exam may stop on.

    Attributes
    ----------
    name
        A field of the stopping rule: max_items, standard_error, decision, settled, change, seconds
        or information; "items left" for the pool.
    value, bound
        Where the candidate stands, and where the exam would stop; for "decision" and "settled"
        the number of cuts settled, and of all cuts.
    met
        Whether the bound is reached. Fewest items, and that all of several are required, are the
        business of the reason.
    """

    name: str
    value: float
    bound: float
    met: bool


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
    grounds
        How far the candidate is from everything the exam may stop on.
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
    grounds: tuple[Ground, ...]


def explain(design: Design, state: State) -> Explanation:
    """Explain the next choice for one candidate.

    Raises
    ------
    AnswerError
        If the state holds more or fewer than one candidate; `state.take(i)` picks one.
    """
    _one(state)
    offered = offer(design, state)
    reason = Reason(int(state.reason[0]))
    chosen = int(next_item(design, state)[0])
    standing = _standing(offered, reason)
    return Explanation(
        theta=float(state.theta[0]),
        se=float(state.se[0]),
        rule=design.rule.name,
        better=design.rule.better,
        criterion=in_full(design.rule, offered.situation, offered.criterion)[0],
        eligible=np.array([item is Standing.ELIGIBLE for item in standing]),
        standing=standing,
        unit=int(offered.unit[0]) if isinstance(design.content, Dividing) else None,
        among=design.randomesque,
        u=float(offered.u[0]),
        chosen=chosen if reason is Reason.GOING_ON else None,
        reason=reason,
        grounds=tuple(_grounds(design, state)),
    )


def explain_course(design: Design, state: State) -> tuple[Explanation, ...]:
    """Explain every step of one candidate's exam, from before the first item to where it stands.

    The answers are sat through again from the start: explanation k is of the choice made after k
    answers, and the last one of what comes next or why nothing does. The time used is known only
    in sum, and stands at the last step.

    Raises
    ------
    AnswerError
        If the state holds more or fewer than one candidate.
    """
    _one(state)
    told = []
    then = start(design, state.seeds, state.snapshot)
    n_given = int(state.n_given[0])
    for place in range(n_given):
        told.append(explain(design, then))
        then = record(design, then, state.items[:, place], state.categories[:, place])
    return (*told, explain(design, state))


def _one(state: State) -> None:
    if len(state) != 1:
        problem = Problem("state", f"{len(state)} candidates", "one; take it with state.take(i)")
        raise AnswerError("Explanation", [problem])


def _standing(offered: Offer, reason: Reason) -> tuple[Standing, ...]:
    over = reason is not Reason.GOING_ON
    return tuple(
        _standing_of(over, *(bool(holds) for holds in item))
        for item in zip(
            offered.given[0],
            offered.withheld[0],
            offered.situation.eligible[0],
            offered.allowed[0],
            offered.eligible[0],
            strict=True,
        )
    )


def _standing_of(
    over: bool, given: bool, withheld: bool, in_unit: bool, allowed: bool, eligible: bool
) -> Standing:
    """Name the first thing that stands between an item and the candidate."""
    if eligible and not given and not over:
        return Standing.ELIGIBLE
    hindrances = {
        Standing.GIVEN: given,
        Standing.FINISHED: over,
        Standing.WITHHELD: withheld,
        Standing.OTHER_UNIT: not in_unit,
        Standing.SET_ASIDE: not allowed,
        Standing.OUTSIDE_PLAN: True,
    }
    return next(name for name, holds in hindrances.items() if holds)


def _grounds(design: Design, state: State) -> Iterator[Ground]:
    """Yield everything that this design's exams may stop on."""
    rule, n_given = design.stopping, int(state.n_given[0])
    yield _reached("max_items", n_given, rule.max_items)
    yield _fallen("items left", len(design.pool) - n_given, 0.0)
    if rule.standard_error is not None:
        yield _fallen("standard_error", state.se[0], rule.standard_error)
    if rule.change is not None:
        yield _fallen("change", state.moved[0], rule.change)
    if rule.seconds is not None:
        yield _reached("seconds", state.seconds[0], rule.seconds)
    if rule.information is not None:
        yield _fallen("information", most_information(design, state)[0], rule.information)
    if rule.decision is not None or rule.settled:
        settled = (situation(design, state).sides != Side.OPEN).sum()
        yield _reached("settled" if rule.settled else "decision", settled, len(design.cuts))


def _reached(name: str, value: float, bound: float) -> Ground:
    met = bool(rounded(float(value)) >= rounded(float(bound)))
    return Ground(name=name, value=float(value), bound=float(bound), met=met)


def _fallen(name: str, value: float, bound: float) -> Ground:
    met = bool(rounded(float(value)) <= rounded(float(bound)))
    return Ground(name=name, value=float(value), bound=float(bound), met=met)
