"""What staff can do here now: read an exam's log, take a certificate back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from api.dependencies import CertificateService, CurrentAccount, ExamService, require
from api.tables.accounts import AccountRole
from api.web.rendering import Page, ThisPage, see_other

router = APIRouter()

SHORTEST_REASON = 5
LONGEST_REASON = 1000


@router.get("/staff")
def show_staff(
    page: ThisPage,
    account: CurrentAccount,
    session: Annotated[str | None, Query()] = None,
    revoked: Annotated[str, Query()] = "",
) -> Response:
    """Say what the account's role can do here, and lead to it."""
    if session is None:
        return _staff_page(page, revoked=revoked)
    try:
        return see_other(f"/staff/sessions/{UUID(session.strip())}")
    except ValueError:
        return _staff_page(page, session, problem={"session": "staff.session_id_wrong"})


@router.get("/staff/sessions/{session_id}")
def show_log(
    page: ThisPage, account: CurrentAccount, exams: ExamService, session_id: UUID
) -> HTMLResponse:
    """Show a session's log with its estimates; who read it is recorded."""
    reader = require(account, AccountRole.PSYCHOMETRICIAN, AccountRole.ADMINISTRATOR)
    return page.render("staff/log.html", log=exams.log(session_id, actor=reader))


@router.post("/staff/revoke")
def revoke(
    page: ThisPage,
    account: CurrentAccount,
    certificates: CertificateService,
    number: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    confirmed: Annotated[bool, Form()] = False,
) -> Response:
    """Take a certificate back, once the person has confirmed it: it cannot be undone."""
    administrator = require(account, AccountRole.ADMINISTRATOR)
    reason = reason.strip()
    if not number.strip() or not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        problem = {"number": "staff.revoke_missing"}
        return _staff_page(page, number=number, reason=reason, problem=problem)
    if not confirmed:
        found = certificates.look_up(number)
        return page.render("staff/revoke.html", verdict=found, reason=reason)
    verdict = certificates.revoke(administrator, number, reason)
    return see_other("/staff", {"revoked": verdict.number})


def _staff_page(
    page: Page,
    session: str = "",
    *,
    number: str = "",
    reason: str = "",
    revoked: str = "",
    problem: dict[str, str] | None = None,
) -> HTMLResponse:
    return page.render(
        "staff/staff.html",
        status=422 if problem else 200,
        session=session,
        number=number,
        reason=reason,
        revoked=revoked,
        problems={name: page.word(key) for name, key in (problem or {}).items()},
    )
