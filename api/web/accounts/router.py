"""Registering, logging in and logging out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.accounts.schemas import LoginOut, RegisterIn
from api.dependencies import LOGIN_COOKIE, AccountService, login_token
from api.errors import (
    InvalidRequestError,
    NameTakenError,
    TooManyAttemptsError,
    WrongCredentialsError,
)
from api.web.rendering import (
    LANGUAGE_COOKIE,
    Page,
    ThisPage,
    keep_language,
    own_path,
    see_other,
)
from api.web.words import has_word

router = APIRouter()

FIRST_PAGE = {"candidate": "/exam", "agency_officer": "/agency"}
FIELDS = ("name_th", "name_latin", "agency", "target_group", "username", "password")
"""In the order of the form."""

_OPEN_EXAM = re.compile(r"^/exam/[0-9a-f]{8}-")


@router.get("/register")
def show_register(page: ThisPage, accounts: AccountService) -> HTMLResponse:
    """Show the empty form."""
    return _register_page(page, accounts, RegisterIn())


@router.post("/register")
def register(
    page: ThisPage, accounts: AccountService, form: Annotated[RegisterIn, Form()]
) -> Response:
    """Create a candidate's account and log the person in; or say, field by field, what to correct."""
    wish = form.model_copy(update={"language": page.language})
    try:
        accounts.register(wish)
    except NameTakenError:
        taken = {"username": page.word("register.error.name_taken"), **_again(page)}
        return _register_page(page, accounts, wish, taken, status=409)
    except InvalidRequestError as error:
        wrong = {problem.where for problem in error.problems}
        return _register_page(page, accounts, wish, _corrections(page, wrong), status=422)
    login = accounts.log_in(wish.username, wish.password.get_secret_value())
    return _logged_in(page, login, "/exam")


@router.get("/login")
def show_login(
    page: ThisPage,
    came_from: Annotated[str, Query(alias="next")] = "",
    out: Annotated[str, Query()] = "",
) -> HTMLResponse:
    """Show the form, and why it is shown."""
    return _login_page(page, came_from, notice="login.logged_out" if out else _reason(came_from))


@router.post("/login")
def log_in(
    page: ThisPage,
    accounts: AccountService,
    username: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    came_from: Annotated[str, Form(alias="next")] = "",
) -> Response:
    """Log a person in and lead to the page that was asked for."""
    try:
        login = accounts.log_in(username, password)
    except TooManyAttemptsError:
        return _login_page(page, came_from, username, problem="login.too_many", status=429)
    except WrongCredentialsError:
        return _login_page(page, came_from, username, problem="login.wrong", status=401)
    first = FIRST_PAGE.get(login.account.role, "/staff")
    return _logged_in(page, login, own_path(came_from, first))


@router.post("/logout")
def log_out(request: Request, accounts: AccountService) -> RedirectResponse:
    """Make the login worthless, on the server too."""
    accounts.log_out(login_token(request) or "")
    response = see_other("/login", {"out": "1"})
    response.delete_cookie(LOGIN_COOKIE, httponly=True, samesite="lax")
    return response


def _register_page(
    page: Page,
    accounts: AccountService,
    given: RegisterIn,
    problems: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> HTMLResponse:
    return page.render(
        "accounts/register.html",
        status=status,
        given=given,
        problems=problems or {},
        agencies=accounts.agencies(),
        groups=page.context.catalogue.framework.target_groups,
    )


def _corrections(page: Page, wrong: set[str]) -> dict[str, str]:
    """Return what each wrong field needs, in the order of the form."""
    ordered = [name for name in FIELDS if name in wrong] + sorted(wrong.difference(FIELDS))
    return {name: page.word(_correction(name)) for name in ordered} | (
        {} if "password" in wrong else _again(page)
    )


def _again(page: Page) -> dict[str, str]:
    """Return what is wrong with a password that was good: a page never repeats one."""
    return {"password": page.word("register.password_again")}


def _correction(field: str) -> str:
    key = f"register.error.{field}"
    return key if has_word(key) else "register.error.other"


def _login_page(
    page: Page,
    came_from: str = "",
    username: str = "",
    *,
    problem: str | None = None,
    notice: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    return page.render(
        "accounts/login.html",
        status=status,
        next=own_path(came_from, ""),
        username=username,
        problem=problem,
        notice=notice,
    )


def _reason(came_from: str) -> str | None:
    """Return the words that say why the form is shown, if the person did not come on purpose."""
    if _OPEN_EXAM.match(came_from):
        return "login.kept"
    return "login.first" if own_path(came_from, "") else None


def _logged_in(page: Page, login: LoginOut, path: str) -> RedirectResponse:
    response = see_other(path)
    lasts = login.expires_at - page.context.clock()
    response.set_cookie(
        LOGIN_COOKIE,
        login.token,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=page.context.settings.public_url.startswith("https"),
    )
    if LANGUAGE_COOKIE not in page.request.cookies:
        # Pages that must not ask the database, such as those of its failure, know it from here.
        keep_language(response, page, login.account.language)
    return response
