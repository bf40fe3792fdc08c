"""Answers leave the service for calibration as they were given, and without a name."""

from __future__ import annotations

import stat
from uuid import UUID

from sqlmodel import Session

from api.exams import repository
from api.exams.export import given_items, load_or_create_secret
from calibration.responses import read_sessions, write_sessions
from tests.api.people import always_right

SECRET = b"a secret of this test"


def exported(engine, skill_set=None, secret=SECRET):
    with Session(engine) as db:
        return list(given_items(db, secret, skill_set))


def test_ended_exams_are_exported_question_by_question(service, candidate, engine, tmp_path):
    session = candidate.start("DLit", "DG", language="en")
    right = always_right()
    n_first = candidate.answer_section(session, right)
    item = candidate.open_section(session)
    service.clock.advance(seconds=12.5)
    item = candidate.answer(session, item, right(item)).json()["next_item"]
    assert exported(engine) == []  # the exam is still going on
    service.clock.advance(hours=1)
    candidate.get(f"/sessions/{session}")
    rows = exported(engine)
    assert len(rows) == n_first + 2
    assert [row.sequence for row in rows] == list(range(1, n_first + 3))
    assert {row.language for row in rows} == {"en"}
    assert {row.response for row in rows[:-1]} == {1}
    assert rows[-2].seconds == 12.5
    last = rows[-1]
    assert (last.item, last.response, last.option) == (item["item"], "not_reached", None)
    assert [row.sequence for row in exported(engine, "DG")] == [n_first + 1, n_first + 2]
    path = tmp_path / "sessions.csv"
    with path.open("w", newline="") as file:
        assert write_sessions(file, rows) == len(rows)
    read = read_sessions(path, group="language")
    assert read.answers.shape == (1, n_first + 2)
    assert read.answers[0].tolist() == [1] * (n_first + 1) + [-3]
    assert read.groups == ("en",)
    with Session(engine) as db:
        stored = [row for row in repository.stored_events(db, UUID(session)) if row.answer]
    shown_options = [read.options[place][read.raw[0, place]] for place in range(n_first + 1)]
    assert shown_options == [row.answer.upper() for row in stored]


def test_a_person_has_one_pseudonym_and_no_name(candidate, engine):
    for skill_set in ("DLit", "DG"):
        session = candidate.start(skill_set)
        candidate.answer_section(session, always_right())
    rows = exported(engine)
    assert len({row.session for row in rows}) == 2
    assert len({row.person for row in rows}) == 1
    with Session(engine) as db:
        account = str(repository.session_by_id(db, UUID(session)).account_id)
    told = repr(rows)
    assert account not in told
    assert session not in told
    assert {row.person for row in exported(engine, secret=b"another")} != {
        row.person for row in rows
    }


def test_the_secret_is_made_once_and_kept_private(tmp_path):
    secret = load_or_create_secret(tmp_path)
    assert len(secret) == 32
    assert load_or_create_secret(tmp_path) == secret
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
