"""The column types that every table shares."""

from __future__ import annotations

from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def utc_time(*, nullable: bool = False, index: bool = False) -> Any:
    """Return a field for a moment in time, stored with its zone and read back as UTC."""
    if nullable:
        return Field(default=None, sa_type=DateTime(timezone=True), nullable=True, index=index)
    return Field(sa_type=DateTime(timezone=True), nullable=False, index=index)


def json_document() -> Any:
    """Return a field for a small JSON document."""
    return Field(default_factory=dict, sa_type=JSONB, nullable=False)
