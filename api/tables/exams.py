"""An exam session as a log of events, and what was decided in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Sequence, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from api.tables.columns import json_document, utc_time


class ExamSession(SQLModel, table=True):
    """One candidate's exam: everything that, with its events, determines every item and decision.

    `bank_hash`, `scheme_hash`, `framework_hash` and `exposure` pin what was published; `seed` (hexadecimal,
    64 bits) is secret. Only `ended_at` ever changes. An account has at most one open session.
    """

    __tablename__ = "exam_session"
    __table_args__ = (
        Index(
            "one_open_session",
            "account_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    bank_hash: str = Field(foreign_key="published_document.hash")
    scheme_hash: str = Field(foreign_key="published_document.hash")
    framework_hash: str = Field(foreign_key="published_document.hash")
    seed: str
    language: str
    target_group: str | None = None
    phase: str | None = None
    skill_sets: list[str] = Field(sa_column=Column(JSONB, nullable=False))
    engine_version: str
    exposure: dict[str, str] = json_document()
    """By skill set, the hash of the exposure snapshot that its section is pinned to, if any."""
    created_at: datetime = utc_time()
    ended_at: datetime | None = utc_time(nullable=True)


class SessionEvent(SQLModel, table=True):
    """One event of a session; never changed, never deleted.

    An answer's row holds the session, the question's number, the item, the answer and its
    category together.
    `digest` chains each event to the one before it.
    """

    __tablename__ = "session_event"
    __table_args__ = (
        UniqueConstraint("session_id", "sequence", "kind", name="one_event_a_question"),
    )

    session_id: UUID = Field(primary_key=True, foreign_key="exam_session.id")
    position: int = Field(primary_key=True)
    kind: str
    at: datetime = utc_time()
    skill_set: str | None = None
    sequence: int | None = None
    item: str | None = None
    item_version: int | None = None
    answer: str | None = None
    category: int | None = None
    theta: float | None = None
    se: float | None = None
    detail: dict[str, Any] = json_document()
    digest: str


FEED_POSITION = Sequence("section_result_position")


class SectionResult(SQLModel, table=True):
    """What a section decided; `position` is its place in the agencies' feed of changes."""

    __tablename__ = "section_result"
    __table_args__ = (Index("ix_section_result_agency_id", "agency_id", "position"),)

    session_id: UUID = Field(primary_key=True, foreign_key="exam_session.id")
    skill_set: str = Field(primary_key=True)
    account_id: UUID = Field(foreign_key="account.id", index=True)
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id")
    outcome: str
    reason: str
    level: int | None = None
    required_level: int | None = None
    specimen: bool
    decided_at: datetime = utc_time()
    changed_at: datetime = utc_time()
    position: int = Field(sa_column=Column(BigInteger, FEED_POSITION, nullable=False, unique=True))
