"""Sitting an exam: choosing it, the notice before it, and its questions one by one.

Every act is a form that answers with "see other", so that reloading a page repeats nothing. Which question
is open and what an answer leads to is the service's to say; here it is only shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.dependencies import CurrentAccount, ExamService, require
from api.exams.schemas import (
    MOST_SKILL_SETS,
    AnswerIn,
    OfferedSection,
    OfferOut,
    SessionOut,
    StartIn,
)
from api.tables.accounts import AccountRole
from api.web.exam.question import Question, question_page
from api.web.formats import minutes_left, translated
from api.web.rendering import Page, ThisPage, see_other
from itembank.text import Language

router = APIRouter()

SkillSets = Annotated[list[str] | None, Query(alias="skill_set")]


@router.get("/exam")
def show_offer(
    page: ThisPage,
    account: CurrentAccount,
    exams: ExamService,
    skill_sets: SkillSets = None,
    language: Language | None = None,
) -> HTMLResponse:
    """Show what the person's role requires, chosen already, and what else can be sat."""
    offer = exams.offer(require(account, AccountRole.CANDIDATE))
    return _offer_page(page, offer, skill_sets, language)


@router.get("/exam/notice")
def show_notice(
    page: ThisPage,
    account: CurrentAccount,
    exams: ExamService,
    skill_sets: SkillSets = None,
    language: Language | None = None,
) -> Response:
    """Say what becomes of a person's data and how the exam works, before it begins."""
    offer = exams.offer(require(account, AccountRole.CANDIDATE))
    if offer.open_session:
        return see_other("/exam")
    sections = [each for each in _named(page, offer) if each.skill_set in (skill_sets or [])]
    if not sections:
        return _offer_page(page, offer, [], language, problem="offer.choose_one")
    spoken = language or page.language
    return page.render(
        "exam/notice.html",
        rehearsal=True,
        sections=sections,
        exam_language=spoken,
        choice_query=choice_query([each.skill_set for each in sections], spoken),
    )


@router.post("/exam/start")
def start(
    account: CurrentAccount,
    exams: ExamService,
    skill_sets: Annotated[list[str], Form(alias="skill_set", max_length=MOST_SKILL_SETS)],
    language: Annotated[Language, Form()] = "th",
) -> RedirectResponse:
    """Open the exam; no clock runs before its first section is opened."""
    wish = StartIn(language=language, skill_sets=skill_sets)
    return see_other(f"/exam/{exams.start(account, wish).session}")


@router.get("/exam/{session_id}")
def show_exam(
    page: ThisPage,
    account: CurrentAccount,
    exams: ExamService,
    session_id: UUID,
    sequence: int | None = None,
    choice: str | None = None,
    change: bool = False,
    time_over: bool = False,
) -> Response:
    """Show where the exam stands: a question (choosing or confirming), a pause, or the way to the result."""
    session = exams.show(account, session_id)
    if session.state == "ended":
        return see_other(f"/exam/{session_id}/result")
    if session.item is None:
        return _between_page(page, session, time_over=time_over)
    if sequence not in (None, session.item.sequence):
        return see_other(f"/exam/{session_id}")
    asked = sequence is not None
    return question_page(page, _question(session), choice, asked=asked, change=change)


@router.post("/exam/{session_id}/section")
def open_section(account: CurrentAccount, exams: ExamService, session_id: UUID) -> RedirectResponse:
    """Open the next section: its clock starts."""
    exams.open_section(account, session_id)
    return see_other(f"/exam/{session_id}")


@router.post("/exam/{session_id}/answer")
def answer(
    account: CurrentAccount,
    exams: ExamService,
    session_id: UUID,
    given: Annotated[AnswerIn, Form()],
) -> RedirectResponse:
    """Record a confirmed answer; sent twice, it counts once."""
    exams.answer(account, session_id, given)
    return see_other(f"/exam/{session_id}")


@router.get("/exam/{session_id}/end")
def show_end(
    page: ThisPage, account: CurrentAccount, exams: ExamService, session_id: UUID
) -> Response:
    """Ask whether to end the exam, and say what would be lost."""
    session = exams.show(account, session_id)
    if session.state == "ended":
        return see_other(f"/exam/{session_id}/result")
    lost = [section for section in session.sections if section.state != "ended"]
    return page.render("exam/end.html", language=session.language, session=session, lost=lost)


@router.post("/exam/{session_id}/end")
def end(account: CurrentAccount, exams: ExamService, session_id: UUID) -> RedirectResponse:
    """End the exam early."""
    exams.end(account, session_id)
    return see_other(f"/exam/{session_id}/result")


def choice_query(skill_sets: Sequence[str], language: Language) -> str:
    """Return a choice of skill sets and language as it stands in an address."""
    return urlencode({"skill_set": list(skill_sets), "language": language}, doseq=True)


def _offer_page(
    page: Page,
    offer: OfferOut,
    chosen: Sequence[str] | None,
    language: Language | None,
    *,
    problem: str | None = None,
) -> HTMLResponse:
    sections = _named(page, offer)
    required = [each.skill_set for each in sections if each.required_level]
    return page.render(
        "exam/offer.html",
        status=422 if problem else 200,
        offer=offer,
        role_name=_role_name(page, offer),
        sections=sections,
        chosen=required if chosen is None else chosen,
        exam_language=language or page.language,
        problems={"skill_set": page.word(problem)} if problem else {},
    )


def _named(page: Page, offer: OfferOut) -> list[OfferedSection]:
    """Return what is offered with its names in the reader's language, what is required first."""
    framework = page.context.catalogue.framework
    named = [
        each.model_copy(
            update={
                "name": translated(
                    each.name, framework.skill_set(each.skill_set).name, page.language
                )
            }
        )
        for each in offer.sections
    ]
    return sorted(named, key=lambda each: each.required_level is None)


def _role_name(page: Page, offer: OfferOut) -> str | None:
    if offer.role is None or offer.role_name is None:
        return None
    known = page.context.catalogue.framework.role(offer.role).name
    return translated(offer.role_name, known, page.language)


def _question(session: SessionOut) -> Question:
    item, path = session.item, f"/exam/{session.session}"
    assert item is not None
    name = next(each.name for each in session.sections if each.skill_set == item.skill_set)
    return Question(
        item=item,
        section_name=name,
        path=path,
        choose_fields={"sequence": item.sequence},
        confirm_path=f"{path}/answer",
        confirm_fields={"sequence": item.sequence, "item": item.item},
        server_time=session.server_time,
        answer_by=item.answer_by,
        minutes_left=minutes_left(session.server_time, item.answer_by),
        end_path=f"{path}/end",
    )


def _between_page(page: Page, session: SessionOut, *, time_over: bool) -> HTMLResponse:
    following = next(each for each in session.sections if each.skill_set == session.next_section)
    return page.render(
        "exam/between.html",
        language=session.language,
        session=session,
        following=following,
        done=sum(section.state == "ended" for section in session.sections),
        time_over=time_over,
    )
