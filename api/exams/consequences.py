"""What a session's log led to, stored beside it: its end, its results, its certificates.

They are what candidates, agencies and verifiers are told, so a replay compares them too. The log is known
to be its own recomputation by then (`replay.py`); signatures are the matter of `samatthana verify`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.certificates import records
from api.certificates.facts import CertificateFacts, to_the_second
from api.exams.events import Event, Kind
from api.exams.replay import Difference, StoredEvent
from api.tables import Certificate, ExamSession, SectionResult
from engine.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """The rows that a session has beside its log; results and certificates by skill set."""

    session: ExamSession
    required_levels: Mapping[str, int]
    specimen: bool
    results: Mapping[str, SectionResult]
    certificates: Mapping[str, Certificate]


Compared = tuple[str, Any, Any]
"""A field, what is stored in it, and what the log gives."""


def compare(kept: Consequences, log: Sequence[StoredEvent]) -> Difference | None:
    """Return the first thing that was stored otherwise than a log, itself replayed identically, leads to.

    `step` is that of the event which the row follows from: the session's start, a section's end or the end.
    """
    for step, event, (name, stored, recomputed) in _compared(kept, log):
        if stored != recomputed:
            return Difference(
                step=step,
                kind=event.kind.value,
                sequence=None,
                field=name,
                stored=_plain(stored),
                recomputed=_plain(recomputed),
            )
    return None


def _compared(
    kept: Consequences, log: Sequence[StoredEvent]
) -> Iterator[tuple[int, Event, Compared]]:
    events = [stored.event for stored in log]
    closed = {event.skill_set: n for n, event in enumerate(events, start=1) if _closes(event)}
    ended_at = events[-1].at if events[-1].kind is Kind.ENDED else None
    yield 1, events[0], ("session.created_at", kept.session.created_at, events[0].at)
    yield len(events), events[-1], ("session.ended_at", kept.session.ended_at, ended_at)
    for skill_set in sorted({*kept.session.skill_sets, *kept.results, *kept.certificates}):
        step = closed.get(skill_set, len(events)) if ended_at else len(events)
        event = events[step - 1]
        decided = event if ended_at and skill_set in closed else None
        for field in _section(kept, skill_set, decided):
            yield step, event, field


def _closes(event: Event) -> bool:
    return event.kind is Kind.SECTION_ENDED


def _section(kept: Consequences, skill_set: str, decided: Event | None) -> Iterator[Compared]:
    """Compare what is stored of one section; without a decision nothing should be."""
    result, held = kept.results.get(skill_set), kept.certificates.get(skill_set)
    level = decided.detail["level"] if decided else None
    yield f"result.{skill_set}", _there(result), _there(decided)
    yield f"certificate.{skill_set}", _there(held), _there(level)
    if result is not None and decided is not None:
        for name, stored, recomputed in _result(kept, result, decided):
            yield f"result.{skill_set}.{name}", stored, recomputed
    if held is not None and decided is not None:
        for name, stored, recomputed in _certificate(kept, held, decided):
            yield f"certificate.{skill_set}.{name}", stored, recomputed


def _result(kept: Consequences, result: SectionResult, decided: Event) -> Iterator[Compared]:
    yield "account_id", result.account_id, kept.session.account_id
    yield "agency_id", result.agency_id, kept.session.agency_id
    yield "outcome", result.outcome, decided.detail["outcome"]
    yield "reason", result.reason, decided.detail["reason"]
    yield "level", result.level, decided.detail["level"]
    yield "required_level", result.required_level, kept.required_levels.get(result.skill_set)
    yield "specimen", result.specimen, kept.specimen
    yield "decided_at", result.decided_at, decided.at


def _certificate(kept: Consequences, held: Certificate, decided: Event) -> Iterator[Compared]:
    """Compare a certificate's row with the decision, its record with its row, its file with its record."""
    yield "account_id", held.account_id, kept.session.account_id
    yield "level", held.level, decided.detail["level"]
    try:
        facts = records.certificate_facts_of(held)
    except InputError as error:
        yield "facts", error.problems[0].where, "a record as it was issued"
        return
    yield "issued_at", held.issued_at, to_the_second(kept.session.ended_at or decided.at)
    yield "facts.number", facts.number, held.number
    yield "facts.skill_set", facts.skill_set, held.skill_set
    yield "facts.level", facts.level, held.level
    yield "facts.specimen", facts.specimen, kept.specimen
    yield "facts.subject", facts.holder.subject, f"urn:uuid:{kept.session.account_id}"
    yield "facts.assessed_at", facts.assessed_at, to_the_second(decided.at)
    yield "facts.issued_at", facts.issued_at, held.issued_at
    yield "facts.valid_until", facts.valid_until, held.valid_until
    for name, stored, recomputed in _credential(_payload(held.credential), facts):
        yield f"credential.{name}", stored, recomputed


def _credential(claims: Any, facts: CertificateFacts) -> Iterator[Compared]:
    try:
        subject = claims["credentialSubject"]
        said = {
            "number": subject["licenseNumber"],
            "skill_set": subject["achievement"]["humanCode"],
            "level": subject["result"][0]["achievedLevel"].rpartition("-")[2],
            "subject": subject["id"],
            "valid_until": claims["exp"],
        }
    except (KeyError, IndexError, TypeError, AttributeError):
        yield "claims", "unreadable", "those of a certificate"
        return
    yield "number", said["number"], facts.number
    yield "skill_set", said["skill_set"], facts.skill_set
    yield "level", said["level"], str(facts.level)
    yield "subject", said["subject"], facts.holder.subject
    yield "valid_until", said["valid_until"], int(facts.valid_until.timestamp())


def _payload(token: str) -> Any:
    """Return what a signed file says, its signature aside; None if it cannot be read."""
    _, _, rest = token.partition(".")
    part = rest.partition(".")[0]
    try:
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        return None


def _there(row: object) -> str | None:
    return None if row is None else "stored"


def _plain(value: Any) -> Any:
    """Return a value as JSON can say it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return value if isinstance(value, str | int | float | bool | None) else str(value)
