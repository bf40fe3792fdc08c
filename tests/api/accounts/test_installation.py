"""A production service gets its agencies, clients and staff from the operator."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from api.accounts import installation
from api.app import create_app
from api.errors import ConflictError, InvalidRequestError, NotFoundError
from api.settings import Settings
from tests.api.conftest import START

AGENCY = {"code": "DGX", "name_th": "กรมทดสอบ", "name_en": "Test Department", "phase": "early"}
STAFF = {
    "username": "admin.test",
    "password": "a password for tests",
    "role": "administrator",
    "name_th": "ผู้ดูแล ทดสอบ",
    "name_latin": "Admin Thotsop",
    "agency": None,
}


def test_staff_and_clients_added_by_the_operator_can_log_in(database, engine, signer, tmp_path):
    with Session(engine) as db:
        installation.add_agency(db, START, **AGENCY)
        client_id, secret = installation.add_client(db, START, agency="DGX")
        installation.add_staff(db, START, **STAFF)
        db.commit()
    app = create_app(Settings(data=Path(tmp_path)), database.application, signer=signer)
    with TestClient(app) as client:
        login = {"username": STAFF["username"], "password": STAFF["password"]}
        assert client.post("/api/v1/login", json=login).json()["account"]["role"] == "administrator"
        form = {"grant_type": "client_credentials"}
        token = client.post("/api/v1/token", data=form, auth=(client_id, secret)).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        page = client.get("/api/v1/results?purpose=testing", headers=headers).json()
        assert page["results"] == []


def test_the_secret_of_a_client_is_not_kept(engine):
    with Session(engine) as db:
        installation.add_agency(db, START, **AGENCY)
        _, secret = installation.add_client(db, START, agency="DGX")
        db.flush()
        kept = db.connection().exec_driver_sql("SELECT secret_digest FROM agency_client").scalar()
    assert secret not in kept


def test_everything_wrong_with_an_account_is_named_at_once(engine):
    wrong = {**STAFF, "username": "A B", "password": "short", "role": "candidate", "name_th": " "}
    with Session(engine) as db, pytest.raises(InvalidRequestError) as refusal:
        installation.add_staff(db, START, **wrong)
    assert {each.where for each in refusal.value.problems} == {
        "username",
        "password",
        "role",
        "name_th",
    }


def test_an_officer_needs_an_agency_that_exists(engine):
    officer = {**STAFF, "role": "agency_officer"}
    with Session(engine) as db:
        with pytest.raises(InvalidRequestError):
            installation.add_staff(db, START, **officer)
        with pytest.raises(NotFoundError):
            installation.add_staff(db, START, **{**officer, "agency": "NOWHERE"})


def test_names_are_given_once(engine):
    with Session(engine) as db:
        installation.add_agency(db, START, **AGENCY)
        installation.add_staff(db, START, **STAFF)
        with pytest.raises(ConflictError):
            installation.add_agency(db, START, **AGENCY)
        with pytest.raises(ConflictError):
            installation.add_staff(db, START, **STAFF)


def test_a_demonstration_takes_nobody_else(service, engine):
    with Session(engine) as db, pytest.raises(ConflictError, match="demonstration"):
        installation.add_staff(db, START, **STAFF)
