"""A whole assessment in English on a small phone's screen, without a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.api.people import SECRET
from tests.journeys.conftest import Visit
from tests.journeys.keyboard import choose, fill, focus, go, tab_to
from tests.journeys.pages import PHONE, act_and_arrive, assert_fits, key, state, word

pytestmark = pytest.mark.browser


def en(name: str) -> str:
    return word("en", name)


@pytest.fixture
def page(visit: Visit) -> Page:
    """The home page; wherever the person goes from it, nothing is wider than the screen."""
    return visit("/", viewport=PHONE)


def test_a_person_without_a_mouse_sits_the_whole_exam(page: Page):
    go(page, word("th", "site.other_language"))
    assert page.locator("html").get_attribute("lang") == "en"
    _skip_to_the_content(page)
    _step(page, en("site.register"))
    _register(page)
    _step(page, en("offer.submit"))
    _step(page, en("before.rehearse"))
    for _ in range(3):
        _answer(page, "c")
    _step(page, en("rehearsal.end_button"))
    _step(page, en("before.start"))

    for section in range(2):
        assert state(page) == "between", section
        _step(page, en("between.start"))
        while state(page) == "choosing":
            _answer(page, key(page))

    assert state(page) == "result"
    _step(page, en("result.verify"))
    expect(page.locator(".outcome")).to_have_text(en("verify.valid_specimen"))


def test_every_stop_of_the_question_page_says_what_it_is(visit: Visit, somebody):
    """Tab meets the options once, as one group, then the way on, then help; and nothing else."""
    session = somebody.start(language="en")
    somebody.open_section(session)
    page = visit(f"/exam/{session}", language="en", person=somebody, viewport=PHONE)
    expect(page.locator("h1#focus")).to_be_focused()
    stops = []
    for _ in range(3):
        stops.append(tab_to(page, lambda now: True, "anything"))
    assert [(stop.tag, stop.name) for stop in stops] == [
        ("input", "choice"),
        ("button", ""),
        ("summary", ""),
    ]
    assert stops[0].text.startswith("A.")
    assert [stops[1].text, stops[2].text] == [en("question.answer"), en("question.help")]


def test_jumps_within_a_page_neither_load_it_anew_nor_lose_what_was_typed(visit: Visit):
    page = visit("/register", language="en", viewport=PHONE)
    go(page, en("register.submit"))
    expect(page.locator("#error-summary")).to_be_focused()
    loaded: list[str] = []
    page.on("domcontentloaded", lambda _: loaded.append(page.url))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#name_th")).to_be_focused()
    page.keyboard.type("นายพิมพ์ แล้วหาย")
    page.locator("#error-summary a[href='#password']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#password")).to_be_focused()
    page.locator(".skip-link").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.go_back()
    expect(page.locator("#name_th")).to_have_value("นายพิมพ์ แล้วหาย")
    assert loaded == []


def _skip_to_the_content(page: Page) -> None:
    """The first stop is the link past the head of the page; the next is then inside the content."""
    act_and_arrive(page, page.reload)
    page.keyboard.press("Tab")
    first = focus(page)
    assert first is not None
    assert (first.text, first.onScreen, first.outlined) == (en("site.skip"), True, True)
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('content').contains(document.activeElement)")


def _register(page: Page) -> None:
    fill(page, "name_th", "นายไร้เมาส์ ใช้แป้นพิมพ์")
    fill(page, "name_latin", "Mr. Raimao Chaipaenphim")
    fill(page, "agency", "Example Department One")
    choose(page, "target_group", "others")
    fill(page, "username", "raimao.keyboard")
    fill(page, "password", SECRET)
    tab_to(page, lambda now: now.name == "name_in_credential", "the consent")
    page.keyboard.press("Space")
    _step(page, en("register.submit"))
    expect(page.get_by_role("heading", level=1)).to_have_text(en("offer.title"))


def _answer(page: Page, choice: str) -> None:
    choose(page, "choice", choice)
    _step(page, en("question.answer"))
    expect(page.locator("h2#focus")).to_be_focused()
    _step(page, en("question.confirm"))


def _step(page: Page, words: str) -> None:
    assert_fits(page)
    go(page, words)
    assert_fits(page)
