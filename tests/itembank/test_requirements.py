"""Who needs what: every requirement rests on statements that bear it, or says what it assumes."""

from __future__ import annotations

import pytest

from itembank import Framework, Scheme, default_requirements


def test_the_drafts_table_is_the_default_rule_applied(scheme: Scheme, framework: Framework) -> None:
    assert scheme.requirement_table.roles == default_requirements(framework)


def test_everyone_needs_the_foundation(scheme: Scheme, framework: Framework) -> None:
    for role in framework.roles:
        required = {one.skill_set for one in scheme.requirements(role)}
        assert {"DLit", "DG"} <= required


def test_others_need_the_foundation_alone_and_it_is_assumed(scheme: Scheme) -> None:
    for phase in ("early", "developing", "maturing"):
        requirements = scheme.requirements(f"others/{phase}")
        assert [one.skill_set for one in requirements] == ["DLit", "DG"]
        assert all(one.basis.assumed for one in requirements)


def test_a_role_needs_exactly_the_skill_sets_its_statements_are_coded_to(
    scheme: Scheme, framework: Framework
) -> None:
    phases = [phase.key for phase in framework.phases]
    for role in framework.roles:
        until = phases[: phases.index(role.phase) + 1]
        coded = {
            framework.skill_set_of(code)
            for phase in until
            for statement in framework.statements_for(role.group, phase)
            for code in statement.codes
        }
        assert {one.skill_set for one in scheme.requirements(role)} == coded | {"DLit", "DG"}


def test_the_level_is_the_place_of_the_phase(scheme: Scheme, framework: Framework) -> None:
    levels = {"early": 1, "developing": 2, "maturing": 3}
    for role in framework.roles:
        assert {one.level for one in scheme.requirements(role)} == {levels[role.phase]}


def test_statements_of_a_basis_are_of_the_group_and_coded_to_the_skill_set(
    scheme: Scheme, framework: Framework
) -> None:
    for role in framework.roles:
        for required in scheme.requirements(role):
            for id in required.basis.statements:
                statement = framework.statement(id)
                assert statement.group == role.group
                codes = [framework.skill_set_of(code) for code in statement.codes]
                assert required.skill_set in codes


def test_a_requirement_without_assumption_has_a_statement_whose_phase_is_stated(
    scheme: Scheme, framework: Framework
) -> None:
    firm = [
        (role, required)
        for role in framework.roles
        for required in scheme.requirements(role)
        if not required.basis.assumed
    ]
    assert firm
    for role, required in firm:
        rows = [framework.row_of(id) for id in required.basis.statements]
        assert any(row.phase == role.phase and row.phase_basis == "stated" for row in rows)


@pytest.mark.parametrize(
    ("role", "skill_set", "assumptions"),
    [
        ("technology/early", "DT", ()),
        ("technology/early", "DLit", ("foundation-level",)),
        ("executive/early", "DL", ("phase-inferred",)),
        ("executive/maturing", "DT", ("phase-inferred", "doubtful-code")),
        ("management/maturing", "DT", ("phase-inferred", "doubtful-code")),
        ("executive/maturing", "DS", ("carried-forward", "no-third-stage")),
        ("management/maturing", "PSM", ("carried-forward",)),
        ("others/early", "DG", ("foundation-level", "no-column")),
    ],
)
def test_what_the_source_leaves_open_is_marked(
    scheme: Scheme, role: str, skill_set: str, assumptions: tuple[str, ...]
) -> None:
    required = {one.skill_set: one.basis for one in scheme.requirements(role)}
    assert required[skill_set].assumptions == assumptions
    for assumption in assumptions:
        assert scheme.assumption(assumption).th


def test_every_assumption_of_the_table_is_used(scheme: Scheme) -> None:
    used = {
        assumption
        for row in scheme.requirement_table.roles
        for required in row.required
        for assumption in required.basis.assumptions
    }
    assert used == set(scheme.requirement_table.assumptions)
