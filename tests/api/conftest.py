"""The whole service in one process, on a real database, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.certificates.signing import Signer
from api.database import Urls
from api.settings import Settings
from tests.api.people import Candidate, Clock, Service, log_in

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """One signing key for the whole run: making one takes a second."""
    keys_url = "http://testserver/.well-known/jwks.json"
    return Signer.load_or_create(tmp_path_factory.mktemp("keys"), keys_url)


@pytest.fixture
def clock() -> Clock:
    return Clock(START)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, demo=True, public_url="http://testserver")


@pytest.fixture
def service(database: Urls, settings: Settings, clock: Clock, signer: Signer) -> Iterator[Service]:
    """The service in demonstration mode; session seeds are 1, 2, 3, ..."""
    seeds = count(1)
    app = create_app(
        settings, database.application, clock=clock, signer=signer, new_seed=lambda: next(seeds)
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client=client, clock=clock, app=app)


@pytest.fixture
def candidate(service: Service) -> Candidate:
    """A registered, logged-in technology specialist of an agency in its early phase."""
    return service.register("somsri.test")


@pytest.fixture
def psychometrician(service: Service) -> dict[str, str]:
    """Headers of a psychometrician who is logged in."""
    return log_in(service.client, "psychometrician.demo")


@pytest.fixture
def administrator(service: Service) -> dict[str, str]:
    """Headers of an administrator who is logged in."""
    return log_in(service.client, "administrator.demo")
