"""The audit trail: one row an act, written in the act's own transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session

from api.tables import AuditEntry


def record_act(
    db: Session,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note who did what to which thing; it stands or falls with the transaction of `db`."""
    entry = AuditEntry(at=at, actor=actor, action=action, subject=subject, detail=detail or {})
    db.add(entry)
