"""The service dies in mid-exam, at the worst moments, and is started again on the same data folder."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Connection, text

from api.database import connect_once, embedded_postgres
from tests.api.people import Candidate, Service, always_right, log_in
from tests.journeys.server import Server, running, until


@pytest.fixture
def client(own_server: Server) -> Iterator[httpx.Client]:
    """A connection to the service, which runs whatever the test before has done to it."""
    own_server.start()
    with httpx.Client(base_url=own_server.address, timeout=60) as client:
        yield client


@pytest.fixture
def candidate(client: httpx.Client) -> Candidate:
    service = Service(client=client, clock=None, app=None)
    return service.register(f"crash.{uuid4().hex[:12]}", target_group="others")


@pytest.fixture
def log(client: httpx.Client) -> Callable[[str], list[dict[str, Any]]]:
    """Read a session's log as staff."""

    def read(session: str) -> list[dict[str, Any]]:
        headers = log_in(client, "psychometrician.demo")
        return client.get(f"/api/v1/sessions/{session}/log", headers=headers).json()["events"]

    return read


@contextmanager
def database(server: Server) -> Iterator[Connection]:
    """Look into the service's own PostgreSQL, beside it."""
    with ExitStack() as opened:
        urls = opened.enter_context(embedded_postgres(server.data))
        engine = connect_once(urls.owner)
        opened.callback(engine.dispose)
        yield opened.enter_context(engine.connect())


def test_an_acknowledged_answer_survives_a_kill(
    own_server: Server, candidate: Candidate, log: Callable[[str], list[dict[str, Any]]]
):
    session = candidate.start()
    item = candidate.open_section(session)
    reply = candidate.answer(session, item, "b")
    own_server.kill()
    own_server.start()
    assert candidate.get(f"/sessions/{session}").json()["item"] == reply.json()["next_item"]
    again = candidate.answer(session, item, "b")
    assert (again.status_code, again.content) == (reply.status_code, reply.content)
    assert _answered(log(session)) == [(1, item["item"], "b")]


def test_an_answer_killed_before_it_was_stored_is_not_counted_until_it_is_sent_again(
    own_server: Server, candidate: Candidate, log: Callable[[str], list[dict[str, Any]]]
):
    session = candidate.start()
    item = candidate.open_section(session)
    with _sent_but_waiting(own_server, candidate, session, item):
        own_server.kill()
    own_server.start()
    assert _answered(log(session)) == []
    assert candidate.get(f"/sessions/{session}").json()["item"] == item
    assert candidate.answer(session, item, "c").status_code == 201
    assert _answered(log(session)) == [(1, item["item"], "c")]


def test_an_answer_stored_but_never_acknowledged_is_counted_once(
    own_server: Server, candidate: Candidate, log: Callable[[str], list[dict[str, Any]]]
):
    session = candidate.start()
    item = candidate.open_section(session)
    with _sent(own_server, candidate, session, item, "d"):
        until(lambda: _stored(own_server, session), "the answer to be stored")
        own_server.kill()
    own_server.start()
    open_now = candidate.get(f"/sessions/{session}").json()["item"]
    reply = candidate.answer(session, item, "d")
    assert reply.status_code == 201
    assert reply.json()["next_item"] == open_now
    assert _answered(log(session)) == [(1, item["item"], "d")]


def test_an_answer_killed_at_any_moment_is_counted_wholly_or_not_at_all(
    own_server: Server, candidate: Candidate, log: Callable[[str], list[dict[str, Any]]]
):
    session = candidate.start()
    item = candidate.open_section(session)
    with _sent(own_server, candidate, session, item, "a"):
        own_server.kill()
    own_server.start()
    kinds = [event["kind"] for event in log(session)]
    assert kinds in (
        ["started", "section_started", "item_shown"],
        ["started", "section_started", "item_shown", "answered", "item_shown"],
    )
    assert candidate.answer(session, item, "a").status_code == 201
    assert _answered(log(session)) == [(1, item["item"], "a")]


def test_a_session_replays_beside_the_service_and_without_it(
    own_server: Server, candidate: Candidate, log: Callable[[str], list[dict[str, Any]]]
):
    """Killed in its middle, ended, and recomputed by a process that has only the data folder."""
    session = candidate.start()
    item = candidate.open_section(session)
    for _ in range(3):
        item = candidate.answer(session, item, "a").json()["next_item"]
    own_server.kill()
    own_server.start()
    choose = always_right()
    while item is not None:
        item = candidate.answer(session, item, choose(item)).json()["next_item"]
    candidate.finish(session, choose)
    steps = len(log(session))
    same = {"session": session, "identical": True, "steps": steps, "first_difference": None}
    assert own_server.json_of("replay", session) == same

    own_server.ask_to_stop()
    own_server.stopped()
    assert own_server.json_of("replay", session) == same
    assert own_server.postgres() is None


def test_a_replay_names_the_first_step_that_was_tampered_with(
    own_server: Server, candidate: Candidate
):
    session = candidate.start("DG")
    candidate.finish(session, always_right())
    with database(own_server) as db:
        db.execute(text("ALTER TABLE session_event DISABLE TRIGGER USER"))
        changed = "UPDATE session_event SET theta = theta + 0.01 WHERE session_id = :id"
        db.execute(text(f"{changed} AND sequence = 4 AND kind = 'answered'"), {"id": session})
        db.execute(text("ALTER TABLE session_event ENABLE TRIGGER USER"))
        db.commit()
    done = own_server.command("replay", session, "--json")
    assert done.returncode == 1
    assert '"identical": false' in done.stdout


def test_sigterm_lets_a_running_answer_finish_and_leaves_no_process(
    own_server: Server, candidate: Candidate
):
    session = candidate.start("DG")
    item = candidate.open_section(session)
    postgres = own_server.postgres()
    assert running(postgres)
    with _sent_but_waiting(own_server, candidate, session, item) as (connection, let_go):
        own_server.ask_to_stop()
        let_go()
        assert connection.recv(100).startswith(b"HTTP/1.1 201")
    assert own_server.stopped() < 10
    until(lambda: not running(postgres), "PostgreSQL to be gone", within=5)
    assert not (own_server.data / "postgres" / "postmaster.pid").exists()

    own_server.start()
    assert candidate.get(f"/sessions/{session}").json()["item"]["sequence"] == 2


@contextmanager
def _sent_but_waiting(
    server: Server, candidate: Candidate, session: str, item: dict[str, Any]
) -> Iterator[tuple[socket.socket, Callable[[], None]]]:
    """Send answer `c` while somebody else holds the session's row: it waits in its transaction."""
    row = text("SELECT id FROM exam_session WHERE id = :id FOR UPDATE")
    with database(server) as db:
        db.execute(row, {"id": session})
        with _sent(server, candidate, session, item, "c") as connection:
            until(lambda: _waiting(server), "the answer to wait for the session's row")
            yield connection, db.rollback


@contextmanager
def _sent(
    server: Server, candidate: Candidate, session: str, item: dict[str, Any], option: str
) -> Iterator[socket.socket]:
    """Send an answer and read no reply."""
    given = {"sequence": item["sequence"], "item": item["item"], "answer": option}
    request = httpx.Request(
        "POST",
        f"{server.address}/api/v1/sessions/{session}/responses",
        json=given,
        headers=candidate.headers,
    )
    head = f"POST {request.url.path} HTTP/1.1\r\n" + "".join(
        f"{name}: {value}\r\n" for name, value in request.headers.items()
    )
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + b"\r\n" + request.content)
        yield connection


def _waiting(server: Server) -> bool:
    """Say whether a request of the service waits for a lock."""
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    with database(server) as db:
        return db.execute(query).scalar_one() > 0


def _stored(server: Server, session: str) -> bool:
    query = text("SELECT count(*) FROM session_event WHERE session_id = :id AND kind = 'answered'")
    with database(server) as db:
        return db.execute(query, {"id": session}).scalar_one() > 0


def _answered(events: list[dict[str, Any]]) -> list[tuple[int, str, str]]:
    return [
        (event["sequence"], event["item"], event["answer"])
        for event in events
        if event["kind"] == "answered"
    ]
