"""Queries about accounts, agencies and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from api.tables import AccessToken, Account, Agency, AgencyClient, FailedLogin


def account_named(db: Session, username: str) -> Account | None:
    return db.exec(select(Account).where(Account.username == username)).first()


def account_of_token(db: Session, digest: str, now: datetime) -> Account | None:
    return db.exec(
        select(Account)
        .join(AccessToken, col(AccessToken.account_id) == col(Account.id))
        .where(AccessToken.digest == digest, col(AccessToken.expires_at) > now)
    ).first()


def client_of_token(db: Session, digest: str, now: datetime) -> AgencyClient | None:
    return db.exec(
        select(AgencyClient)
        .join(AccessToken, col(AccessToken.client_id) == col(AgencyClient.client_id))
        .where(AccessToken.digest == digest, col(AccessToken.expires_at) > now)
    ).first()


def agencies(db: Session) -> Sequence[Agency]:
    return db.exec(select(Agency).order_by(col(Agency.code))).all()


def agency_coded(db: Session, code: str) -> Agency | None:
    return db.exec(select(Agency).where(Agency.code == code)).first()


def agency_by_id(db: Session, agency_id: UUID | None) -> Agency | None:
    return db.get(Agency, agency_id) if agency_id is not None else None


def failures_since(db: Session, name: str, since: datetime) -> int:
    query = select(func.count()).select_from(FailedLogin)
    return db.exec(query.where(FailedLogin.name == name, col(FailedLogin.at) > since)).one()


def forget_failures(db: Session, name: str) -> None:
    db.exec(delete(FailedLogin).where(col(FailedLogin.name) == name))


def forget_token(db: Session, digest: str) -> None:
    db.exec(delete(AccessToken).where(col(AccessToken.digest) == digest))


def forget_failures_before(db: Session, moment: datetime) -> None:
    db.exec(delete(FailedLogin).where(col(FailedLogin.at) <= moment))


def forget_expired_tokens(db: Session, owner: Account | AgencyClient, now: datetime) -> None:
    """Delete the expired tokens of one account or of one client."""
    if isinstance(owner, Account):
        its_own = col(AccessToken.account_id) == owner.id
    else:
        its_own = col(AccessToken.client_id) == owner.client_id
    db.exec(delete(AccessToken).where(its_own, col(AccessToken.expires_at) <= now))
