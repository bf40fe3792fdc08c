"""When something fails in mid-exam: no script, no network, too quick a finger, two windows."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.api.people import Candidate, Service
from tests.journeys.conftest import Visit
from tests.journeys.pages import answer, key, option, press, state, stem, word

pytestmark = pytest.mark.browser


@pytest.fixture
def session(somebody: Candidate) -> str:
    """An exam whose first section is open."""
    session = somebody.start("DLit", "DG")
    somebody.open_section(session)
    return session


@pytest.fixture
def page(visit: Visit, session: str, somebody: Candidate) -> Page:
    """The page of its open question."""
    return visit(f"/exam/{session}", person=somebody)


@pytest.fixture
def answered(people: Service, staff: dict[str, str], session: str):
    """Ask the staff's log which answers were counted."""

    def read() -> list[dict[str, Any]]:
        reply = people.client.get(f"/api/v1/sessions/{session}/log", headers=staff)
        return [event for event in reply.json()["events"] if event["kind"] == "answered"]

    return read


def test_without_scripts_a_section_is_sat_to_its_end(
    visit: Visit, session: str, somebody: Candidate, answered
):
    page = visit(f"/exam/{session}", person=somebody, java_script_enabled=False)
    given = 0
    while page.locator("input[name=choice]").count():
        _click(page, "question.answer")
        assert page.locator(":invalid").count(), "the browser itself asks for a choice"
        option(page, key(page)).click()
        _click(page, "question.answer")
        _click(page, "question.confirm")
        given += 1
    assert state(page) == "between"
    assert len(answered()) == given
    _click(page, "between.start")
    assert state(page) == "choosing"


def test_an_answer_confirmed_without_network_is_kept_and_counted_once(page: Page, answered):
    asked, right = stem(page), key(page)
    option(page, right).click()
    press(page, "question.answer")
    page.context.set_offline(True)
    page.get_by_role("button", name=word("th", "question.confirm")).click()
    expect(page.locator(".sending")).to_have_text(word("th", "question.retrying"))
    assert stem(page) == asked
    assert answered() == []
    page.context.set_offline(False)
    expect(page.locator("h1")).to_have_text(word("th", "question.title").format(number=2))
    assert [(each["sequence"], each["answer"]) for each in answered()] == [(1, right)]


def test_a_choice_made_without_network_is_kept(page: Page):
    right = key(page)
    page.context.set_offline(True)
    option(page, right).click()
    page.get_by_role("button", name=word("th", "question.answer")).click()
    expect(page.locator(".sending")).to_have_text(word("th", "question.retrying"))
    expect(option(page, right).locator("input")).to_be_checked()
    page.context.set_offline(False)
    expect(page.locator(".chosen")).to_have_count(1)


def test_an_answer_whose_reply_was_lost_is_counted_once(page: Page, answered):
    """The service has counted it; the browser does not know, and sends it again."""
    lost: list[int] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch(max_redirects=0).status)
        route.abort("connectionreset")

    page.route("**/answer", lose_the_first)
    answer(page, key(page))
    assert lost == [303]
    expect(page.locator("h1")).to_have_text(word("th", "question.title").format(number=2))
    assert [each["sequence"] for each in answered()] == [1]


def test_a_server_that_is_away_for_a_moment_is_asked_again(page: Page, answered):
    replies = [503, 502]

    def fail(route: Route) -> None:
        if replies:
            route.fulfill(status=replies.pop(), body="away")
        else:
            route.continue_()

    page.route("**/answer", fail)
    answer(page, key(page))
    expect(page.locator("h1")).to_have_text(word("th", "question.title").format(number=2))
    assert replies == []
    assert [each["sequence"] for each in answered()] == [1]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_double_click_confirms_one_answer(
    visit: Visit, session: str, somebody: Candidate, answered, script: bool
):
    page = visit(f"/exam/{session}", person=somebody, java_script_enabled=script)
    option(page, key(page)).click()
    page.get_by_role("button", name=word("th", "question.answer")).dblclick()
    expect(page.locator(".chosen")).to_have_count(1)
    assert answered() == []
    page.get_by_role("button", name=word("th", "question.confirm")).dblclick()
    expect(page.locator("h1")).to_have_text(word("th", "question.title").format(number=2))
    assert [each["sequence"] for each in answered()] == [1]


def test_the_stale_one_of_two_windows_says_so_and_leads_on(page: Page, answered):
    stale = page.context.new_page()
    stale.goto(page.url)
    option(stale, "a").click()
    press(stale, "question.answer")
    option(page, "b").click()
    press(page, "question.answer")
    press(page, "question.confirm")
    press(stale, "question.confirm")
    expect(stale.get_by_text(word("th", "error.answers_kept"))).to_be_visible()
    expect(stale.locator("h1")).to_have_text(word("th", "error.by_code.answer-conflict.title"))
    press(stale, "error.to_exam_session")
    assert stem(stale) == stem(page)
    assert [(each["sequence"], each["answer"]) for each in answered()] == [(1, "b")]


def test_the_same_answer_from_two_windows_leads_both_on(page: Page, answered):
    other = page.context.new_page()
    other.goto(page.url)
    for each in (page, other):
        option(each, "a").click()
        press(each, "question.answer")
    for each in (page, other):
        press(each, "question.confirm")
    assert stem(other) == stem(page)
    assert [(each["sequence"], each["answer"]) for each in answered()] == [(1, "a")]


def test_going_back_never_reopens_a_confirmed_question(page: Page, answered):
    first = stem(page)
    answer(page, "a")
    second = stem(page)
    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        expect(page.locator("#stem")).to_have_text(second)
    assert first != second
    assert len(answered()) == 1


def _click(page: Page, name: str) -> None:
    """Click as in `press`, where the page has no script that could tell of its arrival."""
    page.get_by_role("button", name=word("th", name), exact=True).click()
    page.wait_for_load_state()
