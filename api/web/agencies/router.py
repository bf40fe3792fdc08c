"""What an agency officer sees of the agency's own people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from api.accounts import repository as accounts
from api.agencies.schemas import AgencyResult
from api.database import Db
from api.dependencies import AgencyService, CurrentAccount, require
from api.tables import Account, Agency
from api.tables.accounts import AccountRole
from api.thai import in_bangkok
from api.web.headers import PERSONAL
from api.web.rendering import Page, ThisPage, see_other
from api.web.words import word

router = APIRouter()

PURPOSES = ("development_planning", "individual_plan", "reporting")
ON_A_PAGE = 50
IN_A_READ = 200
COLUMNS = (
    "person",
    "name_th",
    "name_latin",
    "skill_set",
    "outcome",
    "reason",
    "level",
    "required_level",
    "decided_at",
    "certificate",
    "certificate_status",
    "specimen",
)

Purpose = Annotated[str, Query()]
Cursor = Annotated[str | None, Query()]


@router.get("/agency")
def show_results(
    page: ThisPage,
    account: CurrentAccount,
    db: Db,
    agencies: AgencyService,
    purpose: Purpose = "",
    cursor: Cursor = None,
) -> HTMLResponse:
    """Ask for the purpose, then show a page of results; who asked what for is recorded."""
    officer = require(account, AccountRole.AGENCY_OFFICER)
    agency = accounts.agency_by_id(db, officer.agency_id)
    known = purpose in PURPOSES
    found = None
    if agency is not None and known:
        found = agencies.results(
            agency.id,
            purpose=_stated(purpose),
            actor=str(officer.id),
            cursor=cursor,
            limit=ON_A_PAGE,
        )
    return page.render(
        "agencies/results.html",
        agency_name=_name(page, agency),
        purposes=PURPOSES,
        purpose=purpose if known else None,
        found=found,
        cursor=cursor,
        skill_set_name=lambda code: _skill_set_name(page, code),
        outcome=lambda code: _outcome(page, code),
    )


@router.get("/agency/results.csv")
def download_results(
    account: CurrentAccount, agencies: AgencyService, purpose: Purpose = ""
) -> Response:
    """Return all results of the agency's people as a table for a spreadsheet."""
    officer = require(account, AccountRole.AGENCY_OFFICER)
    if purpose not in PURPOSES or officer.agency_id is None:
        return see_other("/agency")
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(COLUMNS)
    rows.writerows(_row(result) for result in _all(agencies, officer, _stated(purpose)))
    headers = {**PERSONAL, "Content-Disposition": 'attachment; filename="agency-results.csv"'}
    # The byte-order mark lets spreadsheets see that the Thai names are UTF-8.
    content = table.getvalue().encode("utf-8-sig")
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _all(agencies: AgencyService, officer: Account, purpose: str) -> Iterator[AgencyResult]:
    assert officer.agency_id is not None
    cursor, more = None, True
    while more:
        found = agencies.results(
            officer.agency_id,
            purpose=purpose,
            actor=str(officer.id),
            cursor=cursor,
            limit=IN_A_READ,
        )
        yield from found.results
        cursor, more = found.next_cursor, found.more


def _row(result: AgencyResult) -> list[str]:
    held = result.certificate
    return [
        _text(result.person.username),
        _text(result.person.name_th),
        _text(result.person.name_latin),
        result.skill_set,
        result.outcome,
        result.reason,
        str(result.level or ""),
        str(result.required_level or ""),
        _iso(result.decided_at),
        held.number if held else "",
        held.status if held else "",
        "yes" if result.specimen else "no",
    ]


def _text(value: str) -> str:
    """Return what a person typed so that a spreadsheet cannot take it for a formula."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t") else value


def _iso(moment: datetime) -> str:
    return in_bangkok(moment).isoformat(timespec="seconds")


def _stated(purpose: str) -> str:
    """Return a purpose as it is kept in the audit trail."""
    return f"{purpose}: {word('en', f'agency.purpose.{purpose}')}"


def _name(page: Page, agency: Agency | None) -> str | None:
    if agency is None:
        return None
    return agency.name_th if page.language == "th" else agency.name_en


def _skill_set_name(page: Page, code: str) -> str:
    return page.context.catalogue.framework.skill_set(code).short_name.of(page.language)


def _outcome(page: Page, code: str) -> str:
    words = page.context.catalogue.scheme.wording.result
    known = {"shown": words.passed, "not_yet_shown": words.not_yet}
    if code in known:
        return known[code].of(page.language)
    return page.word("agency.no_result")
