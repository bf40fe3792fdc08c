"""The clock is the server's, and leaving early never beats going on."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from api.exams import repository
from api.exams.stored import replay_session
from tests.api.people import Candidate, Service, always_right, always_wrong


def outcomes(result: dict) -> dict[str, tuple[str, str, int | None]]:
    return {
        each["skill_set"]: (each["outcome"], each["reason"], each["level"])
        for each in result["sections"]
    }


def test_an_answer_at_the_deadline_counts_and_one_after_it_does_not(service: Service, candidate):
    session = candidate.start("DG")
    item = candidate.open_section(session)
    deadline = datetime.fromisoformat(item["answer_by"])
    assert deadline - service.clock.now == timedelta(minutes=20)
    service.clock.now = deadline
    following = candidate.answer(session, item, "a").json()["next_item"]
    service.clock.advance(seconds=0.001)
    refused = candidate.answer(session, following, "a")
    assert (refused.status_code, refused.json()["code"]) == (409, "section-time-over")
    again = candidate.answer(session, following, "a")
    assert again.json()["code"] == "section-time-over"
    assert candidate.get(f"/sessions/{session}").json()["state"] == "ended"


def test_time_runs_while_the_cable_is_pulled(service: Service, candidate):
    session = candidate.start("DLit", "DG")
    item = candidate.open_section(session)
    candidate.answer(session, item, "a")
    service.clock.advance(hours=3)
    shown = candidate.get(f"/sessions/{session}").json()
    assert (shown["state"], shown["next_section"]) == ("between_sections", "DG")
    assert shown["sections"][0]["state"] == "ended"


def test_no_time_runs_between_sections(service: Service, candidate):
    session = candidate.start("DLit", "DG")
    candidate.answer_section(session, always_right())
    service.clock.advance(hours=5)
    assert candidate.open_section(session) is not None


def test_too_few_answers_in_time_are_no_result(service: Service, candidate):
    session = candidate.start("DG")
    item, right = candidate.open_section(session), always_right()
    for _ in range(5):
        item = candidate.answer(session, item, right(item)).json()["next_item"]
    service.clock.advance(minutes=30)
    result = candidate.get(f"/sessions/{session}/result").json()
    assert outcomes(result) == {"DG": ("no_result", "time", None)}


def test_enough_answers_in_time_are_decided(service: Service, candidate):
    session = candidate.start("DG")
    item, right = candidate.open_section(session), always_right()
    for _ in range(8):
        asked, item = item, candidate.answer(session, item, right(item)).json()["next_item"]
    if item is None:
        pytest.fail(f"the section ended by itself after {asked['sequence']} answers")
    service.clock.advance(minutes=30)
    outcome, reason, level = outcomes(candidate.get(f"/sessions/{session}/result").json())["DG"]
    assert (outcome, reason) == ("shown", "time")
    assert level >= 1


def test_leaving_early_gives_no_result_where_a_section_was_open(candidate: Candidate):
    session = candidate.start("DLit", "DG", "DS")
    candidate.answer_section(session, always_right())
    item, right = candidate.open_section(session), always_right()
    for _ in range(9):
        item = candidate.answer(session, item, right(item)).json()["next_item"]
    candidate.post(f"/sessions/{session}/end")
    result = outcomes(candidate.get(f"/sessions/{session}/result").json())
    assert result["DLit"][0] == "shown"
    assert result["DG"] == ("no_result", "ended_by_candidate", None)
    assert result["DS"] == ("no_result", "not_taken", None)


def test_ending_twice_is_ending_once(candidate: Candidate):
    session = candidate.start("DG")
    first = candidate.post(f"/sessions/{session}/end")
    second = candidate.post(f"/sessions/{session}/end")
    assert first.json()["state"] == second.json()["state"] == "ended"


def test_there_is_no_result_before_the_end(candidate: Candidate):
    session = candidate.start("DG")
    assert candidate.get(f"/sessions/{session}/result").status_code == 409


def test_all_right_is_shown_and_all_wrong_is_not_yet(candidate: Candidate):
    session = candidate.start("DLit", "DG")
    candidate.answer_section(session, always_right())
    candidate.answer_section(session, always_wrong())
    result = outcomes(candidate.get(f"/sessions/{session}/result").json())
    assert result["DLit"][0] == "shown"
    assert result["DG"][0] == "not_yet_shown"


def test_the_role_decides_what_is_required(service: Service):
    specialist = service.register("role.test", target_group="technology")
    session = specialist.start()
    sections = specialist.get(f"/sessions/{session}").json()["sections"]
    required = {each["skill_set"]: each["required_level"] for each in sections}
    assert {"DLit", "DG", "DT"} <= set(required)
    assert set(required.values()) == {1}


def test_everyone_needs_the_foundations(service: Service):
    other = service.register("other.test", target_group="others")
    session = other.start(language="en")
    sections = other.get(f"/sessions/{session}").json()["sections"]
    assert [each["skill_set"] for each in sections] == ["DLit", "DG"]


def test_wrong_wishes_are_refused_all_at_once(candidate: Candidate):
    reply = candidate.post("/sessions", {"language": "th", "skill_sets": ["XX", "DG", "DG"]})
    assert reply.status_code == 422
    assert [each["where"] for each in reply.json()["problems"]] == ["skill_sets.0", "skill_sets.2"]


def test_staff_sit_no_exams(service: Service, psychometrician):
    reply = service.client.post("/api/v1/sessions", json={}, headers=psychometrician)
    assert (reply.status_code, reply.json()["code"]) == (403, "forbidden")


def test_a_log_does_not_run_backwards_where_servers_clocks_differ(
    service: Service, candidate: Candidate, engine
):
    session = candidate.start("DLit", "DG")
    candidate.answer_section(session, always_right())
    service.clock.advance(seconds=-90)
    candidate.answer_section(session, always_right())
    result = candidate.get(f"/sessions/{session}/result").json()
    assert [each["outcome"] for each in result["sections"]] == ["shown", "shown"]
    with Session(engine) as db:
        times = [row.at for row in repository.stored_events(db, UUID(session))]
        assert times == sorted(times)
        assert replay_session(db, UUID(session)).identical


def test_a_wish_of_endless_length_is_refused_unread(candidate: Candidate):
    reply = candidate.post("/sessions", {"language": "th", "skill_sets": ["DG"] * 51})
    assert (reply.status_code, len(reply.json()["problems"])) == (422, 1)
