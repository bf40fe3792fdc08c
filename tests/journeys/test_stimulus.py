"""A text that several questions are about, read on a phone: folded away by keyboard, it stays so."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, Page

import api.app
from api.app import create_app
from api.settings import Settings
from tests.api.exams.item_sets import LENGTH, with_sets
from tests.api.people import Service
from tests.journeys.pages import PATIENCE, as_reader, key, option, press, state, watch

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
TEXT = "details.stimulus"


@pytest.fixture
def address(database, tmp_path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A service whose exams of DG have one text with three questions."""
    catalogue = with_sets(tmp_path / "bank")
    monkeypatch.setattr(api.app, "open_catalogue", lambda db, *, demo: catalogue)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = Settings(data=tmp_path / "data", demo=True, public_url=url)
        server = uvicorn.Server(
            uvicorn.Config(create_app(settings, database.application), log_level="warning")
        )
        running = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        running.start()
        while not server.started:
            time.sleep(0.05)
        yield url
        server.should_exit = True
        running.join()


@pytest.fixture
def page(address: str, chromium: Browser) -> Iterator[Page]:
    """The first question of an exam, in Thai."""
    with httpx.Client(base_url=address, timeout=60) as client:
        candidate = Service(client=client, clock=None, app=None).register("reader.test")
        session = candidate.start("DG")
        candidate.open_section(session)
    context = chromium.new_context(base_url=address, viewport=PHONE)
    context.set_default_timeout(PATIENCE)
    as_reader(context, address, "th", candidate)
    page, complaints = context.new_page(), []
    watch(page, complaints)
    page.goto(f"/exam/{session}")
    yield page
    context.close()
    assert complaints == []


def test_a_text_is_open_until_it_is_folded_and_then_stays_folded(page: Page):
    seen = []
    for _ in range(LENGTH):
        if page.locator(TEXT).count():
            seen.append(is_open(page))
            assert is_above_the_question(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
            if len(seen) == 1:
                page.locator(f"{TEXT} summary").press("Enter")
                assert not is_open(page)
        option(page, key(page)).click()
        before = option_line(page)
        press(page, "question.answer")
        assert state(page) == "confirming"
        assert abs(option_line(page) - before) <= 2, "nothing moves under the finger"
        if page.locator(TEXT).count():
            assert not is_open(page)
        press(page, "question.confirm")
    assert seen == [True, False, False]


def test_a_text_can_be_read_again_while_confirming(page: Page):
    while not page.locator(TEXT).count():
        option(page, key(page)).click()
        press(page, "question.answer")
        press(page, "question.confirm")
    option(page, key(page)).click()
    press(page, "question.answer")
    assert is_open(page)
    assert page.locator(f"{TEXT} p").count() == 2


def is_open(page: Page) -> bool:
    return page.locator(TEXT).get_attribute("open") is not None


def is_above_the_question(page: Page) -> bool:
    text, stem = page.locator(TEXT).bounding_box(), page.locator("#stem").bounding_box()
    assert text is not None
    assert stem is not None
    return text["y"] + text["height"] <= stem["y"]


def option_line(page: Page) -> float:
    box = page.locator(".exam-item .choice").nth(1).bounding_box()
    assert box is not None
    return box["y"]
