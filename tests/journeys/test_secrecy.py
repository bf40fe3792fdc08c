"""Nothing that a browser receives during an exam tells a key, a parameter or an estimate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Page, Response

from api.bank.opening import demonstration_catalogue
from tests.api.people import Candidate
from tests.journeys.conftest import Visit
from tests.journeys.pages import (
    answer,
    answer_section,
    key,
    option,
    press,
    state,
    wrong,
)

pytestmark = pytest.mark.browser

TELLING_NAMES = re.compile(
    r"\b(theta|rationale|parameters?|difficulty|discrimination|guessing|fingerprint|probability"
    r"|standard_error|p_above|estimate|category|correct|is_key|answer_key|item_version|provisional)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Received:
    """One reply as the browser received it."""

    address: str
    kind: str
    body: str
    headers: str


@pytest.fixture
def received() -> list[Received]:
    return []


@pytest.fixture
def page(visit: Visit, somebody: Candidate, received: list[Received]) -> Page:
    """A browser on the notice before an exam; every reply it gets is noted."""
    page = visit("/", person=somebody)

    def note(response: Response) -> None:
        kind = response.headers.get("content-type", "").partition(";")[0]
        moved = 300 <= response.status < 400
        body = "" if moved or kind.startswith("font") else response.body().decode()
        headers = "\n".join(f"{name}: {each}" for name, each in response.headers.items())
        received.append(Received(response.url, kind, body, headers))

    page.on("response", note)
    page.goto("/exam/notice?skill_set=DLit&skill_set=DG&language=th")
    return page


def test_no_reply_of_an_exam_tells_anything(page: Page, received: list[Received]):
    press(page, "before.start")
    press(page, "between.start")
    questions = answer_section(page)
    press(page, "between.start")
    answer(page, wrong(page))
    answer(page, key(page))
    page.reload()
    asked = [each for each in received if "/exam/" in each.address and each.kind == "text/html"]
    assert len(asked) > 2 * questions

    rationales = [
        words
        for item in demonstration_catalogue().in_force().release.items
        for words in (item.rationale.th, item.rationale.en)
    ]
    for reply in received:
        told = TELLING_NAMES.findall(reply.headers)
        if reply.kind in ("text/html", "application/json"):
            told += TELLING_NAMES.findall(reply.body)
        assert told == [], reply.address
        assert "theta" not in reply.body, reply.address
        assert [words for words in rationales if words in reply.body] == [], reply.address


def test_options_differ_in_words_and_letter_alone(page: Page):
    """Whatever a page says of an option in its markup, it says of all of them."""
    press(page, "before.start")
    press(page, "between.start")
    for _ in range(3):
        assert state(page) == "choosing"
        shapes = {shape for _, shape in _options(page)}
        assert len(shapes) == 1, shapes
        assert [value for value, _ in _options(page)] == ["a", "b", "c", "d"]
        option(page, wrong(page)).click()
        press(page, "question.answer")
        chosen, *others = sorted(
            page.locator("ul.chosen-list > li").evaluate_all(
                "lines => lines.map(each => each.className)"
            ),
            key=len,
            reverse=True,
        )
        assert chosen == "choice chosen"
        assert set(others) == {"choice"}
        press(page, "question.confirm")


def _options(page: Page) -> Iterator[tuple[str, str]]:
    """Each option's value, and its markup without its value, letter and words."""
    for line in page.locator(".exam-item label").all():
        value = line.locator("input").get_attribute("value") or ""
        shape = _Shape()
        shape.feed(line.evaluate("each => each.outerHTML"))
        yield value, str(shape.tags).replace(f"('value', '{value}')", "('value', ...)")


class _Shape(HTMLParser):
    """The tags and attributes of a piece of HTML; runs in the other language are words."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if attrs != [("lang", "en")]:
            self.tags.append((tag, attrs))
