"""The privacy notice and the page about this service."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.web.rendering import ThisPage

router = APIRouter()


@router.get("/notice")
def show_notice(page: ThisPage) -> HTMLResponse:
    """Say how personal data is used, who sees it, and what a person's rights are."""
    return page.render("notices/notice.html")


@router.get("/about")
def show_about(page: ThisPage) -> HTMLResponse:
    """Say which framework and scheme are in force, and how decisions are made."""
    catalogue = page.context.catalogue
    return page.render("notices/about.html", framework=catalogue.framework, scheme=catalogue.scheme)
