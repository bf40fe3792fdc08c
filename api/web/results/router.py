"""What was decided: the result of an exam, its documents, and everything that is a person's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from api.certificates.credential import MEDIA_TYPE, file_name
from api.certificates.drawing import DrawnPdf
from api.certificates.numbers import normalise
from api.certificates.pdf import render_certificate, render_statement
from api.dependencies import CertificateService, CurrentAccount, ExamService
from api.exams.schemas import SectionResultOut
from api.tables import Certificate
from api.web.formats import translated
from api.web.headers import PERSONAL
from api.web.rendering import Page, ThisPage, see_other
from itembank.framework.model import Unit
from itembank.text import Text

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownResult:
    """One section's result in the reader's language; never an ability or a probability."""

    skill_set: str
    name: str
    outcome: str
    headline: str
    level: int | None
    descriptor: str | None
    required_level: int | None
    number: str | None
    units: Sequence[Unit]

    @property
    def reached(self) -> bool:
        return (self.level or 0) >= (self.required_level or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCertificate:
    """A certificate in the list of a person's own."""

    number: str
    name: str
    level: int
    held: Certificate


@router.get("/exam/{session_id}/result")
def show_result(
    page: ThisPage, account: CurrentAccount, exams: ExamService, session_id: UUID
) -> Response:
    """Show what an ended exam decided, its documents, and what to do next."""
    if exams.show(account, session_id).state != "ended":
        return see_other(f"/exam/{session_id}")
    result = exams.result(account, session_id)
    sections = [_shown(page, section) for section in result.sections]
    return page.render(
        "results/result.html",
        result=result,
        sections=sections,
        to_learn=[each for each in sections if each.outcome != "no_result" and not _done(each)],
        some_without_result=any(each.outcome == "no_result" for each in sections),
        wording=page.context.catalogue.scheme.wording.result,
        retake=page.context.catalogue.scheme.retake.note,
    )


@router.get("/exam/{session_id}/statement.pdf")
def download_statement(
    account: CurrentAccount, certificates: CertificateService, session_id: UUID
) -> Response:
    """Return the statement of results."""
    facts = certificates.statement(account, session_id)
    return DrawnPdf(partial(render_statement, facts), f"statement-{session_id}.pdf")


@router.get("/my")
def show_mine(
    page: ThisPage, account: CurrentAccount, exams: ExamService, certificates: CertificateService
) -> HTMLResponse:
    """Show a person's exams and certificates, the newest first."""
    return page.render(
        "results/my.html",
        sessions=exams.mine(account),
        certificates=[_certificate(page, held) for held in certificates.mine(account)],
        skill_set_name=lambda code: _skill_set(page, code).of(page.language),
    )


@router.get("/my/certificates/{number}.pdf")
def download_certificate(
    account: CurrentAccount, certificates: CertificateService, number: str
) -> Response:
    """Return a certificate of the person's own as PDF."""
    facts = certificates.record(account, number)
    return DrawnPdf(partial(render_certificate, facts), f"{facts.number}.pdf")


@router.get("/my/certificates/{number}/credential")
def download_credential(
    account: CurrentAccount, certificates: CertificateService, number: str
) -> Response:
    """Return a certificate of the person's own as a signed file."""
    content = certificates.credential(account, number)
    disposition = f'attachment; filename="{file_name(_canonical(number))}"'
    headers = {**PERSONAL, "Content-Disposition": disposition}
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


def _shown(page: Page, section: SectionResultOut) -> ShownResult:
    framework = page.context.catalogue.framework
    return ShownResult(
        skill_set=section.skill_set,
        name=translated(section.name, _skill_set(page, section.skill_set), page.language),
        outcome=section.outcome,
        headline=_headline(page, section),
        level=section.level,
        descriptor=_descriptor(page, section),
        required_level=section.required_level,
        number=section.certificate.number if section.certificate else None,
        units=framework.units_of(section.skill_set),
    )


def _done(section: ShownResult) -> bool:
    return section.outcome == "shown" and section.reached


def _headline(page: Page, section: SectionResultOut) -> str:
    """Return the outcome in the words of the scheme, which are also those of the documents."""
    words = page.context.catalogue.scheme.wording.result
    if section.outcome == "shown":
        return words.passed.of(page.language)
    if section.outcome == "not_yet_shown":
        return words.not_yet.of(page.language)
    why = words.reasons[section.reason].of(page.language)
    return words.no_result.of(page.language).replace("{reason}", why)


def _descriptor(page: Page, section: SectionResultOut) -> str | None:
    if section.level is None or section.level_descriptor is None:
        return None
    rules = page.context.catalogue.scheme.skill_set(section.skill_set)
    known = rules.level(section.level).descriptor
    return translated(section.level_descriptor, known, page.language)


def _certificate(page: Page, held: Certificate) -> ShownCertificate:
    name = _skill_set(page, held.skill_set).of(page.language)
    return ShownCertificate(number=held.number, name=name, level=held.level, held=held)


def _skill_set(page: Page, code: str) -> Text:
    return page.context.catalogue.framework.skill_set(code).name


def _canonical(number: str) -> str:
    """Return a number as it is stored: only its letters, digits and hyphens go into a header."""
    return normalise(number).number or "certificate"
