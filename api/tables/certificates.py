"""What was certified, of whom, and whether it still stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from api.tables.columns import json_document, utc_time


class Certificate(SQLModel, table=True):
    """An issued certificate.

    `facts` is the immutable record from which the PDF is rendered; `credential` the signed file.
    Only `revoked_at` and `revocation_reason` ever change.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "skill_set"], ["section_result.session_id", "section_result.skill_set"]
        ),
        UniqueConstraint("session_id", "skill_set"),
    )

    number: str = Field(primary_key=True)
    session_id: UUID
    skill_set: str
    account_id: UUID = Field(foreign_key="account.id", index=True)
    level: int
    facts: dict[str, Any] = json_document()
    credential: str
    status_index: int = Field(unique=True)
    issued_at: datetime = utc_time()
    valid_until: datetime = utc_time()
    revoked_at: datetime | None = utc_time(nullable=True)
    revocation_reason: str | None = None
