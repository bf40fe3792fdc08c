"""Whatever goes wrong, a program gets a problem document (RFC 9457) that tells it what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DataError, OperationalError

from api.app import create_app
from api.database import connect_pool
from api.limits import LARGEST_BODY
from tests.api.people import PASSWORD, SECRET, Service

UNKNOWN_SESSION = "3f2b0000-0000-4000-8000-000000000000"
JSON = {"Content-Type": "application/json"}


def document(reply: Any) -> dict[str, Any]:
    """The problem document of a reply, once it is known to be one."""
    assert reply.headers["content-type"] == "application/problem+json", reply.text
    assert reply.headers["cache-control"] == "no-store"
    found = reply.json()
    assert set(found) - {"problems"} == {"type", "title", "status", "detail", "instance", "code"}
    assert found["status"] == reply.status_code
    assert found["type"] == f"urn:samatthana:problem:{found['code']}"
    assert found["instance"] == reply.request.url.path
    assert found["title"]
    assert found["detail"]
    return found


def kind(reply: Any) -> tuple[int, str]:
    found = document(reply)
    return found["status"], found["code"]


def test_an_unknown_route_is_not_found(service: Service):
    for path in ("/api/v1/nothing", "/api/v2/results", "/api/v1/", "/.well-known/nothing"):
        assert kind(service.client.get(path)) == (404, "not-found")


def test_a_wrong_method_says_which_are_allowed(service: Service):
    reply = service.client.delete("/api/v1/agencies")
    assert kind(reply) == (405, "method-not-allowed")
    assert reply.headers["allow"] == "GET"


def test_a_malformed_body_is_refused(service: Service):
    whole = (b"{", b"", b"null", b"[]", b'"text"', b"NaN", b"{}" * 2, b"\xff\xfe", b"[" * 50_000)
    for body in whole:
        reply = service.client.post("/api/v1/login", content=body, headers=JSON)
        assert kind(reply) in {(422, "invalid-request"), (400, "bad-request")}, body[:10]


def test_a_body_that_is_no_json_is_said_to_be_none(service: Service):
    reply = service.client.post("/api/v1/login", content=b"{'a': 1}", headers=JSON)
    (problem,) = document(reply)["problems"]
    assert problem["where"] == "body"
    assert problem["expected"].startswith("JSON")


def test_another_content_type_is_refused(service: Service, candidate):
    form = service.client.post("/api/v1/login", data={"username": "a", "password": SECRET})
    assert kind(form) == (422, "invalid-request")
    assert SECRET not in form.text
    xml = {"Content-Type": "application/xml"}
    reply = service.client.post("/api/v1/login", content=b"<login/>", headers=xml)
    assert kind(reply) == (422, "invalid-request")
    reply = service.client.post("/api/v1/token", json={"grant_type": "client_credentials"})
    assert kind(reply) == (422, "invalid-request")


def test_a_huge_body_is_refused(service: Service):
    body = b'{"username": "' + b"x" * LARGEST_BODY + b'", "password": ""}'
    for path in ("/api/v1/login", "/api/v1/token", "/api/v1/nothing"):
        reply = service.client.post(path, content=body, headers=JSON)
        assert kind(reply) == (413, "content-too-large")


def test_a_huge_body_that_does_not_say_so_is_refused_too(service: Service):
    def chunks() -> Iterator[bytes]:
        yield b'{"username": "'
        for _ in range(LARGEST_BODY // 65_536 + 1):
            yield b"x" * 65_536

    reply = service.client.post("/api/v1/login", content=chunks(), headers=JSON)
    assert kind(reply) == (413, "content-too-large")


def test_a_large_body_that_is_allowed_is_read(service: Service):
    given = {"username": "somying.demo", "password": PASSWORD + " " * (LARGEST_BODY - 200)}
    assert kind(service.client.post("/api/v1/login", json=given)) == (401, "wrong-credentials")


def test_wrong_fields_are_named_without_what_was_sent(service: Service):
    reply = service.client.post("/api/v1/login", json={"username": 5, "pasword": SECRET})
    found = document(reply)
    assert [each["where"] for each in found["problems"]] == ["username", "password", "pasword"]
    assert all(each["expected"] for each in found["problems"])
    assert SECRET not in reply.text


def test_a_malformed_part_of_the_address_is_named(candidate):
    reply = candidate.get("/sessions/not-an-id")
    assert kind(reply) == (422, "invalid-request")
    assert [each["where"] for each in document(reply)["problems"]] == ["path.session_id"]


def test_a_very_long_value_is_not_said_back_whole(candidate, service: Service):
    item = candidate.open_section(candidate.start("DG"))
    session = service.client.get("/api/v1/sessions", headers=candidate.headers).json()[0]["session"]
    path = f"/sessions/{session}/responses"
    given = {"sequence": item["sequence"], "item": item["item"], "answer": "ก" * 100_000}
    reply = candidate.post(path, given)
    assert document(reply)["status"] == 422
    assert len(reply.content) < 2_000


def test_every_route_answers_nonsense_with_a_problem_document(service: Service):
    """Every route of the OpenAPI document, asked by nobody and with nonsense."""
    nonsense = {"session_id": "\u202e", "number": "๑"}
    for path, operations in service.app.openapi()["paths"].items():
        for name, value in nonsense.items():
            path = path.replace(f"{{{name}}}", value)
        assert "{" not in path
        for method in operations:
            reply = service.client.request(method, path, params={"limit": "\0", "since": "\0"})
            assert reply.status_code < 500, path
            if reply.is_error:
                document(reply)


@pytest.fixture
def broken(service: Service, monkeypatch) -> Service:
    """A service in which listing the agencies fails for a reason that nobody foresaw."""

    def fail(self: object) -> None:
        raise ZeroDivisionError(f"a secret {SECRET}")

    monkeypatch.setattr("api.accounts.service.Accounts.agencies", fail)
    return service


def test_an_unexpected_fault_shows_nothing_of_the_inside(broken: Service, capfd):
    reply = broken.client.get("/api/v1/agencies")
    assert kind(reply) == (500, "internal-error")
    for word in (SECRET, "ZeroDivisionError", "Traceback", ".py"):
        assert word not in reply.text
    logged = capfd.readouterr()
    assert "unexpected_error" in logged.err
    assert logged.out == ""


def test_a_fault_of_a_query_shows_nothing_of_it(service: Service, monkeypatch):
    def fail(self: object) -> None:
        raise DataError("SELECT password_hash FROM account", {}, ValueError("inside"))

    monkeypatch.setattr("api.accounts.service.Accounts.agencies", fail)
    reply = service.client.get("/api/v1/agencies")
    assert kind(reply) == (500, "internal-error")
    assert "password_hash" not in reply.text


def test_an_error_of_the_database_does_not_log_what_was_sent_to_it(engine):
    statement = text("SELECT 1 / CAST(:zero AS integer), CAST(:secret AS text)")
    with engine.connect() as connection, pytest.raises(DataError) as raised:
        connection.execute(statement, {"zero": 0, "secret": SECRET})
    assert "division by zero" in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_statement_that_was_cut_off_can_be_tried_again(service: Service, monkeypatch):
    def fail(self: object) -> None:
        raise OperationalError("SELECT 1", {}, ValueError("canceling statement: timeout"))

    monkeypatch.setattr("api.accounts.service.Accounts.agencies", fail)
    reply = service.client.get("/api/v1/agencies")
    assert kind(reply) == (503, "unavailable")
    assert int(reply.headers["retry-after"]) > 0
    assert "SELECT" not in reply.text


def test_without_its_database_the_service_says_so(
    database, settings, clock, signer, candidate, service: Service
):
    app = create_app(settings, database.application, clock=clock, signer=signer)
    app.state.engine.dispose()
    nowhere = database.application.update_query_dict({"host": "127.0.0.1", "port": "1"})
    app.state.engine = connect_pool(nowhere)
    with TestClient(app, raise_server_exceptions=False) as client:
        for path in ("/api/v1/agencies", "/api/v1/me", "/readyz"):
            reply = client.get(path, headers=candidate.headers)
            assert kind(reply) == (503, "unavailable")
            assert "127.0.0.1" not in reply.text
        assert client.get("/healthz").json() == {"status": "ok"}


def test_a_connection_that_was_cut_is_made_anew(service: Service):
    cut = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE pid != pg_backend_pid() AND datname = current_database()"
    )
    with service.app.state.engine.connect() as connection:
        service.app.state.engine.connect().close()
        assert connection.execute(cut).scalar_one() >= 1
    assert service.client.get("/readyz").status_code == 200


def test_a_person_gets_a_page_and_a_program_a_document(service: Service):
    page = service.client.get("/nothing")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert document(service.client.get("/api/v1/nothing"))
