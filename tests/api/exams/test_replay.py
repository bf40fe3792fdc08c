"""A log can be recomputed years later, and whatever was changed in it is found."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.bank.opening import demonstration_catalogue
from api.exams import repository
from api.exams.replay import replay
from api.exams.stored import pinned_exam, stored_log
from engine.posterior import Posterior
from tests.api.people import Candidate, always_right, always_wrong


@pytest.fixture
def session(candidate: Candidate) -> UUID:
    """An exam of two sections: the first all right, the second all wrong."""
    started = candidate.start("DLit", "DG")
    candidate.answer_section(started, always_right())
    candidate.answer_section(started, always_wrong())
    return UUID(started)


@pytest.fixture
def exam(engine: Engine, session: UUID):
    with Session(engine) as db:
        return pinned_exam(db, repository.session_by_id(db, session))[0]


def log_of(engine: Engine, session: UUID):
    with Session(engine) as db:
        return stored_log(db, session)


def change(owner_engine: Engine, assignment: str, condition: str) -> None:
    """Change the log as only the owner of the tables can."""
    with owner_engine.begin() as connection:
        changed = connection.execute(
            text(f"UPDATE session_event SET {assignment} WHERE {condition}")
        )
        assert changed.rowcount == 1


def test_an_untouched_session_replays_identically(engine, session, exam):
    log = log_of(engine, session)
    outcome = replay(exam, log)
    assert outcome.identical
    assert outcome.steps == len(log)
    kinds = [stored.event.kind.value for stored in log]
    assert kinds[:3] == ["started", "section_started", "item_shown"]
    assert kinds[-2:] == ["section_ended", "ended"]


def test_sessions_ended_early_and_by_the_clock_replay(service, candidate, engine):
    started = candidate.start("DLit", "DG", "DS")
    item = candidate.open_section(started)
    candidate.answer(started, item, "a")
    service.clock.advance(minutes=21)
    candidate.open_section(started)
    candidate.post(f"/sessions/{started}/end")
    log = log_of(engine, UUID(started))
    with Session(engine) as db:
        exam = pinned_exam(db, repository.session_by_id(db, UUID(started)))[0]
    assert replay(exam, log).identical
    reasons = [each.event.detail["reason"] for each in log if each.event.kind == "section_ended"]
    assert reasons == ["time", "ended_by_candidate", "not_taken"]


def test_a_right_answer_made_wrong_is_found_at_its_step(engine, owner_engine, session, exam):
    log = log_of(engine, session)
    target = next(each.event for each in log if each.event.sequence == 5 and each.event.answer)
    wrong = next(each for each in "abcd" if each != target.answer)
    change(owner_engine, f"answer = '{wrong}'", "sequence = 5 AND kind = 'answered'")
    difference = replay(exam, log_of(engine, session)).first_difference
    assert (difference.sequence, difference.kind) == (5, "answered")
    assert (difference.field, difference.stored, difference.recomputed) == ("category", 1, 0)


def test_a_wrong_answer_made_another_wrong_one_is_found(engine, owner_engine, session, exam):
    log = log_of(engine, session)
    target = next(each.event for each in log if each.event.category == 0)
    release = demonstration_catalogue().in_force().release
    others = set("abcd") - {target.answer, release.item(target.item).key}
    change(
        owner_engine,
        f"answer = '{others.pop()}'",
        f"sequence = {target.sequence} AND kind = 'answered'",
    )
    difference = replay(exam, log_of(engine, session)).first_difference
    assert (difference.sequence, difference.field) == (target.sequence, "digest")


@pytest.mark.parametrize(
    ("assignment", "condition", "field"),
    [
        ("theta = theta + 2e-9", "sequence = 3 AND kind = 'answered'", "theta"),
        ("se = se * 0.99", "sequence = 3 AND kind = 'answered'", "se"),
        ("category = 1 - category", "sequence = 3 AND kind = 'answered'", "category"),
        ("item = 'DLit100-01'", "sequence = 13 AND kind = 'item_shown'", "item"),
        (
            "detail = jsonb_set(detail, '{level}', '1')",
            "kind = 'section_ended' AND skill_set = 'DG'",
            "detail.level",
        ),
        (
            "detail = jsonb_set(detail, '{reason}', '\"time\"')",
            "kind = 'section_ended' AND skill_set = 'DG'",
            "detail.reason",
        ),
        ("at = at + interval '1 second'", "sequence = 3 AND kind = 'answered'", "digest"),
    ],
)
def test_every_changed_field_is_named(
    engine, owner_engine, session, exam, assignment, condition, field
):
    change(owner_engine, assignment, condition)
    difference = replay(exam, log_of(engine, session)).first_difference
    assert difference is not None
    assert difference.field == field


def test_a_missing_event_is_found(engine, session, exam):
    log = log_of(engine, session)
    assert not replay(exam, log[:10] + log[11:]).identical
    cut = replay(exam, log[:-1])
    assert (cut.first_difference.kind, cut.first_difference.stored) == ("ended", None)


def test_another_seed_gives_other_items(engine, session, exam):
    difference = replay(replace(exam, seed=exam.seed + 1), log_of(engine, session)).first_difference
    assert (difference.kind, difference.field) == ("item_shown", "item")


def test_a_mutated_formula_is_found_at_the_first_estimate(monkeypatch, engine, session, exam):
    genuine = Posterior.score

    def mutated(self):
        score = genuine(self)
        return replace(score, theta=score.theta * (1 + 1e-6))

    monkeypatch.setattr(Posterior, "score", mutated)
    difference = replay(exam, log_of(engine, session)).first_difference
    assert (difference.sequence, difference.field) == (1, "theta")


def test_replay_reads_no_stored_estimate(engine, session, exam):
    log = log_of(engine, session)
    blind = [
        replace(each, event=replace(each.event, theta=None, se=None, category=None)) for each in log
    ]
    difference = replay(exam, blind).first_difference
    shown = next(each.event for each in log if each.event.sequence == 1 and each.event.answer)
    assert difference.field == "category"
    assert (difference.stored, difference.recomputed) == (None, shown.category)
