"""How a page is made: who reads it, in which language, from which template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from api.context import Context
from api.dependencies import Ctx, OptionalAccount
from api.tables import Account
from api.web import formats
from api.web.assets import static_url
from api.web.headers import PAGE, PERSONAL
from api.web.words import has_word, word
from itembank.text import Language

LANGUAGE_COOKIE = "language"
A_YEAR = 365 * 24 * 3600

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The page of one request: its reader, if known, and the reader's language."""

    request: Request
    context: Context
    account: Account | None
    language: Language

    def render(
        self, template: str, *, status: int = 200, language: Language | None = None, **values: Any
    ) -> HTMLResponse:
        """Return a template as a page; `language` is the session's where a session decides."""
        spoken = language or self.language
        names = {**_common(self, spoken, fixed=language is not None), **values}
        html = _TEMPLATES.get_template(template).render(names)
        return HTMLResponse(html, status_code=status, headers=PAGE)

    def word(self, key: str, /, **values: object) -> str:
        """Return words in the reader's language."""
        return word(self.language, key, **values)


def _page(request: Request, context: Ctx, account: OptionalAccount) -> Page:
    return Page(
        request=request,
        context=context,
        account=account,
        language=reader_language(request, account),
    )


ThisPage = Annotated[Page, Depends(_page, scope="function")]


def reader_language(request: Request, account: Account | None) -> Language:
    """Return the language that was chosen in this browser, else the account's, else Thai."""
    for chosen in (request.cookies.get(LANGUAGE_COOKIE), account.language if account else None):
        if chosen == "en":
            return "en"
        if chosen == "th":
            return "th"
    return "th"


def keep_language(response: Response, page: Page, language: Language) -> None:
    """Keep a language in this browser for a year."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=A_YEAR,
        httponly=True,
        samesite="lax",
        secure=page.context.settings.public_url.startswith("https"),
    )


def see_other(path: str, query: Mapping[str, Any] | None = None) -> RedirectResponse:
    """Return the answer to a form that was taken: go and see this page (post, redirect, get)."""
    address = f"{path}?{urlencode(query, doseq=True)}" if query else path
    return RedirectResponse(address, status_code=303, headers=PERSONAL)


def own_path(path: str | None, otherwise: str = "/") -> str:
    """Return a path of this site; anything that could lead elsewhere becomes `otherwise`."""
    if not path or not path.startswith("/") or path[1:2] in ("/", "\\"):
        return otherwise
    return path if path.isprintable() else otherwise


def _common(page: Page, language: Language, *, fixed: bool) -> dict[str, Any]:
    """Return what every template can use; `t` gives words, `mark` any other text, ready for HTML."""
    return {
        "page": page,
        "account": page.account,
        "language": language,
        "language_is_fixed": fixed,
        "reader_is_unknown": False,
        "demo": page.context.settings.demo,
        "draft": page.context.catalogue.scheme.status == "draft",
        "here": _here(page.request),
        "t": partial(_marked_word, language),
        "plain": partial(word, language),
        "has_word": has_word,
        "mark": partial(_mark, language),
        "day": partial(_localised, formats.day, language),
        "short_day": partial(_localised, formats.short_day, language),
        "precise": formats.precise,
        "hour": partial(_localised, formats.hour, language),
        "both_days": partial(_localised, formats.both_days, language),
        "numeral": partial(_localised, formats.numeral, language),
        "static": static_url,
        "current": partial(_current, page.request.url.path),
    }


def _marked_word(language: Language, key: str, /, **values: object) -> Markup:
    return formats.marked(word(language, key, **values), language)


def _mark(language: Language, text: object) -> Markup:
    return formats.marked(text, language)


def _localised(form: Any, language: Language, value: Any) -> str:
    return str(form(value, language))


def _here(request: Request) -> str:
    """Return where a change of language comes back to; a form that was sent is shown anew."""
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query


def _current(path: str, section: str) -> Markup:
    """Mark the link of the menu under which the present page stands."""
    inside = path == section or path.startswith(f"{section}/")
    return Markup(' aria-current="true"') if inside else Markup("")
