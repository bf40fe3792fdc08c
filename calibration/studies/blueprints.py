"""What keeps the exams of a section to its blueprint, and what is counted of the blueprint."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import engine
from calibration.errors import StudyError
from calibration.studies.design_file import Content, SectionFile, Select
from engine.constraints import Quota, Specification, conflict
from engine.constraints.methods import keeping
from engine.errors import Problem
from itembank.blueprint import Attributes, Blueprint
from itembank.blueprint.words import demanded


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """What a section says of its content.

    Attributes
    ----------
    balance
        What keeps to it; None: nothing does.
    counted
        The constraints of which a study counts how often they were kept; None: there are none.
    """

    balance: engine.Balance | None = None
    counted: Specification | None = None


def kept_to(section: SectionFile, attributes: Attributes, where: str) -> Kept:
    """Return what a section says of its content: by shares, by constraints or not at all.

    Raises
    ------
    StudyError, BlueprintError
        Naming every attribute and value that the items lack, and constraints that no test keeps.
    """
    select = section.select or Select()
    shares = None
    if select.content is not None:
        shares = _shares(select.content, attributes, f"{where}select.content")
    if section.constraints is None:
        return shares or Kept()
    demanded = _demanded(section.constraints, attributes, f"{where}constraints")
    if select.method == "none":
        return Kept(balance=shares.balance if shares else None, counted=demanded)
    return Kept(balance=keeping(select.method, demanded, select.weights), counted=demanded)


def counted_of(design: engine.Design, attributes: Attributes) -> Specification | None:
    """Return what is counted of a design that came with its own content, as a release's does."""
    content = design.content
    if isinstance(content, engine.ContentTargets):
        units = attributes.columns["unit"].text
        first = [int(np.argmax(content.units == unit)) for unit in range(content.shares.size)]
        return _quotas([f"unit: {units[place]}" for place in first], content)
    found: Specification | None = getattr(content, "specification", None)
    return found


def _demanded(written: object, attributes: Attributes, where: str) -> Specification:
    compiled = Blueprint.of(written, where).over(attributes)
    found = conflict(compiled.specification)
    if found.names:
        named = "; ".join(f"{name} ({demanded(compiled, name)})" for name in found.names)
        without = "without any one of them some test can" if found.minimal else "relax some"
        expected = f"constraints that one test can satisfy; these contradict each other: {named}"
        problem = Problem(where, "no possible test", f"{expected}; {without}")
        raise StudyError("Study section", [problem])
    return compiled.specification


def _shares(content: Content, attributes: Attributes, where: str) -> Kept:
    column = attributes.columns.get(content.attribute)
    if column is None:
        expected = f"one of {', '.join(attributes.columns)}"
        problem = Problem(f"{where}.attribute", content.attribute, expected)
        raise StudyError("Study section", [problem])
    labels = list(content.shares)
    problems = [
        Problem(f"{where}.shares.{label}", label, f"a value of {content.attribute} in the pool")
        for label in labels
        if label not in column.text
    ]
    if problems:
        raise StudyError("Study section", problems)
    # Items of no share are a unit of their own that is never due.
    outside = any(cell not in content.shares for cell in column.text)
    shares = np.array([*content.shares.values(), *([0.0] if outside else [])])
    units = [labels.index(cell) if cell in labels else len(labels) for cell in column.text]
    targets = engine.ContentTargets(np.array(units), shares / shares.sum())
    names = [f"{content.attribute}: {label}" for label in (*labels, "others")[: shares.size]]
    return Kept(balance=targets, counted=_quotas(names, targets))


def _quotas(names: list[str], targets: engine.ContentTargets) -> Specification:
    """The shares as constraints: each rounded down or up, whatever the length of the exam."""
    n_items = targets.units.size
    quotas = [
        Quota(name=name, where=targets.units == unit, share=float(targets.shares[unit]))
        for unit, name in enumerate(names)
    ]
    return Specification(n_items=n_items, length=(0, n_items), constraints=tuple(quotas))


def told(specification: Specification) -> tuple[str, ...]:
    """Return the names of the constraints that demand something, in order."""
    anything = specification.length[0] <= 1 and specification.length[1] >= specification.n_items
    return specification.names[1:] if anything else specification.names
