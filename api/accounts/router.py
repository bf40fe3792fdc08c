"""Routes about accounts."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from api.accounts import repository
from api.accounts.schemas import AccountOut, AgencyOut, LoginIn, LoginOut, RegisterIn
from api.accounts.service import account_out, agency_out
from api.database import Db
from api.dependencies import AccountService, CurrentAccount, login_token

router = APIRouter(tags=["accounts"])


@router.get("/agencies")
def list_agencies(accounts: AccountService) -> Sequence[AgencyOut]:
    """Return the agencies that a person can belong to."""
    return [agency_out(agency) for agency in accounts.agencies()]


@router.post("/accounts", status_code=201)
def register(wish: RegisterIn, accounts: AccountService) -> AccountOut:
    """Create a candidate's account."""
    return accounts.register(wish)


@router.post("/login")
def log_in(given: LoginIn, accounts: AccountService) -> LoginOut:
    """Exchange a username and password for a bearer token."""
    return accounts.log_in(given.username, given.password.get_secret_value())


@router.post("/logout", status_code=204)
def log_out(request: Request, accounts: AccountService) -> Response:
    """Make the bearer token worthless."""
    accounts.log_out(login_token(request) or "")
    return Response(status_code=204)


@router.get("/me")
def show_me(account: CurrentAccount, db: Db) -> AccountOut:
    """Return who is logged in."""
    return account_out(account, repository.agency_by_id(db, account.agency_id))
