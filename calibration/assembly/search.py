"""The search for forms: one exactly; several one by one and, where there is room, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np

from calibration.assembly.plan import Aim, Plan
from calibration.assembly.programmes import (
    Forms,
    Model,
    average_form,
    common_items,
    next_form,
)
from engine.arrays import FloatArray, IntArray
from engine.constraints import TOLERANCE, Conflict, Solution, Status, compile, conflict_of, solve
from engine.constraints.conflict import conflicts

SHARE = 0.5
"""The part of the time that forms one by one may take where all at once is tried too."""

LEAST_TIME = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Assembly:
    """Forms, how good they are, or why there are none.

    Attributes
    ----------
    status
        `optimal`: no forms are better; `feasible`: there may be better ones, by the gap at most;
        `infeasible`: there are none; `unknown`: none were found in time.
    forms
        Positions of the items of each form, ascending.
    information
        Of each form at each ability of the goal, shape (n_forms, n).
    objective
        What the worst form comes to; NaN without forms.
    bound
        What no forms can surpass.
    conflicts
        Constraints that contradict each other: sets without a common member, the first first.
    """

    status: Status
    forms: tuple[IntArray, ...] = ()
    information: FloatArray
    objective: float = nan
    bound: float = nan
    conflicts: tuple[Conflict, ...] = ()

    @property
    def gap(self) -> float:
        """How much better forms could be, as a part of the objective; NaN without forms."""
        distance = abs(self.bound - self.objective)
        if distance <= 1e-9 * max(1.0, abs(self.objective)):
            return 0.0
        return distance / max(abs(self.objective), 1e-9)


def assemble(plan: Plan, *, time_limit: float = 60.0, gap: float = 0.0) -> Assembly:
    """Return the best forms that a plan allows.

    One form is searched for exactly. Several are found one by one, each beside the average of those
    to come; where the programme of all is small enough (`plan.together`), it then improves on
    them. What forms could reach at best is bounded by their average in fractions of items.

    Parameters
    ----------
    time_limit
        Seconds of all searches together; explaining why there are no forms may take as long again.
    gap
        How much worse than the best forms may be, as a part of the objective.
    """
    found = _one_form(plan, time_limit, gap) if plan.forms == 1 else _forms(plan, time_limit, gap)
    if found.status in (Status.INFEASIBLE, Status.UNKNOWN):
        return _explained(plan, found, time_limit)
    return found


def _one_form(plan: Plan, time_limit: float, gap: float) -> Assembly:
    model = Forms.of(plan).model()
    return _assembly(plan, model, _solved(plan, model, time_limit, gap))


def _forms(plan: Plan, time_limit: float, gap: float) -> Assembly:
    small = plan.forms * plan.specification.n_items <= plan.together
    share = SHARE if small else 1.0
    average = average_form(plan)
    ceiling = _solved(plan, average, time_limit * share, 0.0)
    if ceiling.status == Status.INFEASIBLE:
        return Assembly(status=Status.INFEASIBLE, information=np.zeros((0, plan.goal.theta.size)))
    bound = ceiling.bound if ceiling.found else nan
    left = time_limit - ceiling.seconds
    one_by_one, seconds = _one_by_one(plan, left * share, gap)
    best, more = _improved(plan, _judged(plan, one_by_one, bound), left * share - seconds, gap)
    seconds += more
    if best.status == Status.OPTIMAL or (best.forms and best.gap <= gap):
        return best
    left -= seconds
    return _all_at_once(plan, best, max(left, LEAST_TIME), gap) if small or not best.forms else best


def _one_by_one(plan: Plan, time_limit: float, gap: float) -> tuple[list[IntArray], float]:
    """The forms found until one was not, and the seconds spent."""
    found: list[IntArray] = []
    spent = 0.0
    for form in range(plan.forms):
        share = max((time_limit - spent) / (plan.forms - form), LEAST_TIME)
        model = next_form(plan, found)
        solution = _solved(plan, model, share, gap)
        spent += solution.seconds
        if not solution.found:
            break
        found.append(model.items(solution.values, 0, plan.specification.n_items))
    return found, spent


def _improved(plan: Plan, best: Assembly, time_limit: float, gap: float) -> tuple[Assembly, float]:
    """Search for the worst form anew beside the others, until that helps no more."""
    spent = 0.0
    while best.status == Status.FEASIBLE and best.gap > gap and spent < time_limit:
        reached = np.array([plan.goal.reached(each) for each in best.information])
        worst = int(reached.argmin() if plan.goal.maximise else reached.argmax())
        others = [items for form, items in enumerate(best.forms) if form != worst]
        model = next_form(plan, others)
        start = _block_values(plan, model, [best.forms[worst]])
        solution = _solved(plan, model, time_limit - spent, gap, start)
        spent += solution.seconds
        if not solution.found:
            break
        again = model.items(solution.values, 0, plan.specification.n_items)
        better = _judged(plan, [*others[:worst], again, *others[worst:]], best.bound)
        gained = (better.objective - best.objective) * (1 if plan.goal.maximise else -1)
        if not better.forms or not gained > TOLERANCE:
            break
        best = better
    return best, spent


def _all_at_once(plan: Plan, best: Assembly, time_limit: float, gap: float) -> Assembly:
    model = Forms.of(plan).model()
    start = _block_values(plan, model, best.forms) if best.forms else None
    solution = _solved(plan, model, time_limit, gap, start)
    together = _assembly(plan, model, solution)
    if not together.forms:
        return best if best.forms else together
    better = max if plan.goal.maximise else min
    tighter = min if plan.goal.maximise else max
    bounds = [each for each in (best.bound, together.bound) if not np.isnan(each)]
    chosen = together if better(together.objective, best.objective) == together.objective else best
    return _judged(plan, list((chosen if chosen.forms else together).forms), tighter(bounds))


def _solved(
    plan: Plan, model: Model, time_limit: float, gap: float, start: FloatArray | None = None
) -> Solution:
    return solve(
        model.programme,
        model.cost,
        time_limit=max(time_limit, LEAST_TIME),
        gap=gap,
        start_values=start,
        maximise=plan.goal.maximise,
    )


def _assembly(plan: Plan, model: Model, solution: Solution) -> Assembly:
    if not solution.found:
        return Assembly(status=solution.status, information=np.zeros((0, plan.goal.theta.size)))
    n_items = plan.specification.n_items
    forms = [model.items(solution.values, form, n_items) for form in range(plan.forms)]
    return _judged(plan, forms, solution.bound)


def _judged(plan: Plan, forms: list[IntArray], bound: float) -> Assembly:
    """Measure forms anew, whatever the search said of them."""
    whole = len(forms) == plan.forms and _satisfied(plan, forms)
    if not whole:
        nothing = np.zeros((0, plan.goal.theta.size))
        return Assembly(status=Status.UNKNOWN, information=nothing, bound=bound)
    information = np.stack([plan.information[:, items].sum(axis=1) for items in forms])
    objective = plan.goal.worst(np.array([plan.goal.reached(each) for each in information]))
    near_enough = plan.goal.aim == Aim.TARGET and objective <= plan.goal.tolerance + TOLERANCE
    if near_enough or abs(objective - bound) <= TOLERANCE * max(1.0, abs(objective)):
        bound = objective
    return Assembly(
        status=Status.OPTIMAL if bound == objective else Status.FEASIBLE,
        forms=tuple(forms),
        information=information,
        objective=objective,
        bound=bound,
    )


def _satisfied(plan: Plan, forms: list[IntArray]) -> bool:
    apart = common_items(plan, forms) <= plan.common
    return apart and not any(plan.specification.satisfied(items) for items in forms)


def _block_values(plan: Plan, model: Model, forms: Sequence[IntArray]) -> FloatArray:
    """The columns of forms that are known, as a start; the search completes what is not theirs."""
    one = compile(plan.specification)
    values = np.zeros(model.programme.n_columns)
    for block, items in zip(model.blocks, forms, strict=True):
        values[block.first : block.first + one.n_columns] = one.values_of(items)
    return values


def _explained(plan: Plan, found: Assembly, time_limit: float) -> Assembly:
    """Add what contradicts what: within one form first, then between forms."""
    told = conflicts(plan.specification, time_limit=time_limit)
    status = Status.INFEASIBLE if told else found.status
    if not told and plan.forms > 1:
        between = conflict_of(Forms.of(plan), time_limit=time_limit)
        told = (between,) if between.names else ()
        status = between.status if between.names else found.status
    return Assembly(status=status, information=found.information, conflicts=told)
