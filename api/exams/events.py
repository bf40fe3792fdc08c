"""One event of a session's log, and the chain that ties it to the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What can happen in a session."""

    STARTED = "started"
    SECTION_STARTED = "section_started"
    ITEM_SHOWN = "item_shown"
    ANSWERED = "answered"
    SECTION_ENDED = "section_ended"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened, at which moment (UTC), in which section.

    `sequence` numbers the session's questions from 1; an answer carries the question, the item, the option
    chosen and its category, and the ability and standard error after it.
    """

    kind: Kind
    at: datetime
    skill_set: str | None = None
    sequence: int | None = None
    item: str | None = None
    item_version: int | None = None
    answer: str | None = None
    category: int | None = None
    theta: float | None = None
    se: float | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


CHAIN_START = ""


def digest(event: Event, previous: str) -> str:
    """Return the SHA-256, in hexadecimal, of an event and the digest before it (`CHAIN_START` at first)."""
    content = {
        "previous": previous,
        "kind": event.kind.value,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "skill_set": event.skill_set,
        "sequence": event.sequence,
        "item": event.item,
        "item_version": event.item_version,
        "answer": event.answer,
        "category": event.category,
        "theta": event.theta,
        "se": event.se,
        "detail": dict(event.detail),
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
