"""Documents are drawn when their request's transaction is over, one after another, and kept by nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from api.certificates import pdf
from tests.api.people import Candidate, Service, always_right


@pytest.fixture
def documents(candidate: Candidate) -> list[str]:
    """Where a person's certificate and statement lie, as pages and programs fetch them."""
    session = candidate.start("DLit")
    result = candidate.finish(session, always_right())
    number = result["sections"][0]["certificate"]["number"]
    return [
        f"/api/v1/certificates/{number}.pdf",
        f"/api/v1/sessions/{session}/statement.pdf",
        f"/my/certificates/{number}.pdf",
        f"/exam/{session}/statement.pdf",
    ]


def test_nobody_keeps_a_document(service: Service, candidate, documents):
    for path in documents:
        reply = service.client.get(path, headers=candidate.headers)
        assert reply.content.startswith(b"%PDF")
        assert reply.headers["Content-Type"] == "application/pdf"
        assert reply.headers["Cache-Control"] == "no-store"
        assert int(reply.headers["Content-Length"]) == len(reply.content)


def test_drawing_holds_no_connection(monkeypatch, service: Service, candidate, documents):
    held = []
    genuine = pdf.with_letters

    def watching(content: bytes) -> bytes:
        held.append(service.app.state.engine.pool.checkedout())
        return genuine(content)

    monkeypatch.setattr(pdf, "with_letters", watching)
    for path in documents:
        assert service.client.get(path, headers=candidate.headers).status_code == 200
    assert held == [0] * len(documents)


def test_many_at_once_are_drawn_one_after_another(service: Service, candidate, documents):
    def fetch(path: str) -> int:
        return service.client.get(path, headers=candidate.headers).status_code

    with ThreadPoolExecutor(8) as several:
        assert list(several.map(fetch, documents * 3)) == [200] * 12
