"""A browser without script: it follows links and sends the forms that pages hold, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.demonstration import PASSWORD


@dataclass
class Form:
    """A form of a page, with the fields as a browser would send them untouched."""

    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    """Every value that a radio button, checkbox or list offers."""


class Reader(HTMLParser):
    """What a page holds, read tag by tag."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self._open: Form | None = None
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "html":
            self.attributes = attributes
        if tag == "a":
            self.links.append(attributes.get("href") or "")
        if tag == "form":
            self._open = Form(attributes.get("method") or "get", attributes["action"] or "")
            self.forms.append(self._open)
        if self._open is not None:
            self._field(self._open, tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def _field(self, form: Form, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "select":
            self._select = attributes["name"] or ""
        if tag == "option":
            form.choices.setdefault(self._select, []).append(attributes["value"] or "")
        if tag != "input" or "name" not in attributes:
            return
        name, value = attributes["name"] or "", attributes.get("value") or ""
        if attributes.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(value)
            if "checked" not in attributes:
                return
        form.fields.setdefault(name, []).append(value)


class Browser:
    """One person's browser: it keeps cookies and stands on one page."""

    def __init__(self, app: FastAPI, language: str = "th") -> None:
        self.client = TestClient(app, raise_server_exceptions=False)
        self.client.cookies.set("language", language)
        self.seen: list[str] = []
        """The text of every page so far."""
        self.page: Any = None

    @property
    def reader(self) -> Reader:
        return Reader(self.page.text)

    @property
    def path(self) -> str:
        return self.page.url.path

    @property
    def text(self) -> str:
        """What the page says, its white space made even."""
        return " ".join("".join(self.reader.words).split())

    def get(self, path: str) -> Any:
        return self._kept(self.client.get(path))

    def form(self, action: str) -> Form:
        """Return the page's form that leads to a path."""
        return next(form for form in self.reader.forms if form.action.split("?")[0] == action)

    def send(self, action: str, **values: Any) -> Any:
        """Fill in the form that leads to a path, and send it."""
        form = self.form(action)
        fields = {**form.fields, **values}
        if form.method == "get":
            return self._kept(self.client.get(form.action, params=fields))
        return self._kept(self.client.post(form.action, data=fields))

    def form_names(self) -> set[str]:
        """Return the names of everything that can be chosen on the page."""
        return {name for form in self.reader.forms for name in form.choices}

    def log_in(self, username: str, password: str = PASSWORD) -> Any:
        self.get("/login")
        return self.send("/login", username=username, password=password)

    def register(self, username: str, **more: Any) -> Any:
        """Register, and stand on the page of the offer."""
        self.get("/register")
        wish = {
            "name_th": "นางสมศรี ทดสอบ",
            "name_latin": "Mrs. Somsri Thotsop",
            "agency": "DEMO-A",
            "target_group": "technology",
            "username": username,
            "password": "a password for tests",
        }
        return self.send("/register", **{**wish, **more})

    def start(self, *skill_sets: str, language: str = "th") -> str:
        """Go from the offer through the notice to an exam; its path."""
        self.get("/exam")
        self.send("/exam/notice", skill_set=list(skill_sets), language=language)
        self.send("/exam/start")
        return self.path

    def open_section(self) -> None:
        self.send(f"{self.path}/section")

    def choose(self, option: str) -> None:
        """Choose an option of the open question; it is not yet confirmed."""
        self.send(self.path, choice=option)

    def confirm(self) -> Any:
        return self.send(f"{self.path}/answer")

    def _kept(self, reply: Any) -> Any:
        self.page = reply
        self.seen.append(reply.text)
        return reply
