"""What goes over the wire about accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field, SecretStr

from api.schemas import In, Language, Out


class RegisterIn(In):
    """A new candidate; what is missing or wrong is reported all at once by the service."""

    username: str = Field(default="", max_length=200)
    password: SecretStr = SecretStr("")
    name_th: str = Field(default="", max_length=1000)
    name_latin: str = Field(default="", max_length=1000)
    agency: str = Field(default="", max_length=200, description="Code of the person's agency")
    target_group: str = Field(default="", max_length=200, description="Key of the target group")
    name_in_credential: bool = False
    language: Language = "th"


class LoginIn(In):
    username: str = Field(max_length=200)
    password: SecretStr


class AgencyOut(Out):
    code: str
    name_th: str
    name_en: str
    phase: str


class AccountOut(Out):
    account: UUID
    username: str
    role: str
    name_th: str
    name_latin: str
    agency: AgencyOut | None
    target_group: str | None
    language: Language
    demonstration: bool


class LoginOut(Out):
    token: str
    token_type: str = "bearer"
    expires_at: datetime
    account: AccountOut
