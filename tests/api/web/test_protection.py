"""What a browser may do with our pages, and which sites may send them forms."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.requests import Request

import api.web
from api.web.protection import comes_from_elsewhere
from api.web.rendering import own_path
from tests.api.people import Service, log_in
from tests.api.web.unscripted import Browser

TEMPLATES = sorted(Path(api.web.__file__).parent.rglob("*.html"))


def request(method: str = "POST", **headers: str) -> Request:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    named.setdefault("host", "exams.example.go.th")
    raw = [(name.encode(), value.encode()) for name, value in named.items()]
    return Request({"type": "http", "method": method, "path": "/", "headers": raw})


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({"Sec_Fetch_Site": "same-origin"}, False),
        ({"Sec_Fetch_Site": "none"}, False),
        ({"Sec_Fetch_Site": "same-site"}, True),
        ({"Sec_Fetch_Site": "cross-site"}, True),
        ({"Sec_Fetch_Site": "cross-site", "Origin": "https://exams.example.go.th"}, True),
        ({"Origin": "https://exams.example.go.th"}, False),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "https://exams.example.go.th.evil.example"}, True),
        ({"Origin": "null"}, True),
        ({}, False),
        ({"Authorization": "Bearer x", "Sec_Fetch_Site": "cross-site"}, False),
        # A form's address can carry a name and a password; they are no token, and the cookie would count.
        ({"Authorization": "Basic eDp5", "Sec_Fetch_Site": "cross-site"}, True),
        ({"Authorization": "Bearer ", "Sec_Fetch_Site": "cross-site"}, True),
    ],
    ids=str,
)
def test_only_our_own_pages_send_forms(headers: dict[str, str], refused: bool):
    assert comes_from_elsewhere(request(**headers)) is refused


def test_reading_is_open_to_links_from_anywhere():
    assert not comes_from_elsewhere(request("GET", Sec_Fetch_Site="cross-site"))


def test_a_form_of_another_site_changes_nothing(service: Service, browser: Browser):
    browser.register("someone.test")
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    reply = browser.client.post("/exam/start", data={"skill_set": "DLit"}, headers=elsewhere)
    assert reply.status_code == 403
    assert "เว็บไซต์อื่น" in reply.text
    headers = log_in(service.client, "someone.test", "a password for tests")
    assert service.client.get("/api/v1/sessions", headers=headers).json() == []


def test_a_program_is_refused_by_a_problem_document(service: Service):
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    reply = service.client.post("/api/v1/sessions", json={}, headers=elsewhere)
    assert reply.status_code == 403
    assert reply.json()["code"] == "cross-site"


@pytest.mark.parametrize("path", ["/", "/login", "/verify", "/nowhere"])
def test_every_page_says_what_a_browser_may_do_with_it(browser: Browser, path: str):
    headers = browser.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    # `no-referrer` would make browsers send `Origin: null` with our own forms.
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_needs_an_exception_from_the_policy(template: Path):
    html = template.read_text(encoding="utf-8")
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:", html)
    for script in re.findall(r"<script[^>]*>", html):
        assert "src=" in script
    assert "|safe" not in html
    assert not re.search(r'(?:src|href|action)="https?:', html)


@pytest.mark.parametrize(
    ("wish", "path"),
    [
        ("/exam?language=th", "/exam?language=th"),
        ("", "/"),
        (None, "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
    ],
)
def test_a_way_back_never_leads_to_another_site(wish: str | None, path: str):
    assert own_path(wish) == path


def test_fonts_and_style_come_from_our_own_address(browser: Browser):
    page = browser.get("/").text
    style = re.search(r'href="(/static/samatthana\.css\?v=[0-9a-f]+)"', page)
    assert style is not None
    sheet = browser.get(style.group(1))
    assert "immutable" in sheet.headers["Cache-Control"]
    fonts = re.findall(r'url\("([^"]+)"\)', sheet.text)
    assert len(fonts) == 2
    for font in fonts:
        assert browser.get(font).headers["Content-Type"].startswith("font/")
