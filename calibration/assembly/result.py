"""What an assembly came to, in names and plain values, for people and for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from calibration.assembly.plan import Aim
from calibration.assembly.programmes import OVERLAP
from calibration.assembly.request import Request
from calibration.assembly.search import Assembly
from calibration.report.numbers import MINUS
from engine.arrays import IntArray
from engine.constraints import Measure, Sets
from itembank.blueprint.words import demanded


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form: its items in the order in which they are given, and what it comes to."""

    number: int
    items: tuple[str, ...]
    information: tuple[float, ...]
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """An assembly in names."""

    request: Request
    assembly: Assembly
    forms: tuple[Form, ...]

    def to_data(self) -> dict[str, Any]:
        """Return what `samatthana assemble --json` prints."""
        assembly = self.assembly
        conflicts = [list(each.names) for each in assembly.conflicts]
        return {
            "status": assembly.status.value,
            "objective": assembly.objective,
            "bound": assembly.bound,
            "gap": assembly.gap,
            "information_at": self.request.plan.goal.theta.tolist(),
            "forms": [_form_data(form) for form in self.forms],
            "common_items": [list(pair) for pair in self.common_items()],
            "conflict": conflicts[0] if conflicts else [],
            "further_conflicts": conflicts[1:],
            "advice": list(self.advice()),
        }

    def common_items(self) -> Iterator[tuple[int, int, int]]:
        """Yield pairs of forms and how many items they share, the anchor included."""
        for one, other in combinations(self.forms, 2):
            yield one.number, other.number, len(set(one.items) & set(other.items))

    def goal_in_words(self) -> str:
        """Return what made forms good."""
        goal = self.request.plan.goal
        points = ", ".join(f"{theta:g}".replace("-", MINUS) for theta in goal.theta)
        if goal.aim == Aim.TARGET:
            levels = ", ".join(f"{level:g}" for level in goal.levels)
            return f"Information as near as can be to {levels} at theta {points}"
        where = " where there is least of it," if goal.theta.size > 1 else ""
        if goal.aim == Aim.SUM:
            where = " in sum,"
        weighted = " by their weights" if np.unique(goal.levels).size > 1 else ""
        return f"As much information as can be{where} at theta {points}{weighted}"

    def outcome_in_words(self) -> str:
        """Return the status as a sentence."""
        assembly, target = self.assembly, self.request.plan.goal.aim == Aim.TARGET
        if not self.forms:
            return {
                "infeasible": "No forms satisfy all constraints.",
                "unknown": "The time limit came before any forms were found.",
            }[assembly.status.value]
        weakest = " in the worst form" if len(self.forms) > 1 else ""
        reached = f"{self._reached_in_words()}{weakest} {assembly.objective:.4g}"
        if assembly.status.value == "optimal":
            return f"The best there is: {reached}."
        sign = "at least" if target else "at most"
        return (
            f"Perhaps not the best: {reached}; the best there is could be {sign} "
            f"{assembly.bound:.4g}. A longer time limit or a smaller gap may find it."
        )

    def _reached_in_words(self) -> str:
        """What the objective measures."""
        goal = self.request.plan.goal
        if goal.aim == Aim.TARGET:
            return "largest difference from the target"
        weighted = " by its weight" if np.unique(goal.levels).size > 1 else ""
        several = "smallest " if goal.aim == Aim.MINIMUM else "summed "
        return f"{several if goal.theta.size > 1 else ''}information{weighted}"

    def advice(self) -> Iterator[str]:
        """Yield what to do where there are no forms: one line for each constraint in a conflict."""
        if self.assembly.status.value == "unknown" or (
            self.assembly.status.value == "infeasible" and not self.assembly.conflicts
        ):
            yield "Raise the time limit (time_limit), ask for fewer forms, or allow a gap."
        for conflict in self.assembly.conflicts:
            for name in conflict.names:
                yield f"{name}: {self._demanded(name)}"
            if not conflict.minimal:
                yield "The time limit came first: not all of these may be needed for the conflict."
        if len(self.assembly.conflicts) > 1:
            yield "Each of these conflicts must be resolved."

    def _demanded(self, name: str) -> str:
        """What a constraint demands, and how many items of the pool it is about."""
        plan = self.request.plan
        if name == OVERLAP:
            forms = f"{plan.forms} forms with at most {plan.common} items in common"
            return f"{forms}; fewer forms, a larger overlap or more items in the pool"
        return demanded(self.request.compiled, name)


def result_of(request: Request, assembly: Assembly) -> Result:
    """Return an assembly in names, each form's items in the order in which they are given."""
    forms = tuple(
        Form(
            number=number,
            items=tuple(request.attributes.items[item] for item in _in_order(request, items)),
            information=tuple(information.tolist()),
            measures=request.compiled.measures(items),
        )
        for number, (items, information) in enumerate(
            zip(assembly.forms, assembly.information, strict=True), 1
        )
    )
    return Result(request=request, assembly=assembly, forms=forms)


def _in_order(request: Request, items: IntArray) -> list[int]:
    """By the order demanded, if one is; then item sets whole, each where its first item stands."""
    specification = request.plan.specification
    values = specification.order.values if specification.order else np.zeros(specification.n_items)
    sets = next((each for each in specification.constraints if isinstance(each, Sets)), None)
    first = {item: item for item in items.tolist()}
    if sets is not None:
        heads: dict[int, int] = {}
        for item in items.tolist():
            stimulus = int(sets.stimulus[item])
            first[item] = heads.setdefault(stimulus, item) if stimulus >= 0 else item
    return sorted(first, key=lambda item: (values[item], first[item], item))


def _form_data(form: Form) -> dict[str, Any]:
    return {
        "form": form.number,
        "items": list(form.items),
        "information": list(form.information),
        "constraints": [
            {
                "name": measure.name,
                "part": measure.part or None,
                "value": measure.value,
                "min": measure.low,
                "max": measure.high,
            }
            for measure in form.measures
        ],
    }
