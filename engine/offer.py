"""What can come next, and what it is worth: the ground of every choice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine import models
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.design import Design
from engine.randomness import Stream, uniform
from engine.selection import choose
from engine.selection.rule import Narrowing, worth
from engine.situation import Situation
from engine.state import State


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offer:
    """What can be given next, and what each item is worth; the ground of every choice.

    Attributes
    ----------
    situation
        What the rule looked at; its `eligible` are the items of the due unit not given before.
    criterion
        What each item is worth, in the rule's own unit, shape (n, n_items).
    given, eligible
        Which items were given before, and which may come next, shape (n, n_items).
    unit
        The content unit that is due, shape (n,); -1 without content balance.
    u
        The uniform number that chooses among the best, shape (n,); 0 where the best is taken.
    """

    situation: Situation
    criterion: FloatArray
    given: BoolArray
    eligible: BoolArray
    unit: IntArray
    u: FloatArray

    def choice(self, design: Design) -> IntArray:
        """Return the item chosen for each candidate, shape (n,)."""
        return choose(
            self.criterion,
            self.eligible,
            better=design.rule.better,
            among=design.randomesque,
            u=self.u,
        )


def offer(design: Design, state: State) -> Offer:
    """Value every item for every candidate, and say which are eligible."""
    unit, given = _due(design, state)
    seen = _situation(design, state, unit, given)
    return Offer(
        situation=seen,
        criterion=worth(design.rule, seen),
        given=given,
        eligible=_allowed(design, seen),
        unit=unit,
        u=_draw(design, state),
    )


def situation(design: Design, state: State) -> Situation:
    """Return what a rule may look at."""
    return _situation(design, state, *_due(design, state))


def most_information(design: Design, state: State) -> FloatArray:
    """The most that any item that could come next tells at the estimate, shape (n,); else -inf."""
    seen = situation(design, state)
    information = models.information(design.pool, state.theta)
    most: FloatArray = np.where(_allowed(design, seen), information, -np.inf).max(axis=1)
    return most


def _situation(design: Design, state: State, unit: IntArray, given: BoolArray) -> Situation:
    eligible = ~given
    if design.content is not None:
        eligible &= design.content.units == unit[:, None]
    return Situation(
        tables=design.tables,
        prior=design.prior,
        log_prior=design.tables.log_prior,
        posterior=state.posterior,
        theta=state.theta,
        se=state.se,
        items=state.items,
        categories=state.categories,
        n_given=state.n_given,
        longest=design.longest,
        seeds=state.seeds,
        eligible=eligible,
        decision=design.decision,
        confidence=design.stopping.decision,
        p_above=state.p_above,
    )


def _due(design: Design, state: State) -> tuple[IntArray, BoolArray]:
    """The content unit due, -1 without content balance, and which items were given before."""
    given = state.given(len(design.pool))
    if design.content is None:
        return np.full(len(state), -1, dtype=np.int64), given
    return design.content.due(given, ~given), given


def _allowed(design: Design, seen: Situation) -> BoolArray:
    """Which of the eligible items the rule does not set aside."""
    if isinstance(design.rule, Narrowing):
        return design.rule.allowed(seen)
    return seen.eligible


def _draw(design: Design, state: State) -> FloatArray:
    """Return the numbers that choose among the best; zeros where there is nothing to choose."""
    if design.randomesque == 1:
        return np.zeros(len(state))
    return uniform(state.seeds, state.n_given, Stream.SELECT)
