"""A session as it was stored before items had families, seconds or stimuli: it replays to the last bit.

`stored_session.json` holds the texts and the log that the service of November 2026 wrote: the release,
the scheme, and an exam of DLit in which every third answer is wrong. It is never written anew.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from api.exams.events import Event, Kind
from api.exams.pinned import PinnedExam
from api.exams.replay import StoredEvent, replay
from itembank import Release, Scheme, load_framework

STORED: dict[str, Any] = json.loads(
    Path(__file__).with_name("stored_session.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def release() -> Release:
    return Release.from_json(STORED["release"], STORED["release_hash"])


def stored_event(row: dict[str, Any]) -> StoredEvent:
    known = {each.name for each in fields(Event)}
    values = {name: value for name, value in row.items() if name in known}
    values |= {"kind": Kind(row["kind"]), "at": datetime.fromisoformat(row["at"])}
    return StoredEvent(event=Event(**values), digest=row["digest"])


def test_its_release_keeps_text_and_hash(release: Release) -> None:
    assert (release.to_json(), release.hash) == (STORED["release"], STORED["release_hash"])
    assert release.stimuli == ()
    assert {(item.family, item.seconds, item.stimulus) for item in release.items} == {(None,) * 3}


def test_the_same_release_written_now_is_the_same_text(release: Release) -> None:
    assert Release(**dict(release)).to_json() == STORED["release"]


def test_it_replays(release: Release) -> None:
    scheme = Scheme.from_json(STORED["scheme"], load_framework(), STORED["scheme_hash"])
    exam = PinnedExam(
        release=release,
        scheme=scheme,
        seed=STORED["seed"],
        skill_sets=tuple(STORED["skill_sets"]),
        stated=STORED["stated"],
    )
    outcome = replay(exam, [stored_event(row) for row in STORED["log"]])
    assert outcome.first_difference is None
    assert outcome.steps == len(STORED["log"]) == 28
