"""Verifying a certificate by its number or its file; open to everyone."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, UploadFile
from fastapi.responses import HTMLResponse, Response

from api.certificates.numbers import normalise
from api.certificates.schemas import VerificationOut
from api.certificates.verification import REASON_WORDS
from api.dependencies import CertificateService
from api.errors import InvalidRequestError, NotFoundError
from api.web.rendering import Page, ThisPage, see_other

router = APIRouter()

LARGEST_FILE = 1_000_000
LONGEST_NUMBER = 64


@router.get("/verify")
def show_verify(page: ThisPage, number: Annotated[str | None, Query()] = None) -> Response:
    """Show both forms; with a number, lead to its page."""
    if number is None:
        return _form(page)
    if not number.strip():
        return _form(page, number_problem="verify.number_empty", status=422)
    return _to_number(page, number)


@router.post("/verify")
def verify_file(
    page: ThisPage, certificates: CertificateService, file: UploadFile | None = None
) -> HTMLResponse:
    """Say whether an uploaded credential is genuine and stands; the file is not kept."""
    content = file.file.read(LARGEST_FILE + 1) if file else b""
    if not content:
        return _form(page, file_problem="verify.file_empty", status=422)
    if len(content) > LARGEST_FILE:
        return _form(page, file_problem="verify.file_large", status=413)
    return _verdict_page(page, certificates.verify_file(content), by_file=True)


@router.get("/verify/{number}")
def show_verification(
    page: ThisPage, certificates: CertificateService, number: str
) -> HTMLResponse:
    """Say whether the certificate with a number stands; this address is in the QR code."""
    try:
        return _verdict_page(page, certificates.look_up(number))
    except InvalidRequestError:
        number = number[:LONGEST_NUMBER]
        return _form(page, number, number_problem="verify.number_wrong", status=422)
    except NotFoundError:
        return page.render("verification/unknown.html", status=404, number=number)


def _to_number(page: Page, number: str) -> Response:
    reading = normalise(number)
    if reading.number is None or reading.problem is not None:
        number = number[:LONGEST_NUMBER]
        return _form(page, number, number_problem="verify.number_wrong", status=422)
    return see_other(f"/verify/{quote(reading.number, safe='')}")


def _form(
    page: Page,
    number: str = "",
    *,
    number_problem: str | None = None,
    file_problem: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    problems = {"number": number_problem, "file": file_problem}
    return page.render(
        "verification/verify.html",
        status=status,
        number=number,
        problems={name: page.word(key) for name, key in problems.items() if key},
    )


def _verdict_page(page: Page, verdict: VerificationOut, *, by_file: bool = False) -> HTMLResponse:
    return page.render(
        "verification/verification.html",
        verdict=verdict,
        headline=_headline(verdict),
        reasons=[_reason(page, code) for code in verdict.reasons],
        by_file=by_file,
    )


def _headline(verdict: VerificationOut) -> str:
    """Return the words under which a verdict is announced."""
    if verdict.status in ("revoked", "expired"):
        return verdict.status
    if verdict.valid:
        return "valid_specimen" if verdict.specimen else "valid"
    return "not_valid" if verdict.number else "unreadable"


def _reason(page: Page, code: str) -> str:
    known = {str(reason): words for reason, words in REASON_WORDS.items()}
    return known[code].of(page.language) if code in known else code
