"""Shadow tests: at every step the best whole test that holds the items given and keeps to everything.

van der Linden & Reese (1998), *Applied Psychological Measurement* 22, 259-270; van der Linden (2005),
*Linear Models for Optimal Test Design*, chapter 9. The next item is the best free item of the test of
this step; that test without it goes on to the next. As each test satisfies the specification, so
does the exam, whatever its answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.constraints import search
from engine.constraints.columns import NO_SET
from engine.constraints.conflict import conflict
from engine.constraints.early import wanted
from engine.constraints.exact import Status, solve
from engine.constraints.kept import deviations
from engine.constraints.kinds import Order, Sets
from engine.constraints.programme import compile
from engine.constraints.specification import Specification, bounds_in_words
from engine.errors import Problem
from engine.pool import ItemPool
from engine.situation import Situation

EMPTY = -1
"""Fills the plan of a candidate for whom there is no test."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShadowTest:
    """The full shadow-test approach, as a design's content balance.

    Every planned test has as many items as the exam can have at most (`max_items`), which the
    specification's length must allow. Sums of the rule's values over the items are made as large as
    they can be (as small, where the smallest wins): information adds up; other rules' values are
    taken as if they did.

    - **Exams that may end early**, where the specification's length is a range: an exam ends for a
      good result only when the items given keep the whole specification as they are. Of the test
      planned, items that demands still lack go before better ones when there are no more places
      left for others: until the least length, afterwards at every step.
    - **Sets** stay whole: once an item of a set was given, the others that are planned follow, and
      none of the set comes back later.
    - **Order**: items come by ascending value.
    - **Items held back** stay out of the test while it can be filled without them. Where it cannot,
      all are open again for this step (van der Linden & Veldkamp, 2004).
    - **Items given that were not planned**, which live exams never have: where no test can hold them,
      every eligible item may come next.

    Parameters
    ----------
    specification
        What the exam's items must satisfy.
    effort
        The most iterations of the relaxation that one search may take; beyond it the best test
        found so far is planned, at worst that of the step before.
    """

    specification: Specification
    effort: int = search.EFFORT

    @property
    def plans_with_all(self) -> bool:
        """True: a test is planned of all open items."""
        return True

    def problems(self, pool: ItemPool, longest: int) -> Iterator[Problem]:
        """Yield what contradicts a pool and the most items that an exam can give.

        An impossible specification is told by a smallest set of constraints that contradict each
        other, by name.
        """
        found = list(checks.whole_number("content.effort", self.effort, low=1))
        found += _fit_problems(self.specification, pool, longest)
        found += _order_problems(self.specification)
        yield from found
        if not found and longest > 0:
            yield from _conflict_problems(_of_length(self.specification, longest))

    @property
    def shortest(self) -> int:
        """The least length that the specification allows."""
        return self.specification.length[0]

    def complete(self, seen: Situation) -> BoolArray:
        """Say whose items satisfy the specification; true too where no test can hold them."""
        done = seen.n_given >= self.shortest
        rows = np.flatnonzero(done)
        done[rows] = (deviations(self.specification, seen.items[rows]) == 0.0).all(axis=1)
        if seen.plan.shape[1]:
            done |= (seen.n_given > 0) & (seen.plan[:, 0] == EMPTY)
        return done

    def plan(self, seen: Situation, criterion: FloatArray, larger_wins: bool) -> IntArray:
        """Return the positions of each candidate's shadow test, ascending, shape (n, longest)."""
        ground = _ground(self.specification, seen.longest)
        worth = criterion if larger_wins else -criterion
        plans = np.full((len(seen), seen.longest), EMPTY, dtype=np.int64)
        answered: dict[bytes, IntArray | None] = {}
        for row in range(len(seen)):
            question = _question(ground, seen, row)
            key = b"".join(part.tobytes() for part in (worth[row], *question))
            if key not in answered:
                answered[key] = self._answer(ground, question, worth[row])
            test = answered[key]
            if test is not None:
                plans[row] = test
        return plans

    def weighed(
        self, seen: Situation, criterion: FloatArray, larger_wins: bool
    ) -> tuple[FloatArray, BoolArray]:
        """Return the criterion as it is, and the planned items that may come next."""
        ground = _ground(self.specification, seen.longest)
        free = np.zeros(criterion.shape, dtype=bool)
        for row in range(len(seen)):
            test = seen.plan[row]
            given = seen.items[row, : seen.n_given[row]]
            if test.size and test[0] != EMPTY:
                due = _due(ground, np.setdiff1d(test, given), given)
                free[row, self._wanted(due, given, seen.longest)] = True
            else:
                free[row] = seen.eligible[row]
        return criterion, free

    def _wanted(self, due: IntArray, given: IntArray, longest: int) -> IntArray:
        """Of the items that may come next, those without which an exam could not end early."""
        if self.shortest >= longest:
            return due
        return wanted(self.specification, due, given, max(self.shortest, given.size + 1))

    def _answer(self, ground: _Ground, question: _Question, worth: FloatArray) -> IntArray | None:
        """The best test of one candidate, or None where there is none."""
        known = question.known if question.known.size else ground.any_test
        for closed in (np.union1d(question.passed, question.withheld), question.passed):
            answer = search.best(
                ground.searched,
                worth,
                fixed_in=question.given,
                fixed_out=closed,
                known=known,
                effort=self.effort,
            )
            if answer.items is not None:
                return answer.items
        return None


class _Ground(NamedTuple):
    """What stays the same for all candidates at all steps.

    `any_test` satisfies the specification; `order` has the value that each item is given by, and
    `stimulus` its set, -1 for none, shape (n_items,).
    """

    searched: search.Ground
    any_test: IntArray
    order: FloatArray
    stimulus: IntArray


class _Question(NamedTuple):
    """What a candidate's shadow test has to respect: positions of items, each ascending.

    `given` are in it; `passed` cannot come any more, as they are closed to the candidate, or their
    set or their turn is over; `withheld` are held back; `known` is the test of the step before.
    """

    given: IntArray
    passed: IntArray
    withheld: IntArray
    known: IntArray


@lru_cache(maxsize=16)
def _ground(specification: Specification, longest: int) -> _Ground:
    programme = compile(_of_length(specification, longest))
    order, stimulus = specification.order, _stimulus(specification)
    n_items = specification.n_items
    return _Ground(
        searched=search.ground(programme),
        any_test=solve(programme, np.zeros(n_items)).items,
        order=np.zeros(n_items) if order is None else order.values,
        stimulus=np.full(n_items, NO_SET) if stimulus is None else stimulus,
    )


def _of_length(specification: Specification, longest: int) -> Specification:
    return replace(specification, length=(longest, longest))


def _stimulus(specification: Specification) -> IntArray | None:
    sets = [each for each in specification.constraints if isinstance(each, Sets)]
    return sets[0].stimulus if sets else None


def _question(ground: _Ground, seen: Situation, row: int) -> _Question:
    given = seen.items[row, : seen.n_given[row]]
    was_given = np.zeros(ground.order.size, dtype=bool)
    was_given[given] = True
    passed = np.zeros(ground.order.size, dtype=bool)
    if given.size:
        passed = ground.order < ground.order[given].max()
        begun = np.setdiff1d(ground.stimulus[given], [NO_SET, ground.stimulus[given[-1]]])
        passed |= np.isin(ground.stimulus, begun)
    if seen.closed is not None:
        passed |= seen.closed[row]
    known = seen.plan[row]
    return _Question(
        given=np.flatnonzero(was_given),
        passed=np.flatnonzero(passed & ~was_given),
        withheld=np.flatnonzero(~seen.eligible[row] & ~was_given),
        known=known[known != EMPTY],
    )


def _due(ground: _Ground, free: IntArray, given: IntArray) -> IntArray:
    """Which free items of a test may come next: those of a set that is begun, else the first ones."""
    if given.size:
        last = ground.stimulus[given[-1]]
        rest: IntArray = free[ground.stimulus[free] == last]
        if last != NO_SET and rest.size:
            return rest
    order = ground.order[free]
    first: IntArray = free[order == order.min(initial=np.inf)]
    return first


def _fit_problems(specification: Specification, pool: ItemPool, longest: int) -> Iterator[Problem]:
    if specification.n_items != len(pool):
        expected = f"a specification for the pool's {len(pool)} items"
        yield Problem("content.specification", f"{specification.n_items} items", expected)
    low, high = specification.length
    if not low <= longest <= high:
        expected = f"the exam's most items, {longest}"
        found = bounds_in_words(low, high)
        yield Problem(f"content.specification: {specification.length_name}", found, expected)


def _order_problems(specification: Specification) -> Iterator[Problem]:
    """Sets that cannot stay whole beside each other, or beside an order."""
    sets = [each for each in specification.constraints if isinstance(each, Sets)]
    for each in sets[1:]:
        if not np.array_equal(each.stimulus, sets[0].stimulus):
            expected = f"the sets of {sets[0].name!r}: an item can stay with one set only"
            yield Problem(f"content.specification: {each.name}", "other sets", expected)
    if specification.order is not None and sets:
        yield from _split_sets(specification.order, sets[0])


def _split_sets(order: Order, sets: Sets) -> Iterator[Problem]:
    for place in range(sets.n_sets):
        values = np.unique(order.values[sets.stimulus == place])
        if values.size > 1:
            expected = f"one value for all items of a set, as {sets.name!r} keeps it whole"
            found = f"{values.tolist()} in set {place}"
            yield Problem(f"content.specification: {order.name}", found, expected)


def _conflict_problems(specification: Specification) -> Iterator[Problem]:
    found = conflict(specification)
    if found.status is Status.UNKNOWN:
        expected = "a test that satisfies it, found within the time limit"
        yield Problem(
            "content.specification", "no test found, nor shown that none exists", expected
        )
    if found.status is Status.INFEASIBLE:
        smallest = "without any of them one exists" if found.minimal else "perhaps fewer do"
        named = ", ".join(repr(name) for name in found.names)
        expected = f"constraints that a test can satisfy together; {smallest}"
        yield Problem("content.specification", named, expected)
