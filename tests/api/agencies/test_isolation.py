"""An agency sees its own people, and nobody else's: whatever it asks, on whatever route."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import pytest
from fastapi import FastAPI

from api.agencies import repository
from tests.api.agencies.conftest import PURPOSE, Program
from tests.api.people import Service, log_in

PARAMETERS = {"purpose": PURPOSE, "limit": "200", "since": "2026-01-01T00:00:00Z", "cursor": None}
"""What a route is asked with; one whose parameter is missing here fails the test until it is added."""


def agency_routes(app: FastAPI) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """Method, path and parameters of every route for agencies' programs, from the OpenAPI document."""
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            if "agencies" in operation["tags"] and path != "/api/v1/token":
                yield method, path, operation.get("parameters", [])


def ask(program: Program, method: str, path: str, known: dict[str, str], parameters: list) -> Any:
    """Ask a route, naming what the other agency would like to see."""
    query = {}
    for each in parameters:
        if each["in"] == "path":
            path = path.replace(f"{{{each['name']}}}", known[each["name"]])
        elif each["in"] == "query":
            query[each["name"]] = PARAMETERS[each["name"]]
    given = {name: value for name, value in query.items() if value is not None}
    return program.service.client.request(method, path, params=given, headers=program.headers)


def test_no_route_shows_an_agency_the_people_of_another(programs, sit, service: Service):
    theirs, session = sit("theirs.test", "DG", agency="DEMO-B", certified="DG")
    result = theirs.get(f"/sessions/{session}/result").json()
    number = result["sections"][0]["certificate"]["number"]
    sit("ours.test", "DG", agency="DEMO-A")
    known = {
        "session_id": session,
        "session": session,
        "number": number,
        "account": theirs.account,
        "account_id": theirs.account,
        "username": "theirs.test",
        "agency": "DEMO-B",
        "code": "DEMO-B",
    }
    private = (session, number, theirs.account, "theirs.test")
    routes = list(agency_routes(service.app))
    assert ("get", "/api/v1/results") in [(method, path) for method, path, _ in routes]
    shown_to_their_own = ""
    for method, path, parameters in routes:
        shown_to_their_own += ask(programs["DEMO-B"], method, path, known, parameters).text
        for other in ("DEMO-A", "DEMO-C"):
            reply = ask(programs[other], method, path, known, parameters)
            assert not any(word in reply.text for word in private), (other, path)
    assert all(word in shown_to_their_own for word in private)


def test_every_route_of_agencies_wants_a_clients_token(service: Service):
    for method, path, _ in agency_routes(service.app):
        filled = path.replace("{", "").replace("}", "")
        assert service.client.request(method, filled).status_code == 401, path


def test_an_agency_cannot_be_chosen(programs, sit):
    sit("theirs.test", "DG", agency="DEMO-B")
    asked = programs["DEMO-A"].page(agency="DEMO-B", agency_id="DEMO-B")
    assert asked["results"] == []


def test_an_officers_page_and_table_show_the_officers_own_agency(programs, sit, service):
    sit("theirs.test", "DG", agency="DEMO-B")
    sit("ours.test", "DG", agency="DEMO-A")
    headers = log_in(service.client, "officer.demo")
    for path in ("/agency", "/agency/results.csv"):
        reply = service.client.get(path, params={"purpose": "reporting"}, headers=headers)
        assert reply.status_code == 200, reply.text
        assert "ours.test" in reply.text or "นางสมศรี ทดสอบ" in reply.text
        assert "theirs.test" not in reply.text
    table = service.client.get(
        "/agency/results.csv", params={"purpose": "reporting"}, headers=headers
    ).text
    assert len(table.strip().splitlines()) == 2


QUERIES = [
    each
    for name, each in vars(repository).items()
    if isinstance(each, FunctionType) and each.__module__ == repository.__name__
]


def test_there_are_queries_for_agencies():
    assert repository.results_after in QUERIES


@pytest.mark.parametrize("query", QUERIES, ids=lambda each: each.__name__)
def test_every_query_takes_the_agency_and_filters_by_it(query: FunctionType):
    agency = inspect.signature(query).parameters["agency_id"]
    assert agency.annotation == "UUID"
    assert agency.default is inspect.Parameter.empty
    comparisons = [
        node
        for node in ast.walk(ast.parse(inspect.getsource(query)))
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)
    ]
    compared = [ast.unparse(node) for node in comparisons]
    assert any(text.endswith(".agency_id == agency_id") for text in compared)
