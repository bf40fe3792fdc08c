"""Routes about exams."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from fastapi import APIRouter, Response

from api.certificates.drawing import DrawnPdf
from api.certificates.pdf import render_statement
from api.dependencies import CertificateService, CurrentAccount, ExamService, require
from api.exams.schemas import (
    AnswerIn,
    LogOut,
    OfferOut,
    ResultOut,
    SessionOut,
    SessionSummary,
    StartIn,
    StepOut,
)
from api.tables.accounts import AccountRole

router = APIRouter(tags=["exams"])


@router.get("/exam")
def show_offer(account: CurrentAccount, exams: ExamService) -> OfferOut:
    """Return what this person can sit, and what the role requires."""
    return exams.offer(account)


@router.get("/sessions")
def list_sessions(account: CurrentAccount, exams: ExamService) -> list[SessionSummary]:
    """Return this person's exams, the newest first."""
    return exams.mine(account)


@router.post("/sessions", status_code=201)
def start_exam(wish: StartIn, account: CurrentAccount, exams: ExamService) -> SessionOut:
    """Open an exam; its first section is opened apart."""
    return exams.start(account, wish)


@router.get("/sessions/{session_id}")
def show_session(session_id: UUID, account: CurrentAccount, exams: ExamService) -> SessionOut:
    """Return where the exam stands, with the open question if there is one."""
    return exams.show(account, session_id)


@router.post("/sessions/{session_id}/sections")
def open_section(session_id: UUID, account: CurrentAccount, exams: ExamService) -> SessionOut:
    """Open the next section; its clock starts."""
    return exams.open_section(account, session_id)


@router.post("/sessions/{session_id}/responses", status_code=201)
def submit_response(
    session_id: UUID, given: AnswerIn, account: CurrentAccount, exams: ExamService
) -> StepOut:
    """Record one answer and say what comes next; send it again and nothing is counted twice."""
    return exams.answer(account, session_id, given)


@router.post("/sessions/{session_id}/end")
def end_exam(session_id: UUID, account: CurrentAccount, exams: ExamService) -> SessionOut:
    """End the exam early; sections not finished have no result."""
    return exams.end(account, session_id)


@router.get("/sessions/{session_id}/result")
def show_result(session_id: UUID, account: CurrentAccount, exams: ExamService) -> ResultOut:
    """Return what an ended exam decided."""
    return exams.result(account, session_id)


@router.get("/sessions/{session_id}/statement.pdf")
def download_statement(
    session_id: UUID, account: CurrentAccount, certificates: CertificateService
) -> Response:
    """Return the statement of results of an ended exam."""
    facts = certificates.statement(account, session_id)
    return DrawnPdf(partial(render_statement, facts), f"{session_id}.pdf")


@router.get("/sessions/{session_id}/log")
def show_log(session_id: UUID, account: CurrentAccount, exams: ExamService) -> LogOut:
    """Return a session's log with its estimates, for psychometricians and administrators."""
    staff = require(account, AccountRole.PSYCHOMETRICIAN, AccountRole.ADMINISTRATOR)
    return exams.log(session_id, actor=staff)
