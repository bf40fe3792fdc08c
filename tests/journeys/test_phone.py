"""A small phone held in one hand: the way on is always in sight, and a new question starts at its start."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.people import Candidate
from tests.journeys.conftest import Visit
from tests.journeys.pages import PHONE, act_and_arrive, button, key, option, stem, word

pytestmark = pytest.mark.browser


@pytest.fixture
def page(visit: Visit, somebody: Candidate) -> Page:
    """The offer, on a phone that is touched."""
    return visit("/exam", person=somebody, viewport=PHONE, has_touch=True, is_mobile=True)


def test_the_way_on_is_in_sight_from_the_offer_into_the_exam(page: Page):
    for name in ("offer.submit", "before.start", "between.start"):
        _tap(page, name)
    for _ in range(2):
        asked = stem(page)
        assert _in_sight(page, page.locator("#stem")), "the first line of the question"
        option(page, key(page)).tap()
        _tap(page, "question.answer")
        assert _in_sight(page, page.locator(".chosen")), "what is to be confirmed"
        _tap(page, "question.confirm")
        assert stem(page) != asked
    page.locator("details.exam-help summary").tap()
    act_and_arrive(page, button(page, word("th", "question.end")).tap)
    assert _in_sight(page, button(page, word("th", "end.confirm")))
    _tap(page, "end.stay")


def test_choosing_and_confirming_move_nothing_under_the_finger(page: Page):
    """The four options stand where they stood when the page turns into the one that asks to confirm."""
    for name in ("offer.submit", "before.start", "between.start"):
        _tap(page, name)
    option(page, "b").tap()
    chosen = page.locator(".exam-item .choice").nth(1)
    before = chosen.bounding_box()
    _tap(page, "question.answer")
    expect(page.locator(".chosen")).to_have_count(1)
    assert chosen.bounding_box() == pytest.approx(before, abs=2)
    _tap(page, "question.change")
    assert chosen.bounding_box() == pytest.approx(before, abs=2)


def _tap(page: Page, name: str) -> None:
    """Touch the button with the words; it must be on the screen already, whole."""
    target = button(page, word("th", name))
    assert _in_sight(page, target), f"{page.url}: {name} is not in sight"
    act_and_arrive(page, target.tap)


def _in_sight(page: Page, target: Locator) -> bool:
    box, height = target.bounding_box(), page.evaluate("innerHeight")
    assert box is not None
    return box["y"] >= 0 and min(box["y"] + box["height"], box["y"] + 60) <= height
