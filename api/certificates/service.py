"""Issuing certificates, handing them out, saying whether they stand, and taking them back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from api.audit import record_act
from api.bank.catalogue import Pinned, load_pinned
from api.certificates import records, repository
from api.certificates.credential import issue_credential
from api.certificates.facts import CertificateFacts, ResultFacts
from api.certificates.numbers import draw_number, normalise
from api.certificates.schemas import NamesOut, VerificationOut
from api.certificates.standing import standing
from api.certificates.status_list import LIST_SIZE, status_list_claims
from api.certificates.verification import Verification, verify_credential
from api.context import Context
from api.errors import ConflictError, InvalidRequestError, NotFoundError
from api.exams import repository as exams
from api.tables import Account, Certificate, ExamSession, SectionResult
from api.tables.accounts import AccountRole
from engine.errors import Problem
from itembank.text import Text

STATUS_LIST_LASTS = timedelta(days=7)
LARGEST_FILE = 100_000
"""Bytes of an uploaded credential that are looked at; one has about five thousand."""
SHORTEST_REASON, LONGEST_REASON = 5, 1000
"""Characters of the reason of a revocation."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """Everything about certificates, in the transaction of `db`."""

    db: Session
    context: Context

    def issue_for(self, session: ExamSession, pinned: Pinned) -> list[Certificate]:
        """Issue a certificate for each level that an ended session has shown, as of its end.

        The caller holds the lock of the agencies' feed, so no two issue at once.
        """
        assert session.ended_at is not None
        at, holder = session.ended_at, self.db.get_one(Account, session.account_id)
        shown = [row for row in exams.results_of(self.db, session.id) if row.level is not None]
        order = session.skill_sets.index
        return [
            self._issue(session, holder, pinned, row, at)
            for row in sorted(shown, key=lambda row: order(row.skill_set))
        ]

    def of_session(self, session_id: UUID) -> dict[str, Certificate]:
        """Return a session's certificates by skill set."""
        return repository.of_session(self.db, session_id)

    def mine(self, account: Account) -> list[Certificate]:
        """Return a person's certificates, the newest first."""
        return list(repository.of_account(self.db, account.id))

    def look_up(self, text: str) -> VerificationOut:
        """Say whether the certificate with a number stands.

        Raises
        ------
        InvalidRequestError
            If the text is no certificate number, or its check digits show a slip of the pen.
        NotFoundError
            If no certificate has that number.
        """
        return self._verified(self._by_number(text))

    def verify_file(self, content: bytes) -> VerificationOut:
        """Say whether a credential's file is genuine and stands."""
        now = self.context.clock()
        verdict = verify_credential(
            content[:LARGEST_FILE], keys=self.context.signer.jwks(), now=now, status_required=False
        )
        held = repository.by_number(self.db, verdict.number) if verdict.number else None
        if held is None or held.credential.encode() != content.strip():
            return _unverified(verdict)
        return self._verified(held)

    def record(self, account: Account, text: str) -> CertificateFacts:
        """Return the record from which a certificate is drawn; for its holder and administrators."""
        held = self._visible_to(account, self._by_number(text))
        return records.certificate_facts_of(held)

    def credential(self, account: Account, text: str) -> str:
        """Return a certificate's signed credential; for its holder and administrators."""
        return self._visible_to(account, self._by_number(text)).credential

    def statement(self, account: Account, session_id: UUID) -> ResultFacts:
        """Return the record from which the statement of an ended session is drawn, for its owner."""
        session = exams.session_by_id(self.db, session_id)
        if session is None or session.account_id != account.id:
            raise NotFoundError(f"You have no exam session {session_id}")
        if session.ended_at is None:
            raise ConflictError("The exam has not ended; its statement comes at the end")
        pinned = load_pinned(
            self.db,
            framework=session.framework_hash,
            scheme=session.scheme_hash,
            bank=session.bank_hash,
        )
        rows = {row.skill_set: row for row in exams.results_of(self.db, session_id)}
        held = self.of_session(session_id)
        url = self.context.settings.public_url
        return records.statement_facts(session, account, pinned, rows, held, url)

    def revoke(self, administrator: Account, text: str, reason: str) -> VerificationOut:
        """Take a certificate back, and put its result at the end of the agency's feed.

        Raises
        ------
        InvalidRequestError
            If no reason is given.
        ConflictError
            If it has been revoked before.
        """
        reason = _stated(reason)
        number = self._by_number(text).number
        held = repository.by_number(self.db, number, lock=True)
        assert held is not None
        if held.revoked_at is not None:
            raise ConflictError(f"Certificate {number} has been revoked before")
        now = self.context.clock()
        held.revoked_at, held.revocation_reason = now, reason
        result = self.db.get_one(SectionResult, (held.session_id, held.skill_set))
        result.changed_at = now
        result.position = exams.next_feed_position(self.db)
        self.db.add_all([held, result])
        record_act(
            self.db,
            at=now,
            actor=str(administrator.id),
            action="revoke_certificate",
            subject=number,
            detail={"reason": reason},
        )
        return self._verified(held)

    def status_list(self, number: int) -> str:
        """Return a status list, signed now: which of its certificates are revoked.

        Raises
        ------
        NotFoundError
            If no certificate can be on that list.
        """
        newest = repository.newest_list(self.db)
        if not 1 <= number <= newest:
            raise NotFoundError(f"There are status lists 1 to {newest}, and none numbered {number}")
        now = self.context.clock().replace(microsecond=0)
        public_url = self.context.settings.public_url
        claims = status_list_claims(
            url=records.status_list_url(public_url, number),
            issuer_url=public_url,
            revoked=repository.revoked_on_list(self.db, number),
            valid_from=now,
            valid_until=now + STATUS_LIST_LASTS,
        )
        return self.context.signer.sign(claims)

    def _issue(
        self,
        session: ExamSession,
        holder: Account,
        pinned: Pinned,
        result: SectionResult,
        at: datetime,
    ) -> Certificate:
        facts = records.certificate_facts(
            number=self._free_number(_prefix(pinned), at),
            status_index=self._free_index(),
            session=session,
            holder=holder,
            pinned=pinned,
            result=result,
            issued_at=at,
            public_url=self.context.settings.public_url,
        )
        certificate = records.certificate_row(
            facts, session, result, issue_credential(facts, self.context.signer)
        )
        self.db.add(certificate)
        record_act(
            self.db,
            at=at,
            actor="service",
            action="issue_certificate",
            subject=facts.number,
            detail={"session": str(session.id), "skill_set": result.skill_set},
        )
        self.db.flush()
        return certificate

    def _free_number(self, prefix: str, at: datetime) -> str:
        """Draw numbers until one is free; of a hundred million a year few are taken."""
        while True:
            number = draw_number(prefix, at, secrets.randbelow)
            if repository.by_number(self.db, number) is None:
                return number

    def _free_index(self) -> int:
        """Draw a free place on the newest status list; lists are left half empty, so few draws miss."""
        first = (repository.list_to_fill(self.db) - 1) * LIST_SIZE
        while True:
            index = first + secrets.randbelow(LIST_SIZE)
            if not repository.index_is_used(self.db, index):
                return index

    def _by_number(self, text: str) -> Certificate:
        reading = normalise(text)
        if reading.number is None:
            problem = Problem("number", text[:64], "a number like SP-2569-1234-5678-90")
            raise InvalidRequestError(problems=[problem])
        if reading.problem is not None:
            problem = Problem(
                "number", reading.number, "other digits: these have a slip of the pen"
            )
            raise InvalidRequestError(problems=[problem])
        held = repository.by_number(self.db, reading.number)
        if held is None:
            raise NotFoundError(f"No certificate has the number {reading.number}")
        return held

    def _visible_to(self, account: Account, held: Certificate) -> Certificate:
        if held.account_id != account.id and account.role != AccountRole.ADMINISTRATOR:
            raise NotFoundError(f"You have no certificate {held.number}")
        return held

    def _verified(self, held: Certificate) -> VerificationOut:
        """Return the verdict on a certificate we hold, its own signature checked again."""
        now = self.context.clock()
        facts = records.certificate_facts_of(held)
        verdict = verify_credential(
            held.credential, keys=self.context.signer.jwks(), now=now, status_required=False
        )
        status = standing(held, now)
        return VerificationOut(
            valid=status == "active" and verdict.signature == "valid",
            number=held.number,
            signature=verdict.signature,
            status=status,
            specimen=facts.specimen,
            reasons=_reasons(verdict, revoked=status == "revoked"),
            holder=NamesOut(th=facts.holder.name_th, en=facts.holder.name_latin),
            skill_set=held.skill_set,
            skill_set_name=_names(facts.skill_set_name),
            level=held.level,
            level_descriptor=_names(facts.descriptor),
            issuer=_names(facts.issuer.name),
            issued_at=held.issued_at,
            valid_until=held.valid_until,
            revoked_at=held.revoked_at,
        )


def _stated(reason: str) -> str:
    """Return the reason of a revocation; without one nothing is taken from anybody."""
    words = reason.strip()
    if not SHORTEST_REASON <= len(words) <= LONGEST_REASON or "\0" in words:
        expected = f"why, in {SHORTEST_REASON} to {LONGEST_REASON} characters"
        raise InvalidRequestError(problems=[Problem("reason", reason, expected)])
    return words


def _prefix(pinned: Pinned) -> str:
    numbering = pinned.scheme.numbering
    return numbering.specimen_prefix if pinned.release.specimen else numbering.prefix


def _names(text: Text) -> NamesOut:
    return NamesOut(th=text.th, en=text.en)


def _reasons(verdict: Verification, *, revoked: bool) -> list[str]:
    """Return why a certificate we hold does not stand; of its status we know ourselves."""
    reasons = [str(each) for each in verdict.reasons if str(each) != "status-unknown"]
    return [*reasons, "revoked"] if revoked else reasons


def _unverified(verdict: Verification) -> VerificationOut:
    """Return the verdict on a file that is not one of ours as we issued it."""
    return VerificationOut(
        valid=False,
        number=verdict.number,
        signature=verdict.signature,
        status="unknown",
        specimen=verdict.specimen,
        reasons=[str(each) for each in verdict.reasons],
        holder=None,
        skill_set=None,
        skill_set_name=None,
        level=None,
        level_descriptor=None,
        issuer=None,
        issued_at=None,
        valid_until=None,
        revoked_at=None,
    )
