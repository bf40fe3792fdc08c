"""Who did what, when and, where the law asks, for what purpose."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from api.tables.columns import json_document, utc_time


class AuditEntry(SQLModel, table=True):
    """One act, written in the transaction of the act itself."""

    __tablename__ = "audit_entry"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    at: datetime = utc_time(index=True)
    actor: str
    action: str
    subject: str
    detail: dict[str, Any] = json_document()
