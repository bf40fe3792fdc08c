"""A section of an exam: one skill set's items and rules, as the engine takes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import engine
from engine.errors import DesignError, Problem
from itembank.errors import ReleaseError
from itembank.release import Release, ReleasedItem
from itembank.scheme import Blueprint, Scheme, SkillSetRules


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """The design of one skill set's exam, and its items in the order of the design's pool."""

    skill_set: str
    design: engine.Design
    items: tuple[ReleasedItem, ...]
    _index: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        index = {item.id: n for n, item in enumerate(self.items)}
        object.__setattr__(self, "_index", index)

    def index(self, item: str) -> int:
        """The place of an item in the pool; `KeyError` if the section has no such item."""
        return self._index[item]


def section(release: Release, scheme: Scheme, skill_set: str) -> Section:
    """Compile the section of one skill set.

    Parameters
    ----------
    release
        Where the items come from. Items of units outside the blueprint are left out.
    scheme
        Where the blueprint, prior, cuts and decision rule come from.
    skill_set
        The code of the skill set.

    Returns
    -------
    Section
        Items sorted by id; a blueprint's units in its own order.

    Raises
    ------
    ReleaseError
        If release and scheme are of different frameworks, a unit of the blueprint has no item, or
        no test of these items keeps the blueprint's constraints.
    DesignError
        If the scheme's numbers make no exam.
    """
    rules = scheme.skill_set(skill_set)
    items = items_of_section(release, rules)
    problems = list(_problems(release, scheme, rules, items))
    if problems:
        raise ReleaseError(f"Section {skill_set}", problems)
    try:
        design = _design(scheme, rules, items)
    except DesignError as error:
        raise DesignError(
            f"Section {skill_set}", [_placed(each) for each in error.problems]
        ) from error
    return Section(skill_set=skill_set, design=design, items=items)


def items_of_section(release: Release, rules: SkillSetRules) -> tuple[ReleasedItem, ...]:
    """The items of a skill set that its blueprint has a unit for, sorted by id."""
    codes = [unit.code for unit in rules.blueprint.units]
    return tuple(item for item in release.items_of(rules.code) if item.unit in codes)


def _design(scheme: Scheme, rules: SkillSetRules, items: tuple[ReleasedItem, ...]) -> engine.Design:
    blueprint = rules.blueprint
    return engine.Design(
        pool=_pool(items),
        grid=engine.Grid(lo=scheme.grid.lo, hi=scheme.grid.hi, n=scheme.grid.n),
        prior=engine.NormalPrior(mean=scheme.prior.mean, sd=scheme.prior.sd),
        randomesque=blueprint.randomesque,
        content=_content(rules, items),
        exposure=_exposure(blueprint),
        stopping=engine.StoppingRule(
            min_items=blueprint.min_items,
            max_items=blueprint.max_items,
            standard_error=blueprint.standard_error,
            decision=blueprint.decision,
            require=blueprint.require,
        ),
        decision=engine.DecisionRule(cuts=rules.cuts, p_star=scheme.p_star),
    )


def _content(rules: SkillSetRules, items: tuple[ReleasedItem, ...]) -> engine.Balance:
    blueprint = rules.blueprint
    if blueprint.constraints is not None:
        # Solvers take a while to import; only who has constraints waits for them.
        from itembank.constrained import balance

        return balance(blueprint, items, f"Section {rules.code}")
    codes = [unit.code for unit in blueprint.units]
    units: Any = [codes.index(item.unit) for item in items]
    shares: Any = blueprint.shares
    return engine.ContentTargets(units=units, shares=shares)


def _placed(problem: Problem) -> Problem:
    """Name what is wrong with a design's content by its place in the blueprint."""
    where = problem.where.replace("content.specification", "blueprint.constraints")
    return replace(problem, where=where.replace("content.weights", "blueprint.weights"))


def _exposure(blueprint: Blueprint) -> engine.ExposureControl | None:
    if blueprint.exposure is None:
        return None
    return engine.ExposureControl(bounds=blueprint.exposure.bounds)


def _pool(items: tuple[ReleasedItem, ...]) -> engine.ItemPool:
    parameters = [item.parameters for item in items]
    return engine.ItemPool.build(
        a=[one.a for one in parameters],
        b=[one.b for one in parameters],
        c=[one.c for one in parameters],
        d=[one.d for one in parameters],
    )


def _problems(
    release: Release, scheme: Scheme, rules: SkillSetRules, items: tuple[ReleasedItem, ...]
) -> Iterator[Problem]:
    if release.framework != scheme.framework:
        found = f"{release.framework.id} {release.framework.version}"
        expected = f"{scheme.framework.id} {scheme.framework.version}, as the scheme"
        yield Problem("framework", found, expected)
    stocked = {item.unit for item in items}
    for unit in rules.blueprint.units:
        if unit.code not in stocked:
            yield Problem(f"blueprint {unit.code}", "no items", "at least one item of this unit")
    if len(items) < rules.blueprint.min_items:
        expected = f"at least min_items = {rules.blueprint.min_items}"
        yield Problem("items", len(items), expected)
