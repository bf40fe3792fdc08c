"""Run a session again from its log and say where, if anywhere, the two part.

No stored estimate is read to compute: what is stored of items, categories, abilities and decisions is only
compared with what the pinned release, scheme and seed give again. `consequences.py` compares what was stored
beside the log.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from api.errors import ServiceError
from api.exams import course as courses
from api.exams.course import Course
from api.exams.events import CHAIN_START, Event, Kind, digest
from api.exams.pinned import PinnedExam

THETA_TOLERANCE = 1e-9
"""Processors differ in the last bits of an exponential; more than this is another result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvent:
    """An event and the digest stored with it."""

    event: Event
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Where the log and its recomputation part; `step` counts events from 1."""

    step: int
    kind: str
    sequence: int | None
    field: str
    stored: Any
    recomputed: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """How far the log was followed and the first difference, if there is one."""

    steps: int
    first_difference: Difference | None

    @property
    def identical(self) -> bool:
        return self.first_difference is None


def replay(exam: PinnedExam, log: Sequence[StoredEvent]) -> Replay:
    """Recompute every item, estimate and decision of a session and compare each with its log."""
    if not log:
        return Replay(steps=1, first_difference=_nothing_stored())
    course = Course(exam=exam)
    expected = courses.begin(exam, log[0].event.at)
    previous = CHAIN_START
    for step, stored in enumerate(log, start=1):
        try:
            expected = expected or _what_should_follow(course, stored.event)
        except (ServiceError, KeyError, ValueError) as refusal:
            return _parted(step, stored.event, "kind", stored.event.kind.value, str(refusal))
        recomputed = expected.pop(0) if expected else None
        difference = _compare(step, stored, recomputed, previous) or _backwards(step, log)
        if difference is not None or recomputed is None:
            return Replay(steps=step, first_difference=difference)
        course = courses.advance(course, recomputed)
        previous = stored.digest
    if expected:
        return _parted(len(log) + 1, expected[0], "kind", None, expected[0].kind.value)
    return Replay(steps=len(log), first_difference=None)


def _what_should_follow(course: Course, event: Event) -> list[Event]:
    """Return the events that the act behind a stored event leads to."""
    match event.kind:
        case Kind.SECTION_STARTED:
            return courses.start_section(course, event.at)
        case Kind.ANSWERED:
            return courses.answer(
                course, event.sequence or 0, event.item or "", event.answer or "", event.at
            )
        case Kind.SECTION_ENDED if event.detail.get("reason") == courses.TIME:
            return courses.time_over(course, event.at)
        case Kind.SECTION_ENDED | Kind.ENDED:
            return courses.end(course, event.at)
        case Kind.STARTED | Kind.ITEM_SHOWN:
            return []


def _compare(
    step: int, stored: StoredEvent, recomputed: Event | None, previous: str
) -> Difference | None:
    event = stored.event
    if recomputed is None:
        return _difference(step, event, "kind", event.kind.value, None)
    theirs, ours = _fields(event), _fields(recomputed)
    for name in {**ours, **theirs}:
        if not _equal(theirs.get(name), ours.get(name)):
            return _difference(step, event, name, theirs.get(name), ours.get(name))
    chained = digest(event, previous)
    if stored.digest != chained:
        return _difference(step, event, "digest", stored.digest, chained)
    return None


def _backwards(step: int, log: Sequence[StoredEvent]) -> Difference | None:
    """Return the difference of an event that is dated before the one it follows."""
    event, before = log[step - 1].event, log[max(step - 2, 0)].event
    if event.at >= before.at:
        return None
    earliest = f"{before.at.isoformat()} or later"
    return _difference(step, event, "at", event.at.isoformat(), earliest)


def _nothing_stored() -> Difference:
    return Difference(
        step=1,
        kind=Kind.STARTED.value,
        sequence=None,
        field="kind",
        stored=None,
        recomputed=Kind.STARTED.value,
    )


def _fields(event: Event) -> dict[str, Any]:
    """Return the fields of an event, those of its detail by name beside the others."""
    fields = asdict(event)
    fields["kind"] = event.kind.value
    fields["at"] = event.at.isoformat()
    detail = fields.pop("detail")
    return {**fields, **{f"detail.{key}": value for key, value in detail.items()}}


def _equal(stored: Any, recomputed: Any) -> bool:
    if isinstance(stored, float) and isinstance(recomputed, float):
        return math.isclose(stored, recomputed, rel_tol=0.0, abs_tol=THETA_TOLERANCE)
    if isinstance(stored, list) and isinstance(recomputed, list):
        pairs = zip(stored, recomputed, strict=False)
        return len(stored) == len(recomputed) and all(_equal(*pair) for pair in pairs)
    return bool(stored == recomputed)


def _parted(step: int, event: Event, name: str, stored: Any, recomputed: Any) -> Replay:
    difference = _difference(step, event, name, stored, recomputed)
    return Replay(steps=step, first_difference=difference)


def _difference(step: int, event: Event, name: str, stored: Any, recomputed: Any) -> Difference:
    return Difference(
        step=step,
        kind=event.kind.value,
        sequence=event.sequence,
        field=name,
        stored=stored,
        recomputed=recomputed,
    )
