"""The style sheet, the script and the fonts, served from our own address."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import fontpkg_sarabun
from fastapi import FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"
FONTS = Path(fontpkg_sarabun.__file__).parent / "files"


class LastingFiles(StaticFiles):
    """Files whose address changes with their content, so that a browser may keep them for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def mount_static(app: FastAPI) -> None:
    """Serve `/static`, with Sarabun (SIL Open Font License) from its installed package."""
    app.mount("/static/fonts", LastingFiles(directory=FONTS), name="fonts")
    app.mount("/static", LastingFiles(directory=STATIC), name="static")


@cache
def static_url(name: str) -> str:
    """Return the address of a file in `static/`, with a mark of its content."""
    mark = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={mark}"
