"""How much one request may bring."""

from __future__ import annotations

from fastapi import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1 << 20
"""Bytes; the largest body that anyone needs, a certificate's file to be verified, has about 6,000."""


def limited_body(app: ASGIApp) -> ASGIApp:
    """Return the application behind a gate for bodies: `app.add_middleware(limited_body)`.

    A body that says it is too large is refused unread; one that does not say is refused where it
    becomes too large.
    """

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif _announced(Request(scope)) > LARGEST_BODY:
            from api.problems import answer_http  # the routes are below the problem documents

            await answer_http(Request(scope), _too_large())(scope, receive, send)
        else:
            await app(scope, _counted(receive), send)

    return guarded


def _announced(request: Request) -> int:
    length = request.headers.get("Content-Length", "")
    return int(length[:18]) if length.isascii() and length.isdigit() else 0


def _counted(receive: Receive) -> Receive:
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > LARGEST_BODY:
            raise _too_large()
        return message

    return counted


def _too_large() -> HTTPException:
    return HTTPException(413, f"A request may bring {LARGEST_BODY} bytes at most")
