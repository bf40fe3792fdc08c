"""Items that were seen too often are held back from the exams that start after a block of others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlmodel import Session, col, select

import api.app
from api.app import create_app
from api.bank.catalogue import Catalogue
from api.bank.opening import demonstration_catalogue
from api.exams.stored import replay_session
from api.tables import ExamSession, ExposureState, PublishedDocument, SessionEvent
from itembank import ExposureSnapshot, Scheme
from tests.api.people import Service, always_right, always_wrong

BLOCK = 3


def limited(rate: float) -> Catalogue:
    """The demonstration with a limit on exposure in one skill set."""
    catalogue = demonstration_catalogue()
    data = catalogue.scheme.model_dump(mode="json")
    for rules in data["skill_sets"]:
        if rules["code"] == "DLit":
            rules["blueprint"]["exposure"] = {"rate": rate, "bounds": [0.0], "block": BLOCK}
    scheme = Scheme.from_data(data, catalogue.framework)
    return Catalogue(framework=catalogue.framework, scheme=scheme, release=catalogue.release)


@pytest.fixture
def service(database, settings, clock, signer, monkeypatch) -> Iterator[Service]:
    seeds = count(1)
    catalogue = limited(rate=0.5)
    monkeypatch.setattr(api.app, "open_catalogue", lambda db, *, demo: catalogue)
    app = create_app(
        settings, database.application, clock=clock, signer=signer, new_seed=lambda: next(seeds)
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client=client, clock=clock, app=app)


def sit(service: Service, name: str, choose, *skill_sets: str) -> UUID:
    candidate = service.register(name)
    session = candidate.start(*skill_sets)
    candidate.finish(session, choose)
    return UUID(session)


def sat_block(service: Service) -> list[UUID]:
    return [sit(service, f"block{n}.test", always_right(), "DLit") for n in range(BLOCK)]


def states(engine) -> list[ExposureState]:
    with Session(engine) as db:
        return list(db.exec(select(ExposureState).order_by(col(ExposureState.number))))


def document(engine, named: str) -> ExposureSnapshot:
    with Session(engine) as db:
        return ExposureSnapshot.from_json(db.get_one(PublishedDocument, named).body, named)


def shown(engine, session: UUID) -> list[str]:
    with Session(engine) as db:
        query = select(SessionEvent.item).where(
            SessionEvent.session_id == session, SessionEvent.kind == "item_shown"
        )
        return [item or "" for item in db.exec(query.order_by(col(SessionEvent.position)))]


def pinned(engine, session: UUID) -> dict[str, str]:
    with Session(engine) as db:
        return db.get_one(ExamSession, session).exposure


def test_a_block_of_finished_exams_makes_the_next_snapshot(service, engine):
    first, second, third = sat_block(service)
    (state,) = states(engine)
    assert (state.skill_set, state.number) == ("DLit", 1)
    made = document(engine, state.document_hash)
    assert sum(made.candidates) == pytest.approx(BLOCK, rel=1e-3)
    # Counted by hand from the log: every item shown, whoever it was shown to.
    seen = [item for each in (first, second, third) for item in shown(engine, each)]
    totals = np.array(made.given).sum(axis=(0, 1))
    counted = {item: round(total) for item, total in zip(made.items, totals, strict=True)}
    assert counted == {item: seen.count(item) for item in made.items}


def test_exams_pin_the_snapshot_that_was_in_force_when_they_started(service, engine):
    before = service.register("early.test")
    early = before.start("DLit")
    sat_block(service)
    later = sit(service, "later.test", always_right(), "DLit")
    (state, *_) = states(engine)
    assert pinned(engine, UUID(early)) == {}
    assert pinned(engine, later) == {"DLit": state.document_hash}


def test_items_at_the_limit_are_shown_less(service, engine):
    # All three of a block are right throughout and see nearly the same items: rates near 1 against
    # a limit of 0.5, so that admission must fall.
    sat_block(service)
    (state,) = states(engine)
    admission = np.array(document(engine, state.document_hash).admission)
    assert admission.min() < 1.0


def test_sessions_under_snapshots_replay(service, engine):
    block = sat_block(service)
    later = sit(service, "later.test", always_wrong(), "DLit", "DG")
    with Session(engine) as db:
        for session in (*block, later):
            replayed = replay_session(db, session)
            assert replayed is not None
            assert replayed.identical


def test_a_session_moved_to_another_snapshot_is_found(service, engine, owner_engine):
    sat_block(service)
    later = sit(service, "later.test", always_right(), "DLit")
    with owner_engine.begin() as connection:
        changed = text("UPDATE exam_session SET exposure = '{}' WHERE id = :id")
        connection.execute(changed, {"id": later})
    with Session(engine) as db:
        replayed = replay_session(db, later)
    assert replayed is not None
    assert replayed.first_difference is not None


def test_sections_without_a_limit_pin_nothing(service, engine):
    session = sit(service, "other.test", always_right(), "DG")
    assert pinned(engine, session) == {}
    assert states(engine) == []


def test_sections_not_taken_count_for_nothing(service, engine):
    for n in range(BLOCK):
        candidate = service.register(f"leaver{n}.test")
        session = candidate.start("DLit", "DG")
        candidate.post(f"/sessions/{session}/end")
    assert states(engine) == []


def test_exams_of_earlier_snapshots_are_counted_by_what_they_were_pinned_to(service, engine):
    early = [service.register(f"early{n}.test") for n in range(BLOCK)]
    sessions = [candidate.start("DLit") for candidate in early]
    sat_block(service)
    for candidate, session in zip(early, sessions, strict=True):
        candidate.finish(session, always_right())
    first, second = (document(engine, state.document_hash) for state in states(engine))
    # Everything was open to both blocks, so that each item was open to all candidates counted.
    assert np.array(first.admission).min() < 1.0
    opened = np.array(second.open).sum(axis=1)
    assert opened == pytest.approx(np.full(opened.shape, sum(second.candidates)))
