"""What goes over the wire about an exam.

A candidate's payload is built by naming what goes in: no key, parameter, level of an item or
estimate has a field here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from api.schemas import In, Language, Out

MOST_SKILL_SETS = 50
"""Skill sets that one wish may name; no framework comes near, and each wrong one is answered for."""

SectionState = Literal["waiting", "open", "ended"]
SessionState = Literal["between_sections", "in_section", "ended"]
Outcome = Literal["shown", "not_yet_shown", "no_result"]


class OptionOut(Out):
    id: str
    text: str


class StimulusOut(Out):
    """A text that several questions are about, shown with each of them."""

    id: str
    text: str


class ItemOut(Out):
    """A question as the candidate sees it."""

    sequence: int = Field(description="Number of the question in the session, from 1")
    item: str
    skill_set: str
    number_in_section: int
    at_most_in_section: int
    language: Language
    stimulus: StimulusOut | None
    stem: str
    options: list[OptionOut]
    answer_by: datetime = Field(description="End of the section's time, UTC")


class SectionOut(Out):
    skill_set: str
    name: str
    state: SectionState
    min_items: int
    max_items: int
    minutes: int
    answered: int
    required_level: int | None
    answer_by: datetime | None


class SessionOut(Out):
    """Where a session stands; enough for a page to show what comes next."""

    session: UUID
    state: SessionState
    language: Language
    specimen: bool
    sections: list[SectionOut]
    next_section: str | None
    item: ItemOut | None
    server_time: datetime


class StartIn(In):
    """Which exam to sit: the sections that the person's role requires, or those named."""

    language: Language = "th"
    skill_sets: Annotated[list[str], Field(min_length=1, max_length=MOST_SKILL_SETS)] | None = None


class AnswerIn(In):
    sequence: int = Field(ge=1, le=10_000, description="Number of the question answered")
    item: str = Field(min_length=1, max_length=64)
    answer: str = Field(min_length=1, max_length=64, description="Id of the option chosen")


class StepOut(Out):
    """The reply to an answer: the same for the same answer, however often it is sent."""

    session: UUID
    sequence: int
    item: str
    answer: str
    state: SessionState
    section_ended: str | None
    next_section: str | None
    next_item: ItemOut | None


class CertificateRef(Out):
    number: str
    pdf: str
    credential: str
    verify: str


class SectionResultOut(Out):
    skill_set: str
    name: str
    outcome: Outcome
    reason: str
    level: int | None
    level_descriptor: str | None
    required_level: int | None
    certificate: CertificateRef | None


class ResultOut(Out):
    session: UUID
    specimen: bool
    scheme_status: str
    ended_at: datetime
    statement: str
    sections: list[SectionResultOut]


class SessionSummary(Out):
    """One line in the list of a person's exams."""

    session: UUID
    created_at: datetime
    ended_at: datetime | None
    language: Language
    skill_sets: list[str]


class OfferedSection(Out):
    """A skill set that can be sat, and what the person's role requires of it."""

    skill_set: str
    name: str
    required_level: int | None
    min_items: int
    max_items: int
    minutes: int


class OfferOut(Out):
    """What this person can sit, and the open session if there is one."""

    role: str | None
    role_name: str | None
    specimen: bool
    scheme_status: str
    open_session: UUID | None
    sections: list[OfferedSection]


class LoggedEvent(Out):
    """One event of a session as staff see it."""

    position: int
    kind: str
    at: datetime
    skill_set: str | None
    sequence: int | None
    item: str | None
    item_version: int | None
    answer: str | None
    category: int | None
    theta: float | None
    se: float | None
    detail: dict[str, object]
    digest: str


class LogOut(Out):
    session: UUID
    bank: str
    scheme: str
    framework: str
    engine_version: str
    events: list[LoggedEvent]
