"""Answers: counted once, refused clearly, and never without a trace of what was asked."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from tests.api.people import Candidate, Service, always_right


@pytest.fixture
def session(candidate: Candidate) -> str:
    return candidate.start("DLit", "DG")


def code(reply) -> str:
    assert reply.headers["content-type"] == "application/problem+json"
    document = reply.json()
    assert document["status"] == reply.status_code
    assert document["title"]
    assert document["detail"]
    return document["code"]


def test_same_answer_twice_is_counted_once_and_gets_the_same_reply(candidate, session):
    item = candidate.open_section(session)
    first = candidate.answer(session, item, "a")
    second = candidate.answer(session, item, "a")
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert candidate.get(f"/sessions/{session}").json()["sections"][0]["answered"] == 1


def test_reply_stays_the_same_when_the_exam_has_gone_on(candidate, session):
    item = candidate.open_section(session)
    first = candidate.answer(session, item, "a")
    candidate.answer(session, first.json()["next_item"], "b")
    assert candidate.answer(session, item, "a").content == first.content


def test_reply_to_the_last_answer_stays_the_same_after_the_end(candidate):
    session = candidate.start("DG")
    right, item, replies = always_right(), candidate.open_section(session), []
    while item is not None:
        asked = item
        replies.append(candidate.answer(session, item, right(item)))
        item = replies[-1].json()["next_item"]
    assert replies[-1].json()["state"] == "ended"
    assert candidate.answer(session, asked, right(asked)).content == replies[-1].content


def test_another_answer_to_the_same_question_is_refused(candidate, session):
    item = candidate.open_section(session)
    candidate.answer(session, item, "a")
    reply = candidate.answer(session, item, "b")
    assert (reply.status_code, code(reply)) == (409, "answer-conflict")


def test_a_question_that_is_not_open_is_refused(candidate, session):
    item = candidate.open_section(session)
    reply = candidate.answer(session, {**item, "sequence": 7}, "a")
    assert (reply.status_code, code(reply)) == (409, "wrong-sequence")


def test_an_item_that_was_not_asked_is_refused(candidate, session):
    item = candidate.open_section(session)
    other = next(each for each in ("DLit100-01", "DLit100-02") if each != item["item"])
    reply = candidate.answer(session, {**item, "item": other}, "a")
    assert (reply.status_code, code(reply)) == (409, "item-not-asked")


def test_an_option_that_does_not_exist_is_refused_by_name(candidate, session):
    item = candidate.open_section(session)
    reply = candidate.answer(session, item, "ก")
    assert (reply.status_code, code(reply)) == (422, "invalid-request")
    assert reply.json()["problems"][0]["where"] == "answer"
    assert reply.json()["problems"][0]["value"] == "ก"


def test_an_answer_before_a_section_is_open_is_refused(candidate, session):
    reply = candidate.answer(session, {"sequence": 1, "item": "DLit100-01"}, "a")
    assert (reply.status_code, code(reply)) == (409, "session-not-running")


def test_an_answer_after_the_end_is_refused(candidate, session):
    item = candidate.open_section(session)
    candidate.post(f"/sessions/{session}/end")
    reply = candidate.answer(session, item, "a")
    assert (reply.status_code, code(reply)) == (409, "session-ended")


def test_a_session_of_somebody_else_does_not_exist(service: Service, candidate, session):
    item = candidate.open_section(session)
    stranger = service.register("stranger.test")
    for reply in (
        stranger.answer(session, item, "a"),
        stranger.get(f"/sessions/{session}"),
        stranger.get(f"/sessions/{session}/result"),
        stranger.get(f"/sessions/{session}/statement.pdf"),
        stranger.post(f"/sessions/{session}/end"),
        stranger.post(f"/sessions/{session}/sections"),
    ):
        assert (reply.status_code, code(reply)) == (404, "not-found")
    assert candidate.get(f"/sessions/{session}").json()["item"] == item


def test_without_a_login_nothing_is_answered(service: Service, candidate, session):
    paths = [("GET", ""), ("POST", "/sections"), ("POST", "/responses"), ("POST", "/end")]
    for method, path in paths:
        body = {"sequence": 1, "item": "x", "answer": "a"} if path == "/responses" else None
        reply = service.client.request(method, f"/api/v1/sessions/{session}{path}", json=body)
        assert (reply.status_code, code(reply)) == (401, "not-logged-in")
        assert reply.headers["www-authenticate"] == "Bearer"


def test_a_login_lasts_twelve_hours(service: Service, candidate):
    service.clock.advance(hours=11, minutes=59)
    assert candidate.get("/me").status_code == 200
    service.clock.advance(minutes=2)
    assert candidate.get("/me").status_code == 401


def test_an_unknown_session_does_not_exist(candidate):
    reply = candidate.get(f"/sessions/{uuid4()}")
    assert (reply.status_code, code(reply)) == (404, "not-found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sequence": 0, "item": "x", "answer": "a"},
        {"sequence": "๑", "item": "x", "answer": None},
        {"sequence": 10**30, "item": "x", "answer": "a"},
        {"sequence": 1, "item": "x" * 10_000, "answer": "a"},
        {"sequence": 1, "item": "x", "answer": "a", "theta": 3.0},
    ],
)
def test_a_malformed_answer_is_refused_by_field(candidate, session, body):
    candidate.open_section(session)
    reply = candidate.post(f"/sessions/{session}/responses", body)
    assert (reply.status_code, code(reply)) == (422, "invalid-request")
    assert reply.json()["problems"]


def test_two_answers_at_the_same_moment_are_one(candidate, session):
    item = candidate.open_section(session)
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: candidate.answer(session, item, "a"), range(8)))
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.content for reply in replies}) == 1


def test_contradicting_answers_at_the_same_moment_leave_one(candidate, session):
    item = candidate.open_section(session)
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda each: candidate.answer(session, item, each), "abcd"))
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409]


def test_two_starts_at_the_same_moment_open_one_exam(candidate):
    wish = {"language": "th", "skill_sets": ["DG"]}
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: candidate.post("/sessions", wish), range(4)))
    assert sorted(reply.status_code for reply in replies) == [201, 409, 409, 409]


def test_opening_a_section_twice_shows_the_same_question(candidate, session):
    assert candidate.open_section(session) == candidate.open_section(session)
