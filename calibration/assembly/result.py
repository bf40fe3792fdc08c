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
from calibration.assembly.words import word
from calibration.report.numbers import MINUS
from engine.arrays import IntArray
from engine.constraints import Measure, Sets
from itembank.blueprint.words import demanded
from itembank.text import Language


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

    def goal_in_words(self, language: Language = "en") -> str:
        """Return what made forms good."""
        goal = self.request.plan.goal
        points = ", ".join(plain_number(theta) for theta in goal.theta)
        if goal.aim == Aim.TARGET:
            levels = ", ".join(plain_number(level) for level in goal.levels)
            return word(language, "goal_target", levels=levels, points=points)
        text = word(language, f"goal_{self._kind()}", points=points)
        weighted = np.unique(goal.levels).size > 1
        return word(language, "goal_weighted", goal=text) if weighted else text

    def outcome_in_words(self, language: Language = "en") -> str:
        """Return the status as a sentence."""
        assembly = self.assembly
        if not self.forms:
            return word(language, f"none_{assembly.status.value}")
        several = "reached_worst" if len(self.forms) > 1 else "reached"
        value = f"{assembly.objective:.4g}"
        reached = word(language, several, what=self._measured(language), value=value)
        if assembly.status.value == "optimal":
            return word(language, "best", reached=reached)
        least = "least" if self.request.plan.goal.aim == Aim.TARGET else "most"
        return word(language, f"perhaps_{least}", reached=reached, bound=f"{assembly.bound:.4g}")

    def _measured(self, language: Language) -> str:
        """What the objective measures."""
        what = word(language, f"what_{self._kind()}")
        goal = self.request.plan.goal
        weighted = goal.aim != Aim.TARGET and np.unique(goal.levels).size > 1
        return word(language, "what_weighted", what=what) if weighted else what

    def _kind(self) -> str:
        goal = self.request.plan.goal
        if goal.aim == Aim.TARGET:
            return "target"
        if goal.theta.size == 1:
            return "one"
        return "minimum" if goal.aim == Aim.MINIMUM else "sum"

    def in_words(self, language: Language = "en") -> Iterator[str]:
        """Yield lines for a terminal: outcome, goal, forms, conflicts, advice."""
        yield self.outcome_in_words(language)
        yield self.goal_in_words(language)
        thetas = map(plain_number, self.request.plan.goal.theta.tolist())
        names = [word(language, "at", theta=theta) for theta in thetas]
        for form in self.forms:
            values = zip(form.information, names, strict=True)
            points = ", ".join(f"{value:.3f} {name}" for value, name in values)
            told = {"number": form.number, "items": len(form.items), "points": points}
            yield word(language, "form_line", **told)
            yield f"  {' '.join(form.items)}"
        yield from self.conflicts_in_words(language)
        yield from (f"  - {line}" for line in self.advice(language))

    def conflicts_in_words(self, language: Language = "en") -> Iterator[str]:
        """Yield which constraints contradict each other."""
        for number, conflict in enumerate(self.assembly.conflicts, 1):
            key = "conflict_minimal" if conflict.minimal else "conflict"
            yield word(language, key, number=number, names=", ".join(conflict.names))

    def advice(self, language: Language = "en") -> Iterator[str]:
        """Yield what to do where there are no forms: one line for each constraint in a conflict."""
        if self.assembly.status.value == "unknown" or (
            self.assembly.status.value == "infeasible" and not self.assembly.conflicts
        ):
            yield word(language, "advice_unknown")
        for conflict in self.assembly.conflicts:
            for name in conflict.names:
                yield f"{name}: {self._demanded(name, language)}"
            if not conflict.minimal:
                yield word(language, "advice_not_minimal")
        if len(self.assembly.conflicts) > 1:
            yield word(language, "advice_several")

    def _demanded(self, name: str, language: Language) -> str:
        """What a constraint demands, and how many items of the pool it is about."""
        plan = self.request.plan
        if name == OVERLAP:
            return word(language, "advice_overlap", forms=plan.forms, common=plan.common)
        return demanded(self.request.compiled, name, language)


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


def plain_number(value: float) -> str:
    """Return a number as short as can be, with a true minus."""
    return f"{value:g}".replace("-", MINUS)
