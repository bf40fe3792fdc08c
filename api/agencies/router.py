"""Routes for agencies' programs."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated

from fastapi import APIRouter, Form, Header, Query
from pydantic import WithJsonSchema

from api.agencies.schemas import ResultPage, TokenOut
from api.agencies.service import LARGEST_PAGE
from api.dependencies import AccountService, AgencyService, CurrentClient
from api.errors import InvalidRequestError, WrongCredentialsError
from engine.errors import Problem

router = APIRouter(tags=["agencies"])


@router.post("/token")
def issue_token(
    accounts: AccountService,
    grant_type: Annotated[str, Form()] = "",
    client_id: Annotated[str | None, Form()] = None,
    client_secret: Annotated[str | None, Form()] = None,
    authorization: Annotated[str | None, Header()] = None,
) -> TokenOut:
    """Exchange client credentials for an access token (RFC 6749, section 4.4).

    The client names itself by HTTP Basic authentication or in the form.
    """
    if grant_type != "client_credentials":
        problem = Problem("grant_type", grant_type, "client_credentials")
        raise InvalidRequestError(problems=[problem])
    name, secret = _credentials(authorization, client_id, client_secret)
    token, lasts = accounts.client_token(name, secret)
    return TokenOut(access_token=token, expires_in=int(lasts.total_seconds()))


@router.get("/results")
def list_results(
    client: CurrentClient,
    agencies: AgencyService,
    purpose: Annotated[str, Query(description="Why the results are asked for")] = "",
    since: Annotated[
        str | None,
        WithJsonSchema({"type": "string", "format": "date-time"}),
        Query(description="Changed at or after this moment, which names its zone"),
    ] = None,
    cursor: Annotated[str | None, Query(description="next_cursor of an earlier page")] = None,
    limit: Annotated[
        int | str,
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE}),
        Query(description="Results on a page"),
    ] = 50,
) -> ResultPage:
    """Return the results of the agency's own people, page by page, oldest change first.

    Parameters arrive as text: the service reads them, and names everything that is wrong with them at once.
    """
    return agencies.results(
        client.agency_id,
        purpose=purpose,
        actor=f"client:{client.client_id}",
        since=since,
        cursor=cursor,
        limit=limit,
    )


def _credentials(
    authorization: str | None, client_id: str | None, client_secret: str | None
) -> tuple[str, str]:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return client_id or "", client_secret or ""
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise WrongCredentialsError("The Authorization header cannot be read") from error
    return name, secret
