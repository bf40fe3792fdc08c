"""What goes over the wire about accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, SecretStr

from api.schemas import In, Language, Out

# A password is taken as it is typed: spaces at its ends are part of it, on every way in.
_AS_TYPED = ConfigDict(str_strip_whitespace=False)


def _unicode(value: Any) -> Any:
    """Refuse halves of characters, which JSON can name and nothing can store."""
    if isinstance(value, str):
        value.encode()
    return value


Typed = Annotated[str, BeforeValidator(_unicode)]
Password = Annotated[SecretStr, BeforeValidator(_unicode)]


class RegisterIn(In):
    """A new candidate; what is missing or wrong is reported all at once by the service."""

    model_config = _AS_TYPED

    username: Typed = ""
    password: Password = SecretStr("")
    name_th: Typed = ""
    name_latin: Typed = ""
    agency: Typed = Field(default="", description="Code of the person's agency")
    target_group: Typed = Field(default="", description="Key of the target group")
    name_in_credential: bool = Field(
        default=False, description="Whether the names may stand in the signed credential"
    )
    language: Typed = Field(default="th", json_schema_extra={"enum": ["th", "en"]})


class LoginIn(In):
    model_config = _AS_TYPED

    username: Typed
    password: Password


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
