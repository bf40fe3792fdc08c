"""Demonstration and production: one database belongs to one of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlmodel import SQLModel, select

from api.app import create_app
from api.certificates.signing import Signer
from api.database import Urls, connect_pool, transaction
from api.demonstration import AGENCIES, PASSWORD, add_demonstration
from api.errors import OperatorError
from api.security.passwords import hash_password
from api.security.tokens import token_digest
from api.settings import Settings
from api.tables import Account, Agency, AgencyClient, PublishedDocument
from tests.api.people import SECRET, Clock


def settings_of(folder: Path, *, demo: bool) -> Settings:
    return Settings(data=folder, demo=demo, public_url="http://testserver")


@contextmanager
def serving(database: Urls, folder: Path, clock: Clock, signer: Signer, *, demo: bool) -> Iterator:
    settings = settings_of(folder, demo=demo)
    app = create_app(settings, database.application, clock=clock, signer=signer)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def add_to(database: Urls, *rows: SQLModel) -> None:
    pool = connect_pool(database.application)
    with transaction(pool) as db:
        for row in rows:
            db.add(row)
            db.flush()
    pool.dispose()


def count(database: Urls, table: type[SQLModel]) -> int:
    pool = connect_pool(database.application)
    with transaction(pool) as db:
        number = len(db.exec(select(table)).all())
    pool.dispose()
    return number


def agency() -> Agency:
    return Agency(id=uuid4(), code="RID", name_th="กรม", name_en="Department", phase="early")


def person(clock: Clock, **more: object) -> Account:
    return Account(
        id=uuid4(),
        username="real.person",
        password_hash=hash_password(SECRET),
        role="candidate",
        name_th="นายจริง ใจดี",
        name_latin="Mr. Ching Chaidi",
        created_at=clock(),
        **more,
    )


def test_a_production_start_on_an_empty_database_creates_nobody(database, tmp_path, clock, signer):
    with serving(database, tmp_path, clock, signer, demo=False) as client:
        assert client.get("/api/v1/agencies").json() == []
        given = {"username": "administrator.demo", "password": PASSWORD}
        assert client.post("/api/v1/login", json=given).status_code == 401
    assert [count(database, each) for each in (Account, Agency, AgencyClient)] == [0, 0, 0]


def test_a_production_start_publishes_no_demonstration_bank(database, tmp_path, clock, signer):
    add_to(database, agency(), person(clock))
    with serving(database, tmp_path, clock, signer, demo=False) as client:
        given = {"username": "real.person", "password": SECRET}
        token = client.post("/api/v1/login", json=given).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        reply = client.post("/api/v1/sessions", json={"skill_sets": ["DG"]}, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (409, "nothing-published")
    assert count(database, PublishedDocument) == 2


def test_after_a_demonstration_production_does_not_start(database, tmp_path, clock, signer):
    with serving(database, tmp_path, clock, signer, demo=True):
        pass
    with pytest.raises(OperatorError, match=r"holds a demonstration .* another database"):
        create_app(settings_of(tmp_path, demo=False), database.application, clock=clock)
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("kind", ["account", "agency", "client"])
def test_one_remnant_of_a_demonstration_is_enough(database, tmp_path, clock, kind):
    department = agency()
    remnants = {
        "account": [person(clock, demonstration=True)],
        "agency": [department],
        "client": [
            department,
            AgencyClient(
                client_id="remnant",
                agency_id=department.id,
                secret_digest=token_digest("x"),
                demonstration=True,
                created_at=clock(),
            ),
        ],
    }
    department.demonstration = kind == "agency"
    add_to(database, *remnants[kind])
    with pytest.raises(OperatorError, match="holds a demonstration"):
        create_app(settings_of(tmp_path, demo=False), database.application, clock=clock)


@pytest.mark.parametrize("kind", ["account", "agency"])
def test_a_demonstration_is_refused_on_a_production_database(database, tmp_path, clock, kind):
    row = agency() if kind == "agency" else person(clock)
    add_to(database, row)
    with pytest.raises(OperatorError, match=r"belongs to a production service"):
        create_app(settings_of(tmp_path, demo=True), database.application, clock=clock)
    assert count(database, Account) + count(database, Agency) == 1
    assert count(database, PublishedDocument) == 0


def test_a_demonstration_is_refused_where_an_operational_bank_is_published(
    database, tmp_path, clock
):
    body = json.dumps({"demonstration": False})
    digest = hashlib.sha256(body.encode()).hexdigest()
    bank = PublishedDocument(hash=digest, kind="bank", body=body, published_at=clock())
    add_to(database, bank)
    with pytest.raises(OperatorError, match="belongs to a production service"):
        create_app(settings_of(tmp_path, demo=True), database.application, clock=clock)


def test_a_demonstration_starts_again_on_its_own_database(database, tmp_path, clock, signer):
    wish = {
        "username": "visitor",
        "password": SECRET,
        "name_th": "นายแขก มาเยือน",
        "name_latin": "Mr. Khaek Mayuean",
        "agency": "DEMO-A",
        "target_group": "others",
    }
    with serving(database, tmp_path, clock, signer, demo=True) as client:
        assert client.post("/api/v1/accounts", json=wish).status_code == 201
    before = count(database, Account)
    with serving(database, tmp_path, clock, signer, demo=True) as client:
        given = {"username": "visitor", "password": SECRET}
        assert client.post("/api/v1/login", json=given).status_code == 200
    assert count(database, Account) == before


def test_a_demonstration_password_opens_no_production_service(database, tmp_path, clock, signer):
    """Even where a demonstration came into the database while production was running."""
    with serving(database, tmp_path, clock, signer, demo=False) as client:
        pool = connect_pool(database.application)
        with transaction(pool) as db:
            add_demonstration(db, clock())
        pool.dispose()
        given = {"username": "administrator.demo", "password": PASSWORD}
        assert client.post("/api/v1/login", json=given).status_code == 401
        basic = (AGENCIES[0].client_id, AGENCIES[0].client_secret)
        grant = {"grant_type": "client_credentials"}
        assert client.post("/api/v1/token", data=grant, auth=basic).status_code == 401
