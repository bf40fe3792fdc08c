"""Sessions as they are stored: what each pins, its log, and whether all of it can be computed again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlmodel import Session

from api.bank.catalogue import Pinned, load_pinned
from api.certificates.repository import of_session as certificates_of_session
from api.exams import consequences, exposure, repository, views
from api.exams.consequences import Consequences
from api.exams.pinned import PinnedExam
from api.exams.replay import Replay, StoredEvent, replay
from api.tables import ExamSession


def pinned_exam(db: Session, session: ExamSession) -> tuple[PinnedExam, Pinned]:
    """Return what a session pins, as the fold and as the replies need it."""
    pinned = load_pinned(
        db, framework=session.framework_hash, scheme=session.scheme_hash, bank=session.bank_hash
    )
    exam = PinnedExam(
        release=pinned.release,
        scheme=pinned.scheme,
        seed=int(session.seed, 16),
        skill_sets=tuple(session.skill_sets),
        snapshots=exposure.snapshots(db, session.exposure),
        stated=_stated(session),
    )
    return exam, pinned


def stored_log(db: Session, session_id: UUID) -> list[StoredEvent]:
    """Return a session's log as `replay` takes it."""
    rows = repository.stored_events(db, session_id)
    return [StoredEvent(event=repository.event_of(row), digest=row.digest) for row in rows]


def replay_session(db: Session, session_id: UUID) -> Replay | None:
    """Recompute a session and everything stored of it; None if there is no such session.

    The session's row is locked, so that nobody answers between one reading and the next.
    """
    session = repository.session_by_id(db, session_id, lock=True)
    if session is None:
        return None
    exam, pinned = pinned_exam(db, session)
    log = stored_log(db, session_id)
    replayed = replay(exam, log)
    if not replayed.identical:
        return replayed
    difference = consequences.compare(_consequences(db, session, pinned), log)
    return Replay(steps=replayed.steps, first_difference=difference)


def _consequences(db: Session, session: ExamSession, pinned: Pinned) -> Consequences:
    return Consequences(
        session=session,
        required_levels=views.required_levels(pinned, views.session_role(session)),
        specimen=pinned.release.specimen,
        results={row.skill_set: row for row in repository.results_of(db, session.id)},
        certificates=certificates_of_session(db, session.id),
    )


def _stated(session: ExamSession) -> dict[str, Any]:
    """Return what a session's row says besides what decides its items, and its snapshots' hashes."""
    return {
        **({"exposure": dict(session.exposure)} if session.exposure else {}),
        "account": str(session.account_id),
        "agency": str(session.agency_id) if session.agency_id else None,
        "framework": session.framework_hash,
        "language": session.language,
        "target_group": session.target_group,
        "phase": session.phase,
        "engine": session.engine_version,
    }
