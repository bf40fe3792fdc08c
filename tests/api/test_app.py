"""The service as a whole: what it publishes about itself, and what it keeps private."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

import api.app
from api.app import create_app
from api.database import connection
from api.demonstration import PASSWORD
from tests.api.people import Service

STANDARD_METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def fetched() -> dict[str, Any]:
    return {}


@pytest.fixture
def document(fetched: dict[str, Any], request: pytest.FixtureRequest) -> dict[str, Any]:
    """The OpenAPI document, fetched once: it is the same whoever asks."""
    if not fetched:
        service: Service = request.getfixturevalue("service")
        fetched.update(service.client.get("/api/v1/openapi.json").raise_for_status().json())
    return fetched


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, found in document["paths"].items()
        for method, operation in found.items()
    ]


def test_the_document_lists_the_rest_interface_and_no_page(document):
    paths = set(document["paths"])
    assert {"/api/v1/login", "/api/v1/sessions", "/api/v1/token", "/api/v1/results"} <= paths
    others = {path for path in paths if not path.startswith("/api/v1/")}
    assert others == {"/.well-known/jwks.json", "/healthz", "/readyz"}


def test_every_operation_has_a_summary_a_description_and_a_tag(document):
    for name, operation in operations(document):
        assert name.split()[0] in STANDARD_METHODS
        assert operation["summary"], name
        assert operation["description"], name
        assert operation["tags"], name


def test_every_operation_says_how_it_refuses(document):
    for name, operation in operations(document):
        content = operation["responses"]["default"]["content"]
        schema = content["application/problem+json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ProblemDocument"}, name
        assert "422" not in operation["responses"], name
    required = document["components"]["schemas"]["ProblemDocument"]["required"]
    assert {"type", "title", "status", "detail", "instance"} <= set(required)


def test_every_reference_leads_somewhere(document):
    text = json.dumps(document)
    schemas = document["components"]["schemas"]
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(schemas)
    assert "HTTPValidationError" not in schemas


def test_operation_ids_are_unique(document):
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))


def test_protected_operations_name_the_token_that_opens_them(document):
    schemes = document["components"]["securitySchemes"]
    assert schemes["client"]["flows"]["clientCredentials"]["tokenUrl"] == "/api/v1/token"
    assert schemes["login"]["scheme"] == "bearer"
    found = {name: operation.get("security") for name, operation in operations(document)}
    assert found["get /api/v1/results"] == [{"client": []}]
    assert found["get /api/v1/me"] == [{"login": []}]
    assert found["post /api/v1/certificates/{number}/revocation"] == [{"login": []}]
    assert found["get /api/v1/certificates/{number}"] is None


def test_documents_are_described_as_files(document):
    path = document["paths"]["/api/v1/certificates/{number}.pdf"]
    assert list(path["get"]["responses"]["200"]["content"]) == ["application/pdf"]


def test_the_page_limit_is_described_as_a_number(document):
    parameters = document["paths"]["/api/v1/results"]["get"]["parameters"]
    (limit,) = (each["schema"] for each in parameters if each["name"] == "limit")
    assert (limit["type"], limit["minimum"], limit["maximum"]) == ("integer", 1, 200)
    assert limit["default"] == 50


def test_the_service_says_that_it_lives_and_is_ready(service: Service):
    assert service.client.get("/healthz").json() == {"status": "ok"}
    assert service.client.get("/readyz").json() == {"status": "ready"}


def test_replies_are_kept_by_nobody_on_the_way(service: Service):
    given = {"username": "somying.demo", "password": PASSWORD}
    login = service.client.post("/api/v1/login", json=given)
    headers = {"Authorization": f"Bearer {login.json()['token']}"}
    for reply in (
        login,
        *(service.client.get(f"/api/v1/{each}", headers=headers) for each in ("me", "exam")),
    ):
        assert reply.status_code == 200
        assert reply.headers["cache-control"] == "no-store"


def test_no_interactive_documentation_loads_scripts_of_others(service: Service):
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert service.client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/", "/verify", "/healthz", "/static/missing.css"])
def test_head_is_answered_as_get_without_the_body(service: Service, path):
    whole, head = service.client.get(path), service.client.head(path)
    assert head.status_code == whole.status_code
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert (head.content, whole.content != b"") == (b"", True)


def test_head_is_refused_where_get_is(service: Service):
    assert service.client.head("/api/v1/login").status_code == 405


def test_a_start_may_take_long_to_compile(database, settings, clock, signer, monkeypatch):
    """No transaction is open meanwhile: the database ends one that idles."""
    monkeypatch.setattr(connection, "IDLE_IN_TRANSACTION_SECONDS", 1)
    monkeypatch.setattr(api.app, "warm", lambda exam: time.sleep(1.5))
    app = create_app(settings, database.application, clock=clock, signer=signer)
    with TestClient(app) as client:
        assert client.get("/readyz").status_code == 200
