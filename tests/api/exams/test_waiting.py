"""Leaving the open question to the clock never beats answering it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import engine
from api.exams import course as courses
from api.exams.course import Course
from api.exams.events import Event, Kind
from tests.api.exams.test_live_equals_simulated import pinned

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
LATER = START + timedelta(hours=1)
SECTION = "DLit"


def after(course: Course, events: list[Event]) -> Course:
    for event in events:
        course = courses.advance(course, event)
    return course


def begun(seed: int) -> Course:
    exam = pinned(seed)
    course = after(Course(exam=exam), courses.begin(exam, START))
    return after(course, courses.start_section(course, START))


def answered(course: Course, *, right: bool) -> Course:
    shown = course.open_item
    assert shown is not None
    key = course.exam.release.item(shown.item).key
    option = key if right else next(each for each in "abcd" if each != key)
    return after(course, courses.answer(course, shown.sequence, shown.item, option, START))


def waited(course: Course) -> Event:
    """What the clock decides if the candidate answers no more."""
    return courses.time_over(course, LATER)[0]


def finished_wrongly(course: Course) -> Event:
    """What is decided if the candidate answers on, all wrong."""
    while course.open_section is not None:
        course = answered(course, right=False)
    return course.closed[SECTION]


def level_of(ended: Event) -> int:
    return ended.detail["level"] or 0


def open_courses() -> list[Course]:
    """Sections of candidates who were right with the first and wrong with the rest, 8 answers or more in."""
    found = []
    for seed in range(1, 7):
        for right in range(3, 9):
            course = begun(seed)
            for number in range(11):
                if course.open_section is None:
                    break
                if number >= 8:
                    found.append(course)
                course = answered(course, right=number < right)
    return found


def test_the_clock_decides_as_if_the_rest_were_answered_wrongly():
    courses_found = open_courses()
    assert len(courses_found) > 20
    for course in courses_found:
        assert level_of(waited(course)) == level_of(finished_wrongly(course))


def test_the_rule_makes_a_difference():
    """The cases above hold some in which the answers alone would show a higher level."""
    gains = [
        int(engine.report(course.exam.section(SECTION).design, course.open_section.state).level[0])
        - level_of(waited(course))
        for course in open_courses()
    ]
    assert min(gains) == 0
    assert max(gains) >= 1


def test_the_estimate_rests_on_the_answers_alone():
    course = open_courses()[0]
    last = [event for event in course.answers.values() if event.kind is Kind.ANSWERED][-1]
    assert (waited(course).theta, waited(course).se) == pytest.approx((last.theta, last.se), abs=0)
