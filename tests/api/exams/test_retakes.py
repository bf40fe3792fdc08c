"""Where an exam certifies, trying again until it works is bounded by the scheme; a rehearsal is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from api.bank.catalogue import publish
from api.bank.opening import demonstration_catalogue
from api.exams.retakes import too_soon
from itembank import build_release, load_items
from itembank.items import Parameters
from itembank.scheme.model import Retake
from itembank.text import Text
from tests.api.people import SECRET, Candidate, Service, always_wrong, log_in

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RULE = Retake(wait_days=30, most_a_year=3, note=Text(th="ก", en="a"))


def refused(*days_ago: float, skill_set: str = "DG") -> list[str]:
    sittings = [(skill_set, NOW - timedelta(days=days)) for days in days_ago]
    return [each.expected for each in too_soon(RULE, ["DG"], sittings, NOW)]


@pytest.mark.parametrize(
    ("days_ago", "again"),
    [
        ((), []),
        ((29.9,), ["from 2026-11-22T04:24:00+00:00 on"]),
        ((30,), []),
        ((40, 200), []),
        ((40, 100, 364), ["from 2026-11-23T02:00:00+00:00 on"]),
        ((40, 100, 366), []),
        ((10, 100, 345), ["from 2026-12-12T02:00:00+00:00 on"]),
    ],
)
def test_thirty_days_between_and_three_a_year(days_ago, again):
    assert refused(*days_ago) == again


def test_another_skill_set_does_not_count():
    assert refused(1, 2, 3, skill_set="DT") == []


@pytest.fixture
def certifying(service: Service, engine) -> Service:
    """The service with a bank whose exams certify: calibrated, not a demonstration's."""
    context = service.app.state.context
    catalogue = demonstration_catalogue()
    parameters = Parameters(model="3pl", a=1.1, b=0.2, c=0.2)
    items = [
        item.model_copy(update={"parameters": parameters})
        for item in load_items(framework=catalogue.framework)
    ]
    release = build_release(items, catalogue.framework, catalogue.scheme, demonstration=False)
    operational = replace(catalogue, release=release)
    with Session(engine) as db:
        publish(db, operational, service.clock())
        db.commit()
    service.app.state.context = replace(context, catalogue=operational)
    return service


def begin(candidate: Candidate, *skill_sets: str):
    return candidate.post("/sessions", {"language": "th", "skill_sets": list(skill_sets)})


def test_a_section_once_opened_counts_however_it_ended(certifying: Service):
    candidate = certifying.register("again.test")
    session = candidate.start("DG", "DT")
    candidate.open_section(session)
    candidate.post(f"/sessions/{session}/end")
    reply = begin(candidate, "DG", "DT")
    assert (reply.status_code, reply.json()["code"]) == (409, "retake-too-soon")
    assert [each["value"] for each in reply.json()["problems"]] == ["DG"]
    candidate.post(f"/sessions/{candidate.start('DT')}/end")
    certifying.clock.advance(days=30)
    candidate.headers = log_in(certifying.client, "again.test", SECRET)
    assert begin(candidate, "DG").status_code == 201


def test_a_rehearsal_has_no_limit(candidate: Candidate):
    for _ in range(2):
        candidate.finish(candidate.start("DG"), always_wrong())
    assert begin(candidate, "DG").status_code == 201
