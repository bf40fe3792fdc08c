"""From what is stored and published to the record that a document is drawn from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from api.bank.catalogue import Pinned
from api.certificates.facts import (
    CertificateFacts,
    CertificateWording,
    FrameworkFacts,
    HolderFacts,
    IssuerFacts,
    LevelFacts,
    Outcome,
    ResultFacts,
    ResultRow,
    SchemeFacts,
    SignatoryFacts,
    UnitFacts,
    to_the_second,
)
from api.certificates.status_list import LIST_SIZE
from api.tables import Account, Certificate, ExamSession, SectionResult
from api.thai import end_of_validity
from itembank.text import Text

OUTCOMES = {
    "shown": Outcome.PASSED,
    "not_yet_shown": Outcome.NOT_YET,
    "no_result": Outcome.NO_RESULT,
}


def certificate_facts(
    *,
    number: str,
    status_index: int,
    session: ExamSession,
    holder: Account,
    pinned: Pinned,
    result: SectionResult,
    issued_at: datetime,
    public_url: str,
) -> CertificateFacts:
    """Return the record of a certificate for a level that a section has shown."""
    scheme, rules = pinned.scheme, pinned.scheme.skill_set(result.skill_set)
    words = scheme.wording.certificate
    moment = to_the_second(issued_at.astimezone(UTC))
    return CertificateFacts(
        number=number,
        holder=_holder(holder),
        skill_set=result.skill_set,
        skill_set_name=pinned.framework.skill_set(result.skill_set).name,
        level=result.level or 0,
        levels=tuple(
            LevelFacts(level=each.level, descriptor=each.descriptor) for each in rules.levels
        ),
        units=tuple(
            UnitFacts(code=unit.code, title=pinned.framework.unit(unit.code).title)
            for unit in rules.blueprint.units
        ),
        framework=_framework(pinned, public_url),
        scheme=_scheme(pinned, public_url),
        method=words.method,
        issuer=IssuerFacts(name=scheme.issuer.name, url=public_url),
        assessed_at=to_the_second(result.decided_at.astimezone(UTC)),
        issued_at=moment,
        valid_until=end_of_validity(moment, scheme.validity.years),
        specimen=pinned.release.specimen,
        verify_url=f"{public_url}/verify/{number}",
        status_list_url=status_list_url(public_url, status_index // LIST_SIZE + 1),
        status_list_index=status_index % LIST_SIZE,
        signatory=_signatory(pinned),
        wording=CertificateWording(
            title=words.title,
            certifies=words.given_to,
            passed=words.has_passed,
        ),
    )


def certificate_row(
    facts: CertificateFacts, session: ExamSession, result: SectionResult, credential: str
) -> Certificate:
    """Return the row that keeps a certificate's record and its signed credential."""
    list_number = int(facts.status_list_url.rsplit("/", 1)[1])
    return Certificate(
        number=facts.number,
        session_id=session.id,
        skill_set=facts.skill_set,
        account_id=session.account_id,
        level=facts.level,
        facts=json.loads(facts.to_json()),
        credential=credential,
        status_index=(list_number - 1) * LIST_SIZE + facts.status_list_index,
        issued_at=facts.issued_at,
        valid_until=facts.valid_until,
    )


def certificate_facts_of(held: Certificate) -> CertificateFacts:
    """Return the record of a stored certificate."""
    return CertificateFacts.from_json(json.dumps(held.facts, ensure_ascii=False))


def statement_facts(
    session: ExamSession,
    holder: Account,
    pinned: Pinned,
    results: Mapping[str, SectionResult],
    held: Mapping[str, Certificate],
    public_url: str,
) -> ResultFacts:
    """Return the record of a statement of results, a row for each section of the exam."""
    assert session.ended_at is not None
    ended = to_the_second(session.ended_at.astimezone(UTC))
    scheme = pinned.scheme
    return ResultFacts(
        reference=str(session.id),
        holder=_holder(holder),
        examined_at=to_the_second(session.created_at.astimezone(UTC)),
        issued_at=ended,
        rows=tuple(_row(pinned, results[code], held.get(code)) for code in session.skill_sets),
        framework=_framework(pinned, public_url),
        scheme=_scheme(pinned, public_url),
        method=scheme.wording.certificate.method,
        issuer=IssuerFacts(name=scheme.issuer.name, url=public_url),
        specimen=pinned.release.specimen,
        title=scheme.wording.result.title,
        notes=_notes(pinned),
    )


def status_list_url(public_url: str, number: int) -> str:
    """Return where a status list is published."""
    return f"{public_url}/api/v1/status-lists/{number}"


def _row(pinned: Pinned, result: SectionResult, held: Certificate | None) -> ResultRow:
    return ResultRow(
        skill_set=result.skill_set,
        skill_set_name=pinned.framework.skill_set(result.skill_set).name,
        outcome=OUTCOMES[result.outcome],
        words=_outcome_words(pinned, result),
        level=result.level,
        required_level=result.required_level,
        certificate_number=held.number if held else None,
    )


def _outcome_words(pinned: Pinned, result: SectionResult) -> Text:
    words = pinned.scheme.wording.result
    match OUTCOMES[result.outcome]:
        case Outcome.PASSED:
            return words.passed
        case Outcome.NOT_YET:
            return words.not_yet
        case Outcome.NO_RESULT:
            return words.no_result_because(result.reason)


def _notes(pinned: Pinned) -> tuple[Text, ...]:
    words = pinned.scheme.wording.result
    provisional = (words.provisional,) if pinned.release.provisional else ()
    return (*provisional, words.use)


def _holder(account: Account) -> HolderFacts:
    return HolderFacts(
        name_th=account.name_th,
        name_latin=account.name_latin,
        subject=f"urn:uuid:{account.id}",
        in_credential=account.name_in_credential,
    )


def _framework(pinned: Pinned, public_url: str) -> FrameworkFacts:
    framework = pinned.framework
    return FrameworkFacts(
        title=framework.title, version=framework.version, url=f"{public_url}/about"
    )


def _scheme(pinned: Pinned, public_url: str) -> SchemeFacts:
    scheme = pinned.scheme
    return SchemeFacts(
        id=scheme.id,
        version=scheme.version,
        url=f"{public_url}/about",
        status=scheme.status,
        status_sentence=scheme.notice if scheme.status == "draft" else None,
    )


def _signatory(pinned: Pinned) -> SignatoryFacts | None:
    """Return who signs; nobody signs a specimen."""
    signatory = pinned.scheme.issuer.signatory
    if signatory is None or pinned.release.specimen:
        return None
    return SignatoryFacts(name=signatory.name, title=signatory.title)
