"""Queries for agencies. Every one takes the agency: there is no way to ask without it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from api.tables import Account, Certificate, SectionResult

Row = tuple[SectionResult, Account, Certificate | None]


def results_after(
    db: Session, agency_id: UUID, *, position: int, since: datetime | None, limit: int
) -> Sequence[Row]:
    """Return the agency's results behind a place in the feed, in the order of their last change."""
    query = (
        select(SectionResult, Account, Certificate)
        .join(Account, col(Account.id) == col(SectionResult.account_id))
        .outerjoin(
            Certificate,
            (col(Certificate.session_id) == col(SectionResult.session_id))
            & (col(Certificate.skill_set) == col(SectionResult.skill_set)),
        )
        .where(SectionResult.agency_id == agency_id, col(SectionResult.position) > position)
        .order_by(col(SectionResult.position))
        .limit(limit)
    )
    if since is not None:
        query = query.where(col(SectionResult.changed_at) >= since)
    return list(db.exec(query).all())
