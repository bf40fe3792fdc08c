"""A live exam that bounds time, keeps families apart and gives a text with all of its questions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

import api.app
import engine as adaptive
from api.app import create_app
from api.bank.catalogue import Catalogue
from api.exams.pinned import PinnedExam
from api.exams.stored import replay_session
from api.tables import SessionEvent
from itembank import Release, ReleasedItem
from tests.api.exams.item_sets import (
    CONSTRAINTS,
    LENGTH,
    MOST_SECONDS,
    PASSAGE,
    SETS,
    with_sets,
)
from tests.api.people import Candidate, Service
from tests.api.web.unscripted import Browser


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return with_sets(tmp_path_factory.mktemp("bank"))


@pytest.fixture
def release(catalogue: Catalogue) -> Release:
    return catalogue.in_force().release


@pytest.fixture
def service(database, settings, clock, signer, monkeypatch, catalogue) -> Iterator[Service]:
    seeds = count(1)
    monkeypatch.setattr(api.app, "open_catalogue", lambda db, *, demo: catalogue)
    app = create_app(
        settings, database.application, clock=clock, signer=signer, new_seed=lambda: next(seeds)
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client=client, clock=clock, app=app)


def simulated(catalogue: Catalogue, theta: float) -> list[tuple[ReleasedItem, int]]:
    """What the first candidate of a service is asked and answers, simulated among others."""
    content = catalogue.in_force()
    exam = PinnedExam(release=content.release, scheme=content.scheme, seed=1, skill_sets=("DG",))
    section = exam.section("DG")
    seeds = np.array([7, exam.section_seed("DG"), 8], dtype=np.uint64)
    result = adaptive.simulate(section.design, np.array([0.0, theta, 1.0]), seeds)
    given = int(result.report.n_items[1])
    places = result.items[1, :given].tolist()
    return list(
        zip(
            [section.items[place] for place in places],
            result.categories[1, :given].tolist(),
            strict=True,
        )
    )


def sit(candidate: Candidate, course: list[tuple[ReleasedItem, int]]) -> tuple[str, list[Any]]:
    """Answer as simulated; the session, and the questions as the candidate got them."""
    session, shown = candidate.start("DG"), []
    item = candidate.open_section(session)
    for expected, category in course:
        assert item["item"] == expected.id
        shown.append(item)
        wrong = next(each for each in expected.option_ids if each != expected.key)
        reply = candidate.answer(session, item, expected.key if category else wrong)
        item = reply.json()["next_item"]
    assert item is None
    return session, shown


def assert_kept(items: list[ReleasedItem]) -> None:
    """Count what the constraints demand, by hand."""
    assert len(items) == LENGTH
    assert sum(item.seconds or 0 for item in items) <= MOST_SECONDS
    families = [item.family for item in items if item.family]
    assert len(families) == len(set(families))
    given = [item.stimulus for item in items]
    (stimulus,) = set(given) - {None}
    first = given.index(stimulus)
    assert given[first : first + 3] == [stimulus] * 3, "the whole set, one after another"
    assert given.count(stimulus) == 3


@pytest.mark.parametrize("theta", [-1.5, 1.5])
def test_live_equals_simulated_keeps_everything_and_replays(service, engine, catalogue, theta):
    course = simulated(catalogue, theta)
    session, _ = sit(service.register("live.test"), course)
    with Session(engine) as db:
        query = select(SessionEvent.item).where(
            SessionEvent.session_id == UUID(session), SessionEvent.kind == "item_shown"
        )
        shown = list(db.exec(query.order_by(col(SessionEvent.position))))
        replayed = replay_session(db, UUID(session))
    assert shown == [item.id for item, _ in course]
    assert_kept([catalogue.in_force().release.item(id) for id in shown])
    assert replayed is not None
    assert replayed.identical


def test_the_bound_on_time_binds(tmp_path):
    """Without it, exams of this bank take longer."""
    free = with_sets(tmp_path, CONSTRAINTS[1:])
    longest = max(
        sum(item.seconds for item, _ in simulated(free, theta)) for theta in (-1.5, 0.0, 1.5)
    )
    assert longest > MOST_SECONDS


def test_the_text_goes_with_each_of_its_questions(service, catalogue, release):
    candidate = service.register("reader.test")
    _, shown = sit(candidate, simulated(catalogue, 0.0))
    with_text = [item for item in shown if item["stimulus"]]
    assert {item["item"] for item in with_text} in [set(items) for items in SETS.values()]
    for item in with_text:
        stimulus = release.item(item["item"]).stimulus
        assert item["stimulus"] == {"id": stimulus, "text": PASSAGE.format(stimulus)}
    everything = b"".join(candidate.replies).decode()
    assert "Notice" not in everything, "one language at a time"
    for name in ("family", "seconds", "version"):
        assert f'"{name}"' not in everything
    assert json.loads(candidate.replies[-1])["next_item"] is None


def test_the_page_shows_the_text_while_choosing_and_while_confirming(service):
    browser = Browser(service.app, "th")
    browser.register("reader.test")
    browser.start("DG")
    browser.open_section()
    pages = []
    for _ in range(LENGTH):
        pages.append(browser.page.text)
        browser.choose("a")
        pages.append(browser.page.text)
        browser.confirm()
    with_text = [page for page in pages if '<details class="stimulus"' in page]
    assert len(with_text) == 6, "three questions, each in two states"
    for page in with_text:
        assert page.count("<p>ประกาศกรมตัวอย่าง") == page.count("<p>ข้อมูลชุดนี้ใช้ภายในเท่านั้น</p>") == 1
        assert page.index('class="stimulus"') < page.index('class="stem"')
