"""Who uses the service: agencies, people, and programs of agencies."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from api.tables.columns import utc_time


class AccountRole(StrEnum):
    """What an account may do; one role an account."""

    CANDIDATE = "candidate"
    AUTHOR = "author"
    PSYCHOMETRICIAN = "psychometrician"
    AGENCY_OFFICER = "agency_officer"
    PROCTOR = "proctor"
    ADMINISTRATOR = "administrator"


class Agency(SQLModel, table=True):
    """A government agency; `phase` is the one it has announced for its people."""

    __tablename__ = "agency"

    id: UUID = Field(primary_key=True)
    code: str = Field(unique=True)
    name_th: str
    name_en: str
    phase: str
    demonstration: bool = False


class Account(SQLModel, table=True):
    """A person who can log in."""

    __tablename__ = "account"

    id: UUID = Field(primary_key=True)
    username: str = Field(unique=True)
    password_hash: str
    role: str
    name_th: str
    name_latin: str
    agency_id: UUID | None = Field(default=None, foreign_key="agency.id", index=True)
    target_group: str | None = None
    name_in_credential: bool = False
    language: str = "th"
    demonstration: bool = False
    created_at: datetime = utc_time()


class AgencyClient(SQLModel, table=True):
    """A program of an agency that asks for results with client credentials."""

    __tablename__ = "agency_client"

    client_id: str = Field(primary_key=True)
    agency_id: UUID = Field(foreign_key="agency.id", index=True)
    secret_digest: str
    demonstration: bool = False
    created_at: datetime = utc_time()


class AccessToken(SQLModel, table=True):
    """Proof of a login or of a client's credentials; only the digest of the token is kept."""

    __tablename__ = "access_token"

    digest: str = Field(primary_key=True)
    account_id: UUID | None = Field(default=None, foreign_key="account.id", index=True)
    client_id: str | None = Field(default=None, foreign_key="agency_client.client_id", index=True)
    created_at: datetime = utc_time()
    expires_at: datetime = utc_time(index=True)


class FailedLogin(SQLModel, table=True):
    """A wrong password or secret, counted to slow down guessing."""

    __tablename__ = "failed_login"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    name: str = Field(index=True)
    at: datetime = utc_time()
