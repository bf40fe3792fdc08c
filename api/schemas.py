"""What every request and reply shares."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Language = Literal["th", "en"]


class Out(BaseModel):
    """A reply; its fields are exactly those declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class In(BaseModel):
    """A request; an unknown field is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
