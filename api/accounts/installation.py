"""What an operator sets up before the first candidate comes: agencies, staff, clients of agencies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from sqlmodel import Session

from api.accounts import repository
from api.accounts.service import USERNAME
from api.audit import record_act
from api.demonstration import found_demonstration
from api.errors import ConflictError, InvalidRequestError, NotFoundError
from api.security.passwords import hash_password, password_problems
from api.security.tokens import new_token, token_digest
from api.tables import Account, Agency, AgencyClient
from api.tables.accounts import AccountRole
from engine.errors import Problem
from itembank import load_framework

OPERATOR = "operator"
"""Who the audit trail says did it: somebody with a shell on the server."""


def add_agency(
    db: Session, now: datetime, *, code: str, name_th: str, name_en: str, phase: str
) -> Agency:
    """Add an agency with the phase it has announced.

    Raises
    ------
    InvalidRequestError
        Naming everything that is missing or unknown.
    ConflictError
        If an agency has that code, or the database is a demonstration's.
    """
    _refuse_demonstration(db)
    problems = list(_agency_problems(code, name_th, name_en, phase))
    if problems:
        raise InvalidRequestError(problems=problems)
    if repository.agency_coded(db, code) is not None:
        raise ConflictError(f"An agency with the code {code} exists")
    agency = Agency(id=uuid4(), code=code, name_th=name_th, name_en=name_en, phase=phase)
    db.add(agency)
    record_act(db, at=now, actor=OPERATOR, action="add_agency", subject=f"agency:{agency.id}")
    return agency


def add_client(db: Session, now: datetime, *, agency: str) -> tuple[str, str]:
    """Give a program of an agency credentials; return its id and its secret, which is shown once.

    Raises
    ------
    NotFoundError, ConflictError
        If no agency has that code, or the database is a demonstration's.
    """
    _refuse_demonstration(db)
    owner = _agency(db, agency)
    client_id, secret = f"{agency.lower()}-{uuid4().hex[:8]}", new_token()
    client = AgencyClient(
        client_id=client_id,
        agency_id=owner.id,
        secret_digest=token_digest(secret),
        created_at=now,
    )
    db.add(client)
    record_act(db, at=now, actor=OPERATOR, action="add_client", subject=f"client:{client_id}")
    return client_id, secret


def add_staff(
    db: Session,
    now: datetime,
    *,
    username: str,
    password: str,
    role: str,
    name_th: str,
    name_latin: str,
    agency: str | None,
) -> Account:
    """Add an account that is not a candidate's.

    Raises
    ------
    InvalidRequestError
        Naming everything that is missing or wrong.
    NotFoundError, ConflictError
        If the agency is unknown, the name taken, or the database a demonstration's.
    """
    _refuse_demonstration(db)
    problems = list(_staff_problems(username, password, role, name_th, name_latin, agency))
    if problems:
        raise InvalidRequestError(problems=problems)
    if repository.account_named(db, username) is not None:
        raise ConflictError(f"An account with the name {username} exists")
    account = Account(
        id=uuid4(),
        username=username,
        password_hash=hash_password(password),
        role=role,
        name_th=name_th,
        name_latin=name_latin,
        agency_id=_agency(db, agency).id if agency else None,
        created_at=now,
    )
    db.add(account)
    record_act(db, at=now, actor=OPERATOR, action="add_staff", subject=str(account.id))
    return account


def _refuse_demonstration(db: Session) -> None:
    if found_demonstration(db) is not None:
        raise ConflictError("This database holds a demonstration; its people are fixed")


def _agency(db: Session, code: str) -> Agency:
    agency = repository.agency_coded(db, code)
    if agency is None:
        raise NotFoundError(f"There is no agency with the code {code}")
    return agency


def _agency_problems(code: str, name_th: str, name_en: str, phase: str) -> Iterator[Problem]:
    if not code.isascii() or not code.replace("-", "").isalnum():
        yield Problem("code", code, "letters A-Z, digits and hyphens")
    yield from _missing(name_th=name_th, name_en=name_en)
    phases = [each.key for each in load_framework().phases]
    if phase not in phases:
        yield Problem("phase", phase, f"one of {', '.join(phases)}")


def _staff_problems(
    username: str, password: str, role: str, name_th: str, name_latin: str, agency: str | None
) -> Iterator[Problem]:
    if not USERNAME.fullmatch(username):
        yield Problem("username", username, "3 to 64 of a-z, 0-9, . _ @ + -")
    yield from password_problems(password, username=username)
    yield from _missing(name_th=name_th, name_latin=name_latin)
    roles = [each.value for each in AccountRole if each is not AccountRole.CANDIDATE]
    if role not in roles:
        yield Problem("role", role, f"one of {', '.join(roles)}; candidates register themselves")
    if role == AccountRole.AGENCY_OFFICER and not agency:
        yield Problem("agency", agency, "the code of the officer's agency")


def _missing(**texts: str) -> Iterator[Problem]:
    for where, text in texts.items():
        if not text.strip():
            yield Problem(where, text, "a name")
