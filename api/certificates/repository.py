"""Queries about certificates."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from api.certificates.status_list import LIST_SIZE
from api.tables import Certificate


def by_number(db: Session, number: str, *, lock: bool = False) -> Certificate | None:
    """Return a certificate; with `lock`, as it is once no other transaction is changing it."""
    query = select(Certificate).where(Certificate.number == number)
    if lock:
        # What this session has read before may have changed while it waited for the lock.
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.exec(query).first()


def newest(db: Session) -> Certificate | None:
    """Return the certificate issued last."""
    return db.exec(select(Certificate).order_by(col(Certificate.issued_at).desc()).limit(1)).first()


def of_session(db: Session, session_id: UUID) -> dict[str, Certificate]:
    """Return a session's certificates by skill set."""
    rows = db.exec(select(Certificate).where(Certificate.session_id == session_id)).all()
    return {row.skill_set: row for row in rows}


def of_account(db: Session, account_id: UUID) -> Sequence[Certificate]:
    """Return a person's certificates, the newest first."""
    return db.exec(
        select(Certificate)
        .where(Certificate.account_id == account_id)
        .order_by(col(Certificate.issued_at).desc(), col(Certificate.skill_set))
    ).all()


def newest_list(db: Session) -> int:
    """Return the number of the newest status list, from 1."""
    newest = db.exec(select(func.max(Certificate.status_index))).one()
    return (newest or 0) // LIST_SIZE + 1


def list_to_fill(db: Session) -> int:
    """Return the number of the status list that takes new certificates: half a list each."""
    newest = newest_list(db)
    count = select(func.count()).select_from(Certificate).where(_on_list(newest))
    return newest if db.exec(count).one() < LIST_SIZE // 2 else newest + 1


def index_is_used(db: Session, index: int) -> bool:
    query = select(Certificate.number).where(Certificate.status_index == index)
    return db.exec(query).first() is not None


def revoked_on_list(db: Session, number: int) -> set[int]:
    """Return the places, from 0, of the revoked certificates on a status list."""
    revoked = select(Certificate.status_index).where(
        _on_list(number), col(Certificate.revoked_at).is_not(None)
    )
    return {index % LIST_SIZE for index in db.exec(revoked).all()}


def _on_list(number: int) -> ColumnElement[bool]:
    first = (number - 1) * LIST_SIZE
    return col(Certificate.status_index).between(first, first + LIST_SIZE - 1)
