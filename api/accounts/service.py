"""Registering, logging in and out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from api.accounts import repository
from api.accounts.schemas import AccountOut, AgencyOut, LoginOut, RegisterIn
from api.audit import record_act
from api.certificates.facts import LONGEST_NAME, PRINTABLE
from api.context import Context
from api.errors import (
    InvalidRequestError,
    NameTakenError,
    TooManyAttemptsError,
    WrongCredentialsError,
)
from api.security.passwords import hash_password, password_matches, password_problems
from api.security.tokens import new_token, same_digest, token_digest
from api.tables import AccessToken, Account, Agency, AgencyClient, FailedLogin
from api.tables.accounts import AccountRole
from engine.errors import Problem

LOGIN_LASTS = timedelta(hours=12)
CLIENT_TOKEN_LASTS = timedelta(hours=1)
FAILURES_ALLOWED = 10
FAILURES_COUNT_FOR = timedelta(minutes=15)
LONGEST_COUNTED = 210
"""Characters of the longest name whose failures are counted: a client's, with what marks it as one."""

USERNAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{2,63}")
CLIENT_ID = re.compile(r"[\x21-\x7e]{1,200}")
LATIN_LETTER = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017e"
LATIN_NAME = re.compile(rf"(?=.*[{LATIN_LETTER}])[{LATIN_LETTER} .,'()\u2019-]+")
THAI_NAME = re.compile(r"(?=.*[\u0e01-\u0e2e])[\u0e01-\u0e3a\u0e40-\u0e4e .()-]+")
LANGUAGES = ("th", "en")

Proven = TypeVar("Proven", Account | None, AgencyClient | None)


@dataclass(frozen=True, slots=True)
class Accounts:
    """The acts of registering and logging in, in the transaction of `db`."""

    db: Session
    context: Context

    def register(self, wish: RegisterIn) -> AccountOut:
        """Create a candidate's account.

        Raises
        ------
        InvalidRequestError
            Naming every field that is missing or wrong.
        NameTakenError
            If an account has that username.
        """
        username = wish.username.strip().lower()
        agency = self._agency(wish.agency)
        problems = [*self._problems(wish, username, agency)]
        if problems:
            problems += [_taken(username)] if self._named(username) else []
            raise InvalidRequestError(problems=problems)
        now = self.context.clock()
        account = Account(
            id=uuid4(),
            username=username,
            password_hash=hash_password(wish.password.get_secret_value()),
            role=AccountRole.CANDIDATE,
            name_th=_tidy(wish.name_th),
            name_latin=_tidy(wish.name_latin),
            agency_id=agency.id if agency else None,
            target_group=wish.target_group,
            name_in_credential=wish.name_in_credential,
            language=wish.language,
            demonstration=self.context.settings.demo,
            created_at=now,
        )
        self._insert(account)
        record_act(
            self.db, at=now, actor=str(account.id), action="register", subject=str(account.id)
        )
        return account_out(account, agency)

    def log_in(self, username: str, password: str) -> LoginOut:
        """Exchange a name and a password for a token that lasts twelve hours.

        Raises
        ------
        WrongCredentialsError
            If they do not belong together; it does not say which of them is wrong.
        TooManyAttemptsError
            After ten failures for one name within a quarter of an hour.
        """
        name, now = username.strip().lower(), self.context.clock()
        self._slow_down(name, now)
        account = self._of_this_mode(self._named(name))
        right = password_matches(password, account.password_hash if account else None)
        if account is None or not right:
            self._note_failure(name, now)
            raise WrongCredentialsError
        repository.forget_failures(self.db, name)
        repository.forget_expired_tokens(self.db, account, now)
        token = self._issue_token(now, LOGIN_LASTS, account_id=account.id)
        record_act(self.db, at=now, actor=str(account.id), action="log_in", subject=str(account.id))
        agency = repository.agency_by_id(self.db, account.agency_id)
        expires_at, out = now + LOGIN_LASTS, account_out(account, agency)
        return LoginOut(token=token, expires_at=expires_at, account=out)

    def log_out(self, token: str) -> None:
        """Make a token worthless; one that is unknown already is."""
        repository.forget_token(self.db, token_digest(token))

    def client_token(self, client_id: str, secret: str) -> tuple[str, timedelta]:
        """Exchange an agency client's credentials for a token, and say how long it lasts.

        Raises
        ------
        WrongCredentialsError, TooManyAttemptsError
            As `log_in`.
        """
        name, now = f"client:{client_id}", self.context.clock()
        self._slow_down(name, now)
        client = self._of_this_mode(self._client(client_id))
        if client is None or not same_digest(secret, client.secret_digest):
            self._note_failure(name, now)
            raise WrongCredentialsError("The client id or the client secret is wrong")
        repository.forget_failures(self.db, name)
        repository.forget_expired_tokens(self.db, client, now)
        token = self._issue_token(now, CLIENT_TOKEN_LASTS, client_id=client_id)
        record_act(self.db, at=now, actor=f"client:{client_id}", action="log_in", subject=client_id)
        return token, CLIENT_TOKEN_LASTS

    def agencies(self) -> Sequence[Agency]:
        """Return every agency, by code."""
        return repository.agencies(self.db)

    def _insert(self, account: Account) -> None:
        try:
            with self.db.begin_nested():
                self.db.add(account)
        except IntegrityError as error:
            taken = f"The name {account.username} is taken; choose another"
            raise NameTakenError(taken, problems=[_taken(account.username)]) from error

    def _named(self, username: str) -> Account | None:
        """Return the account of a name; the database is not asked about what can be no name."""
        if not USERNAME.fullmatch(username):
            return None
        return repository.account_named(self.db, username)

    def _client(self, client_id: str) -> AgencyClient | None:
        if not CLIENT_ID.fullmatch(client_id):
            return None
        return self.db.get(AgencyClient, client_id)

    def _agency(self, code: str) -> Agency | None:
        return repository.agency_coded(self.db, code.strip()) if "\0" not in code else None

    def _of_this_mode(self, found: Proven) -> Proven:
        """Return an account or client if it belongs to the mode that runs.

        The password of a demonstration is public: it opens nothing once the demonstration is over.
        """
        demo = self.context.settings.demo
        return found if found is not None and found.demonstration == demo else None

    def _issue_token(
        self,
        now: datetime,
        lasts: timedelta,
        *,
        account_id: UUID | None = None,
        client_id: str | None = None,
    ) -> str:
        token = new_token()
        row = AccessToken(
            digest=token_digest(token),
            account_id=account_id,
            client_id=client_id,
            created_at=now,
            expires_at=now + lasts,
        )
        self.db.add(row)
        return token

    def _slow_down(self, name: str, now: datetime) -> None:
        if not _can_be_kept(name):
            return
        since = now - FAILURES_COUNT_FOR
        if repository.failures_since(self.db, name, since) >= FAILURES_ALLOWED:
            raise TooManyAttemptsError(
                f"{FAILURES_ALLOWED} attempts failed; try again in a quarter of an hour"
            )

    def _note_failure(self, name: str, now: datetime) -> None:
        """Count a failure, and drop those that count no more; what can be no name has none to guess."""
        repository.forget_failures_before(self.db, now - FAILURES_COUNT_FOR)
        if _can_be_kept(name):
            self.db.add(FailedLogin(name=name, at=now))

    def _problems(
        self, wish: RegisterIn, username: str, agency: Agency | None
    ) -> Iterator[Problem]:
        if not USERNAME.fullmatch(username):
            expected = "3 to 64 of a-z, 0-9, . _ @ + -, beginning with a letter or digit"
            yield Problem("username", wish.username, expected)
        yield from password_problems(wish.password.get_secret_value(), username=username)
        yield from _name_problems("name_th", wish.name_th, THAI_NAME, "Thai letters")
        yield from _name_problems("name_latin", wish.name_latin, LATIN_NAME, "Latin letters")
        if agency is None:
            yield Problem("agency", wish.agency, "the code of an agency in the list")
        groups = [group.key for group in self.context.catalogue.framework.target_groups]
        if wish.target_group not in groups:
            yield Problem("target_group", wish.target_group, f"one of {', '.join(groups)}")
        if wish.language not in LANGUAGES:
            yield Problem("language", wish.language, f"one of {', '.join(LANGUAGES)}")


def account_out(account: Account, agency: Agency | None) -> AccountOut:
    """Return what an account's owner sees of it."""
    return AccountOut(
        account=account.id,
        username=account.username,
        role=account.role,
        name_th=account.name_th,
        name_latin=account.name_latin,
        agency=agency_out(agency) if agency else None,
        target_group=account.target_group,
        language="en" if account.language == "en" else "th",
        demonstration=account.demonstration,
    )


def agency_out(agency: Agency) -> AgencyOut:
    """Return what everyone may see of an agency."""
    return AgencyOut(
        code=agency.code, name_th=agency.name_th, name_en=agency.name_en, phase=agency.phase
    )


def _taken(username: str) -> Problem:
    return Problem("username", username, "a name that nobody has yet")


def _can_be_kept(name: str) -> bool:
    return len(name) <= LONGEST_COUNTED and "\0" not in name


def _name_problems(
    where: str, name: str, pattern: re.Pattern[str], letters: str
) -> Iterator[Problem]:
    tidy = _tidy(name)
    printable = pattern.fullmatch(tidy) and PRINTABLE.fullmatch(tidy)
    if not printable or len(tidy) > LONGEST_NAME:
        yield Problem(where, name, f"a full name in {letters}, at most {LONGEST_NAME} characters")


def _tidy(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())
