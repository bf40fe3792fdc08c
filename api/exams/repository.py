"""Queries about sessions, their events and results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from api.exams.events import CHAIN_START, Event, Kind, digest
from api.tables import ExamSession, SectionResult, SessionEvent

FEED_LOCK = 0x53414D41
"""Number of the advisory lock under which places in the agencies' feed are given out."""


def session_by_id(db: Session, session_id: UUID, *, lock: bool = False) -> ExamSession | None:
    """Return a session; with `lock`, other requests about it wait until this transaction ends."""
    query = select(ExamSession).where(ExamSession.id == session_id)
    return db.exec(query.with_for_update() if lock else query).first()


def open_session_of(db: Session, account_id: UUID) -> ExamSession | None:
    return db.exec(
        select(ExamSession).where(
            ExamSession.account_id == account_id, col(ExamSession.ended_at).is_(None)
        )
    ).first()


def sessions_of(db: Session, account_id: UUID) -> Sequence[ExamSession]:
    """Return a person's sessions, the newest first."""
    return db.exec(
        select(ExamSession)
        .where(ExamSession.account_id == account_id)
        .order_by(col(ExamSession.created_at).desc())
    ).all()


def sittings_of(db: Session, account_id: UUID, since: datetime) -> list[tuple[str, datetime]]:
    """Return the skill sets whose sections a person has opened since a moment, and when."""
    opened = (
        select(col(SessionEvent.skill_set), col(SessionEvent.at))
        .join(ExamSession, col(ExamSession.id) == col(SessionEvent.session_id))
        .where(
            ExamSession.account_id == account_id,
            SessionEvent.kind == Kind.SECTION_STARTED.value,
            col(SessionEvent.at) > since,
        )
    )
    return [(skill_set or "", at) for skill_set, at in db.exec(opened).all()]


def stored_events(db: Session, session_id: UUID) -> Sequence[SessionEvent]:
    """Return a session's log, in order."""
    return db.exec(
        select(SessionEvent)
        .where(SessionEvent.session_id == session_id)
        .order_by(col(SessionEvent.position))
    ).all()


def append_events(
    db: Session, session_id: UUID, stored: Sequence[SessionEvent], new: Iterable[Event]
) -> list[SessionEvent]:
    """Add events to the end of a session's log, chained to the last one; return the whole log."""
    log = list(stored)
    for event in new:
        previous = log[-1].digest if log else CHAIN_START
        row = _row(session_id, len(log) + 1, event, digest(event, previous))
        db.add(row)
        log.append(row)
    db.flush()
    return log


def event_of(row: SessionEvent) -> Event:
    """Return the event that a row of the log holds."""
    return Event(
        kind=Kind(row.kind),
        at=row.at.astimezone(UTC),
        skill_set=row.skill_set,
        sequence=row.sequence,
        item=row.item,
        item_version=row.item_version,
        answer=row.answer,
        category=row.category,
        theta=row.theta,
        se=row.se,
        detail=row.detail,
    )


def results_of(db: Session, session_id: UUID) -> Sequence[SectionResult]:
    return db.exec(select(SectionResult).where(SectionResult.session_id == session_id)).all()


def next_feed_position(db: Session) -> int:
    """Return the next place in the agencies' feed.

    The feed is held, so places become visible in their own order and a reader who has seen place n never
    finds a smaller one later.
    """
    hold_feed(db)
    return int(db.execute(text("SELECT nextval('section_result_position')")).scalar_one())


def hold_feed(db: Session) -> None:
    """Let no other exam end before this transaction does."""
    db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": FEED_LOCK})


def _row(session_id: UUID, position: int, event: Event, event_digest: str) -> SessionEvent:
    return SessionEvent(
        session_id=session_id,
        position=position,
        kind=event.kind.value,
        at=event.at,
        skill_set=event.skill_set,
        sequence=event.sequence,
        item=event.item,
        item_version=event.item_version,
        answer=event.answer,
        category=event.category,
        theta=event.theta,
        se=event.se,
        detail=dict(event.detail),
        digest=event_digest,
    )
