"""The first candidates of a bank are protected by a snapshot that simulation found."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session, col, select

import engine as adaptive
from api.accounts.installation import add_agency
from api.app import create_app
from api.bank.history import published_banks
from api.bank.opening import own_content
from api.bank.publishing import checked_release, publish_bank, use_exposure
from api.errors import NothingPublishedError
from api.exams.pinned import PinnedExam
from api.exams.stored import replay_session
from api.settings import Settings
from api.tables import (
    AuditEntry,
    ExamSession,
    ExposureState,
    PublishedDocument,
    SessionEvent,
)
from engine.errors import InputError
from itembank import ExposureSnapshot, Release, Scheme, section
from itembank.starting import starting_exposure
from tests.api.conftest import START
from tests.api.people import Service
from tests.api.secret_banks import write_secret_bank

RATE, BLOCK = 0.5, 3


@pytest.fixture(scope="module")
def scheme() -> Scheme:
    """The program's scheme with a limit on exposure in DG."""
    framework, own = own_content()
    data = own.model_dump(mode="json")
    for rules in data["skill_sets"]:
        if rules["code"] == "DG":
            rules["blueprint"].update(min_items=4, max_items=4)
            rules["blueprint"]["exposure"] = {"rate": RATE, "bounds": [0.0], "block": BLOCK}
    return Scheme.from_data(data, framework)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A calibrated bank that was never public."""
    chance = np.random.default_rng(1)

    def parameters(item: object) -> dict[str, object]:
        return {"model": "2pl", "a": 1.1, "b": round(float(chance.normal()), 2)}

    return write_secret_bank(tmp_path_factory.mktemp("bank"), parameters)


@pytest.fixture(scope="module")
def release(folder: Path, scheme: Scheme) -> Release:
    return checked_release(folder, scheme)


@pytest.fixture(scope="module")
def snapshot(release: Release, scheme: Scheme) -> ExposureSnapshot:
    compiled = section(release, scheme, "DG")
    found = starting_exposure(compiled.design, RATE, candidates=2000, seed=1)
    items = tuple(item.id for item in compiled.items)
    return ExposureSnapshot.of(
        found.ledger, items, bank=release.hash, scheme=scheme.hash, skill_set="DG"
    )


@pytest.fixture
def service(
    database, engine, clock, signer, tmp_path, folder, scheme, snapshot
) -> Iterator[Service]:
    """A production service whose bank was published with the snapshot."""
    with Session(engine) as db:
        publish_bank(db, folder, START, scheme=scheme, snapshots=[snapshot])
        add_agency(db, START, code="TEST", name_th="ทดสอบ", name_en="Test", phase="early")
        db.commit()
    seeds = count(1)
    settings = Settings(data=tmp_path, public_url="http://testserver")
    app = create_app(
        settings, database.application, clock=clock, signer=signer, new_seed=lambda: next(seeds)
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Service(client=client, clock=clock, app=app)


def sit(service: Service, release: Release, name: str) -> UUID:
    """Answer everything right."""
    candidate = service.register(name, agency="TEST")
    session = candidate.start("DG")
    candidate.finish(session, lambda item: release.item(item["item"]).key)
    return UUID(session)


def shown(engine, session: UUID) -> list[str]:
    with Session(engine) as db:
        query = select(SessionEvent.item).where(
            SessionEvent.session_id == session, SessionEvent.kind == "item_shown"
        )
        return [item or "" for item in db.exec(query.order_by(col(SessionEvent.position)))]


def states(engine) -> list[ExposureState]:
    with Session(engine) as db:
        return list(db.exec(select(ExposureState).order_by(col(ExposureState.number))))


def test_the_first_exam_is_that_of_the_simulation_under_the_snapshot(
    service, engine, release, scheme, snapshot
):
    session = sit(service, release, "first.test")
    exam = PinnedExam(release=release, scheme=scheme, seed=1, skill_sets=("DG",))
    design = exam.section("DG").design
    seeds = np.array([exam.section_seed("DG")], dtype=np.uint64)
    state = adaptive.start(design, seeds, snapshot.ledger.snapshot)
    expected = []
    while (chosen := adaptive.next_item(design, state))[0] >= 0:
        expected.append(exam.section("DG").items[int(chosen[0])].id)
        state = adaptive.record(design, state, chosen, [1])
    assert shown(engine, session) == expected
    with Session(engine) as db:
        pinned = db.get_one(ExamSession, session).exposure["DG"]
        assert ExposureSnapshot.from_json(db.get_one(PublishedDocument, pinned).body) == snapshot
        assert replay_session(db, session).identical


def test_the_first_block_is_protected_and_the_next_snapshot_goes_on_from_it(
    service, engine, release, snapshot
):
    sessions = [sit(service, release, f"block{n}.test") for n in range(BLOCK)]
    first, second = states(engine)
    assert (first.number, second.number) == (1, 2)
    with Session(engine) as db:
        body = db.get_one(PublishedDocument, second.document_hash).body
        assert all(replay_session(db, session).identical for session in sessions)
    counted = ExposureSnapshot.from_json(body)
    # By hand: counts before snapshot 1 are worth (1/2)^3 at the next, less 0.9999 for each candidate.
    kept = 0.9999**BLOCK / 8
    assert sum(counted.candidates) == pytest.approx(kept * sum(snapshot.candidates) + BLOCK)
    items = [item for session in sessions for item in shown(engine, session)]
    simulated = np.array(snapshot.given).sum(axis=(0, 1))
    totals = np.array(counted.given).sum(axis=(0, 1))
    by_item = [items.count(item) for item in counted.items]
    np.testing.assert_allclose(totals, kept * simulated + by_item)


def test_a_later_snapshot_is_used_at_once_and_says_so_in_the_audit_trail(
    service, engine, release, snapshot
):
    before = sit(service, release, "before.test")
    with Session(engine) as db:
        (state,) = use_exposure(db, [snapshot], START)
        assert (state.number, state.counted_to) == (2, -1)
        acts = db.exec(select(AuditEntry).where(AuditEntry.action == "use_exposure"))
        last = list(acts)[-1]
        assert (last.subject, last.detail["file"]) == (state.document_hash, snapshot.hash)
        assert published_banks(db)[0].exposure == {"DG": 2}
        db.commit()
        after = sit(service, release, "after.test")
        assert db.get_one(ExamSession, after).exposure["DG"] == state.document_hash
        assert db.get_one(ExamSession, before).exposure["DG"] != state.document_hash
    sit(service, release, "third.test")
    assert [each.number for each in states(engine)] == [1, 2, 3], "the one before counts as well"


def test_a_snapshot_of_another_bank_is_refused_and_nothing_is_stored(
    service, engine, snapshot, scheme
):
    numbers = [each.number for each in states(engine)]
    other = ExposureSnapshot(**{**dict(snapshot), "bank": "b" * 64})
    with Session(engine) as db, pytest.raises(InputError) as refusal:
        use_exposure(db, [other, other], START)
    assert {each.where for each in refusal.value.problems} == {"DG: bank", "DG: skill_set"}
    assert [each.number for each in states(engine)] == numbers


def test_a_bank_with_a_snapshot_that_does_not_fit_is_not_published(
    engine, folder, scheme, snapshot
):
    other = ExposureSnapshot(**{**dict(snapshot), "scheme": "c" * 64})
    with Session(engine) as db:
        with pytest.raises(InputError, match="scheme"):
            publish_bank(db, folder, START, scheme=scheme, snapshots=[other])
        assert db.exec(select(PublishedDocument)).all() == []


def test_without_a_bank_there_is_nothing_to_begin(engine, snapshot):
    with Session(engine) as db, pytest.raises(NothingPublishedError):
        use_exposure(db, [snapshot], START)
