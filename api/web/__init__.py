"""The web pages: server-rendered, Thai first, working without script.

One folder a group of pages (`router.py` and its templates). What they share: `rendering.py` (how a page
is made), `words/` (what it says), `formats.py` (dates, levels and languages as readers expect them),
`shared/` (the frame of every page), `static/` (one style sheet, one script), `errors.py` (refusals as
pages) and `protection.py` (which sites may send forms). No rule lives here: pages call services.
"""

from fastapi import FastAPI

from api.web.assets import mount_static
from api.web.errors import render_error
from api.web.protection import same_origin
from api.web.router import router

__all__ = ["install", "mount_static", "render_error", "router", "same_origin"]


def install(app: FastAPI) -> None:
    """Give an application its pages, what they are made of, and the gate before forms."""
    app.include_router(router, include_in_schema=False)
    mount_static(app)
    app.add_middleware(same_origin)
