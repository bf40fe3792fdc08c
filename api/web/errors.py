"""Refusals as pages: what became of the answers, what happened, and one next step."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import Request
from starlette.responses import Response

from api.errors import NotLoggedInError, ServiceError
from api.web.rendering import Page, reader_language, see_other
from api.web.words import has_word

_SESSION_PATH = re.compile(r"^/exam/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/|$)")
_ABOUT_ANOTHER_SESSION = {"not-found", "forbidden", "method-not-allowed"}
_WORTH_ANOTHER_TRY = {"unavailable", "internal-error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The one thing to do after a refusal: the words of a button and where it leads."""

    word: str
    path: str


_NEAREST = {
    "exam": NextStep(word="error.to_exam", path="/exam"),
    "my": NextStep(word="error.to_exam", path="/exam"),
    "verify": NextStep(word="error.to_verify", path="/verify"),
    "staff": NextStep(word="error.to_staff", path="/staff"),
}
"""The page to go on from, by the first part of the address that was refused."""


def render_error(request: Request, error: ServiceError) -> Response:
    """Return a refusal as a page in the reader's language, or the way to log in first.

    It asks the database nothing, since the database may be what failed.
    """
    if isinstance(error, NotLoggedInError):
        return see_other("/login", {"next": _way_back(request)})
    code = _code(error)
    page = Page(
        request=request,
        context=request.app.state.context,
        account=None,
        language=reader_language(request, None),
    )
    step = _next_step(request, code)
    return page.render(
        "refusals/error.html",
        status=404 if code == "not-found" else error.status,
        language=None if request.method == "GET" else page.language,
        words=f"error.by_code.{code}"
        if has_word(f"error.by_code.{code}.title")
        else _fallback(error),
        code=code,
        reader_is_unknown=True,
        last_answer_is_unsure=request.method == "POST" and error.status >= 500,
        in_exam=_session(request) is not None and code not in _ABOUT_ANOTHER_SESSION,
        next_word=step.word,
        next_path=step.path,
    )


def _code(error: ServiceError) -> str:
    """Return the kind of refusal; an address with a malformed part is one that leads nowhere."""
    if any(problem.where.startswith("path.") for problem in error.problems):
        return "not-found"
    return error.code


def _fallback(error: ServiceError) -> str:
    return "error.by_code.internal-error" if error.status >= 500 else "error.by_code.bad-request"


def _next_step(request: Request, code: str) -> NextStep:
    session = _session(request)
    path = request.url.path
    if code in _WORTH_ANOTHER_TRY:
        return NextStep(word="error.again", path=_way_back(request))
    if session and code == "session-ended":
        return NextStep(word="error.to_result", path=f"/exam/{session}/result")
    if session and code not in _ABOUT_ANOTHER_SESSION:
        return NextStep(word="error.to_exam_session", path=f"/exam/{session}")
    home = NextStep(word="error.to_home", path="/")
    nearest = _NEAREST.get(path.split("/")[1], home)
    return home if code == "forbidden" or nearest.path == path else nearest


def _way_back(request: Request) -> str:
    """Return the page that was asked for; after a form, the page it belongs to."""
    if request.method in ("GET", "HEAD"):
        query = f"?{request.url.query}" if request.url.query else ""
        return quote(request.url.path, safe="/%") + query
    session = _session(request)
    return f"/exam/{session}" if session else "/"


def _session(request: Request) -> str | None:
    found = _SESSION_PATH.match(request.url.path)
    return found.group(1) if found else None
