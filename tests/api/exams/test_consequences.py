"""A replay finds what was changed beside the log: whose exam it was, its results, its certificates."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.exams.stored import replay_session
from tests.api.people import Candidate, Service, always_right, always_wrong


@pytest.fixture
def session(candidate: Candidate) -> UUID:
    """An exam with a certificate in DLit and none in DG."""
    started = candidate.start("DLit", "DG")
    candidate.answer_section(started, always_right())
    candidate.answer_section(started, always_wrong())
    return UUID(started)


def change(owner_engine: Engine, statement: str, **values: object) -> None:
    """Change rows as only the owner of the tables can."""
    with owner_engine.begin() as connection:
        assert connection.execute(text(statement), values).rowcount >= 1


def differing_field(engine: Engine, session: UUID) -> str | None:
    with Session(engine) as db:
        outcome = replay_session(db, session)
    assert outcome is not None
    return outcome.first_difference.field if outcome.first_difference else None


def test_what_was_stored_at_the_end_is_what_the_log_gives(engine, session):
    assert differing_field(engine, session) is None


def test_a_running_session_has_no_consequences_to_compare(engine, candidate):
    started = candidate.start("DLit", "DG")
    candidate.answer_section(started, always_right())
    assert differing_field(engine, UUID(started)) is None


@pytest.mark.parametrize(
    ("change_made", "field"),
    [
        ("UPDATE section_result SET level = level + 1 WHERE level > 0", "result.DLit.level"),
        (
            "UPDATE section_result SET outcome = 'no_result' WHERE level IS NULL",
            "result.DG.outcome",
        ),
        ("UPDATE section_result SET reason = 'time' WHERE level IS NULL", "result.DG.reason"),
        ("UPDATE section_result SET required_level = 0", "result.DG.required_level"),
        ("UPDATE section_result SET specimen = false", "result.DG.specimen"),
        ("UPDATE section_result SET agency_id = NULL", "result.DG.agency_id"),
        (
            "UPDATE section_result SET decided_at = decided_at + interval '1 day'",
            "result.DG.decided_at",
        ),
        ("DELETE FROM section_result WHERE skill_set = 'DG'", "result.DG"),
        ("DELETE FROM certificate", "certificate.DLit"),
        ("UPDATE certificate SET level = level + 1", "certificate.DLit.level"),
        (
            "UPDATE certificate SET facts = jsonb_set(facts, '{level}', '1')",
            "certificate.DLit.facts.level",
        ),
        (
            "UPDATE certificate SET facts = jsonb_set(facts, '{specimen}', 'false')",
            "certificate.DLit.facts.specimen",
        ),
        (
            "UPDATE certificate SET valid_until = valid_until + interval '1 year'",
            "certificate.DLit.facts.valid_until",
        ),
        (
            "UPDATE certificate SET credential = 'e30.e30.e30'",
            "certificate.DLit.credential.claims",
        ),
        ("UPDATE exam_session SET ended_at = NULL", "session.ended_at"),
        (
            "UPDATE exam_session SET created_at = created_at - interval '1 day'",
            "session.created_at",
        ),
        ("UPDATE exam_session SET language = 'en'", "detail.language"),
        ("UPDATE exam_session SET phase = 'maturing'", "detail.phase"),
        ("UPDATE exam_session SET engine_version = '0'", "detail.engine"),
        ("UPDATE exam_session SET framework_hash = scheme_hash", None),
        ("DELETE FROM session_event", "kind"),
        ("DELETE FROM session_event WHERE kind = 'ended'", "kind"),
        ("DELETE FROM session_event WHERE position = 1", "kind"),
    ],
)
def test_a_change_beside_the_log_is_found_and_named(
    engine, owner_engine, session, change_made, field
):
    change(owner_engine, change_made)
    if field is None:
        with pytest.raises(ValueError, match="Framework"):
            differing_field(engine, session)
    else:
        assert differing_field(engine, session) == field


def test_an_exam_given_to_somebody_else_is_found(engine, owner_engine, service: Service, session):
    other = service.register("other.test")
    for table in ("exam_session", "section_result", "certificate"):
        change(owner_engine, f"UPDATE {table} SET account_id = :account", account=other.account)
    assert differing_field(engine, session) == "detail.account"
