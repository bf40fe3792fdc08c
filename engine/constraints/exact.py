"""The best test a specification allows, found exactly: HiGHS, branch and cut, to a gap of zero.

HiGHS: Huangfu & Hall (2018), *Mathematical Programming Computation* 10, 119-142. It runs on one thread
with a fixed seed, so that the same problem gives the same test; a search that its time limit cuts
short is the one exception, and says so by its status.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import inf, nan

import highspy
import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import FloatArray, IntArray, frozen
from engine.constraints.programme import Programme
from engine.errors import DesignError, Problem
from engine.rounding import rounded

TIME_LIMIT = 30.0
"""Seconds of a search, unless told otherwise."""

OPTIONS: dict[str, bool | int | float | str] = {
    "output_flag": False,
    "threads": 1,
    "parallel": "off",
    "random_seed": 0,
    "mip_abs_gap": 1e-9,
    "mip_feasibility_tolerance": 1e-8,
    "primal_feasibility_tolerance": 1e-8,
}
"""What every search has in common; the tolerances are finer than `TOLERANCE`, by which tests are
judged."""


class Status(StrEnum):
    """How a search ended."""

    OPTIMAL = "optimal"
    """There is no better test."""
    FEASIBLE = "feasible"
    """The time limit or the gap allowed came first; the gap says how much better a test could be."""
    INFEASIBLE = "infeasible"
    """No test satisfies everything."""
    UNKNOWN = "unknown"
    """The time limit came before any test was found, and before it was shown that there is none."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solution:
    """A test, and how good it is.

    Attributes
    ----------
    status
        How the search ended.
    items
        Positions of the chosen items, ascending; empty without a test.
    objective
        The objective at this test; NaN without one.
    bound
        No test has a larger objective (a smaller one, where it is minimised).
    values
        The values of all columns of the programme, shape (n_columns,); empty without a test.
    seconds
        How long the search ran. Nothing may depend on it but budgets of time.
    """

    status: Status
    items: IntArray
    objective: float
    bound: float
    values: FloatArray
    seconds: float = 0.0

    @property
    def found(self) -> bool:
        """Whether there is a test."""
        return self.status in (Status.OPTIMAL, Status.FEASIBLE)

    @property
    def gap(self) -> float:
        """How far the objective is from its bound, as a part of the objective; NaN without a test.

        Rounding below 1e-9 is no gap.
        """
        distance = abs(self.bound - self.objective)
        if distance <= 1e-9 * max(1.0, abs(self.objective)):
            return 0.0
        return distance / abs(self.objective) if self.objective else inf


def solve(
    programme: Programme,
    objective: ArrayLike,
    *,
    fixed_in: Sequence[int] | IntArray = (),
    fixed_out: Sequence[int] | IntArray = (),
    time_limit: float = TIME_LIMIT,
    gap: float = 0.0,
    start: Sequence[int] | IntArray | None = None,
    start_values: FloatArray | None = None,
    maximise: bool = True,
) -> Solution:
    """Return the test with the largest sum of the objective over its items.

    Among items that the programme and the objective (to nine decimals) cannot tell apart, the
    first in the pool are taken.

    Parameters
    ----------
    objective
        What each item is worth, shape (n_items,), or what each column is, shape (n_columns,).
    fixed_in, fixed_out
        Positions of items that are in the test, and of those that are not, whatever they are worth.
    time_limit
        Seconds, above 0.
    gap
        How much worse than the best a test may be, as a part of its objective.
    start
        Positions of the items of a test to start from, such as the last one; one that the programme
        does not allow does no harm.
    start_values
        The same as values of all columns, shape (n_columns,); of those that may be fractions the
        search finds its own.
    maximise
        False looks for the smallest sum.

    Raises
    ------
    DesignError
        Where the objective has another shape or is not finite, or a limit is no limit.
    """
    cost = _cost(programme, objective, time_limit, gap)
    fixed = with_fixed(programme, fixed_in, fixed_out)
    if np.any(fixed.lower > fixed.upper) or np.any(fixed.row_low > fixed.row_high):
        return _without_test(Status.INFEASIBLE)
    highs = solver(fixed, cost, time_limit=time_limit, gap=gap, maximise=maximise)
    if start is not None:
        start_values = programme.values_of(np.asarray(start, dtype=np.int64))
    if start_values is not None:
        places = np.flatnonzero(programme.whole).astype(np.int32)
        highs.setSolution(places.size, places, start_values[places])
    highs.run()
    return _solution(highs, fixed, cost, gap)


def solver(
    programme: Programme,
    cost: FloatArray,
    *,
    time_limit: float = TIME_LIMIT,
    gap: float = 0.0,
    maximise: bool = True,
    relaxed: bool = False,
) -> highspy.Highs:
    """Return HiGHS, loaded with a programme and ready to run.

    Parameters
    ----------
    cost
        The coefficient of each column, shape (n_columns,).
    relaxed
        Whether every column may take fractions: the linear relaxation.
    """
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    options = {**OPTIONS, "time_limit": float(time_limit), "mip_rel_gap": float(gap)}
    for option, value in options.items():
        highs.setOptionValue(option, value)
    highs.passModel(_model(programme, cost, maximise=maximise, relaxed=relaxed))
    return highs


def _model(
    programme: Programme, cost: FloatArray, *, maximise: bool, relaxed: bool
) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = programme.n_columns, len(programme.row_names)
    model.col_cost_ = cost
    model.col_lower_, model.col_upper_ = programme.lower, programme.upper
    model.row_lower_, model.row_upper_ = programme.row_low, programme.row_high
    model.sense_ = highspy.ObjSense.kMaximize if maximise else highspy.ObjSense.kMinimize
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = model.num_col_, model.num_row_
    matrix.start_ = programme.matrix.indptr
    matrix.index_ = programme.matrix.indices
    matrix.value_ = programme.matrix.data
    if not relaxed:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[whole] for whole in programme.whole.tolist()]
    return model


def _cost(programme: Programme, objective: ArrayLike, time_limit: float, gap: float) -> FloatArray:
    given = checks.floats(objective)
    sizes = (programme.n_items, programme.n_columns)
    problems = list(checks.number("time_limit", time_limit, low=0.0, high=inf, ends="(]"))
    problems += checks.number("gap", gap, low=0.0, high=1.0)
    if given is None or given.ndim != 1 or given.size not in sizes:
        found = "no numbers" if given is None else f"shape {given.shape}"
        problems.append(Problem("objective", found, f"a number for each of {sizes[0]} items"))
    elif not np.all(np.isfinite(given)):
        problems += checks.each("objective", given, np.isfinite(given), "a finite number")
    if problems or given is None:
        raise DesignError("Search for a test", problems)
    cost = np.zeros(programme.n_columns)
    cost[: given.size] = rounded(given)
    return cost


def with_fixed(
    programme: Programme, inside: Sequence[int] | IntArray, outside: Sequence[int] | IntArray
) -> Programme:
    """Return the programme with these items in every test, and those in none."""
    if not len(inside) and not len(outside):
        return programme
    lower, upper = programme.lower.copy(), programme.upper.copy()
    lower[np.asarray(inside, dtype=np.int64)] = 1.0
    upper[np.asarray(outside, dtype=np.int64)] = 0.0
    return replace(programme, lower=lower, upper=upper)


def _solution(highs: highspy.Highs, programme: Programme, cost: FloatArray, gap: float) -> Solution:
    model_status, info = highs.getModelStatus(), highs.getInfo()
    seconds = highs.getRunTime()
    if model_status in (
        highspy.HighsModelStatus.kInfeasible,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return _without_test(Status.INFEASIBLE, seconds)
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return _without_test(Status.UNKNOWN, seconds)
    values = _whole_values(programme, np.array(highs.getSolution().col_value))
    if not programme.allows(values):
        return _without_test(Status.UNKNOWN, seconds)
    values = _first_of_equals(programme, cost, values)
    objective = float(cost @ values)
    proven = model_status == highspy.HighsModelStatus.kOptimal and gap == 0.0
    return Solution(
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        items=frozen(np.flatnonzero(values[: programme.n_items] > 0.5)),
        objective=objective,
        bound=objective if proven else float(info.mip_dual_bound),
        values=frozen(values),
        seconds=seconds,
    )


def _without_test(status: Status, seconds: float = 0.0) -> Solution:
    nothing = frozen(np.zeros(0, dtype=np.int64))
    return Solution(
        status=status,
        items=nothing,
        objective=nan,
        bound=nan,
        values=frozen(np.zeros(0)),
        seconds=seconds,
    )


def _whole_values(programme: Programme, values: FloatArray) -> FloatArray:
    return np.where(programme.whole, np.rint(values), values)


def _first_of_equals(programme: Programme, cost: FloatArray, values: FloatArray) -> FloatArray:
    """Let the first in the pool stand for items that nothing but their place tells apart.

    They may change places freely: each row and the objective come to the same sums.
    """
    items = np.flatnonzero(programme.whole[: programme.n_items])
    n = items.size
    traits = (cost[items], programme.lower[items], programme.upper[items], programme.alike[items])
    order = np.lexsort((items, *traits))
    new = np.ones(n, dtype=bool)
    new[1:] = np.any([np.diff(trait[order]) != 0 for trait in traits], axis=0)
    group = np.cumsum(new) - 1
    chosen = values[items[order]] > 0.5
    taken = np.bincount(group, weights=chosen)
    rank = np.arange(n) - np.flatnonzero(new)[group]
    first = values.copy()
    first[items[order]] = (rank < taken[group]).astype(np.float64)
    return first
