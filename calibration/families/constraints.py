"""Parameters that are fixed or equal, asked for by their published names.

b = -intercept / a is no working parameter: it can be fixed whether or not the slope is free, since
intercept = -b a is linear in a; it can be equal only between items that have the same slope.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import numpy as np
from scipy.special import logit

from calibration.families.models import FAMILIES, Expression
from calibration.families.protocol import ItemFamily
from engine.errors import Problem

Fixed = Mapping[str, Mapping[str, float]]
Equal = Iterable[tuple[str, Sequence[str]]]

WORKING = {"b": "intercept", "c": "guess", "d": "slip"}
"""Working parameters that carry another name than the published ones they stand for."""


@dataclass(slots=True)
class Draft:
    """Expressions of all items while constraints are put on them, and what was wrong with those.

    Attributes
    ----------
    model, n_categories
        Of each item, by its name.
    expressions
        Working parameters of each item.
    """

    model: Mapping[str, str]
    n_categories: Mapping[str, int]
    expressions: dict[str, dict[str, Expression]]
    problems: list[Problem] = field(default_factory=list)
    replaced: dict[str, Expression] = field(default_factory=dict)

    def expression(self, item: str, working: str) -> Expression:
        """Return an item's working parameter in the parameters that are left."""
        found = self.resolve(self.expressions[item][working])
        self.expressions[item][working] = found
        return found

    def resolve(self, expression: Expression) -> Expression:
        """Put in what replaced a parameter, until nothing is left that was replaced."""
        while any(name in self.replaced for name, _ in expression.terms):
            total = Expression(expression.constant)
            for name, by in expression.terms:
                part = self.replaced.get(name, Expression(0.0, ((name, 1.0),)))
                total = total.plus(part.times(by))
            expression = total
        return expression

    def family(self, item: str) -> ItemFamily:
        """Return the family of an item."""
        return FAMILIES[self.model[item]]


def constrain(draft: Draft, fixed: Fixed, equal: Equal) -> None:
    """Put the constraints on, slopes first: what can be done with b depends on them."""
    values = {item: dict(given) for item, given in fixed.items() if _known(draft, "fixed", item)}
    pairs = [(name, [i for i in items if _known(draft, "equal", i)]) for name, items in equal]
    values = {item: _named(draft, item, given) for item, given in values.items()}
    for item, given in values.items():
        for name in [name for name in given if not _is_step(name)]:
            _fix(draft, item, name, given.pop(name))
    for name, items in pairs:
        if not _is_step(name):
            _share(draft, name, items)
    for item, given in values.items():
        if given:
            _fix_steps(draft, item, given)
    for name, items in sorted(pair for pair in pairs if _is_step(pair[0])):
        _share_step(draft, name, items)


def _known(draft: Draft, where: str, item: str) -> bool:
    if item not in draft.model:
        draft.problems.append(Problem(where, item, "the name of an item"))
    return item in draft.model


def _named(draft: Draft, item: str, given: Mapping[str, float]) -> dict[str, float]:
    """Return the values whose names are parameters of the item."""
    allowed = draft.family(item).published_names(draft.n_categories[item])
    for name in given:
        if name not in allowed:
            expected = f"a parameter of the item: {', '.join(allowed)}"
            draft.problems.append(Problem(f"fixed[{item}]", name, expected))
    return {name: value for name, value in given.items() if name in allowed}


def _is_step(name: str) -> bool:
    return name[0] == "b"


def _working_name(draft: Draft, item: str, published: str) -> str | None:
    """Return the working parameter that a published one stands for; None where there is none."""
    family, n_categories = draft.family(item), draft.n_categories[item]
    if published not in family.published_names(n_categories):
        return None
    if family.name == "partial_credit" and _is_step(published):
        return "c" + published[1:]
    if family.name == "graded" and _is_step(published):
        return "intercept1" if published == "b1" else "log_gap" + published[1:]
    return published if family.name == "nominal" else WORKING.get(published, published)


def _fix(draft: Draft, item: str, name: str, value: float) -> None:
    asymptote = draft.family(item).name == "asymptotes" and name in "cd"
    if not isfinite(value) or (asymptote and not 0.0 <= value <= 1.0):
        expected = "a number from 0 to 1" if asymptote else "a finite number"
        draft.problems.append(Problem(f"fixed[{item}][{name}]", value, expected))
        return
    working = _working_name(draft, item, name)
    assert working is not None  # only names of the item's own parameters come here
    number = float(logit(value)) if asymptote else float(value)
    draft.expressions[item][working] = Expression(number)


def _fix_steps(draft: Draft, item: str, given: Mapping[str, float]) -> None:
    names = [n for n in draft.family(item).published_names(draft.n_categories[item]) if _is_step(n)]
    slope = draft.expression(item, "a")
    if not all(map(isfinite, given.values())):
        draft.problems.append(Problem(f"fixed[{item}]", dict(given), "finite numbers"))
    elif draft.family(item).name == "graded":
        _fix_thresholds(draft, item, given, names, slope)
    elif draft.model[item] == "rsm" and len(given) < len(names):
        expected = "all steps of a rating scale item, or none"
        draft.problems.append(Problem(f"fixed[{item}]", dict(given), expected))
    else:
        for name, value in given.items():
            working = _working_name(draft, item, name)
            draft.expressions[item][str(working)] = slope.times(-value)


def _fix_thresholds(
    draft: Draft, item: str, given: Mapping[str, float], names: Sequence[str], slope: Expression
) -> None:
    """Gaps between intercepts are a times gaps between thresholds: only known with the slope."""
    if not slope.fixed or len(given) < len(names):
        expected = "a and all thresholds of a graded item, or a alone"
        draft.problems.append(Problem(f"fixed[{item}]", dict(given), expected))
        return
    row = np.array([[slope.constant, *(given[name] for name in names)]])
    x = draft.family(item).working(row)[0]
    if np.isnan(x).any():
        expected = "thresholds that ascend (with a negative slope, descend)"
        draft.problems.append(Problem(f"fixed[{item}]", dict(given), expected))
        return
    working = draft.family(item).working_names(draft.n_categories[item])
    draft.expressions[item] = {n: Expression(float(v)) for n, v in zip(working, x, strict=True)}


def _share(draft: Draft, name: str, items: Sequence[str]) -> None:
    holders = []
    for item in items:
        working = _working_name(draft, item, name)
        if working is None:
            names = draft.family(item).published_names(draft.n_categories[item])
            expected = f"a parameter of {item}: {', '.join(names)}"
            draft.problems.append(Problem("equal", name, expected))
        else:
            holders.append((item, working))
    for item, working in holders[1:]:
        _join(draft, name, holders[0], (item, working))


def _join(draft: Draft, name: str, first: tuple[str, str], second: tuple[str, str]) -> None:
    """Make two working parameters one: a fixed one gives the other its value."""
    one, other = draft.expression(*first), draft.expression(*second)
    if one == other:
        return
    if other.terms and len(other.terms) == 1 and other.constant == 0.0 and other.terms[0][1] == 1:
        draft.replaced[other.terms[0][0]] = one
    elif one.terms and len(one.terms) == 1 and one.constant == 0.0 and one.terms[0][1] == 1:
        draft.replaced[one.terms[0][0]] = other
    else:
        expected = f"parameters that can be equal: {name} of {first[0]} and {second[0]} is held"
        draft.problems.append(Problem("equal", name, expected + " by fixed values or by the model"))


def _share_step(draft: Draft, name: str, items: Sequence[str]) -> None:
    if not items or any(_working_name(draft, item, name) is None for item in items):
        _share(draft, name, items)
        return
    graded = draft.family(items[0]).name == "graded"
    for item in items[1:]:
        needed = ["a", *(f"b{v}" for v in range(1, int(name[1:])))] if graded else ["a"]
        if (draft.family(item).name == "graded") != graded or not all(
            _same(draft, each, items[0], item) for each in needed
        ):
            expected = f"{', '.join(needed)} of {items[0]} and {item} equal as well"
            draft.problems.append(Problem("equal", name, expected))
            return
    _share(draft, name, items)


def _same(draft: Draft, name: str, first: str, second: str) -> bool:
    one, other = (_working_name(draft, item, name) for item in (first, second))
    if one is None or other is None:
        return False
    return draft.expression(first, one) == draft.expression(second, other)
