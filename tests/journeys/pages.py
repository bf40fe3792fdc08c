"""What a person does on the pages of the service, and what a page must never do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from api.bank.opening import demonstration_catalogue
from api.dependencies import LOGIN_COOKIE
from api.web.rendering import LANGUAGE_COOKIE
from api.web.words import words
from tests.api.people import SECRET, Candidate
from tests.tools import require_tool

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}
PATIENCE = 30_000
"""Milliseconds that a busy machine may take for one step."""

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=PATIENCE)

CHOOSING = "#content form.exam-form fieldset"
CONFIRMING = "#content form.exam-form .chosen-list"
BETWEEN = "#content form[action$='/section']"
RESULT = "#content section.result-band"


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    path = require_tool("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def as_reader(
    context: BrowserContext,
    address: str,
    language: str,
    person: Candidate | dict[str, str] | None = None,
) -> None:
    """Let the pages of a browser be in a language and, with a person, be that person's."""
    cookies = {LANGUAGE_COOKIE: language}
    if person is not None:
        headers = person if isinstance(person, dict) else person.headers
        cookies[LOGIN_COOKIE] = headers["Authorization"].removeprefix("Bearer ")
    context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in cookies.items()]
    )


def watch(page: Page, complaints: list[str]) -> None:
    """Note every error of a page's script and every breach of its content policy."""

    def heard(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))


# ------------------------------------------------------------ where a person is


def state(page: Page) -> str:
    """Name the state of the exam that a page shows."""
    for name, mark in (
        ("choosing", CHOOSING),
        ("confirming", CONFIRMING),
        ("between", BETWEEN),
        ("result", RESULT),
    ):
        if page.locator(mark).count():
            return name
    raise AssertionError(f"{page.url} is no page of an exam: {page.locator('h1').inner_text()}")


def stem(page: Page) -> str:
    """Return the words of the question that is shown."""
    return _plain(page.locator("#stem").text_content() or "")


def key(page: Page) -> str:
    """Return the right option of the question that is shown; no page knows it, the bank does."""
    return _keys()[stem(page)]


def wrong(page: Page) -> str:
    """Return an option that is not the right one."""
    return "b" if key(page) == "a" else "a"


def option(page: Page, choice: str) -> Locator:
    """The line on which an option stands."""
    return page.locator(f".choice:has(input[value='{choice}'])")


@cache
def _keys() -> dict[str, str]:
    items = demonstration_catalogue().in_force().release.items
    return {_plain(words): item.key for item in items for words in (item.stem.th, item.stem.en)}


def _plain(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------ what a person does


def word(language: str, name: str) -> str:
    """Return the words of the pages under a key."""
    return words(language)[name]


def press(page: Page, name: str, language: str = "th") -> None:
    """Click the button or link that bears some words of the pages."""
    act_and_arrive(page, button(page, word(language, name)).click)


def button(page: Page, words: str) -> Locator:
    """The button or link that bears the words."""
    main = page.locator("#content")
    return main.get_by_role("button", name=words, exact=True).or_(
        main.get_by_role("link", name=words, exact=True)
    )


def act_and_arrive(page: Page, act: Callable[[], object]) -> None:
    """Act, and wait until another page, or other content in place, is there."""
    page.evaluate("document.getElementById('content').dataset.seen = '1'")
    act()
    expect(page.locator("#content:not([data-seen])")).to_be_visible()
    page.wait_for_load_state()


def answer(page: Page, choice: str, language: str = "th") -> None:
    """Choose an option and confirm it, by mouse."""
    option(page, choice).click()
    press(page, "question.answer", language)
    press(page, "question.confirm", language)


def answer_section(page: Page, choose: Callable[[Page], str] = key, language: str = "th") -> int:
    """Answer the open section to its end; return how many questions it had."""
    count = 0
    while state(page) == "choosing":
        answer(page, choose(page), language)
        count += 1
    return count


def fill_registration(page: Page, username: str) -> None:
    """Fill in the form of registration as an officer with other work, by mouse and typing."""
    page.get_by_label(word("th", "register.name_th")).fill("นางสาวน้ำผึ้ง กตัญญูที่ปู่ย่า")
    page.locator("#name_latin").fill("Ms. Namphueng Katanyu")
    page.locator("#agency").select_option("DEMO-A")
    page.locator(".choice:has(input[value='others'])").click()
    page.locator("#username").fill(username)
    page.locator("#password").fill(SECRET)


# ------------------------------------------------------------ what holds on every page


def assert_fits(page: Page) -> None:
    """Nobody has to scroll sideways."""
    wide, width = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert wide <= width, f"{page.url} is {wide} px wide on a screen of {width} px"
