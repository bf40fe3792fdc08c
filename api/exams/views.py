"""What a session looks like from outside.

Replies are built here field by field; nothing of an item goes out that is not named in `_item`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from api.bank.catalogue import Pinned
from api.certificates.credential import file_name
from api.exams.course import Course, SectionCourse
from api.exams.events import Event, Kind
from api.exams.schemas import (
    CertificateRef,
    ItemOut,
    LoggedEvent,
    LogOut,
    OfferedSection,
    OfferOut,
    OptionOut,
    ResultOut,
    SectionOut,
    SectionResultOut,
    SectionState,
    SessionOut,
    SessionState,
    SessionSummary,
    StepOut,
    StimulusOut,
)
from api.schemas import Language
from api.tables import Certificate, ExamSession, SectionResult, SessionEvent

Role = tuple[str, str]


def language_of(code: str) -> Language:
    """Return a stored language code as what it is."""
    return "en" if code == "en" else "th"


def required_levels(pinned: Pinned, role: Role | None) -> dict[str, int]:
    """Return the level that a role (group, phase) requires of each skill set it names."""
    if role is None:
        return {}
    requirements = pinned.scheme.requirements(pinned.framework.role(*role))
    return {each.skill_set: each.level for each in requirements}


def offer(pinned: Pinned, role: Role | None, opened: UUID | None, language: str) -> OfferOut:
    """Return every skill set with what the role requires of it."""
    tongue = language_of(language)
    required = required_levels(pinned, role)
    return OfferOut(
        role="/".join(role) if role else None,
        role_name=pinned.framework.role(*role).name.of(tongue) if role else None,
        specimen=pinned.release.specimen,
        scheme_status=pinned.scheme.status,
        open_session=opened,
        sections=[
            _offered(
                pinned, skill_set.code, skill_set.name.of(tongue), required.get(skill_set.code)
            )
            for skill_set in pinned.framework.skill_sets
        ],
    )


def session(stored: ExamSession, pinned: Pinned, course: Course, now: datetime) -> SessionOut:
    """Return where a session stands."""
    shown = course.open_item
    required = required_levels(pinned, session_role(stored))
    return SessionOut(
        session=stored.id,
        state=_state(course),
        language=language_of(stored.language),
        specimen=pinned.release.specimen,
        sections=[
            _section(stored, pinned, course, code, required.get(code)) for code in stored.skill_sets
        ],
        next_section=None if course.open_section else course.next_section,
        item=_item(stored, course, shown) if shown else None,
        server_time=now,
    )


def step(stored: ExamSession, course: Course, events: Sequence[Event], sequence: int) -> StepOut:
    """Return the reply to an answer, read from the log alone: the same however often it is asked."""
    answered = course.answers[sequence]
    place = events.index(answered)
    after, last = events[place + 1], events[place + 2 : place + 3]
    shown = after if after.kind is Kind.ITEM_SHOWN else None
    over = bool(last) and shown is None and last[0].kind is Kind.ENDED
    ended = after.skill_set if shown is None else None
    return StepOut(
        session=stored.id,
        sequence=sequence,
        item=answered.item or "",
        answer=answered.answer or "",
        state="in_section" if shown else "ended" if over else "between_sections",
        section_ended=ended,
        next_section=_following(stored, ended) if ended else None,
        next_item=_item(stored, course, shown) if shown else None,
    )


def result(
    stored: ExamSession,
    pinned: Pinned,
    results: Mapping[str, SectionResult],
    held: Mapping[str, Certificate],
    public_url: str,
) -> ResultOut:
    """Return what an ended session decided, section by section."""
    assert stored.ended_at is not None
    return ResultOut(
        session=stored.id,
        specimen=pinned.release.specimen,
        scheme_status=pinned.scheme.status,
        ended_at=stored.ended_at,
        statement=f"{public_url}/api/v1/sessions/{stored.id}/statement.pdf",
        sections=[
            _section_result(stored, pinned, results[code], held.get(code), public_url)
            for code in stored.skill_sets
        ],
    )


def summary(stored: ExamSession) -> SessionSummary:
    """Return a session as one line of a list."""
    return SessionSummary(
        session=stored.id,
        created_at=stored.created_at,
        ended_at=stored.ended_at,
        language=language_of(stored.language),
        skill_sets=list(stored.skill_sets),
    )


def log(stored: ExamSession, rows: Sequence[SessionEvent]) -> LogOut:
    """Return a session's log as staff see it: everything but the seed, which stays secret."""
    return LogOut(
        session=stored.id,
        bank=stored.bank_hash,
        scheme=stored.scheme_hash,
        framework=stored.framework_hash,
        engine_version=stored.engine_version,
        events=[
            LoggedEvent(**row.model_dump(include=set(LoggedEvent.model_fields))) for row in rows
        ],
    )


def session_role(stored: ExamSession) -> Role | None:
    """Return the role (group, phase) that a session was started in."""
    if stored.target_group is None or stored.phase is None:
        return None
    return stored.target_group, stored.phase


def _item(stored: ExamSession, course: Course, shown: Event) -> ItemOut:
    language = language_of(stored.language)
    skill_set = shown.skill_set or ""
    section, compiled = course.sections[skill_set], course.exam.section(skill_set)
    released = compiled.items[compiled.index(shown.item or "")]
    stimulus = course.exam.release.stimulus_of(released)
    numbers = [each.sequence for each in section.shown]
    return ItemOut(
        sequence=shown.sequence or 0,
        item=released.id,
        skill_set=skill_set,
        number_in_section=numbers.index(shown.sequence) + 1,
        at_most_in_section=compiled.design.stopping.max_items,
        language=language,
        stimulus=StimulusOut(id=stimulus.id, text=stimulus.text.of(language)) if stimulus else None,
        stem=released.stem.of(language),
        options=[OptionOut(id=each.id, text=each.text.of(language)) for each in released.options],
        answer_by=section.answer_by,
    )


def _offered(pinned: Pinned, code: str, name: str, required: int | None) -> OfferedSection:
    rules = pinned.scheme.skill_set(code)
    return OfferedSection(
        skill_set=code,
        name=name,
        required_level=required,
        min_items=rules.blueprint.min_items,
        max_items=rules.blueprint.max_items,
        minutes=rules.time_limit_minutes,
    )


def _section(
    stored: ExamSession, pinned: Pinned, course: Course, code: str, required: int | None
) -> SectionOut:
    rules = pinned.scheme.skill_set(code)
    begun = course.sections.get(code)
    name = pinned.framework.skill_set(code).name.of(language_of(stored.language))
    return SectionOut(
        skill_set=code,
        name=name,
        state=_section_state(course, code, begun),
        min_items=rules.blueprint.min_items,
        max_items=rules.blueprint.max_items,
        minutes=rules.time_limit_minutes,
        answered=begun.answered if begun else 0,
        required_level=required,
        answer_by=begun.answer_by if begun else None,
    )


def _section_result(
    stored: ExamSession,
    pinned: Pinned,
    decided: SectionResult,
    held: Certificate | None,
    public_url: str,
) -> SectionResultOut:
    language = language_of(stored.language)
    rules = pinned.scheme.skill_set(decided.skill_set)
    level = decided.level
    return SectionResultOut(
        skill_set=decided.skill_set,
        name=pinned.framework.skill_set(decided.skill_set).name.of(language),
        outcome=decided.outcome,
        reason=decided.reason,
        level=level,
        level_descriptor=rules.level(level).descriptor.of(language) if level else None,
        required_level=decided.required_level,
        certificate=certificate_ref(held, public_url) if held else None,
    )


def certificate_ref(held: Certificate, public_url: str) -> CertificateRef:
    """Return where a certificate's documents are."""
    certificates = f"{public_url}/api/v1/certificates"
    return CertificateRef(
        number=held.number,
        pdf=f"{certificates}/{held.number}.pdf",
        credential=f"{certificates}/{file_name(held.number)}",
        verify=f"{public_url}/verify/{held.number}",
    )


def _state(course: Course) -> SessionState:
    if course.ended_at is not None:
        return "ended"
    return "in_section" if course.open_section else "between_sections"


def _section_state(course: Course, code: str, begun: SectionCourse | None) -> SectionState:
    if code in course.closed:
        return "ended"
    return "open" if begun else "waiting"


def _following(stored: ExamSession, skill_set: str) -> str | None:
    place = stored.skill_sets.index(skill_set)
    return next(iter(stored.skill_sets[place + 1 :]), None)
