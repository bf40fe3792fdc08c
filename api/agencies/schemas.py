"""What goes over the wire to an agency."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from api.exams.schemas import Outcome
from api.schemas import Out


class TokenOut(Out):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int


class AgencyCertificate(Out):
    number: str
    status: Literal["active", "revoked", "expired"]
    valid_until: datetime
    verify: str


class PersonOut(Out):
    account: UUID
    username: str
    name_th: str
    name_latin: str


class AgencyResult(Out):
    """What one section of one person's exam decided."""

    session: UUID
    person: PersonOut
    skill_set: str
    outcome: Outcome
    reason: str
    level: int | None
    required_level: int | None
    decided_at: datetime
    changed_at: datetime
    specimen: bool
    certificate: AgencyCertificate | None


class ResultPage(Out):
    """A page of the feed of results: each result stands at the place of its last change.

    Keep `next_cursor`, also from the last page, and ask with it again later: it leads to everything that has
    changed since, a revocation included, and to nothing twice.
    """

    results: list[AgencyResult]
    next_cursor: str | None = Field(
        description="Where to go on; the same cursor when nothing is new"
    )
    more: bool = Field(description="Whether the next page already holds results")
