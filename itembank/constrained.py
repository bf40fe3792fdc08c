"""From the constraints of a blueprint to what keeps an exam to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

import engine
from engine.constraints import Quota, Status, conflicts
from engine.constraints.methods import keeping
from engine.errors import Problem
from itembank.blueprint import Attributes, BlueprintError, Compiled
from itembank.blueprint import Blueprint as Language
from itembank.blueprint.attributes import ITEM
from itembank.blueprint.demands import Demand
from itembank.blueprint.where import values_named
from itembank.blueprint.words import demanded
from itembank.errors import ReleaseError
from itembank.release import ReleasedItem
from itembank.scheme import Blueprint
from itembank.scheme.constraints import share_name

PLACE = "blueprint.constraints"
LENGTH = "length"
MAY_BE_ABOUT_NOTHING = ("exclude", "enemies")
"""Kinds of constraints that are kept where a bank has none of the items meant."""


def balance(blueprint: Blueprint, items: Sequence[ReleasedItem], subject: str) -> engine.Balance:
    """Return what keeps an exam of these items to a blueprint with constraints, by its method.

    Parameters
    ----------
    items
        In the order of the design's pool.
    subject
        What an error is about.

    Raises
    ------
    ReleaseError
        Naming every constraint that needs what the items lack; or those that no test of these
        items can keep together, as few as contradict each other.
    """
    language = Language.of(blueprint.constraints)
    attributes = Attributes.of_release(items)
    problems = [each for demand in language.demands for each in _unknown_items(demand, attributes)]
    try:
        written = language.over(attributes)
    except BlueprintError as error:
        problems += [replace(each, where=f"{PLACE}: {each.where}") for each in error.problems]
        raise ReleaseError(subject, problems) from error
    problems += _about_nothing(language, written)
    compiled = _with_shares(_with_length(written, language, blueprint), blueprint, items)
    problems = problems or list(_conflicts(compiled))
    if problems:
        raise ReleaseError(subject, problems)
    return keeping(blueprint.keep or "shadow", compiled.specification, blueprint.weights)


def _with_length(compiled: Compiled, language: Language, blueprint: Blueprint) -> Compiled:
    """Give constraints that demand no length that of the blueprint."""
    if language.length is not None:
        return compiled
    ends = (blueprint.min_items, blueprint.max_items)
    specification = replace(compiled.specification, length=ends, length_name=LENGTH)
    return replace(compiled, specification=specification)


def _with_shares(
    compiled: Compiled, blueprint: Blueprint, items: Sequence[ReleasedItem]
) -> Compiled:
    """Add the units' shares of an exam, each rounded down or up, where they have any."""
    quotas, meant = [], {}
    for unit, share in zip(blueprint.units, blueprint.shares, strict=bool(blueprint.shares)):
        name, own = share_name(unit.code), np.array([item.unit == unit.code for item in items])
        quotas.append(Quota(name=name, where=own, share=share))
        meant[name] = int(own.sum())
    constraints = (*compiled.specification.constraints, *quotas)
    specification = replace(compiled.specification, constraints=constraints)
    return replace(compiled, specification=specification, meant={**compiled.meant, **meant})


def _unknown_items(demand: Demand, attributes: Attributes) -> Iterator[Problem]:
    if demand.where is None:
        return
    for attribute, token in values_named(demand.where.condition):
        if attribute == ITEM and str(token.value) not in attributes.items:
            where = f"{PLACE}: {demand.name}: where, column {token.column}"
            yield Problem(where, token.written, "an item of the section")


def _about_nothing(language: Language, compiled: Compiled) -> Iterator[Problem]:
    """Constraints about items that the bank has none of: rather a slip than meant."""
    for demand in language.demands:
        about = compiled.meant.get(demand.name)
        if demand.where is not None and not about and demand.kind not in MAY_BE_ABOUT_NOTHING:
            expected = "a condition that at least one item of the section meets"
            yield Problem(f"{PLACE}: {demand.name}: where", demand.where.text, expected)


def _conflicts(compiled: Compiled) -> Iterator[Problem]:
    """Constraints that an exam of full length cannot keep together, by name with what they demand."""
    specification = compiled.specification
    most = min(specification.length[1], specification.n_items)
    full = replace(specification, length=(most, most))
    told = replace(compiled, specification=full)
    for found in conflicts(full):
        names = "; ".join(f"{name} ({demanded(told, name)})" for name in found.names)
        without = "without any one of these some test can" if found.minimal else "relax them"
        expected = f"constraints that one test can keep together: {without}"
        if found.status is Status.INFEASIBLE:
            yield Problem(PLACE, names, expected)
