"""People and programs that use the service in tests, as they would over the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.bank.opening import demonstration_catalogue
from api.demonstration import PASSWORD

SECRET = "a password for tests"


class Clock:
    """A clock that moves only when told."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def log_in(client: TestClient, username: str, password: str = PASSWORD) -> dict[str, str]:
    """Headers that prove who somebody is."""
    reply = client.post("/api/v1/login", json={"username": username, "password": password})
    assert reply.status_code == 200, reply.text
    return {"Authorization": f"Bearer {reply.json()['token']}"}


@dataclass
class Candidate:
    """A person with a login; `replies` keeps every byte that the service sent to this person."""

    client: TestClient
    headers: dict[str, str]
    account: str
    replies: list[bytes] = field(default_factory=list)

    def get(self, path: str, **more: Any) -> Any:
        return self._kept(self.client.get(f"/api/v1{path}", headers=self.headers, **more))

    def post(self, path: str, body: object = None) -> Any:
        return self._kept(self.client.post(f"/api/v1{path}", json=body or {}, headers=self.headers))

    def start(self, *skill_sets: str, language: str = "th") -> str:
        """Start an exam (of what the role requires, if nothing is named); its session's id."""
        wish = {"language": language, "skill_sets": list(skill_sets) or None}
        reply = self.post("/sessions", wish)
        assert reply.status_code == 201, reply.text
        return reply.json()["session"]

    def open_section(self, session: str) -> dict[str, Any]:
        """Open the next section; its first question."""
        return self.post(f"/sessions/{session}/sections").json()["item"]

    def answer(self, session: str, item: dict[str, Any], option: str) -> Any:
        given = {"sequence": item["sequence"], "item": item["item"], "answer": option}
        return self.post(f"/sessions/{session}/responses", given)

    def answer_section(self, session: str, choose: Callable[[dict[str, Any]], str]) -> int:
        """Open the next section and answer it to its end; how many questions it had."""
        item, number = self.open_section(session), 0
        while item is not None:
            reply = self.answer(session, item, choose(item))
            assert reply.status_code == 201, reply.text
            item, number = reply.json()["next_item"], number + 1
        return number

    def finish(self, session: str, choose: Callable[[dict[str, Any]], str]) -> dict[str, Any]:
        """Answer every section to the end; the result."""
        while self.get(f"/sessions/{session}").json()["state"] != "ended":
            self.answer_section(session, choose)
        return self.get(f"/sessions/{session}/result").json()

    def _kept(self, reply: Any) -> Any:
        self.replies.append(reply.content)
        return reply


@dataclass
class Service:
    """The service under test."""

    client: TestClient
    clock: Clock
    app: FastAPI

    def register(
        self,
        username: str,
        *,
        agency: str = "DEMO-A",
        target_group: str = "technology",
        **more: Any,
    ) -> Candidate:
        """Register a candidate and log in."""
        wish = {
            "username": username,
            "password": SECRET,
            "name_th": "นางสมศรี ทดสอบ",
            "name_latin": "Mrs. Somsri Thotsop",
            "agency": agency,
            "target_group": target_group,
            **more,
        }
        reply = self.client.post("/api/v1/accounts", json=wish)
        assert reply.status_code == 201, reply.text
        headers = log_in(self.client, username, SECRET)
        return Candidate(self.client, headers, reply.json()["account"])


def always_right() -> Callable[[dict[str, Any]], str]:
    """A way to answer: the key, always."""
    keys = _keys()
    return lambda item: keys[item["item"]]


def always_wrong() -> Callable[[dict[str, Any]], str]:
    """A way to answer: never the key."""
    keys = _keys()

    def choose(item: dict[str, Any]) -> str:
        return next(each["id"] for each in item["options"] if each["id"] != keys[item["item"]])

    return choose


def _keys() -> dict[str, str]:
    release = demonstration_catalogue().in_force().release
    return {item.id: item.key for item in release.items}
