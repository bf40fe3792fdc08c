"""One answer of a live exam through the whole service: login, lock, log, next item, durable commit.

In one process without a network, on the embedded PostgreSQL with every commit flushed to disk.
Zero: `/healthz`, the framework alone. Beside it `/readyz`: one round trip to the database.
"""

import tempfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.database import open_database
from api.settings import Settings
from benchmarks.compare import seconds
from tests.api.people import Service, always_right

ROUNDS = 150
REPEATED = 50


class Sitter:
    """A candidate who answers one question after another, in exam after exam."""

    def __init__(self, service: Service) -> None:
        self.candidate = service.register("bench.test")
        self.choose = always_right()
        self.session, self.item = "", None

    def prepare(self) -> None:
        """Have a question open: start whatever must be started."""
        while self.item is None:
            if not self.session or self._ended():
                self.session = self.candidate.start()
            self.item = self.candidate.open_section(self.session)
        self.candidate.replies.clear()

    def answer(self) -> None:
        reply = self.candidate.answer(self.session, self.item, self.choose(self.item))
        assert reply.status_code == 201
        self.item = reply.json()["next_item"]

    def _ended(self) -> bool:
        return self.candidate.get(f"/sessions/{self.session}").json()["state"] == "ended"


@pytest.fixture(scope="module")
def service():
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder), demo=True, public_url="http://testserver")
        with open_database(settings) as urls:
            app = create_app(settings, urls.application)
            with TestClient(app) as client:
                yield Service(client=client, clock=None, app=app)


def test_answer(benchmark, service):
    sitter = Sitter(service)
    sitter.prepare()
    sitter.answer()
    benchmark.pedantic(sitter.answer, setup=sitter.prepare, rounds=ROUNDS)
    if benchmark.stats is not None:
        median = benchmark.stats.stats.median
        for name, path in (("the_framework_alone", "/healthz"), ("one_round_trip", "/readyz")):
            peer = seconds(lambda path=path: asked(service, path)) / REPEATED
            benchmark.extra_info[f"median_times_{name}"] = round(median / peer, 1)


def asked(service: Service, path: str) -> None:
    for _ in range(REPEATED):
        assert service.client.get(path).status_code == 200
