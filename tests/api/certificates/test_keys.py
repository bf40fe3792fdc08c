"""A database whose certificates were signed is served with the key that signed them, or not at all."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.certificates.signing import KEY_FILE, Signer
from api.errors import OperatorError
from api.settings import Settings
from tests.api.people import Service, always_right


def settings_of(folder: Path) -> Settings:
    return Settings(data=folder, demo=True, public_url="http://testserver")


@pytest.fixture
def keys(database, tmp_path, clock) -> Path:
    """The folder of the key that has signed a certificate of the database."""
    app = create_app(settings_of(tmp_path), database.application, clock=clock)
    with TestClient(app) as client:
        candidate = Service(client=client, clock=clock, app=app).register("somsri.test")
        result = candidate.finish(candidate.start("DLit"), always_right())
        assert result["sections"][0]["certificate"] is not None
    return tmp_path / "demonstration-keys"


def starts(database, clock, folder: Path) -> None:
    app = create_app(settings_of(folder), database.application, clock=clock)
    with TestClient(app):
        pass


def test_the_same_key_serves_on(database, tmp_path, clock, keys):
    starts(database, clock, tmp_path)


def test_a_missing_key_is_not_replaced(database, tmp_path, clock, keys):
    (keys / KEY_FILE).unlink()
    with pytest.raises(OperatorError, match="is missing"):
        starts(database, clock, tmp_path)
    assert not (keys / KEY_FILE).exists()


def test_a_second_server_with_a_key_of_its_own_is_refused(database, clock, keys, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with pytest.raises(OperatorError, match="is missing"):
        starts(database, clock, elsewhere)
    shutil.copytree(keys, elsewhere / "demonstration-keys")
    starts(database, clock, elsewhere)


def test_another_key_in_its_place_is_refused(database, tmp_path, clock, keys):
    (keys / KEY_FILE).unlink()
    Signer.load_or_create(keys)
    with pytest.raises(OperatorError, match="is not the one"):
        starts(database, clock, tmp_path)
