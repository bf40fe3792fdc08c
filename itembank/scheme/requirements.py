"""The default table of requirements: derived from the statements, with its assumptions named.

A role requires the skill sets that the statements of its group are coded to, in its own phase and
the earlier ones, at the level of its phase (1, 2, 3); foundation skill sets are required of all.
A scheme's table is data and may differ; this rule is where a draft begins.
"""

from __future__ import annotations

from collections.abc import Iterator

from itembank.framework import Framework, Role, Statement
from itembank.scheme.model import Basis, Requirement, RoleRequirements

FOUNDATION = "foundation-level"
NO_COLUMN = "no-column"
INFERRED = "phase-inferred"
CARRIED = "carried-forward"
NO_THIRD_STAGE = "no-third-stage"
DOUBTFUL = "doubtful-code"


def default_requirements(framework: Framework) -> tuple[RoleRequirements, ...]:
    """What each role of a framework requires by the default rule."""
    return tuple(
        RoleRequirements(role=role.id, required=tuple(_required(framework, role)))
        for role in framework.roles
    )


def _required(framework: Framework, role: Role) -> Iterator[Requirement]:
    phases = [phase.key for phase in framework.phases]
    level = phases.index(role.phase) + 1
    statements = [
        statement
        for phase in phases[:level]
        for statement in framework.statements_for(role.group, phase)
    ]
    for skill_set in framework.skill_sets:
        coded = [one for one in statements if skill_set.code in _skill_sets(framework, one)]
        if coded or skill_set.foundation:
            assumptions = _assumptions(framework, role, skill_set.code, coded)
            ids = tuple(statement.id for statement in coded)
            basis = Basis(statements=ids, assumptions=tuple(assumptions))
            yield Requirement(skill_set=skill_set.code, level=level, basis=basis)


def _skill_sets(framework: Framework, statement: Statement) -> set[str]:
    return {framework.skill_set_of(code) for code in statement.codes}


def _assumptions(
    framework: Framework, role: Role, skill_set: str, coded: list[Statement]
) -> Iterator[str]:
    if not coded:
        yield FOUNDATION
        if not framework.statements_for(role.group, role.phase):
            yield NO_COLUMN
        return
    rows = [framework.row_of(statement.id) for statement in coded]
    own = [row for row in rows if row.phase == role.phase]
    if not own:
        yield CARRIED
    elif all(row.phase_basis == "inferred" for row in own):
        yield INFERRED
    if not own and _last_stage_missing(framework, role, coded):
        yield NO_THIRD_STAGE
    if all(_doubtful(framework, statement, skill_set) for statement in coded):
        yield DOUBTFUL


def _last_stage_missing(framework: Framework, role: Role, coded: list[Statement]) -> bool:
    """Whether the statements come from tables that have no stage for this role's phase."""
    last = role.phase == framework.phases[-1].key
    return last and all(framework.driver_of(one.id).rows_missing for one in coded)


def _doubtful(framework: Framework, statement: Statement, skill_set: str) -> bool:
    """Whether every code that ties the statement to the skill set is probably a misprint."""
    codes = [code for code in statement.codes if framework.skill_set_of(code) == skill_set]
    return all(code in statement.doubtful for code in codes)
