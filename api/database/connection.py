"""Connections to PostgreSQL: how they are made, what limits them, what is said when they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from api.errors import OperatorError

STATEMENT_SECONDS = 15
LOCK_SECONDS = 5
IDLE_IN_TRANSACTION_SECONDS = 60
CONNECT_SECONDS = 5
POOL_SECONDS = 10

_to_json = partial(json.dumps, ensure_ascii=False, allow_nan=False)


class DatabaseDownError(OperatorError):
    """The database cannot be reached, or refuses this user."""


def connect_pool(url: URL) -> Engine:
    """Create an engine with a pool for serving requests; it connects on first use.

    Its connections speak UTC, end a statement after 15 seconds, a wait for a lock after 5 and an
    abandoned transaction after 60. At most 40 connections: as many as FastAPI has worker threads.
    """
    limits = {
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "lock_timeout": f"{LOCK_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
    }
    return create_engine(
        url,
        connect_args=_connect_args(url, limits),
        json_serializer=_to_json,
        hide_parameters=True,  # errors are logged, and parameters hold names and hashes
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=30,
        pool_timeout=POOL_SECONDS,
    )


def connect_once(url: URL, *, lock_seconds: int = LOCK_SECONDS) -> Engine:
    """Create an engine without a pool or a limit on statements: for migrations and tools."""
    arguments = _connect_args(url, {"lock_timeout": f"{lock_seconds}s"})
    return create_engine(
        url,
        connect_args=arguments,
        json_serializer=_to_json,
        hide_parameters=True,
        poolclass=NullPool,
    )


def check_connection(engine: Engine) -> None:
    """Connect once.

    Raises
    ------
    DatabaseDownError
        The database cannot be reached, or refuses this user.
    """
    with explained(engine.url), engine.connect() as connection:
        connection.execute(text("SELECT 1"))


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn a failure to connect inside the block into a `DatabaseDownError`.

    A statement that fails on a working connection keeps its own error.
    """
    try:
        yield
    except OperationalError as error:
        if error.statement is not None and not error.connection_invalidated:
            raise
        raise DatabaseDownError(
            f"The database {_place(url)} cannot be used: {_reason(error)}.",
            "Check that the server runs and that the user, password and database name are right.",
        ) from error


def _connect_args(url: URL, limits: dict[str, str]) -> dict[str, object]:
    options = " ".join(
        f"-c {name}={value}" for name, value in {**limits, "timezone": "UTC"}.items()
    )
    theirs = url.query.get("options", "")
    return {
        "application_name": "samatthana",
        "connect_timeout": CONNECT_SECONDS,
        "options": f"{options} {theirs}".strip(),
    }


def _place(url: URL) -> str:
    """Name database and host; never the password."""
    host = url.host or url.query.get("host", "localhost")
    return f"{url.database!r} on {host} as {url.username!r}"


def _reason(error: OperationalError) -> str:
    """Give the last cause psycopg names: it lists each address it tried, and adds advice."""
    lines = [line.strip() for line in str(error.orig).splitlines()]
    causes = [line for line in lines if line and not line.startswith("Is the server running")]
    if not causes:
        return "no reason was given"
    return causes[-1].rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")
