"""The adaptive exam as a state machine: start, next_item, record, finished, report.

Every function takes a batch of candidates; a live exam is a batch of one. Nothing is changed in
place: `record` returns the next state. The same design, seeds and answers give the same states,
in whatever batch and order they are computed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from engine.answers import checked_answers, checked_seconds, checked_seeds
from engine.arrays import BoolArray, FloatArray, IntArray, SeedArray, frozen
from engine.balance import Completing
from engine.classification import shown_level
from engine.design import Design
from engine.errors import AnswerError, Problem
from engine.exposure import Snapshot, draws
from engine.offer import most_information, offer, planned, situation
from engine.posterior import Posterior
from engine.selection.choice import NO_ITEM
from engine.shortcut import Shortcut
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
    outcome
        Codes of `classification.Outcome`: what is said of each cut, shape (n, n_cuts).
    """

    theta: FloatArray
    se: FloatArray
    p_above: FloatArray
    level: IntArray
    n_items: IntArray
    reason: IntArray
    outcome: IntArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))


def start(
    design: Design,
    seeds: ArrayLike,
    snapshot: Snapshot | None = None,
    *,
    closed: BoolArray | None = None,
) -> State:
    """Return the state of candidates who have seen no item.

    Parameters
    ----------
    seeds
        One secret 64-bit number a candidate, shape (n,), or a single one.
    snapshot
        The exposure of items that these exams are pinned to; by default that before anybody sat,
        where the design controls exposure.
    closed
        Items that cannot be given to a candidate, such as those of an earlier sitting, shape (n,
        n_items). An exam is over when nothing else is left.

    Raises
    ------
    AnswerError
        Naming every seed that is no whole number from 0 to 2^64 - 1, and a snapshot or closed items
        that do not fit the design.
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
        before=np.full(words.size, np.inf),
        seconds=np.zeros(words.size),
        plan=np.zeros((words.size, 0), dtype=np.int64),
        snapshot=_pinned(design, snapshot),
        u=None if design.exposure is None else frozen(draws(words, len(design.pool))),
        closed=_closed(closed, (words.size, len(design.pool))),
    )


def next_item(design: Design, state: State, shortcut: Shortcut | None = None) -> IntArray:
    """Return the position in the pool of each candidate's next item, shape (n,); -1 if finished.

    Parameters
    ----------
    shortcut
        Made of the same design, it spares a single candidate the valuing of all items; the choice
        is the same.
    """
    going_on = np.flatnonzero(state.reason == Reason.GOING_ON)
    if shortcut is not None and going_on.size == len(state) == 1 and state.closed is None:
        item = shortcut.next_item(state)
        if item != NO_ITEM:
            return np.array([item])
    if going_on.size == len(state):
        return offer(design, state).choice(design)
    items = np.full(len(state), NO_ITEM, dtype=np.int64)
    if going_on.size:
        items[going_on] = next_item(design, state.take(going_on))
    return items


def record(
    design: Design,
    state: State,
    items: ArrayLike,
    categories: ArrayLike,
    *,
    seconds: ArrayLike = 0.0,
) -> State:
    """Return the state after one more answer of each candidate.

    Parameters
    ----------
    items
        The items answered, as positions in the pool, shape (n,) or one number for one candidate;
        -1 for a candidate whose exam is over.
    categories
        The answers' categories: 0 wrong, 1 right; of no account where the item is -1.
    seconds
        Time each answer took, shape (n,), or one number for all.

    Raises
    ------
    AnswerError
        Naming every answer to an item outside the pool or given before, of a category that the
        item does not have, or by a candidate whose exam is over, and every impossible time.
        Nothing is recorded then.
    """
    items, categories = checked_answers(design, state, items, categories)
    time = checked_seconds(seconds, len(state))
    answering = np.flatnonzero(items != EMPTY)
    if answering.size == len(state):
        return _advanced(design, state, items, categories, time)
    moved = _advanced(
        design, state.take(answering), items[answering], categories[answering], time[answering]
    )
    return state.put(answering, moved)


def finished(design: Design, state: State) -> IntArray:
    """Return codes of `stopping.Reason`, shape (n,): 0 while an exam goes on, else why it is over."""
    return state.reason


def report(design: Design, state: State) -> Report:
    """Return each candidate's result so far."""
    outcome, level = _decided(design, state)
    return Report(
        theta=state.theta,
        se=state.se,
        p_above=state.p_above,
        level=frozen(level),
        n_items=state.n_given,
        outcome=frozen(outcome),
        reason=state.reason,
    )


def _decided(design: Design, state: State) -> tuple[IntArray, IntArray]:
    """What is said of each cut, shape (n, n_cuts), and the level shown, shape (n,)."""
    if design.decision is None:
        return np.zeros((len(state), 0), dtype=np.int64), np.zeros(len(state), dtype=np.int64)
    over = state.reason != Reason.GOING_ON
    if design.decision.test is None:
        confidence = design.stopping.decision
        outcome = design.decision.posterior_outcome(state.p_above, confidence, over)
        return outcome, design.decision.level(state.p_above)
    seen = situation(design, state)
    outcome = design.decision.outcome(state.p_above, seen.sides, seen.leaning, over)
    return outcome, shown_level(outcome)


def _advanced(
    design: Design, state: State, items: IntArray, categories: IntArray, seconds: FloatArray
) -> State:
    """Return the state after checked answers of all its candidates."""
    place = state.n_given[:, None]
    return _measured(
        design,
        posterior=state.posterior.after(design.tables.log_likelihood(items, categories)),
        items=_written(state.items, place, items),
        categories=_written(state.categories, place, categories),
        n_given=state.n_given + 1,
        seeds=state.seeds,
        before=state.theta,
        seconds=state.seconds + seconds,
        plan=state.plan,
        snapshot=state.snapshot,
        u=state.u,
        closed=state.closed,
    )


def _pinned(design: Design, snapshot: Snapshot | None) -> Snapshot | None:
    """Return the snapshot that fits the design."""
    if design.exposure is None:
        fits, expected = snapshot is None, "none: the design controls no exposure"
        shape: tuple[int, ...] = ()
    else:
        shape = (design.exposure.n_segments, len(design.pool))
        snapshot = snapshot or Snapshot.open(*shape)
        fits, expected = snapshot.admission.shape == shape, f"admission of shape {shape}"
    if not fits and snapshot is not None:
        found = f"admission of shape {snapshot.admission.shape}"
        raise AnswerError("Start", [Problem("snapshot", found, expected)])
    return snapshot


def _closed(closed: BoolArray | None, shape: tuple[int, int]) -> BoolArray | None:
    """Return the closed items; None where there are none."""
    if closed is None or not np.any(closed):
        return None
    if closed.shape != shape or closed.dtype != np.bool_:
        found = f"{closed.dtype} of shape {closed.shape}"
        raise AnswerError("Start", [Problem("closed", found, f"truth values of shape {shape}")])
    return frozen(closed)


def _n_left(design: Design, state: State) -> IntArray:
    """How many items can still be given, shape (n,)."""
    if state.closed is None:
        return len(design.pool) - state.n_given
    left: IntArray = state.left(len(design.pool)).sum(axis=1)
    return left


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
    before: FloatArray,
    seconds: FloatArray,
    plan: IntArray,
    snapshot: Snapshot | None,
    u: FloatArray | None,
    closed: BoolArray | None,
) -> State:
    """Complete a state with what its posterior says: estimate, probabilities, end."""
    score = posterior.score()
    state = State(
        posterior=posterior,
        items=items,
        categories=categories,
        n_given=frozen(n_given),
        seeds=seeds,
        theta=frozen(score.theta),
        se=frozen(score.se),
        p_above=frozen(posterior.probability_above(design.cuts)),
        moved=frozen(np.abs(score.theta - before)),
        seconds=frozen(seconds),
        reason=np.zeros(n_given.shape, dtype=np.int64),
        plan=plan,
        snapshot=snapshot,
        u=u,
        closed=closed,
    )
    return _with_plan(design, replace(state, reason=frozen(_reasons(design, state))))


def _with_plan(design: Design, state: State) -> State:
    """Let the content balance plan for those who go on; the others keep what was planned."""
    going_on = np.flatnonzero(state.reason == Reason.GOING_ON)
    if design.content is None or not going_on.size:
        return state
    plan = planned(design, state.take(going_on))
    if going_on.size == len(state):
        return replace(state, plan=frozen(plan))
    rows = np.full((len(state), plan.shape[1]), EMPTY, dtype=np.int64)
    rows[:, : state.plan.shape[1]] = state.plan
    rows[going_on] = plan
    return replace(state, plan=frozen(rows))


def _reasons(design: Design, state: State) -> IntArray:
    """Codes of `stopping.Reason`; what only some designs stop on is computed only for them."""
    stopping = design.stopping
    return stopping.reasons(
        n_given=state.n_given,
        n_left=_n_left(design, state),
        se=state.se,
        p_above=state.p_above,
        classification=design.decision,
        sides=situation(design, state).sides if stopping.settled else None,
        moved=state.moved,
        seconds=state.seconds,
        information=most_information(design, state) if stopping.information is not None else None,
        complete=_complete(design, state),
    )


def _complete(design: Design, state: State) -> BoolArray | None:
    """Whose items keep the blueprint, shape (n,); None where an exam may end whatever it gave."""
    if not design.stopping.ends_early or not isinstance(design.content, Completing):
        return None
    return design.content.complete(situation(design, state))
