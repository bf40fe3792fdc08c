"""Limits of a connection, and what is said when there is none."""

from __future__ import annotations

import socket

import pytest
from sqlalchemy import JSON, Column, MetaData, Table, insert, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InternalError, OperationalError, ProgrammingError

from api.database import DatabaseDownError, check_connection, connect_once, connect_pool
from api.database.connection import explained


@pytest.fixture
def pool(postgres):
    engine = connect_pool(postgres.application)
    yield engine
    engine.dispose()


def shown(engine, setting: str) -> str:
    with engine.connect() as connection:
        return connection.scalars(text(f"SHOW {setting}")).one()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "1min"),
        ("timezone", "UTC"),
        ("application_name", "samatthana"),
        ("client_encoding", "UTF8"),
    ],
)
def test_a_request_has_limits(pool, setting, value):
    assert shown(pool, setting) == value


def test_options_of_the_url_are_kept_and_win(postgres):
    url = postgres.application.update_query_dict({"options": "-c statement_timeout=7s"})
    engine = connect_pool(url)
    assert shown(engine, "statement_timeout") == "7s"
    assert shown(engine, "lock_timeout") == "5s"
    engine.dispose()


def test_an_upgrade_may_take_as_long_as_it_needs(postgres):
    assert shown(connect_once(postgres.owner), "statement_timeout") == "0"


def test_a_connection_the_server_dropped_is_replaced(pool, postgres):
    with pool.connect() as connection:
        pid = connection.scalars(text("SELECT pg_backend_pid()")).one()
    with connect_once(postgres.application).begin() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    check_connection(pool)


def test_thai_is_stored_as_thai_and_not_as_escapes(empty_database):
    table = Table("note", MetaData(), Column("body", JSON))
    engine = connect_once(empty_database.owner)
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table).values(body={"th": "สมรรถนะ"}))
        assert connection.scalars(text("SELECT body::text FROM note")).one() == '{"th": "สมรรถนะ"}'


def test_a_number_json_does_not_know_is_refused(empty_database):
    table = Table("note", MetaData(), Column("body", JSON))
    with connect_once(empty_database.owner).begin() as connection:
        table.create(connection)
        with pytest.raises(ValueError, match="not JSON compliant"):
            connection.execute(insert(table).values(body={"theta": float("nan")}))


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return attempt.getsockname()[1]


def test_a_server_that_is_not_there_is_named_without_the_password():
    url = make_url(f"postgresql+psycopg://somebody:hush-hush@127.0.0.1:{free_port()}/exams")
    with pytest.raises(DatabaseDownError) as caught:
        check_connection(connect_once(url))
    message = str(caught.value)
    assert "'exams' on 127.0.0.1" in message
    assert "'somebody'" in message
    assert "Connection refused" in message
    assert "hush-hush" not in message
    assert "\n" not in message


def test_a_database_that_is_not_there_is_named(postgres):
    with pytest.raises(DatabaseDownError, match='"no_such" does not exist'):
        check_connection(connect_once(postgres.application.set(database="no_such")))


def test_a_failed_statement_keeps_its_own_error(pool):
    with pytest.raises(ProgrammingError), explained(pool.url), pool.connect() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))


def test_a_statement_that_takes_too_long_ends_with_its_own_error(pool):
    def wait() -> None:
        with explained(pool.url), pool.connect() as connection:
            connection.execute(text("SET statement_timeout = '50ms'"))
            connection.execute(text("SELECT pg_sleep(5)"))

    with pytest.raises((OperationalError, InternalError), match="statement timeout"):
        wait()
