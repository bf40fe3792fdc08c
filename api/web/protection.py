"""Which sites may send forms to us: our own alone.

Browsers say with each request whether the page it comes from belongs to the same origin
(`Sec-Fetch-Site`), and older ones at least name the origin. A program that proves who it is with a
bearer token carries no cookie that another site could ride on.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.dependencies import bearer_token
from api.errors import ForbiddenError

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
OWN_SITE = {"same-origin", "none"}


class CrossSiteError(ForbiddenError):
    """A form that another site sent in the name of a person who is logged in here."""

    code = "cross-site"
    title = "This request came from another site"


def same_origin(app: ASGIApp) -> ASGIApp:
    """Return the application behind a gate: `app.add_middleware(same_origin)`."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not comes_from_elsewhere(Request(scope)):
            await app(scope, receive, send)
            return
        from api.problems import answer  # the problem documents are above the pages

        await answer(Request(scope), CrossSiteError())(scope, receive, send)

    return guarded


def comes_from_elsewhere(request: Request) -> bool:
    """Say whether a request that changes something was sent by a page of another site."""
    if request.method in SAFE_METHODS or bearer_token(request):
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in OWN_SITE
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("Host")
