"""Answers of ended exams for calibration, without a name in them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import and_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from api.exams.events import Kind
from api.tables import ExamSession, SessionEvent
from calibration.responses import GivenItem, pseudonym

SECRET_FILE = "pseudonym-key.txt"
SECRET_BYTES = 32
ROWS_AT_ONCE = 10_000


def load_or_create_secret(folder: Path) -> bytes:
    """Return the secret that pseudonyms are made with; the first export of a data folder makes it.

    Under one secret a person has one pseudonym in every export.
    """
    path = folder / SECRET_FILE
    secret = secrets.token_bytes(SECRET_BYTES)
    try:
        with open(path, "x", opener=_private) as file:
            file.write(secret.hex())
    except FileExistsError:
        return bytes.fromhex(path.read_text().strip())
    return secret


def given_items(db: Session, secret: bytes, skill_set: str | None = None) -> Iterator[GivenItem]:
    """Yield every question of the exams that have ended, one after another, as they were given.

    A question that was shown and not answered is one not reached: the section's time or the
    candidate's patience ended there.

    Parameters
    ----------
    skill_set
        Only the questions of this skill set.
    """
    shown, answered = aliased(SessionEvent), aliased(SessionEvent)
    query = (
        select(ExamSession, shown, answered)
        .join(shown, col(shown.session_id) == col(ExamSession.id))
        .outerjoin(
            answered,
            and_(
                col(answered.session_id) == col(shown.session_id),
                col(answered.sequence) == col(shown.sequence),
                col(answered.kind) == Kind.ANSWERED.value,
            ),
        )
        .where(col(ExamSession.ended_at).is_not(None), col(shown.kind) == Kind.ITEM_SHOWN.value)
        .order_by(col(ExamSession.created_at), col(ExamSession.id), col(shown.sequence))
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    if skill_set is not None:
        query = query.where(col(shown.skill_set) == skill_set)
    for session, question, answer in db.exec(query):
        yield _given(session, question, answer, secret)


def _given(
    session: ExamSession, shown: SessionEvent, answered: SessionEvent | None, secret: bytes
) -> GivenItem:
    category = None if answered is None else answered.category
    return GivenItem(
        session=pseudonym(secret, f"session {session.id}"),
        person=pseudonym(secret, f"account {session.account_id}"),
        language=session.language,
        item=shown.item or "",
        version=shown.item_version or 0,
        sequence=shown.sequence or 0,
        response="not_reached" if category is None else category,
        option=None if answered is None else answered.answer,
        seconds=None if answered is None else (answered.at - shown.at).total_seconds(),
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, mode=0o600)
