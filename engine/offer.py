"""What can come next, and what it is worth: the ground of every choice."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine import models
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.balance import Dividing, Weighing
from engine.design import Design
from engine.exposure import admitted
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
        What the rule looked at; its `eligible` are the items of the due unit that were not given
        before and are not withheld.
    criterion
        What each item is worth, in the rule's own unit, shape (n, n_items); where the content
        balance weighs that, as weighed.
    given, withheld, allowed, eligible
        Which items were given before, which are held back to spare them, which the rule does not
        set aside, and which may come next, shape (n, n_items).
    unit
        The content unit that is due, shape (n,); -1 where the content has no such units.
    u
        The uniform number that chooses among the best, shape (n,); 0 where the best is taken.
    """

    situation: Situation
    criterion: FloatArray
    given: BoolArray
    withheld: BoolArray
    allowed: BoolArray
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
    open_items = _open(design, state)
    seen = _situation(design, state, open_items)
    criterion, allowed = worth(design.rule, seen), _allowed(design, seen)
    eligible = allowed
    if isinstance(design.content, Weighing):
        larger_wins = design.rule.better == "max"
        narrowed = replace(seen, eligible=allowed)
        criterion, eligible = design.content.weighed(narrowed, criterion, larger_wins)
    return Offer(
        situation=seen,
        criterion=criterion,
        given=open_items.given,
        withheld=open_items.withheld,
        allowed=allowed,
        eligible=eligible,
        unit=open_items.unit,
        u=_draw(design, state),
    )


def planned(design: Design, state: State) -> IntArray:
    """Return what the content balance plans for candidates who go on, shape (n, width)."""
    if not isinstance(design.content, Weighing):
        return state.plan
    seen = _situation(design, state, _open(design, state))
    narrowed = replace(seen, eligible=_allowed(design, seen))
    return design.content.plan(narrowed, worth(design.rule, seen), design.rule.better == "max")


def situation(design: Design, state: State) -> Situation:
    """Return what a rule may look at."""
    return _situation(design, state, _open(design, state))


def most_information(design: Design, state: State) -> FloatArray:
    """The most that any item that could come next tells at the estimate, shape (n,); else -inf."""
    seen = situation(design, state)
    information = models.information(design.pool, state.theta)
    most: FloatArray = np.where(_allowed(design, seen), information, -np.inf).max(axis=1)
    return most


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Open:
    """What stands open before any item is valued, shape (n, n_items) each; `unit` (n,)."""

    given: BoolArray
    withheld: BoolArray
    eligible: BoolArray
    unit: IntArray


def _open(design: Design, state: State) -> _Open:
    given, left = state.given(len(design.pool)), state.left(len(design.pool))
    withheld = _withheld(design, state, left)
    available = left & ~withheld
    if not isinstance(design.content, Dividing):
        unit = np.full(len(state), -1, dtype=np.int64)
        return _Open(given=given, withheld=withheld, eligible=available, unit=unit)
    unit = design.content.due(given, available)
    eligible = available & design.content.of_unit(unit)
    return _Open(given=given, withheld=withheld, eligible=eligible, unit=unit)


def _withheld(design: Design, state: State, left: BoolArray) -> BoolArray:
    """Which items are held back; none where nothing else is left to give."""
    if design.exposure is None or state.snapshot is None or state.u is None:
        return np.zeros_like(left)
    shut = ~admitted(design.exposure, state.snapshot, state.u, state.theta)
    some_open = (left & ~shut).any(axis=1, keepdims=True)
    withheld: BoolArray = shut & some_open & left
    return withheld


def _situation(design: Design, state: State, open_items: _Open) -> Situation:
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
        eligible=open_items.eligible,
        closed=state.closed,
        plan=state.plan,
        decision=design.decision,
        confidence=design.stopping.decision,
        p_above=state.p_above,
    )


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
