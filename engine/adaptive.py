"""The adaptive exam as a state machine: start, next_item, record, finished, report.

Every function takes a batch of candidates; a live exam is a batch of one. Nothing is changed in
place: `record` returns the next state. The same design, seeds and answers give the same states,
in whatever batch and order they are computed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine.answers import checked_answers, checked_seeds
from engine.arrays import BoolArray, FloatArray, IntArray, SeedArray, frozen
from engine.design import Design
from engine.posterior import Posterior
from engine.randomness import Stream, uniform
from engine.selection import choose
from engine.selection.choice import NO_ITEM
from engine.state import EMPTY, State
from engine.stopping import Reason


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """Results of n candidates.

    Attributes
    ----------
    theta, se
        EAP estimate and posterior standard deviation, shape (n,).
    p_above
        P(theta >= cut), shape (n, n_cuts); no column without a decision rule.
    level
        The highest level shown, 0 for none, shape (n,).
    n_items
        How many items were answered, shape (n,).
    reason
        Codes of `stopping.Reason`: why the exam is over, or that it is not, shape (n,).
    """

    theta: FloatArray
    se: FloatArray
    p_above: FloatArray
    level: IntArray
    n_items: IntArray
    reason: IntArray


def start(design: Design, seeds: ArrayLike) -> State:
    """Return the state of candidates who have seen no item.

    Parameters
    ----------
    seeds
        One secret 64-bit number a candidate, shape (n,), or a single one.

    Raises
    ------
    AnswerError
        Naming every seed that is no whole number from 0 to 2^64 - 1.
    """
    words = checked_seeds(seeds)
    empty = frozen(np.full((words.size, design.longest), EMPTY, dtype=np.int64))
    return _measured(
        design,
        posterior=Posterior.prior(design.grid, design.prior, words.size),
        items=empty,
        categories=empty,
        n_given=np.zeros(words.size, dtype=np.int64),
        seeds=words,
    )


def next_item(design: Design, state: State) -> IntArray:
    """Return the position in the pool of each candidate's next item, shape (n,); -1 if finished."""
    going_on = np.flatnonzero(state.reason == Reason.GOING_ON)
    if going_on.size == len(state):
        return offer(design, state).choice(design)
    items = np.full(len(state), NO_ITEM, dtype=np.int64)
    if going_on.size:
        items[going_on] = next_item(design, state.take(going_on))
    return items


def record(design: Design, state: State, items: ArrayLike, categories: ArrayLike) -> State:
    """Return the state after one more answer of each candidate.

    Parameters
    ----------
    items
        The items answered, as positions in the pool, shape (n,) or one number for one candidate;
        -1 for a candidate whose exam is over.
    categories
        The answers' categories: 0 wrong, 1 right; of no account where the item is -1.

    Raises
    ------
    AnswerError
        Naming every answer to an item outside the pool or given before, of a category that the
        item does not have, or by a candidate whose exam is over. Nothing is recorded then.
    """
    items, categories = checked_answers(design, state, items, categories)
    answering = np.flatnonzero(items != EMPTY)
    if answering.size == len(state):
        return _advanced(design, state, items, categories)
    moved = _advanced(design, state.take(answering), items[answering], categories[answering])
    return state.put(answering, moved)


def finished(design: Design, state: State) -> IntArray:
    """Return codes of `stopping.Reason`, shape (n,): 0 while an exam goes on, else why it is over."""
    return state.reason


def report(design: Design, state: State) -> Report:
    """Return each candidate's result so far."""
    nobody = np.zeros(len(state), dtype=np.int64)
    level = nobody if design.decision is None else design.decision.level(state.p_above)
    return Report(
        theta=state.theta,
        se=state.se,
        p_above=state.p_above,
        level=frozen(level),
        n_items=state.n_given,
        reason=state.reason,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offer:
    """What can be given next, and what each item is worth; the ground of every choice.

    Attributes
    ----------
    criterion, given, eligible
        Shape (n, n_items).
    unit
        The content unit that is due, shape (n,); -1 without content balance.
    u
        The uniform number that chooses among the best, shape (n,); 0 where the best is taken.
    """

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
    given = state.given(len(design.pool))
    eligible = ~given
    unit = np.full(len(state), -1, dtype=np.int64)
    if design.content is not None:
        unit = design.content.due(given, eligible)
        eligible = eligible & (design.content.units == unit[:, None])
    return Offer(
        criterion=design.rule.criterion(design.tables, state.posterior, state.theta),
        given=given,
        eligible=eligible,
        unit=unit,
        u=_draw(design, state),
    )


def _draw(design: Design, state: State) -> FloatArray:
    """Return the numbers that choose among the best; zeros where there is nothing to choose."""
    if design.randomesque == 1:
        return np.zeros(len(state))
    return uniform(state.seeds, state.n_given, Stream.SELECT)


def _advanced(design: Design, state: State, items: IntArray, categories: IntArray) -> State:
    """Return the state after checked answers of all its candidates."""
    place = state.n_given[:, None]
    return _measured(
        design,
        posterior=state.posterior.after(design.tables.log_likelihood(items, categories)),
        items=_written(state.items, place, items),
        categories=_written(state.categories, place, categories),
        n_given=state.n_given + 1,
        seeds=state.seeds,
    )


def _written(rows: IntArray, place: IntArray, values: IntArray) -> IntArray:
    """Return `rows` with one value written at its place in each row."""
    longer = rows.copy()
    np.put_along_axis(longer, place, values[:, None], axis=1)
    return frozen(longer)


def _measured(
    design: Design,
    *,
    posterior: Posterior,
    items: IntArray,
    categories: IntArray,
    n_given: IntArray,
    seeds: SeedArray,
) -> State:
    """Complete a state with what its posterior says: estimate, probabilities, end."""
    score = posterior.score()
    p_above = posterior.probability_above(design.cuts)
    reason = design.stopping.reasons(
        n_given=n_given,
        n_left=len(design.pool) - n_given,
        se=score.se,
        p_above=p_above,
        classification=design.decision,
    )
    return State(
        posterior=posterior,
        items=items,
        categories=categories,
        n_given=frozen(n_given),
        seeds=seeds,
        theta=frozen(score.theta),
        se=frozen(score.se),
        p_above=frozen(p_above),
        reason=frozen(reason),
    )
