"""What a client is told must be what the database keeps."""

from __future__ import annotations

import pytest
from fastapi import Depends, FastAPI, HTTPException
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.database import Db, connect_once, connect_pool, request_transaction, transaction
from api.errors import ServiceError


@pytest.fixture
def one_row_table(empty_database):
    """An engine on a table that refuses a second row, at commit and not before."""
    with transaction(connect_once(empty_database.owner)) as db:
        db.execute(text("CREATE TABLE mark (n integer UNIQUE DEFERRABLE INITIALLY DEFERRED)"))
        db.execute(text("INSERT INTO mark VALUES (1)"))
        db.execute(text("GRANT ALL ON mark TO samatthana_app"))
    engine = connect_pool(empty_database.application)
    yield engine
    engine.dispose()


def client_of(engine: Engine) -> TestClient:
    app = FastAPI()
    app.state.engine = engine

    @app.post("/marks/{n}")
    def add(n: int, db: Db) -> dict[str, int]:
        db.execute(text("INSERT INTO mark VALUES (:n)"), {"n": n})
        if n < 0:
            raise HTTPException(422)
        return {"stored": n}

    @app.post("/late/{n}")
    def add_late(n: int, db: Session = Depends(request_transaction)) -> dict[str, int]:  # noqa: B008
        db.execute(text("INSERT INTO mark VALUES (:n)"), {"n": n})
        return {"stored": n}

    return TestClient(app, raise_server_exceptions=False)


def marks(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT n FROM mark ORDER BY n")))


def test_a_request_that_ends_well_is_stored(one_row_table):
    assert client_of(one_row_table).post("/marks/2").json() == {"stored": 2}
    assert marks(one_row_table) == [1, 2]


def test_a_commit_that_fails_is_not_answered_with_success(one_row_table):
    assert client_of(one_row_table).post("/marks/1").status_code == 500
    assert marks(one_row_table) == [1]


def test_the_scope_of_the_dependency_is_what_makes_it_so(one_row_table):
    """The control: with the default scope the same failed commit answers 200."""
    assert client_of(one_row_table).post("/late/1").status_code == 200
    assert marks(one_row_table) == [1]


def test_a_request_that_is_refused_stores_nothing(one_row_table):
    assert client_of(one_row_table).post("/marks/-1").status_code == 422
    assert marks(one_row_table) == [1]


def test_a_block_that_raises_stores_nothing(one_row_table):
    def fail() -> None:
        with transaction(one_row_table) as db:
            db.execute(text("INSERT INTO mark VALUES (3)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert marks(one_row_table) == [1]


class CountedError(ServiceError):
    keeps_changes = True


@pytest.mark.parametrize(("refusal", "kept"), [(CountedError, [1, 4]), (ServiceError, [1])])
def test_only_a_refusal_that_keeps_its_changes_stores_them(one_row_table, refusal, kept):
    def refuse() -> None:
        with transaction(one_row_table) as db:
            db.execute(text("INSERT INTO mark VALUES (4)"))
            raise refusal

    with pytest.raises(refusal):
        refuse()
    assert marks(one_row_table) == kept
