"""Constraints on tests: what a blueprint demands, and the exact search for tests that keep to it.

`specification` says what a test must satisfy and judges tests, `kept` judges many at once; `kinds`
and `quota` have each kind of constraint; `programme` turns a specification into a mixed-integer
linear programme; `exact` finds the best test there is; `conflict` explains why there is none.

    specification = Specification(
        n_items=100,
        length=20,
        constraints=(Bound(name="level 3", coefficients=level == 3, low=5, high=8),),
    )
    solution = solve(compile(specification), information)
    specification.satisfied(solution.items)  # nothing: it satisfies everything
"""

from engine.constraints.conflict import Conflict, Demanding, conflict, conflict_of, conflicts
from engine.constraints.exact import Solution, Status, solve
from engine.constraints.kept import deviations
from engine.constraints.kinds import TOLERANCE
from engine.constraints.programme import Programme, compile
from engine.constraints.specification import (
    Bound,
    Constraint,
    Enemies,
    Exclude,
    Family,
    Include,
    Mean,
    Measure,
    Order,
    Quota,
    SetBound,
    Sets,
    Shares,
    Specification,
    Together,
)

__all__ = [
    "TOLERANCE",
    "Bound",
    "Conflict",
    "Constraint",
    "Demanding",
    "Enemies",
    "Exclude",
    "Family",
    "Include",
    "Mean",
    "Measure",
    "Order",
    "Programme",
    "Quota",
    "SetBound",
    "Sets",
    "Shares",
    "Solution",
    "Specification",
    "Status",
    "Together",
    "compile",
    "conflict",
    "conflict_of",
    "conflicts",
    "deviations",
    "solve",
]
