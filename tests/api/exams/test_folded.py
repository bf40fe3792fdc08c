"""Courses kept between requests are those that folding the log gives."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlmodel import Session

from api.exams import course as courses
from api.exams import repository
from api.exams.course import Course
from api.exams.folded import FoldedCourses
from api.exams.service import FOLDED
from api.exams.stored import pinned_exam
from tests.api.people import Candidate, Service, always_right


def folded(engine, session: str) -> tuple[str, Course]:
    """The digest at the end of a session's log, and the course that it leads to."""
    with Session(engine) as db:
        exam, _ = pinned_exam(db, repository.session_by_id(db, UUID(session)))
        log = repository.stored_events(db, UUID(session))
        return log[-1].digest, courses.fold(exam, (repository.event_of(row) for row in log))


def test_the_course_kept_after_each_answer_is_the_one_its_log_leads_to(
    candidate: Candidate, engine
):
    session = candidate.start("DG")
    item, right = candidate.open_section(session), always_right()
    while item is not None:
        digest, anew = folded(engine, session)
        kept = FOLDED.find(UUID(session), digest)
        assert kept is not None
        assert kept.sections["DG"].shown == anew.sections["DG"].shown
        # To the last bit: the same functions took in the same answers.
        assert kept.sections["DG"].state.theta.tolist() == anew.sections["DG"].state.theta.tolist()
        assert dict(kept.answers) == dict(anew.answers)
        item = candidate.answer(session, item, right(item)).json()["next_item"]


def test_an_exam_goes_on_where_another_server_took_answers(
    service: Service, candidate: Candidate, engine
):
    session = candidate.start("DG")
    item, right = candidate.open_section(session), always_right()
    stale = folded(engine, session)
    item = candidate.answer(session, item, right(item)).json()["next_item"]
    # What this server knew before the answer that another one took.
    FOLDED.keep(UUID(session), *stale)
    reply = candidate.answer(session, item, right(item))
    assert reply.status_code == 201
    assert reply.json()["next_item"]["sequence"] == 3


def test_an_answer_that_was_rolled_back_is_not_remembered(
    service: Service, candidate: Candidate, engine, monkeypatch
):
    session = candidate.start("DG")
    item = candidate.open_section(session)

    def failing(*args):
        raise RuntimeError("the reply could not be written")

    with monkeypatch.context() as broken:
        broken.setattr("api.exams.views.step", failing)
        assert candidate.answer(session, item, "a").status_code == 500
    again = candidate.answer(session, item, "b")
    assert again.status_code == 201
    digest, anew = folded(engine, session)
    assert anew.answers[1].answer == "b"
    kept = FOLDED.find(UUID(session), digest)
    assert kept is not None
    assert kept.answers[1].answer == "b"


@pytest.mark.parametrize("most", [1, 3])
def test_those_unused_for_longest_go_first(most):
    courses_kept = FoldedCourses(most)
    course = object()
    names = [uuid4() for _ in range(5)]
    for name in names:
        courses_kept.keep(name, "d", course)  # type: ignore[arg-type]
    assert [courses_kept.find(name, "d") is course for name in names] == [
        place >= 5 - most for place in range(5)
    ]
    assert courses_kept.find(names[-1], "another") is None
