"""Exams that nobody comes back to: their time runs out all the same, and what they decided goes out.

A candidate's own next request closes a section whose time is over. This does it for those who never ask
again, and ends exams that have stood between two sections for long; what was not taken has no result.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Engine, text
from sqlmodel import Session

from api.context import Context
from api.database import transaction
from api.exams.service import Exams

EVERY_SECONDS = 300.0

# The last event of a section that is open is always the question that waits for an answer.
_IDLE = text("""
    SELECT exam_session.id
    FROM exam_session
    CROSS JOIN LATERAL (
        SELECT kind, at FROM session_event
        WHERE session_id = exam_session.id ORDER BY position DESC LIMIT 1
    ) AS last
    WHERE exam_session.ended_at IS NULL
      AND (last.kind = 'item_shown' OR last.at <= :abandoned)
    ORDER BY last.at
""")


def close_abandoned(pool: Engine, context: Context) -> int:
    """Close every overdue section and end every abandoned exam; return how many exams were changed.

    Each exam is closed in a transaction of its own. One that cannot be is logged and holds up no other.
    """
    before = context.clock() - timedelta(hours=context.settings.abandoned_after_hours)
    with transaction(pool) as db:
        waiting = _idle(db, before)
    return sum(_close(pool, context, session, before) for session in waiting)


async def keep_closing(pool: Engine, context: Context, every: float = EVERY_SECONDS) -> None:
    """Close abandoned exams now and then, until cancelled."""
    while True:
        await asyncio.sleep(every)
        try:
            await asyncio.to_thread(close_abandoned, pool, context)
        except Exception:
            structlog.get_logger().exception("abandoned_exams_not_closed")


def _idle(db: Session, before: datetime) -> Sequence[UUID]:
    return [row.id for row in db.execute(_IDLE, {"abandoned": before})]


def _close(pool: Engine, context: Context, session: UUID, before: datetime) -> bool:
    try:
        with transaction(pool) as db:
            return Exams(db, context).close_if_abandoned(session, before)
    except Exception:
        structlog.get_logger().exception("abandoned_exam_not_closed", session=str(session))
        return False
