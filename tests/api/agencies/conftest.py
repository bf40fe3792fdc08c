"""Two agencies with people who have sat exams, and the programs that ask for their results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.demonstration import AGENCIES
from tests.api.people import Candidate, Service, always_right

PURPOSE = "yearly development planning"


@dataclass
class Program:
    """A program of an agency, with its access token."""

    service: Service
    client_id: str
    secret: str
    headers: dict[str, str] = field(default_factory=dict)

    def log_in(self) -> Program:
        reply = self.service.client.post(
            "/api/v1/token",
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.secret),
        )
        assert reply.status_code == 200, reply.text
        self.headers = {"Authorization": f"Bearer {reply.json()['access_token']}"}
        return self

    def ask(self, **parameters: Any) -> Any:
        """Ask for results; a parameter that is None is left out."""
        query = {"purpose": PURPOSE, **parameters}
        given = {name: value for name, value in query.items() if value is not None}
        return self.service.client.get("/api/v1/results", params=given, headers=self.headers)

    def page(self, **parameters: Any) -> dict[str, Any]:
        reply = self.ask(**parameters)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def walk(self, **parameters: Any) -> list[dict[str, Any]]:
        """Every result, page by page."""
        found, page = [], {"more": True, "next_cursor": None}
        while page["more"]:
            page = self.page(**{**parameters, "cursor": page["next_cursor"]})
            found += page["results"]
        return found


@pytest.fixture
def programs(service: Service) -> dict[str, Program]:
    """The program of each demonstration agency, by the agency's code."""
    return {
        agency.code: Program(service, agency.client_id, agency.client_secret).log_in()
        for agency in AGENCIES
    }


@pytest.fixture
def program(programs: dict[str, Program]) -> Program:
    """The program of the agency DEMO-A."""
    return programs["DEMO-A"]


@pytest.fixture
def sit(service: Service) -> Callable[..., tuple[Candidate, str]]:
    """Register somebody who ends an exam of some skill sets; one that is `certified` is answered."""

    def sit(
        username: str, *skill_sets: str, agency: str = "DEMO-A", certified: str | None = None
    ) -> tuple[Candidate, str]:
        person = service.register(username, agency=agency)
        session = person.start(*skill_sets)
        if certified is not None:
            assert skill_sets[0] == certified
            person.answer_section(session, always_right())
        person.post(f"/sessions/{session}/end")
        return person, session

    return sit
