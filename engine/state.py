"""Where candidates stand in their exams: the state that travels between the steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import BoolArray, FloatArray, IntArray, Scalar, SeedArray, frozen
from engine.exposure import Snapshot
from engine.posterior import Posterior

EMPTY = -1
"""Fills the places of items and answers that have not come yet."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """n candidates in the middle of their exams. Made by `start` and `record`, read by anyone.

    Attributes
    ----------
    posterior
        What is known of each ability.
    items, categories
        The items given and their answers, in order, padded with -1, shape (n, longest).
    n_given
        How many items were answered, shape (n,).
    seeds
        Each candidate's secret seed, shape (n,).
    theta, se
        EAP estimate and posterior standard deviation, shape (n,).
    p_above
        P(theta >= cut), shape (n, n_cuts).
    moved
        How far the last answer moved the estimate, infinite before the first, shape (n,).
    seconds
        Time used, as `record` was told, shape (n,).
    reason
        Codes of `stopping.Reason`, shape (n,).
    plan
        What the content balance plans, shape (n, width); the width is 0 where none plans.
    snapshot
        The exposure of items that the exams were started with; None without exposure control.
    u
        The numbers that admit items to candidates, drawn at the start, shape (n, n_items); None
        without exposure control.
    closed
        Items that cannot be given to a candidate, whatever is best, shape (n, n_items); None where
        all can.
    """

    posterior: Posterior
    items: IntArray
    categories: IntArray
    n_given: IntArray
    seeds: SeedArray
    theta: FloatArray
    se: FloatArray
    p_above: FloatArray
    moved: FloatArray
    seconds: FloatArray
    reason: IntArray
    plan: IntArray
    snapshot: Snapshot | None
    u: FloatArray | None = None
    closed: BoolArray | None = None

    def __len__(self) -> int:
        return int(self.n_given.size)

    def take(self, candidates: ArrayLike) -> State:
        """Return the state of the candidates at these positions, in this order."""
        rows = np.atleast_1d(np.asarray(candidates, dtype=np.int64))
        return State(
            posterior=Posterior(self.posterior.grid, frozen(self.posterior.log_density[rows])),
            items=frozen(self.items[rows]),
            categories=frozen(self.categories[rows]),
            n_given=frozen(self.n_given[rows]),
            seeds=frozen(self.seeds[rows]),
            theta=frozen(self.theta[rows]),
            se=frozen(self.se[rows]),
            p_above=frozen(self.p_above[rows]),
            moved=frozen(self.moved[rows]),
            seconds=frozen(self.seconds[rows]),
            reason=frozen(self.reason[rows]),
            plan=frozen(self.plan[rows]),
            snapshot=self.snapshot,
            u=None if self.u is None else frozen(self.u[rows]),
            closed=None if self.closed is None else frozen(self.closed[rows]),
        )

    def put(self, candidates: IntArray, moved: State) -> State:
        """Return this state with the candidates at these positions replaced by those of `moved`."""
        rows = candidates
        log_density = _put(self.posterior.log_density, rows, moved.posterior.log_density)
        return State(
            posterior=Posterior(self.posterior.grid, log_density),
            items=_put(self.items, rows, moved.items),
            categories=_put(self.categories, rows, moved.categories),
            n_given=_put(self.n_given, rows, moved.n_given),
            seeds=_put(self.seeds, rows, moved.seeds),
            theta=_put(self.theta, rows, moved.theta),
            se=_put(self.se, rows, moved.se),
            p_above=_put(self.p_above, rows, moved.p_above),
            moved=_put(self.moved, rows, moved.moved),
            seconds=_put(self.seconds, rows, moved.seconds),
            reason=_put(self.reason, rows, moved.reason),
            plan=_put(self.plan, rows, moved.plan),
            snapshot=self.snapshot,
            u=self.u,
            closed=self.closed,
        )

    def given(self, n_items: int) -> BoolArray:
        """Say which of the pool's items each candidate was given, shape (n, n_items)."""
        mask = np.zeros((len(self), n_items + 1), dtype=bool)
        # An empty place, -1, marks the extra column at the end, which is then dropped.
        np.put_along_axis(mask, self.items, True, axis=1)
        return mask[:, :-1]

    def left(self, n_items: int) -> BoolArray:
        """Say which items were not given yet and are not closed, shape (n, n_items)."""
        left = ~self.given(n_items)
        return left if self.closed is None else left & ~self.closed


def _put(array: NDArray[Scalar], rows: IntArray, values: NDArray[Scalar]) -> NDArray[Scalar]:
    changed = array.copy()
    changed[rows] = values
    return frozen(changed)
