"""What a route can ask for: the context, the transaction, who is asking, and the services."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import HTTPBearer, OAuth2

from api.accounts import repository as accounts
from api.accounts.service import Accounts
from api.agencies.service import Agencies
from api.certificates.service import Certificates
from api.context import Context
from api.database import Db
from api.errors import ForbiddenError, NotLoggedInError
from api.exams.service import Exams
from api.security.tokens import token_digest
from api.tables import Account, AgencyClient
from api.tables.accounts import AccountRole

LOGIN_COOKIE = "samatthana_login"

# What the OpenAPI document says of tokens; that they are right is checked below.
_LOGIN = HTTPBearer(scheme_name="login", auto_error=False)
_CLIENT = OAuth2(
    flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl="/api/v1/token")),
    scheme_name="client",
    auto_error=False,
)


def _context(request: Request) -> Context:
    context = request.app.state.context
    assert isinstance(context, Context)
    return context


Ctx = Annotated[Context, Depends(_context)]


def login_token(request: Request) -> str | None:
    """Return the token of a request, from its header or, for a page, its cookie."""
    return bearer_token(request) or request.cookies.get(LOGIN_COOKIE)


def bearer_token(request: Request) -> str | None:
    """Return the token that a program sends in a header, which no page of another site can set."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _optional_account(request: Request, db: Db, context: Ctx) -> Account | None:
    token = login_token(request)
    if not token:
        return None
    return accounts.account_of_token(db, token_digest(token), context.clock())


OptionalAccount = Annotated[Account | None, Depends(_optional_account, scope="function")]


def _current_account(account: OptionalAccount, _: Annotated[object, Depends(_LOGIN)]) -> Account:
    if account is None:
        raise NotLoggedInError
    return account


CurrentAccount = Annotated[Account, Depends(_current_account, scope="function")]


def _client(
    request: Request, db: Db, context: Ctx, _: Annotated[object, Depends(_CLIENT)]
) -> AgencyClient:
    token = login_token(request)
    found = accounts.client_of_token(db, token_digest(token), context.clock()) if token else None
    if found is None:
        raise NotLoggedInError("Ask for a token with the agency's client credentials first")
    return found


CurrentClient = Annotated[AgencyClient, Depends(_client, scope="function")]


def require(account: Account, *roles: AccountRole) -> Account:
    """Return the account if it has one of the roles.

    Raises
    ------
    ForbiddenError
        If it has none of them.
    """
    if account.role not in roles:
        raise ForbiddenError(f"This needs the role {' or '.join(roles)}")
    return account


def _account_service(db: Db, context: Ctx) -> Accounts:
    return Accounts(db, context)


def _exam_service(db: Db, context: Ctx) -> Exams:
    return Exams(db, context)


def _certificate_service(db: Db, context: Ctx) -> Certificates:
    return Certificates(db, context)


def _agency_service(db: Db, context: Ctx) -> Agencies:
    return Agencies(db, context)


AccountService = Annotated[Accounts, Depends(_account_service, scope="function")]
ExamService = Annotated[Exams, Depends(_exam_service, scope="function")]
CertificateService = Annotated[Certificates, Depends(_certificate_service, scope="function")]
AgencyService = Annotated[Agencies, Depends(_agency_service, scope="function")]
