"""Three questions to get used to the pages of an exam.

What is chosen travels in the address and is kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from api.dependencies import CurrentAccount
from api.exams.schemas import OptionOut
from api.web.exam.question import Question, question_page
from api.web.rendering import Page, ThisPage
from api.web.words import word
from itembank import RehearsalItem, load_rehearsal
from itembank.text import Language

router = APIRouter()

PATH = "/exam/rehearsal"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """A rehearsal item as a candidate sees it: named part by part, as in an exam, without its key."""

    sequence: int
    number_in_section: int
    at_most_in_section: int
    language: Language
    stem: str
    options: list[OptionOut]
    stimulus: None = None


@router.get(PATH)
def show_rehearsal(
    page: ThisPage,
    account: CurrentAccount,
    number: Annotated[int, Query(ge=1, le=1000)] = 1,
    language: Language | None = None,
    skill_set: Annotated[list[str] | None, Query()] = None,
    asked: bool = False,
    choice: str | None = None,
    change: bool = False,
) -> HTMLResponse:
    """Show rehearsal question `number` in the state its address says, or the end after the last."""
    spoken = language or page.language
    exam: dict[str, object] = {"language": spoken, "skill_set": skill_set or []}
    items = _items()
    if number > len(items):
        return _end_page(page, spoken, exam)
    item = items[number - 1]
    return question_page(
        page, _question(item, number, spoken, exam), choice, asked=asked, change=change
    )


@cache
def _items() -> tuple[RehearsalItem, ...]:
    return load_rehearsal()


def _question(
    item: RehearsalItem, number: int, language: Language, exam: dict[str, object]
) -> Question:
    return Question(
        item=_shown(item, number, language),
        section_name=word(language, "rehearsal.section"),
        path=PATH,
        carried=exam,
        choose_fields={"number": number, "asked": 1},
        confirm_path=PATH,
        confirm_method="get",
        confirm_fields={"number": number + 1},
        skip_path=f"/exam/notice?{_query(exam)}",
    )


def _shown(item: RehearsalItem, number: int, language: Language) -> ShownItem:
    return ShownItem(
        sequence=number,
        number_in_section=number,
        at_most_in_section=len(_items()),
        language=language,
        stem=item.stem.of(language),
        options=[OptionOut(id=option.id, text=option.text.of(language)) for option in item.options],
    )


def _end_page(page: Page, language: Language, exam: dict[str, object]) -> HTMLResponse:
    return page.render(
        "exam/rehearsal_end.html",
        language=language,
        again_path=f"{PATH}?{_query(exam)}",
        back_path=f"/exam/notice?{_query(exam)}",
    )


def _query(exam: dict[str, object]) -> str:
    return urlencode(exam, doseq=True)
