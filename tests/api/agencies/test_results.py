"""The feed of results: whole, in order, page by page, with a purpose that is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from api.agencies.service import LARGEST_PAGE
from api.database import transaction
from api.tables import Account, Agency, AuditEntry
from tests.api.agencies.conftest import PURPOSE
from tests.api.people import Service

ALL = ("DLit", "DG", "DT", "DS", "PSM", "DL", "DTr")


def keys(results: list[dict]) -> list[tuple[str, str]]:
    return [(each["session"], each["skill_set"]) for each in results]


def test_a_result_says_who_what_and_whether_it_is_certified(program, sit):
    person, session = sit("somsri.test", "DG", "DT", certified="DG")
    shown, not_taken = program.page()["results"]
    assert shown["session"] == not_taken["session"] == session
    assert shown["person"] == {
        "account": person.account,
        "username": "somsri.test",
        "name_th": "นางสมศรี ทดสอบ",
        "name_latin": "Mrs. Somsri Thotsop",
    }
    assert (shown["skill_set"], shown["outcome"]) == ("DG", "shown")
    assert shown["level"] in (1, 2, 3)
    assert shown["specimen"] is True
    assert shown["certificate"]["status"] == "active"
    number = shown["certificate"]["number"]
    assert shown["certificate"]["verify"] == f"http://testserver/verify/{number}"
    assert not_taken["outcome"] == "no_result"
    assert (not_taken["level"], not_taken["certificate"]) == (None, None)


def test_no_estimate_and_no_answer_goes_to_an_agency(program, sit):
    sit("somsri.test", "DG", certified="DG")
    text = program.ask().text
    for word in ("theta", '"se"', "probability", "answer", "item", "score"):
        assert word not in text


def test_every_page_size_walks_through_everything_once(program, sit):
    for number in range(3):
        sit(f"person{number}.test", *ALL)
    everything = keys(program.page(limit=LARGEST_PAGE)["results"])
    assert len(everything) == len(set(everything)) == 21
    for limit in (1, 2, 3, 5, 7, 20, 21, 22):
        assert keys(program.walk(limit=limit)) == everything


def test_a_page_says_whether_there_is_more(program, sit):
    sit("somsri.test", "DG", "DT", "DS")
    first = program.page(limit=2)
    assert (len(first["results"]), first["more"]) == (2, True)
    last = program.page(limit=2, cursor=first["next_cursor"])
    assert (len(last["results"]), last["more"]) == (1, False)


def test_nothing_yet_is_an_empty_page_without_a_cursor(program):
    assert program.page() == {"results": [], "next_cursor": None, "more": False}


def test_what_is_finished_later_comes_after_the_cursor(program, sit):
    sit("first.test", "DG", "DT")
    cursor = program.page()["next_cursor"]
    assert program.page(cursor=cursor) == {"results": [], "next_cursor": cursor, "more": False}
    _, later = sit("second.test", "DG")
    assert keys(program.page(cursor=cursor)["results"]) == [(later, "DG")]


def test_an_exam_that_is_not_finished_is_in_no_feed(program, service: Service):
    person = service.register("somsri.test")
    person.open_section(person.start("DG"))
    assert program.page()["results"] == []


def test_a_revocation_moves_its_result_to_the_end(program, sit, service, administrator):
    sit("first.test", "DG", certified="DG")
    sit("second.test", "DT")
    before = program.page()
    result = before["results"][0]
    service.clock.advance(hours=3)
    number = result["certificate"]["number"]
    path = f"/api/v1/certificates/{number}/revocation"
    reason = {"reason": "issued to the wrong person"}
    reply = service.client.post(path, json=reason, headers=administrator)
    assert reply.status_code == 200
    program.log_in()
    (after,) = program.page(cursor=before["next_cursor"])["results"]
    assert after["certificate"]["status"] == "revoked"
    assert after["changed_at"] == service.clock().isoformat().replace("+00:00", "Z")
    unchanged = ("session", "person", "skill_set", "outcome", "level", "decided_at")
    assert [after[name] for name in unchanged] == [result[name] for name in unchanged]
    assert len(program.walk(limit=1)) == 2


def test_an_expired_certificate_says_so(program, sit, service):
    sit("somsri.test", "DG", certified="DG")
    service.clock.advance(days=3 * 366)
    program.log_in()
    assert program.page()["results"][0]["certificate"]["status"] == "expired"


def test_since_leaves_out_what_changed_before(program, sit, service):
    _, old = sit("old.test", "DG")
    service.clock.advance(hours=2)
    moment = service.clock()
    _, new = sit("new.test", "DG")
    program.log_in()

    def sessions(since) -> list[str]:
        return [each["session"] for each in program.page(since=since)["results"]]

    assert sessions(moment.isoformat()) == [new]
    assert sessions(f"{moment:%Y-%m-%dT%H:%M:%SZ}") == [new]
    assert sessions("2026-11-22T11:00:00+07:00") == [new]
    assert sessions((moment + timedelta(microseconds=1)).isoformat()) == []
    assert sessions((moment - timedelta(hours=2)).isoformat()) == [old, new]
    assert sessions("0001-01-01T00:00:00+14:00") == [old, new]
    assert sessions("9999-12-31T23:59:59-14:00") == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("since", ["2026-11-22T00:00:00", "2026-11-22", "yesterday", "", "๒๕๖๙", "1700000000"]),
        ("cursor", ["", "-1", "x", "1.5", "๑", "9" * 19, "1' OR '1'='1", "\0"]),
        ("limit", [0, -1, 201, "x", "๕", "1e2", "9" * 5_000, ""]),
        ("purpose", [None, "", "    ", "why?", "x" * 501, "nul \0 nul", "line\nbreak"]),
    ],
)
def test_a_wrong_parameter_is_named(program, name: str, values: list):
    for value in values:
        reply = program.ask(**{name: value})
        assert reply.status_code == 422, value
        assert [problem["where"] for problem in reply.json()["problems"]] == [name], value


def test_everything_that_is_wrong_is_said_at_once(program):
    reply = program.ask(purpose="", since="yesterday", cursor="x", limit="many")
    assert reply.json()["code"] == "invalid-request"
    wrong = {problem["where"]: problem["value"] for problem in reply.json()["problems"]}
    assert wrong == {"purpose": "", "since": "yesterday", "cursor": "x", "limit": "many"}


def test_a_cursor_beyond_the_end_finds_nothing_and_stays(program, sit):
    sit("somsri.test", "DG")
    far = "9" * 18
    assert program.page(cursor=far) == {"results": [], "next_cursor": far, "more": False}


def test_who_asked_what_for_is_kept(program, sit, service: Service):
    sit("somsri.test", "DG", "DT")
    program.page(limit=1, since="2026-01-01T00:00:00Z")
    with transaction(service.app.state.engine) as db:
        (entry,) = db.exec(select(AuditEntry).where(AuditEntry.action == "read_results")).all()
        agency = db.exec(select(Agency).where(Agency.code == "DEMO-A")).one()
    assert entry.actor == "client:demo-a"
    assert entry.subject == f"agency:{agency.id}"
    assert entry.at == service.clock()
    assert entry.detail["purpose"] == PURPOSE
    assert entry.detail["since"] == "2026-01-01T00:00:00+00:00"
    assert entry.detail["results"] == 1


def test_a_refused_question_leaves_no_reading_in_the_audit_trail(program, service: Service):
    program.ask(purpose="")
    with transaction(service.app.state.engine) as db:
        assert db.exec(select(AuditEntry).where(AuditEntry.action == "read_results")).all() == []


def test_a_result_stays_with_the_agency_of_the_exam(programs, sit, service: Service):
    person, before = sit("mover.test", "DG")
    with transaction(service.app.state.engine) as db:
        account = db.exec(select(Account).where(col(Account.username) == "mover.test")).one()
        other = db.exec(select(Agency).where(Agency.code == "DEMO-B")).one()
        account.agency_id = other.id
        db.add(account)
    after = person.start("DG")
    person.post(f"/sessions/{after}/end")
    assert keys(programs["DEMO-A"].page()["results"]) == [(before, "DG")]
    assert keys(programs["DEMO-B"].page()["results"]) == [(after, "DG")]
    assert programs["DEMO-C"].page()["results"] == []
