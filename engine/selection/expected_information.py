"""Maximum expected information, MEI (van der Linden, 1998).

Sum over the answers x of P(x | theta^) J(theta^_x), with theta^_x the mode of the posterior after
x, and J the observed information there of the item answered x, or its expected information. The
observed one can be negative: a right answer far below a guessable item's difficulty.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from engine import models
from engine.ability.equations import Equation, Jeffreys, LogPrior
from engine.ability.interpolation import REACH, InterpolatedSums, NodeSums, Tables
from engine.ability.modes import best_node, refined
from engine.ability.patterns import NOT_GIVEN
from engine.ability.sums import ExactSums, SumsAt
from engine.arrays import FloatArray, IntArray, frozen
from engine.errors import DesignError, Problem
from engine.pool import ItemPool
from engine.priors import JeffreysPrior, SmoothPrior
from engine.situation import Situation
from engine.tables import LOWEST_LOG

CELLS = 2**18
"""Numbers at a time: so many stay in a processor's cache, and memory stays flat."""


@dataclass(frozen=True, slots=True)
class ExpectedInformation:
    """The item that will have said most about the ability estimated after its answer."""

    information: Literal["observed", "expected"] = "observed"
    name: Literal["mei"] = "mei"
    better: Literal["max"] = "max"

    def problems(self, prior: object, cuts: Sequence[float]) -> Iterator[Problem]:
        """Yield a prior under which a posterior's mode is not to be found."""
        if not isinstance(prior, SmoothPrior | JeffreysPrior):
            yield Problem("prior", prior, "a normal, a uniform or Jeffreys' prior, as mei needs")

    def criterion(self, situation: Situation) -> FloatArray:
        """Expected information of each item after its answer, shape (n, n_items)."""
        p = situation.probability
        known = np.arange(p.shape[2]) < situation.tables.pool.n_categories[:, None]
        answers = np.nonzero(np.broadcast_to(known, p.shape))
        expected = p[answers] * self._told(situation, *answers)
        total = np.zeros_like(p)
        total[answers] = expected
        value: FloatArray = total.sum(axis=2)
        return value

    def _told(
        self, situation: Situation, candidate: IntArray, item: IntArray, category: IntArray
    ) -> FloatArray:
        """Information of each item at the estimate after this answer to it, shape (n_answers,)."""
        theta = _mode_after(situation, candidate, item, category)
        told, pool = np.empty(item.size), situation.tables.pool
        # Each answer asks for all of its item's categories: few at a time where those are many.
        size = max(1, CELLS // int(pool.n_categories.max()))
        for first in range(0, item.size, size):
            part = slice(first, first + size)
            told[part] = self._at(pool, theta[part], item[part], category[part])
        return told

    def _at(
        self, pool: ItemPool, theta: FloatArray, item: IntArray, category: IntArray
    ) -> FloatArray:
        """Information of each item at an ability of its own, of an answer, shape (n_answers,)."""
        information = np.empty(item.size)
        for block, rows in pool.split(item):
            if self.information == "expected":
                information[rows] = block.information(theta[rows])
            else:
                bend = block.derivatives(theta[rows]).second
                information[rows] = -bend[np.arange(rows.size), category[rows]]
        return information


def _mode_after(
    situation: Situation, candidate: IntArray, item: IntArray, category: IntArray
) -> FloatArray:
    """The posterior mode of each candidate after one more answer, shape (n_answers,)."""
    pool, grid = situation.tables.pool, situation.tables.grid
    tables = _node_tables(pool, grid.lo, grid.hi)
    so_far = _SoFar.of(situation, tables)
    equation = _equation(situation.prior)
    theta = np.empty(item.size)
    size = max(1, CELLS // (tables.nodes.size + (0 if tables.accurate else len(pool))))
    for first in range(0, item.size, size):
        part = slice(first, first + size)
        after = _After(so_far, candidate[part], item[part], category[part])
        node = best_node(_values(after, equation), single=False) + REACH
        if tables.accurate:
            sums: SumsAt = InterpolatedSums(after, node)
        else:
            sums = ExactSums(
                pool, _patterns(situation, candidate[part], item[part], category[part])
            )
        theta[part] = refined(sums, equation, tables.nodes[tables.within], node - REACH)
    return theta


def _values(after: _After, equation: Equation) -> FloatArray:
    values: FloatArray = after.likelihood + equation.weight(after)
    return values[:, after.tables.within]


@dataclass(frozen=True, slots=True, eq=False)
class _SoFar:
    """Log-likelihood and information of each candidate's answers at all nodes, (n, n_nodes)."""

    tables: Tables
    log_probability: FloatArray
    """Of each answer, shape (n_items, n_categories, n_nodes)."""
    likelihood: FloatArray
    information: FloatArray

    @classmethod
    def of(cls, situation: Situation, tables: Tables) -> _SoFar:
        grid = situation.tables.grid
        answered = _node_answers(situation.tables.pool, grid.lo, grid.hi)
        likelihood, information = np.zeros((2, len(situation), tables.nodes.size))
        for items, answers in zip(situation.items.T, situation.categories.T, strict=True):
            rows = np.flatnonzero(items != NOT_GIVEN)
            likelihood[rows] += answered[items[rows], answers[rows]]
            information[rows] += tables.information[items[rows]]
        return cls(tables, answered, likelihood, information)


class _After(NodeSums):
    """Sums at all nodes over the answers so far of some candidates and one more of each."""

    def __init__(
        self, so_far: _SoFar, candidate: IntArray, item: IntArray, category: IntArray
    ) -> None:
        super().__init__(so_far.tables, np.empty((0, 0), dtype=np.int64))
        self._so_far, self._candidate, self._item = so_far, candidate, item
        self.likelihood = so_far.likelihood[candidate]
        self.likelihood += so_far.log_probability[item, category]

    @cached_property
    def information(self) -> FloatArray:
        """Expected information, shape (n_answers, n_nodes)."""
        before = self._so_far.information[self._candidate]
        return before + self._so_far.tables.information[self._item]


def _patterns(
    situation: Situation, candidate: IntArray, item: IntArray, category: IntArray
) -> IntArray:
    """Whole patterns of answers with one more each, shape (n_answers, n_items)."""
    width = len(situation.tables.pool) + 1
    answers = np.full((len(situation), width), NOT_GIVEN, dtype=np.int64)
    # An empty place, -1, marks the extra column at the end, which is then dropped.
    np.put_along_axis(answers, situation.items, situation.categories, axis=1)
    after = answers[candidate, :-1]
    after[np.arange(item.size), item] = category
    return after


def _equation(prior: object) -> Equation:
    if isinstance(prior, JeffreysPrior):
        return Jeffreys()
    if isinstance(prior, SmoothPrior):
        return LogPrior(prior)
    raise DesignError("Expected information", list(ExpectedInformation().problems(prior, ())))


@lru_cache(maxsize=8)
def _node_tables(pool: ItemPool, lo: float, hi: float) -> Tables:
    return Tables.build(pool, lo, hi)


@lru_cache(maxsize=8)
def _node_answers(pool: ItemPool, lo: float, hi: float) -> FloatArray:
    """Log-probabilities at the nodes of `_node_tables`, shape (n_items, n_categories, n_nodes)."""
    table = models.log_probability(pool, _node_tables(pool, lo, hi).nodes)
    return frozen(np.maximum(table, LOWEST_LOG))
