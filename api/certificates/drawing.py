"""Replies that are drawn as PDF: nobody else waits for the drawing."""

from __future__ import annotations

from collections.abc import Callable

from anyio import CapacityLimiter, to_thread
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MEDIA_TYPE = "application/pdf"


def drawing_limiter() -> CapacityLimiter:
    """Return what lets one document after another be drawn: the `drawing` of an application's state."""
    return CapacityLimiter(1)


class DrawnPdf(Response):
    """A person's own document as PDF, drawn when the request's transaction is over.

    Drawing holds no connection to the database, and waiting for one's turn holds no thread: however many
    documents are asked for, answers to questions go through.
    """

    media_type = MEDIA_TYPE

    def __init__(self, draw: Callable[[], bytes], name: str) -> None:
        self._draw = draw
        self._about = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        super().__init__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limiter = scope["app"].state.drawing
        content = await to_thread.run_sync(self._draw, limiter=limiter)
        await Response(content, headers=self._about, media_type=MEDIA_TYPE)(scope, receive, send)
