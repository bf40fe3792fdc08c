"""When a skill set may be sat again: what the scheme says, of exams that certify."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from engine.errors import Problem
from itembank.scheme.model import Retake

YEAR = timedelta(days=365)

Sitting = tuple[str, datetime]
"""A skill set whose section was opened, and when; opened counts, however it ended."""


def too_soon(
    rule: Retake, wished: Iterable[str], sittings: Sequence[Sitting], now: datetime
) -> Iterator[Problem]:
    """Yield a problem for each skill set that may not be sat yet, with the moment from which it may."""
    for skill_set in wished:
        earlier = sorted(at for code, at in sittings if code == skill_set and at > now - YEAR)
        again = _again_from(rule, earlier)
        if again is not None and now < again:
            yield Problem("skill_sets", skill_set, f"from {again.isoformat(timespec='seconds')} on")


def _again_from(rule: Retake, earlier: Sequence[datetime]) -> datetime | None:
    """Return the moment from which one more sitting is allowed, given those of the last year in order."""
    if not earlier:
        return None
    after_wait = earlier[-1] + timedelta(days=rule.wait_days)
    if len(earlier) < rule.most_a_year:
        return after_wait
    return max(after_wait, earlier[-rule.most_a_year] + YEAR)
