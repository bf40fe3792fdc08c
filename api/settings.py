"""What an operator can set, in one place: environment variables that begin with `SAMATTHANA_`.

Nothing else in the service reads the environment. The command line passes its own options on to
`load_settings`, where they win over the environment.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import InputError, Problem

PREFIX = "SAMATTHANA_"
DATABASE_EXAMPLE = "a URL like postgresql://user:password@host:5432/name"


class SettingsError(InputError):
    """Settings that cannot be used; names every variable that is wrong."""


def load_settings(**options: Any) -> Settings:
    """Settings from the environment; options that are not None win.

    Raises
    ------
    SettingsError
        Names everything that is wrong at once. It never repeats a password.
    """
    given = {name: value for name, value in options.items() if value is not None}
    problems = list(_misspelt(os.environ))
    try:
        settings = Settings(**given)
    except ValidationError as error:
        problems += [_problem(detail) for detail in error.errors()]
    if problems:
        raise SettingsError("Settings", problems)
    return settings


def database_url(text: str) -> URL:
    """Parse the URL of a PostgreSQL database, for the psycopg driver.

    Raises
    ------
    ValueError
        It is no such URL. The message leaves the text out, since it may hold a password.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ValueError(DATABASE_EXAMPLE) from None
    if url.drivername not in {"postgres", "postgresql", "postgresql+psycopg"}:
        raise ValueError(DATABASE_EXAMPLE)
    if not url.database:
        raise ValueError("the name of a database after the host, as in " + DATABASE_EXAMPLE)
    return url.set(drivername="postgresql+psycopg")


def _database_secret(secret: SecretStr) -> SecretStr:
    database_url(secret.get_secret_value())
    return secret


def _public_url(text: str) -> str:
    if not text:
        return text  # `model_post_init` fills it in
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address like https://exams.example.go.th")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("an address without user name, query or fragment")
    return text.rstrip("/")


DatabaseSecret = Annotated[SecretStr, AfterValidator(_database_secret)]


class Settings(BaseSettings):
    """Everything the operator decides; see docs/operating.md for the table.

    Build it with `load_settings`, which explains faults.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    database_url: DatabaseSecret | None = None
    """The application role's database; None: an embedded PostgreSQL in `data`."""
    database_owner_url: DatabaseSecret | None = None
    """The role that owns the tables, used by migrations only."""
    data: Annotated[Path, AfterValidator(Path.expanduser)] = Path(".samatthana")
    """Folder of the embedded database, of keys and of documents."""
    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: Annotated[str, AfterValidator(_public_url)] = ""
    """Where browsers reach the service, without a slash at the end; stands in QR codes."""
    demo: bool = False
    abandoned_after_hours: Annotated[float, Field(gt=0, le=10_000)] = 168.0
    """An exam that stands between two sections for so long is ended; what was not taken has no result."""

    @model_validator(mode="after")
    def _owner_needs_application(self) -> Self:
        if self.database_owner_url is not None and self.database_url is None:
            raise ValueError(f"{PREFIX}DATABASE_URL beside {PREFIX}DATABASE_OWNER_URL")
        return self

    def model_post_init(self, context: Any, /) -> None:
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://{_in_url(self.host)}:{self.port}")


def _in_url(host: str) -> str:
    """Give the host as a browser on this machine can use it in an address."""
    if host in {"0.0.0.0", "::"}:
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _problem(detail: ErrorDetails) -> Problem:
    name = str(detail["loc"][0]) if detail["loc"] else "database_owner_url"
    variable = PREFIX + name.upper()
    found = "(hidden)" if "url" in name and name != "public_url" else detail["input"]
    cause = detail.get("ctx", {}).get("error")
    expected = (
        str(cause)
        if isinstance(cause, ValueError)
        else detail["msg"].removeprefix("Input should be ")
    )
    return Problem(variable, found, expected)


def _misspelt(environment: Mapping[str, str]) -> list[Problem]:
    """Variables one slip away from a real one: ignoring them would use the wrong database."""
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    strangers = [name for name in environment if name.startswith(PREFIX) and name not in known]
    close = ((name, difflib.get_close_matches(name, known, 1, 0.9)) for name in strangers)
    return [Problem(name, "(ignored)", f"the name {match[0]}") for name, match in close if match]
