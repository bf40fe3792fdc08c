"""The course of a session: a fold over its events.

`advance` takes a course and one event to the next course. The functions below it answer what a person (or
the clock) does with the events that follow from it: `begin`, `start_section`, `answer`, `time_over`, `end`.
They are pure: the same session, events and moment give the same events, on a live request and in a replay
years later (`replay.py`). Nothing here knows a database or a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

import numpy as np

import engine
from api.errors import (
    AnswerConflictError,
    InvalidRequestError,
    ItemNotAskedError,
    SectionTimeOverError,
    SessionEndedError,
    SessionNotRunningError,
    WrongSequenceError,
)
from api.exams.events import Event, Kind
from api.exams.pinned import PinnedExam
from engine.errors import Problem
from itembank import ReleasedItem, score_answer

ENDED_BY_CANDIDATE = "ended_by_candidate"
NOT_TAKEN = "not_taken"
TIME = "time"

Outcome = Literal["shown", "not_yet_shown", "no_result"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionCourse:
    """One section as far as it has come; `ended` is the event that closed it."""

    skill_set: str
    started_at: datetime
    answer_by: datetime
    state: engine.State
    shown: tuple[Event, ...] = ()
    answered: int = 0
    ended: Event | None = None

    @property
    def open_item(self) -> Event | None:
        """The question that waits for an answer."""
        if self.ended is None and len(self.shown) > self.answered:
            return self.shown[-1]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A session as far as it has come."""

    exam: PinnedExam
    sections: Mapping[str, SectionCourse] = field(default_factory=dict)
    answers: Mapping[int, Event] = field(default_factory=dict)
    closed: Mapping[str, Event] = field(default_factory=dict)
    ended_at: datetime | None = None

    @property
    def open_section(self) -> SectionCourse | None:
        """The section that is running."""
        running = (each for each in self.sections.values() if each.ended is None)
        return next(running, None)

    @property
    def open_item(self) -> Event | None:
        """The question that waits for an answer."""
        return self.open_section.open_item if self.open_section else None

    @property
    def questions(self) -> int:
        """How many questions have been shown, answered or not."""
        return sum(len(section.shown) for section in self.sections.values())

    @property
    def next_section(self) -> str | None:
        """The skill set whose section comes next, once none is running."""
        if self.ended_at is not None:
            return None
        waiting = (each for each in self.exam.skill_sets if each not in self.sections)
        return next(waiting, None)


def fold(exam: PinnedExam, events: Iterable[Event]) -> Course:
    """Return the course that a session's events, in order, lead to."""
    log = list(events)
    closed = {event.skill_set for event in log if event.kind is Kind.SECTION_ENDED}
    course = Course(exam=exam)
    for event in log:
        course = advance(course, event, measure=event.skill_set not in closed)
    return course


def advance(course: Course, event: Event, *, measure: bool = True) -> Course:
    """Return the course after one more event.

    Without `measure` an answer is counted and the candidate's ability left as it was: a section that is
    known to be closed is never asked for an estimate again.
    """
    match event.kind:
        case Kind.STARTED:
            return course
        case Kind.SECTION_STARTED:
            return _with_section(course, _opened(course.exam, event))
        case Kind.ITEM_SHOWN:
            section = _section_of(course, event)
            return _with_section(course, replace(section, shown=(*section.shown, event)))
        case Kind.ANSWERED:
            return replace(
                _with_section(course, _answered(course, event, measure=measure)),
                answers={**course.answers, _sequence(event): event},
            )
        case Kind.SECTION_ENDED:
            return _closed(course, event)
        case Kind.ENDED:
            return replace(course, ended_at=event.at)


def begin(exam: PinnedExam, at: datetime) -> list[Event]:
    """Return the first event of a session, which names what the session pins."""
    pinned = {
        **exam.stated,
        "bank": exam.release.hash,
        "scheme": exam.scheme.hash,
        "skill_sets": list(exam.skill_sets),
    }
    return [Event(kind=Kind.STARTED, at=at, detail=pinned)]


def start_section(course: Course, at: datetime) -> list[Event]:
    """Return the events of opening the next section: its clock starts and its first question is shown.

    Raises
    ------
    SessionEndedError, SessionNotRunningError
        If the session has ended, or a section is still open.
    """
    if course.ended_at is not None:
        raise SessionEndedError
    skill_set = course.next_section
    if course.open_section is not None or skill_set is None:
        raise SessionNotRunningError("A section is open; answer its questions first")
    started = Event(kind=Kind.SECTION_STARTED, at=at, skill_set=skill_set)
    return [started, *_what_follows(advance(course, started), skill_set, at)]


def answer(course: Course, sequence: int, item: str, option: str, at: datetime) -> list[Event]:
    """Return the events of an answer to question number `sequence`; none if it is already recorded.

    Raises
    ------
    AnswerConflictError
        If that question has been answered with another option.
    ItemNotAskedError, WrongSequenceError
        If question `sequence` asked another item, or is not the one that is open.
    SectionTimeOverError, SessionEndedError, SessionNotRunningError
        If no question is open, or its time is over.
    InvalidRequestError
        If the item has no such option.
    """
    if sequence in course.answers:
        _must_be_the_same(course.answers[sequence], item, option)
        return []
    shown, section = _open_question(course, sequence, item)
    if at > section.answer_by:
        raise SectionTimeOverError
    released = _released(course.exam, shown)
    category = _category(released, option)
    unscored = Event(
        kind=Kind.ANSWERED,
        at=at,
        skill_set=section.skill_set,
        sequence=sequence,
        item=item,
        item_version=released.version,
        answer=option,
        category=category,
    )
    theta, se = _score(course.exam, _answered(course, unscored))
    recorded = replace(unscored, theta=theta, se=se)
    return [recorded, *_what_follows(advance(course, recorded), section.skill_set, at)]


def time_over(course: Course, at: datetime) -> list[Event]:
    """Return the events of a section whose time has run out; none while there is time."""
    section = course.open_section
    if section is None or at <= section.answer_by:
        return []
    ended = _section_ended(course.exam, section, TIME, at)
    return [ended, *_end_if_last(advance(course, ended), at)]


def end(course: Course, at: datetime) -> list[Event]:
    """Return the events of a candidate's ending the exam: what is open or waiting has no result."""
    if course.ended_at is not None:
        return []
    events = []
    if course.open_section is not None:
        events.append(_section_ended(course.exam, course.open_section, ENDED_BY_CANDIDATE, at))
    for skill_set in course.exam.skill_sets:
        if skill_set not in course.sections:
            events.append(_not_taken(skill_set, at))
    return [*events, Event(kind=Kind.ENDED, at=at)]


def _opened(exam: PinnedExam, event: Event) -> SectionCourse:
    skill_set = _skill_set(event)
    seeds = np.array([exam.section_seed(skill_set)], dtype=np.uint64)
    return SectionCourse(
        skill_set=skill_set,
        started_at=event.at,
        answer_by=event.at + timedelta(minutes=exam.minutes(skill_set)),
        state=engine.start(exam.section(skill_set).design, seeds, exam.snapshots.get(skill_set)),
    )


def _answered(course: Course, event: Event, *, measure: bool = True) -> SectionCourse:
    section = _section_of(course, event)
    counted = replace(section, answered=section.answered + 1)
    if not measure:
        return counted
    compiled = course.exam.section(section.skill_set)
    released = _released(course.exam, event)
    answered = compiled.index(released.id), _category(released, event.answer or "")
    return replace(counted, state=_recorded(compiled.design, section.state, *answered))


@lru_cache(maxsize=64)
def _recorded(design: engine.Design, state: engine.State, item: int, category: int) -> engine.State:
    """Take in an answer. One request asks thrice, of the same state; a plan of the rest takes a while."""
    return engine.record(design, state, [item], [category])


def _closed(course: Course, event: Event) -> Course:
    skill_set = _skill_set(event)
    closed = replace(course, closed={**course.closed, skill_set: event})
    if skill_set not in course.sections:
        return closed
    return _with_section(closed, replace(course.sections[skill_set], ended=event))


def _what_follows(course: Course, skill_set: str, at: datetime) -> list[Event]:
    """Return the next question of a section or, when it is finished, its end."""
    section = course.sections[skill_set]
    compiled = course.exam.section(skill_set)
    chosen = int(
        engine.next_item(compiled.design, section.state, course.exam.shortcut(skill_set))[0]
    )
    if chosen >= 0:
        released = compiled.items[chosen]
        shown = Event(
            kind=Kind.ITEM_SHOWN,
            at=at,
            skill_set=skill_set,
            sequence=course.questions + 1,
            item=released.id,
            item_version=released.version,
        )
        return [shown]
    reason = engine.finished(compiled.design, section.state)[0]
    ended = _section_ended(course.exam, section, _reason_word(reason), at)
    return [ended, *_end_if_last(advance(course, ended), at)]


def _reason_word(reason: np.int64) -> str:
    return engine.Reason(int(reason)).name.lower()


def _end_if_last(course: Course, at: datetime) -> list[Event]:
    if course.next_section is not None or course.open_section is not None:
        return []
    return [Event(kind=Kind.ENDED, at=at)]


def _section_ended(exam: PinnedExam, section: SectionCourse, reason: str, at: datetime) -> Event:
    design = exam.section(section.skill_set).design
    report = engine.report(design, section.state)
    enough = section.answered >= design.stopping.min_items or reason != TIME
    decided = enough and reason != ENDED_BY_CANDIDATE
    level = _level(design, section.state) if decided else 0
    return Event(
        kind=Kind.SECTION_ENDED,
        at=at,
        skill_set=section.skill_set,
        theta=float(report.theta[0]),
        se=float(report.se[0]),
        detail={
            "reason": reason,
            "outcome": _outcome(decided, level),
            "level": level or None,
            "answered": section.answered,
            "probability_of_cuts": [float(each) for each in report.p_above[0]],
        },
    )


def _level(design: engine.Design, state: engine.State) -> int:
    """Return the level that stands however the questions still to come would be answered.

    A finished section has none to come. Where the clock has closed one before, they count as answered
    wrongly for its level (its estimate rests on the answers alone): waiting never beats answering.
    """
    while (following := engine.next_item(design, state))[0] >= 0:
        state = engine.record(design, state, following, [0])
    return int(engine.report(design, state).level[0])


def _outcome(decided: bool, level: int) -> Outcome:
    if not decided:
        return "no_result"
    return "shown" if level else "not_yet_shown"


def _not_taken(skill_set: str, at: datetime) -> Event:
    detail = {"reason": NOT_TAKEN, "outcome": "no_result", "level": None, "answered": 0}
    return Event(kind=Kind.SECTION_ENDED, at=at, skill_set=skill_set, detail=detail)


def _score(exam: PinnedExam, section: SectionCourse) -> tuple[float, float]:
    report = engine.report(exam.section(section.skill_set).design, section.state)
    return float(report.theta[0]), float(report.se[0])


def _open_question(course: Course, sequence: int, item: str) -> tuple[Event, SectionCourse]:
    section, shown = course.open_section, course.open_item
    if section is None or shown is None or sequence != shown.sequence:
        _must_not_be_late(course, sequence)
    if course.ended_at is not None:
        raise SessionEndedError
    if section is None or shown is None:
        raise SessionNotRunningError("Start the next section first")
    if sequence != shown.sequence:
        raise WrongSequenceError(f"Question {shown.sequence} is open, not {sequence}")
    if item != shown.item:
        raise ItemNotAskedError(f"Question {sequence} asks {shown.item}, not {item}")
    return shown, section


def _must_not_be_late(course: Course, sequence: int) -> None:
    """Refuse an answer to a question whose section the clock has closed."""
    for section in course.sections.values():
        closed = section.ended is not None and section.ended.detail["reason"] == TIME
        if closed and section.shown[-1].sequence == sequence:
            raise SectionTimeOverError


def _must_be_the_same(recorded: Event, item: str, option: str) -> None:
    if item != recorded.item:
        raise ItemNotAskedError(f"Question {recorded.sequence} asked {recorded.item}, not {item}")
    if option != recorded.answer:
        raise AnswerConflictError(
            f"Question {recorded.sequence} was answered with {recorded.answer}; that answer stands"
        )


def _category(released: ReleasedItem, option: str) -> int:
    options = released.option_ids
    if option not in options:
        expected = f"one of {', '.join(options)}"
        raise InvalidRequestError(problems=[Problem("answer", option, expected)])
    return score_answer(released, option)


def _released(exam: PinnedExam, event: Event) -> ReleasedItem:
    section = exam.section(_skill_set(event))
    return section.items[section.index(event.item or "")]


def _with_section(course: Course, section: SectionCourse) -> Course:
    return replace(course, sections={**course.sections, section.skill_set: section})


def _section_of(course: Course, event: Event) -> SectionCourse:
    return course.sections[_skill_set(event)]


def _skill_set(event: Event) -> str:
    if event.skill_set is None:
        raise ValueError(f"an event of kind {event.kind} needs a skill set")
    return event.skill_set


def _sequence(event: Event) -> int:
    if event.sequence is None:
        raise ValueError(f"an event of kind {event.kind} needs a sequence number")
    return event.sequence
