"""Make the pictures of the guides anew: `python -m tests.journeys.screenshots`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from tests.api.people import Candidate, Service, always_right
from tests.journeys.pages import PATIENCE, as_reader, launched, option, press
from tests.journeys.papers import as_png
from tests.journeys.server import served

FOLDER = Path(__file__).parents[2] / "docs" / "images"
SITE = "http://samatthana.example"
"""Stands on the certificate as the place where it is verified."""
WINDOW = {"width": 1024, "height": 800}
PHONE = {"width": 390, "height": 780}

Open = Callable[..., Page]


def main() -> None:
    """Start a service and a browser, and photograph what a candidate sees."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "data", "--public-url", SITE) as server,
        httpx.Client(base_url=server.address, timeout=60) as network,
        launched() as browser,
    ):
        people = Service(client=network, clock=None, app=None)
        with _browsing(browser, server.address) as visit:
            _before(visit, people)
            _during(visit, people)
            _afterwards(visit, people, Path(folder))
    for picture in sorted(FOLDER.glob("*.png")):
        print(f"{picture.stat().st_size / 1000:6.0f} kB  {picture.name}")


@contextmanager
def _browsing(browser: Browser, address: str) -> Iterator[Open]:
    contexts = []

    def visit(
        path: str, person: Candidate | None = None, *, language: str = "th", **options: Any
    ) -> Page:
        settled = {"base_url": address, "viewport": WINDOW, "reduced_motion": "reduce"}
        context = browser.new_context(**{**settled, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        as_reader(context, address, language, person)
        page = context.new_page()
        page.goto(path)
        return page

    yield visit
    for context in contexts:
        context.close()


def _before(visit: Open, people: Service) -> None:
    _photograph(visit("/"), "home-th")
    _photograph(visit("/register"), "register-th")
    somebody = _enrolled(people, "before.pictures")
    _photograph(visit("/exam", somebody), "offer-th")
    page = visit("/exam/notice?skill_set=DLit&skill_set=DG&language=th", somebody)
    _photograph(page, "notice-th")


def _during(visit: Open, people: Service) -> None:
    somebody = _enrolled(people, "thai.pictures")
    session = somebody.start("DLit", "DG")
    phone = {"viewport": PHONE, "device_scale_factor": 1.5, "has_touch": True, "is_mobile": True}
    page = visit(f"/exam/{session}", somebody, **phone)
    press(page, "between.start")
    _photograph(page, "question-th-phone")
    option(page, "b").click()
    page.emulate_media(color_scheme="dark")
    _photograph(page, "question-th-phone-dark")
    page.emulate_media(color_scheme="light")
    press(page, "question.answer")
    _photograph(page, "confirm-th-phone")

    somebody = _enrolled(people, "english.pictures")
    session = somebody.start("DLit", language="en")
    somebody.open_section(session)
    page = visit(f"/exam/{session}", somebody, language="en")
    option(page, "c").click()
    page.evaluate("scrollTo(0, 0)")
    _photograph(page, "question-en")


def _afterwards(visit: Open, people: Service, folder: Path) -> None:
    somebody = _enrolled(people, "result.pictures", name_in_credential=True)
    session = somebody.start("DLit", "DG")
    result = somebody.finish(session, always_right())
    _photograph(visit(f"/exam/{session}/result", somebody), "result-th", whole=True)
    certificate = result["sections"][0]["certificate"]
    _photograph(visit(f"/verify/{certificate['number']}"), "verify-th")
    document = folder / "certificate.pdf"
    reply = somebody.get(certificate["pdf"].removeprefix(f"{SITE}/api/v1"))
    document.write_bytes(reply.content)
    as_png(document, FOLDER / "certificate.png", width=900)


def _enrolled(people: Service, username: str, **more: Any) -> Candidate:
    return people.register(
        username,
        target_group="others",
        name_th="นางสาวน้ำผึ้ง ศรีสุขที่ปู่ย่า",
        name_latin="Ms. Namphueng Sisukthipuya",
        **more,
    )


def _photograph(page: Page, name: str, *, whole: bool = False) -> None:
    page.evaluate("document.activeElement.blur()")
    page.mouse.move(0, 0)
    page.evaluate("document.fonts.ready")
    if whole:  # what sticks to the window's foot stands at its own place
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
