"""One real service and one real browser for all journeys."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.api.people import Candidate, Service, log_in
from tests.journeys.pages import DESKTOP, PATIENCE, as_reader, launched, watch
from tests.journeys.server import Server, served

OUTPUT = Path(__file__).parent / "output"
"""Pictures of the pages on which a test failed."""

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service that the browser journeys share."""
    with served(tmp_path_factory.mktemp("journeys") / "data") as server:
        yield server


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service that the tests of one file may kill."""
    with served(tmp_path_factory.mktemp("own") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def network(server: Server) -> Iterator[httpx.Client]:
    """A program's connection to the shared service."""
    with httpx.Client(base_url=server.address, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def people(network: httpx.Client) -> Service:
    """Whoever registers and sits exams through the API of the shared service."""
    return Service(client=network, clock=None, app=None)


@pytest.fixture
def somebody(people: Service, request: pytest.FixtureRequest) -> Candidate:
    """A candidate whose role requires DLit and DG, registered and logged in."""
    name = re.sub(r"[^a-z0-9]+", ".", request.node.name.lower()).strip(".")
    return people.register(f"{name[:50]}", target_group="others")


@pytest.fixture(scope="session")
def staff(network: httpx.Client) -> dict[str, str]:
    """Headers of the demonstration's psychometrician."""
    return log_in(network, "psychometrician.demo")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The Chromium of this machine."""
    with launched() as browser:
        yield browser


@pytest.fixture
def visit(chromium: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Open a page of the service in a browser of its own: `visit("/verify", language="en")`.

    `person` is a candidate who is logged in already. A script that fails, or a page that breaks its own
    content policy, fails the test.
    """
    with ExitStack() as opened:
        pages: list[Page] = []
        complaints: list[str] = []

        def open_page(
            path: str = "/",
            *,
            language: str = "th",
            person: Candidate | dict[str, str] | None = None,
            **options: Any,
        ) -> Page:
            context = chromium.new_context(
                **{"base_url": server.address, "viewport": DESKTOP, **options}
            )
            opened.callback(context.close)
            context.set_default_timeout(PATIENCE)
            as_reader(context, server.address, language, person)
            page = context.new_page()
            watch(page, complaints)
            pages.append(page)
            page.goto(path)
            return page

        yield open_page
        report = request.node.stash.get(_REPORT, None)
        if report is not None and report.failed:
            _picture(pages, request.node.name)
    assert complaints == []


_REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep how a test went, so that its fixtures know."""
    report = yield
    if report.when == "call":
        item.stash[_REPORT] = report
    return report


def _picture(pages: list[Page], name: str) -> None:
    OUTPUT.mkdir(exist_ok=True)
    for number, page in enumerate(pages, start=1):
        if not page.is_closed():
            page.screenshot(path=OUTPUT / f"{re.sub(r'[^a-z0-9_]+', '-', name)}-{number}.png")
