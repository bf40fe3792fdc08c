"""What goes over the wire about certificates."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from api.schemas import In, Out


class NamesOut(Out):
    th: str
    en: str


class VerificationOut(Out):
    """What anyone may learn of a certificate by its number or its file."""

    valid: bool
    number: str | None
    signature: Literal["valid", "invalid", "unknown-key", "unreadable"] | None
    status: Literal["active", "revoked", "expired", "unknown"]
    specimen: bool | None
    reasons: list[str]
    holder: NamesOut | None
    skill_set: str | None
    skill_set_name: NamesOut | None
    level: int | None
    level_descriptor: NamesOut | None
    issuer: NamesOut | None
    issued_at: datetime | None
    valid_until: datetime | None
    revoked_at: datetime | None


class RevocationIn(In):
    """Why a certificate is taken back; kept and shown to staff."""

    reason: str = Field(description="In 5 to 1000 characters")
