"""Routes about certificates; verification is open to everyone."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from api.certificates.credential import MEDIA_TYPE, file_name
from api.certificates.schemas import RevocationIn, VerificationOut
from api.dependencies import CertificateService, Ctx, CurrentAccount, require
from api.tables.accounts import AccountRole

router = APIRouter(tags=["certificates"])
well_known = APIRouter(tags=["certificates"])


@well_known.get("/.well-known/jwks.json")
def show_keys(context: Ctx) -> dict[str, list[dict[str, Any]]]:
    """Return the public keys under which credentials are signed (RFC 7517)."""
    return context.signer.jwks()


@router.get("/status-lists/{number}")
def show_status_list(number: int, certificates: CertificateService) -> Response:
    """Return a signed status list (W3C Bitstring Status List): which certificates are revoked."""
    return Response(certificates.status_list(number), media_type=MEDIA_TYPE)


# A number followed by an ending is a document; the routes of documents come before the bare number.


@router.get("/certificates/{number}.pdf")
def download_pdf(
    number: str, account: CurrentAccount, certificates: CertificateService
) -> Response:
    """Return a certificate as PDF, to its holder and to administrators."""
    headers = {"Content-Disposition": f'attachment; filename="{number}.pdf"'}
    content = certificates.pdf(account, number)
    return Response(content, media_type="application/pdf", headers=headers)


@router.get("/certificates/{number}.vc.jwt")
def download_credential(
    number: str, account: CurrentAccount, certificates: CertificateService
) -> Response:
    """Return a certificate as a signed credential, to its holder and to administrators."""
    headers = {"Content-Disposition": f'attachment; filename="{file_name(number)}"'}
    content = certificates.credential(account, number)
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
