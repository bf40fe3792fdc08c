"""Forms of a test as programmes: several at once, or one beside the average of those to come.

The maximin and minimax goals follow van der Linden & Boekkooi-Timminga (1989, *Psychometrika* 54,
237-247); several forms at once, van der Linden (2005), *Linear Models for Optimal Test Design*, chapter 6;
a form beside what stands for the others, van der Linden & Adema (1998, *Journal of Educational
Measurement* 35, 185-198).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import inf
from typing import Self

import numpy as np

from calibration.assembly.plan import LARGEST_INFORMATION, Aim, Plan
from engine.arrays import FloatArray, IntArray
from engine.constraints import Exclude, Include, Programme, compile
from engine.constraints.programme import DEFINITION, Row, assembled

OVERLAP = "overlap"
"""What the demand on common items is called in a conflict."""

CHORDS = 5
"""How finely the pairs of forms that share an item are counted while forms are still to come."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """One form's place in a programme: its first column, and how many forms it stands for."""

    first: int
    forms: int = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """A programme of blocks of columns, and its objective.

    Attributes
    ----------
    programme
        The columns of each block in turn, then those of overlaps, then the goal's, if it has one.
    cost
        The objective, shape (n_columns,).
    blocks
        Where the forms stand.
    """

    programme: Programme
    cost: FloatArray
    blocks: tuple[Block, ...]

    def items(self, values: FloatArray, form: int, n_items: int) -> IntArray:
        """The positions of the items of a form."""
        first = self.blocks[form].first
        return np.flatnonzero(values[first : first + n_items] > 0.5)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forms:
    """All forms of a plan as demands by name, for the search and for its conflicts.

    `demanded` has the names that count; the goal is no demand.
    """

    plan: Plan
    demanded: frozenset[str]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Demand everything."""
        return cls(plan=plan, demanded=frozenset((*plan.specification.names, OVERLAP)))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the specification, and the overlap where there are several forms."""
        several = (OVERLAP,) if self.plan.forms > 1 else ()
        return tuple(
            name for name in (*self.plan.specification.names, *several) if name in self.demanded
        )

    @property
    def column_names(self) -> frozenset[str]:
        """Those of included and excluded items."""
        constraints = self.plan.specification.constraints
        return frozenset(each.name for each in constraints if isinstance(each, Include | Exclude))

    def only(self, names: Sequence[str]) -> Forms:
        """Demand these names alone."""
        specification = self.plan.specification.only(names)
        return replace(
            self,
            plan=replace(self.plan, specification=specification),
            demanded=frozenset(names),
        )

    def programme(self) -> Programme:
        """The programme of all forms without a goal."""
        return self.model(with_goal=False).programme

    def model(self, *, with_goal: bool = True) -> Model:
        """The programme of all forms at once."""
        one = compile(self.plan.specification)
        blocks = tuple(Block(first=form * one.n_columns) for form in range(self.plan.forms))
        shared = self.plan.forms > 1 and OVERLAP in self.demanded
        builder = _Builder(self.plan, one, blocks)
        if shared:
            builder.limit_common_items()
        return builder.model(with_goal=with_goal)

    def broken_by(self, values: FloatArray) -> frozenset[str]:
        """The names that these forms do not satisfy."""
        n_columns = compile(self.plan.specification).n_columns
        n_items = self.plan.specification.n_items
        forms = [
            np.flatnonzero(values[form * n_columns : form * n_columns + n_items] > 0.5)
            for form in range(self.plan.forms)
        ]
        broken = {
            measure.name
            for items in forms
            for measure in self.plan.specification.measures(items)
            if not measure.holds
        }
        if common_items(self.plan, forms) > self.plan.common:
            broken.add(OVERLAP)
        return frozenset(broken)


def common_items(plan: Plan, forms: Sequence[IntArray]) -> int:
    """The most items that two forms have in common, the anchor aside."""
    own = [np.setdiff1d(items, plan.anchor) for items in forms]
    return max((np.intersect1d(one, other).size for one, other in combinations(own, 2)), default=0)


def next_form(plan: Plan, found: Sequence[IntArray]) -> Model:
    """The programme of one form beside the average of those that are still to come.

    The average may take fractions of items. It keeps the form from using up what the others need.
    """
    one = compile(plan.specification)
    left = plan.forms - len(found) - 1
    blocks = [Block(first=0)]
    if left:
        blocks.append(Block(first=one.n_columns, forms=left))
    builder = _Builder(plan, one, tuple(blocks))
    builder.keep_apart_from(found)
    return builder.model()


def average_form(plan: Plan) -> Model:
    """The programme of the average of all forms, in fractions: it bounds what they can reach.

    The mean of forms that satisfy the constraints satisfies them too, and where no item is in two
    forms each item's mean is at most 1 / forms.
    """
    one = compile(plan.specification)
    builder = _Builder(plan, one, (Block(first=0, forms=plan.forms),))
    builder.keep_apart_from([])
    return builder.model()


class _Builder:
    """Puts the rows of blocks, their overlap and the goal together."""

    def __init__(self, plan: Plan, one: Programme, blocks: tuple[Block, ...]) -> None:
        self.plan, self.one, self.blocks = plan, one, blocks
        self.upper = np.tile(one.upper, len(blocks))
        self.lower = np.tile(one.lower, len(blocks))
        self.whole = np.concatenate([np.full(one.n_columns, block.forms == 1) for block in blocks])
        self.rows = [row for block in blocks for row in _moved(one, block.first)]
        self.own = np.setdiff1d(np.arange(plan.specification.n_items), plan.anchor)

    def limit_common_items(self) -> None:
        """No item but the anchor in two forms, or only so many."""
        firsts = np.array([block.first for block in self.blocks])
        if self.plan.common == 0:
            ones = np.ones(firsts.size)
            self.rows += [_row(OVERLAP, firsts + item, ones, -inf, 1.0) for item in self.own]
            return
        for one, other in combinations(firsts.tolist(), 2):
            columns = self._new_columns(self.own.size)
            for item, column in zip(self.own.tolist(), columns.tolist(), strict=True):
                both = np.array([one + item, other + item, column])
                self.rows.append(_row(DEFINITION, both, np.array([1.0, 1.0, -1.0]), -inf, 1.0))
            ones = np.ones(columns.size)
            self.rows.append(_row(OVERLAP, columns, ones, -inf, self.plan.common))

    def keep_apart_from(self, found: Sequence[IntArray]) -> None:
        """No item of forms found already, or only so many; nor, on average, of those to come."""
        own = [np.setdiff1d(items, self.plan.anchor) for items in found]
        if self.plan.common:
            ones = (np.ones(items.size) for items in own)
            self.rows += [
                _row(OVERLAP, items, one, -inf, self.plan.common)
                for items, one in zip(own, ones, strict=True)
            ]
            self._limit_pairs(own)
            return
        for block in self.blocks:
            self.upper[block.first + np.concatenate([np.zeros(0, np.int64), *own])] = 0.0
        firsts, parts = self._firsts_and_parts()
        self.rows += [_row(OVERLAP, firsts + item, parts, -inf, 1.0) for item in self.own]

    def _limit_pairs(self, own: Sequence[IntArray]) -> None:
        """An item in u forms is common to u (u - 1) / 2 pairs of forms; bound the sum of these.

        The parabola is held up by its chords between whole numbers, the first few of them.
        """
        forms, n_items = self.plan.forms, self.plan.specification.n_items
        used = np.bincount(np.concatenate([np.zeros(0, np.int64), *own]), minlength=n_items)
        columns = self._new_columns(self.own.size, upper=forms * forms)
        firsts, parts = self._firsts_and_parts()
        for item, column in zip(self.own.tolist(), columns.tolist(), strict=True):
            for k in range(1, min(forms, CHORDS + 1)):
                places, coefficients = np.append(firsts + item, column), np.append(-k * parts, 1.0)
                low = float(k * used[item] - k * (k + 1) / 2)
                self.rows.append(_row(DEFINITION, places, coefficients, low, inf))
        pairs = self.plan.common * forms * (forms - 1) / 2
        self.rows.append(_row(OVERLAP, columns, np.ones(columns.size), -inf, pairs))

    def _firsts_and_parts(self) -> tuple[IntArray, FloatArray]:
        """The first column of each block, and how many forms each stands for."""
        firsts = np.array([block.first for block in self.blocks], dtype=np.int64)
        return firsts, np.array([float(block.forms) for block in self.blocks])

    def model(self, *, with_goal: bool = True) -> Model:
        cost = np.zeros(self.upper.size)
        if with_goal:
            cost = self._with_goal()
        programme = assembled(
            self.rows,
            lower=self.lower,
            upper=self.upper,
            whole=self.whole,
            n_items=len(self.blocks) * self.one.n_columns,
        )
        return Model(programme=programme, cost=cost, blocks=self.blocks)

    def _with_goal(self) -> FloatArray:
        """One form's sum is the objective itself; everything else bounds a column of its own."""
        plan, goal = self.plan, self.plan.goal
        items = np.arange(plan.specification.n_items)
        if goal.aim == Aim.SUM and len(self.blocks) == 1:
            cost = np.zeros(self.upper.size)
            cost[self.blocks[0].first + items] = goal.levels @ plan.information
            return cost
        (column,) = self._new_columns(1, upper=LARGEST_INFORMATION).tolist()
        if goal.aim == Aim.TARGET:
            self.lower[column] = goal.tolerance
        for block in self.blocks:
            columns = np.append(block.first + items, column)
            self.rows += _goal_rows(plan, columns)
        cost = np.zeros(self.upper.size)
        cost[column] = 1.0
        return cost

    def _new_columns(self, number: int, upper: float = 1.0) -> IntArray:
        first = self.upper.size
        self.upper = np.append(self.upper, np.full(number, upper))
        self.lower = np.append(self.lower, np.zeros(number))
        self.whole = np.append(self.whole, np.zeros(number, dtype=bool))
        return first + np.arange(number)


def _goal_rows(plan: Plan, columns: IntArray) -> Iterator[Row]:
    goal = plan.goal
    if goal.aim == Aim.SUM:
        weighted = goal.levels @ plan.information
        yield _row(DEFINITION, columns, np.append(weighted, -1.0), 0.0, inf)
        return
    for level, information in zip(goal.levels.tolist(), plan.information, strict=True):
        if goal.aim == Aim.MINIMUM:
            yield _row(DEFINITION, columns, np.append(information, -level), 0.0, inf)
        else:
            yield _row(DEFINITION, columns, np.append(information, 1.0), level, inf)
            yield _row(DEFINITION, columns, np.append(information, -1.0), -inf, level)


def _moved(one: Programme, first: int) -> Iterator[Row]:
    """The rows of one form, their columns moved to where a block begins."""
    matrix = one.matrix
    for row, name in enumerate(one.row_names):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns = matrix.indices[part].astype(np.int64) + first
        low, high = float(one.row_low[row]), float(one.row_high[row])
        yield _row(name, columns, matrix.data[part], low, high)


def _row(name: str, columns: IntArray, coefficients: FloatArray, low: float, high: float) -> Row:
    return Row(name, columns, coefficients, low, high)
