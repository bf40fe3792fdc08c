"""Routes about certificates; verification is open to everyone."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter, Response

from api.certificates.credential import MEDIA_TYPE, file_name
from api.certificates.drawing import MEDIA_TYPE as PDF
from api.certificates.drawing import DrawnPdf
from api.certificates.numbers import normalise
from api.certificates.pdf import render_certificate
from api.certificates.schemas import RevocationIn, VerificationOut
from api.dependencies import CertificateService, Ctx, CurrentAccount, require
from api.tables.accounts import AccountRole

router = APIRouter(tags=["certificates"])
well_known = APIRouter(tags=["certificates"])


def _file(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Return what the OpenAPI document says of a route that answers with a file."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {200: {"description": "The file", "content": content}}


@well_known.get("/.well-known/jwks.json")
def show_keys(context: Ctx) -> dict[str, list[dict[str, Any]]]:
    """Return the public keys under which credentials are signed (RFC 7517)."""
    return context.signer.jwks()


@router.get("/status-lists/{number}", response_class=Response, responses=_file(MEDIA_TYPE))
def show_status_list(number: int, certificates: CertificateService) -> Response:
    """Return a signed status list (W3C Bitstring Status List): which certificates are revoked."""
    return Response(certificates.status_list(number), media_type=MEDIA_TYPE)


# A number followed by an ending is a document; the routes of documents come before the bare number.


@router.get("/certificates/{number}.pdf", response_class=Response, responses=_file(PDF))
def download_pdf(
    number: str, account: CurrentAccount, certificates: CertificateService
) -> Response:
    """Return a certificate as PDF, to its holder and to administrators."""
    facts = certificates.record(account, number)
    return DrawnPdf(partial(render_certificate, facts), f"{facts.number}.pdf")


@router.get("/certificates/{number}.vc.jwt", response_class=Response, responses=_file(MEDIA_TYPE))
def download_credential(
    number: str, account: CurrentAccount, certificates: CertificateService
) -> Response:
    """Return a certificate as a signed credential, to its holder and to administrators."""
    content = certificates.credential(account, number)
    headers = _saved_as(file_name(_canonical(number)))
    return Response(content, media_type=MEDIA_TYPE, headers=headers)


@router.get("/certificates/{number}")
def look_up(number: str, certificates: CertificateService) -> VerificationOut:
    """Say whether a certificate stands; Thai digits, spaces and small letters are read too."""
    return certificates.look_up(number)


@router.post("/certificates/{number}/revocation")
def revoke(
    number: str, wish: RevocationIn, account: CurrentAccount, certificates: CertificateService
) -> VerificationOut:
    """Take a certificate back; it cannot be undone."""
    administrator = require(account, AccountRole.ADMINISTRATOR)
    return certificates.revoke(administrator, number, wish.reason)


def _canonical(number: str) -> str:
    """Return a number as it is stored: what was typed may hold what no header can carry."""
    return normalise(number).number or "certificate"


def _saved_as(name: str) -> dict[str, str]:
    """Return headers for a person's own file: its name, and that nobody on the way keeps it."""
    disposition = f'attachment; filename="{name}"'
    return {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
