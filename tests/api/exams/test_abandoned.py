"""What was decided goes out, though the candidate never comes back."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import UUID

import pytest
from sqlmodel import Session, select

from api.exams import abandoned
from api.exams.abandoned import close_abandoned, keep_closing
from api.exams.stored import replay_session
from api.tables import ExamSession, SectionResult
from tests.api.people import Candidate, Service, always_right


@pytest.fixture
def sweep(service: Service):
    return lambda: close_abandoned(service.app.state.engine, service.app.state.context)


def outcomes(engine, session: str) -> dict[str, tuple[str, str]]:
    with Session(engine) as db:
        rows = db.exec(select(SectionResult).where(SectionResult.session_id == UUID(session)))
        return {row.skill_set: (row.outcome, row.reason) for row in rows}


def ended(engine, session: str) -> bool:
    with Session(engine) as db:
        return db.get_one(ExamSession, UUID(session)).ended_at is not None


def test_a_section_whose_time_is_over_is_closed(service, candidate: Candidate, engine, sweep):
    session = candidate.start("DG")
    candidate.open_section(session)
    service.clock.advance(minutes=19)
    assert sweep() == 0
    service.clock.advance(minutes=2)
    assert sweep() == 1
    assert outcomes(engine, session) == {"DG": ("no_result", "time")}
    assert sweep() == 0


def test_an_exam_between_sections_waits_for_a_week(service, candidate, engine, sweep):
    session = candidate.start("DLit", "DG", "DS")
    candidate.answer_section(session, always_right())
    service.clock.advance(days=6, hours=23)
    assert sweep() == 0
    service.clock.advance(hours=2)
    assert sweep() == 1
    found = outcomes(engine, session)
    assert found["DLit"][0] == "shown"
    assert found["DG"] == found["DS"] == ("no_result", "not_taken")


def test_an_overdue_section_is_closed_first_and_the_exam_waits_on(
    service, candidate, engine, sweep
):
    session = candidate.start("DLit", "DG")
    candidate.open_section(session)
    service.clock.advance(days=30)
    assert sweep() == 1
    assert not ended(engine, session)
    service.clock.advance(days=7)
    assert sweep() == 1
    assert ended(engine, session)


def test_an_exam_closed_without_its_candidate_replays(service, candidate, engine, sweep):
    session = candidate.start("DLit", "DG", "DS")
    candidate.answer_section(session, always_right())
    candidate.open_section(session)
    service.clock.advance(days=8)
    sweep()
    service.clock.advance(days=8)
    sweep()
    assert ended(engine, session)
    with Session(engine) as db:
        replayed = replay_session(db, UUID(session))
    assert replayed is not None
    assert replayed.identical


def test_one_exam_that_cannot_be_closed_does_not_hold_up_the_others(
    service, engine, sweep, monkeypatch, capsys
):
    sessions = []
    for name in ("first.test", "second.test"):
        candidate = service.register(name)
        sessions.append(candidate.start("DG"))
        candidate.open_section(sessions[-1])
    service.clock.advance(minutes=30)
    whole = abandoned.Exams.close_if_abandoned

    def failing(self, session, before):
        if str(session) == sessions[0]:
            raise RuntimeError("broken")
        return whole(self, session, before)

    monkeypatch.setattr(abandoned.Exams, "close_if_abandoned", failing)
    assert sweep() == 1
    assert not ended(engine, sessions[0])
    assert ended(engine, sessions[1])
    assert "abandoned_exam_not_closed" in capsys.readouterr().err


def test_the_service_does_so_by_itself_and_goes_on_after_a_failure(
    service, candidate, engine, monkeypatch
):
    session = candidate.start("DG")
    candidate.open_section(session)
    service.clock.advance(minutes=30)
    calls = []

    def at_second_call(pool, context):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("the database is away")
        return close_abandoned(pool, context)

    monkeypatch.setattr(abandoned, "close_abandoned", at_second_call)

    async def run() -> None:
        task = asyncio.create_task(
            keep_closing(service.app.state.engine, service.app.state.context, every=0.01)
        )
        while not ended(engine, session):
            await asyncio.sleep(0.02)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    # In a thread of its own: tests of pages may have left an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(run(), timeout=60)).result()
    assert len(calls) >= 2
