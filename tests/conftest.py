"""A real PostgreSQL for every test that asks for one: one server a run, a fresh database a test."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from api.database import Urls, connect_once, connect_pool, embedded_postgres, migrate

_numbers = count(1)
_finished: list[str] = []


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Urls]:
    """The server of this run; its database `samatthana` has no tables."""
    with embedded_postgres(tmp_path_factory.mktemp("postgres"), durable=False) as urls:
        yield urls


@pytest.fixture(scope="session")
def template(postgres: Urls) -> str:
    """Name of a migrated database that `database` copies. Nobody may be connected to it."""
    owner = _create(postgres, "template_of_tests", "template1")
    migrate(owner)
    return "template_of_tests"


@pytest.fixture
def empty_database(postgres: Urls) -> Iterator[Urls]:
    """A database of its own for one test, without tables."""
    yield from _database(postgres, "template1")


@pytest.fixture
def database(postgres: Urls, template: str) -> Iterator[Urls]:
    """A database of its own for one test, with the newest tables and nothing in them."""
    yield from _database(postgres, template)


@pytest.fixture
def engine(database: Urls) -> Iterator[Engine]:
    """The application's connections to `database`."""
    engine = connect_pool(database.application)
    yield engine
    engine.dispose()


@pytest.fixture
def owner_engine(database: Urls) -> Iterator[Engine]:
    """The table owner's connections to `database`."""
    assert database.owner is not None
    engine = connect_once(database.owner)
    yield engine
    engine.dispose()


def _database(postgres: Urls, template: str) -> Iterator[Urls]:
    name = f"test_{next(_numbers)}"
    owner = _create(postgres, name, template)
    yield replace(postgres, application=postgres.application.set(database=name), owner=owner)
    # A connection may take a moment to close: a database still in use is dropped after a later test.
    _finished[:] = [each for each in _finished if not _dropped(postgres, each)]
    _finished.append(name)


def _dropped(postgres: Urls, name: str) -> bool:
    try:
        _as_owner(postgres, f"DROP DATABASE {name}")
    except OperationalError:
        return False
    return True


def _create(postgres: Urls, name: str, template: str) -> URL:
    _as_owner(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    assert postgres.owner is not None
    return postgres.owner.set(database=name)


def _as_owner(postgres: Urls, statement: str) -> None:
    assert postgres.owner is not None
    engine = connect_once(postgres.owner).execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
