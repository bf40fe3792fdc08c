"""The home page, and the choice of a language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, RedirectResponse

from api.demonstration import ACCOUNTS, AGENCIES, PASSWORD, DemoAccount
from api.web.rendering import Page, ThisPage, keep_language, own_path, see_other
from itembank.text import Language

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAccount:
    """A demonstration account as the home page lists it."""

    username: str
    role: str
    note: str


@router.get("/")
def show_home(page: ThisPage) -> HTMLResponse:
    """Say what this is, and lead to registering, logging in or verifying."""
    rules = page.context.catalogue.scheme.skill_sets
    return page.render(
        "home/home.html",
        most_items=max(each.blueprint.max_items for each in rules),
        minutes=max(each.time_limit_minutes for each in rules),
        skill_sets=page.context.catalogue.framework.skill_sets,
        demo_accounts=list(_demo_accounts(page)),
        demo_password=PASSWORD,
    )


@router.post("/language")
def choose_language(
    page: ThisPage,
    language: Annotated[Language, Form()],
    came_from: Annotated[str, Form(alias="next")] = "/",
) -> RedirectResponse:
    """Keep the chosen language in this browser, and go back to the page."""
    response = see_other(own_path(came_from))
    keep_language(response, page, language)
    return response


def _demo_accounts(page: Page) -> Iterator[ShownAccount]:
    if not page.context.settings.demo or page.account is not None:
        return
    for account in ACCOUNTS:
        yield ShownAccount(
            username=account.username, role=account.role.value, note=_note(page, account)
        )


def _note(page: Page, account: DemoAccount) -> str:
    """Return a demonstration account's target group and agency, where it has them."""
    framework = page.context.catalogue.framework
    group = framework.group(account.target_group).name if account.target_group else None
    agency = next((each for each in AGENCIES if each.code == account.agency), None)
    parts = [
        group.of(page.language) if group else "",
        (agency.name_th if page.language == "th" else agency.name_en) if agency else "",
    ]
    return ", ".join(part for part in parts if part)
