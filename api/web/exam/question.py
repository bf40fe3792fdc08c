"""One question as a page, in an exam and in its rehearsal alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from urllib.parse import urlencode

from fastapi.responses import HTMLResponse

from api.exams.schemas import OptionOut, StimulusOut
from api.web.rendering import Page
from itembank.text import Language


class AskedItem(Protocol):
    """What a page shows of an item: that of an exam (`ItemOut`), or of the rehearsal."""

    @property
    def sequence(self) -> int: ...
    @property
    def number_in_section(self) -> int: ...
    @property
    def at_most_in_section(self) -> int: ...
    @property
    def language(self) -> Language: ...
    @property
    def stimulus(self) -> StimulusOut | None: ...
    @property
    def stem(self) -> str: ...
    @property
    def options(self) -> list[OptionOut]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question, where its two forms lead, and what they carry.

    Choosing is a GET of `path` (nothing is recorded); confirming goes to `confirm_path`. A question
    without `minutes_left` is not timed.
    """

    item: AskedItem
    section_name: str
    path: str
    choose_fields: Mapping[str, object]
    confirm_path: str
    confirm_fields: Mapping[str, object]
    confirm_method: Literal["get", "post"] = "post"
    answer_field: str = "answer"
    server_time: datetime | None = None
    answer_by: datetime | None = None
    minutes_left: int | None = None
    end_path: str | None = None
    skip_path: str | None = None
    carried: Mapping[str, object] = field(default_factory=dict)
    """What both forms carry from page to page."""


def question_page(
    page: Page, question: Question, choice: str | None, *, asked: bool, change: bool
) -> HTMLResponse:
    """Return a question to choose an answer of, or, with a choice that is not to change, to confirm it.

    `asked` says that the form of choosing was sent: without a choice the page then says what is missing.
    """
    known = choice in [option.id for option in question.item.options]
    confirming = asked and known and not change
    return page.render(
        "exam/question.html",
        status=422 if asked and not known else 200,
        language=question.item.language,
        item=question.item,
        section_name=question.section_name,
        path=question.path,
        choice=choice if known else None,
        confirming=confirming,
        unanswered=asked and not known,
        choose_fields=_hidden({**question.carried, **question.choose_fields}),
        confirm_method=question.confirm_method,
        confirm_path=question.confirm_path,
        confirm_fields=_hidden(
            {**question.carried, **question.confirm_fields, question.answer_field: choice}
        ),
        change_path=_change_path(question, choice),
        minutes_left=question.minutes_left,
        server_time=question.server_time,
        answer_by=question.answer_by,
        end_path=question.end_path,
        skip_path=question.skip_path,
    )


def _hidden(fields: Mapping[str, object]) -> list[tuple[str, object]]:
    """Return the hidden fields of a form, one for each value of a list."""
    return [
        (name, value)
        for name, values in fields.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _change_path(question: Question, choice: str | None) -> str:
    fields = {**question.carried, **question.choose_fields, "choice": choice or "", "change": 1}
    return f"{question.path}?{urlencode(fields, doseq=True)}"
