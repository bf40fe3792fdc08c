"""Demonstration mode: invented agencies and people whose passwords everyone may know.

They exist only where the service was started with `--demo`; a production service refuses to start on a
database that holds any.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy import cast
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Session, col, select

from api.errors import OperatorError
from api.security.passwords import hash_password
from api.security.tokens import token_digest
from api.tables import Account, Agency, AgencyClient, PublishedDocument
from api.tables.accounts import AccountRole

PASSWORD = "open-demonstration"
"""The password of every demonstration account; it opens nothing but a demonstration."""

_NAMESPACE = UUID("5a3a7d0e-7f5d-5d0c-9a55-000000000001")


@dataclass(frozen=True, slots=True)
class DemoAgency:
    """An invented agency and the client credentials of its program."""

    code: str
    name_th: str
    name_en: str
    phase: str

    @property
    def client_id(self) -> str:
        return self.code.lower()

    @property
    def client_secret(self) -> str:
        return f"{self.client_id}-open-demonstration"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An invented person."""

    username: str
    role: AccountRole
    name_th: str
    name_latin: str
    agency: str | None = None
    target_group: str | None = None


AGENCIES = (
    DemoAgency("DEMO-A", "กรมตัวอย่างหนึ่ง (สมมติ)", "Example Department One (invented)", "early"),
    DemoAgency("DEMO-B", "กรมตัวอย่างสอง (สมมติ)", "Example Department Two (invented)", "developing"),
    DemoAgency("DEMO-C", "กรมตัวอย่างสาม (สมมติ)", "Example Department Three (invented)", "maturing"),
)

ACCOUNTS = (
    DemoAccount(
        "somchai.demo",
        AccountRole.CANDIDATE,
        "นายสมชาย ตัวอย่าง",
        "Mr. Somchai Tuayang",
        "DEMO-A",
        "technology",
    ),
    DemoAccount(
        "somying.demo",
        AccountRole.CANDIDATE,
        "นางสาวสมหญิง ตัวอย่าง",
        "Ms. Somying Tuayang",
        "DEMO-A",
        "others",
    ),
    DemoAccount("author.demo", AccountRole.AUTHOR, "ผู้เขียนข้อสอบ ตัวอย่าง", "Author Tuayang"),
    DemoAccount(
        "psychometrician.demo",
        AccountRole.PSYCHOMETRICIAN,
        "นักจิตมิติ ตัวอย่าง",
        "Psychometrician Tuayang",
    ),
    DemoAccount(
        "officer.demo",
        AccountRole.AGENCY_OFFICER,
        "เจ้าหน้าที่หน่วยงาน ตัวอย่าง",
        "Officer Tuayang",
        "DEMO-A",
    ),
    DemoAccount("proctor.demo", AccountRole.PROCTOR, "ผู้คุมสอบ ตัวอย่าง", "Proctor Tuayang"),
    DemoAccount(
        "administrator.demo",
        AccountRole.ADMINISTRATOR,
        "ผู้ดูแลระบบ ตัวอย่าง",
        "Administrator Tuayang",
    ),
)


def add_demonstration(db: Session, now: datetime) -> None:
    """Add the demonstration's agencies, people and clients; those that are there stay as they are."""
    for agency in AGENCIES:
        if db.get(Agency, _agency_id(agency.code)) is None:
            _add_agency(db, agency, now)
    db.flush()
    # One salt for all: the password is public, and hashing it seven times would only slow the start.
    password_hash = hash_password(PASSWORD)
    for account in ACCOUNTS:
        if db.get(Account, _account_id(account.username)) is None:
            _add_account(db, account, password_hash, now)
    db.flush()


def found_demonstration(db: Session) -> str | None:
    """Return the name of a demonstration's account, agency or client in the database, if any."""
    names = (
        select(Account.username).where(col(Account.demonstration)),
        select(Agency.code).where(col(Agency.demonstration)),
        select(AgencyClient.client_id).where(col(AgencyClient.demonstration)),
    )
    found = (db.exec(query.limit(1)).first() for query in names)
    return next((name for name in found if name is not None), None)


def refuse_demonstration(db: Session) -> None:
    """Make sure a production database holds nothing of a demonstration.

    Raises
    ------
    OperatorError
        If it holds a demonstration's agency, account or client.
    """
    found = found_demonstration(db)
    if found is not None:
        raise OperatorError(
            f"This database holds a demonstration (for one, {found}); a production service does not use it.",
            "Start with --demo, or choose another database or data folder.",
        )


def refuse_production(db: Session) -> None:
    """Make sure a demonstration does not mingle with a production service's people.

    Raises
    ------
    OperatorError
        If the database holds an agency, an account, a client or a bank that is no demonstration's.
    """
    if _found_production(db):
        raise OperatorError(
            "This database belongs to a production service; no demonstration is added to it.",
            "Start without --demo, or choose another database or data folder.",
        )


def _found_production(db: Session) -> bool:
    for table in (Account, Agency, AgencyClient):
        if db.exec(select(table).where(~col(table.demonstration)).limit(1)).first() is not None:
            return True
    operational = cast(col(PublishedDocument.body), JSONB)["demonstration"].as_boolean().is_(False)
    banks = select(PublishedDocument.hash).where(PublishedDocument.kind == "bank", operational)
    return db.exec(banks.limit(1)).first() is not None


def _add_agency(db: Session, agency: DemoAgency, now: datetime) -> None:
    row = Agency(
        id=_agency_id(agency.code),
        code=agency.code,
        name_th=agency.name_th,
        name_en=agency.name_en,
        phase=agency.phase,
        demonstration=True,
    )
    db.add(row)
    db.flush()
    client = AgencyClient(
        client_id=agency.client_id,
        agency_id=row.id,
        secret_digest=token_digest(agency.client_secret),
        demonstration=True,
        created_at=now,
    )
    db.add(client)


def _add_account(db: Session, account: DemoAccount, password_hash: str, now: datetime) -> None:
    row = Account(
        id=_account_id(account.username),
        username=account.username,
        password_hash=password_hash,
        role=account.role,
        name_th=account.name_th,
        name_latin=account.name_latin,
        agency_id=_agency_id(account.agency) if account.agency else None,
        target_group=account.target_group,
        demonstration=True,
        created_at=now,
    )
    db.add(row)


def _agency_id(code: str) -> UUID:
    return uuid5(_NAMESPACE, f"agency/{code}")


def _account_id(username: str) -> UUID:
    return uuid5(_NAMESPACE, f"account/{username}")
