"""Exposure of items in live exams: which snapshot an exam pins, and when the next one is made.

A section whose blueprint limits exposure counts its finished exams. After a block of them the next snapshot
is made from the log, in the transaction of the exam that fills the block; exams that start after it pin it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from operator import add
from uuid import UUID

import numpy as np
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

import engine
from api.audit import record_act
from api.bank.catalogue import Pinned, document_body, store
from api.exams.course import NOT_TAKEN
from api.exams.events import Kind
from api.exams.pinned import compiled_section, section_seed
from api.exams.repository import hold_feed
from api.tables import ExamSession, ExposureState, SectionResult, SessionEvent
from itembank import ExposureError, ExposureSnapshot, Section
from itembank.exposure import unfit
from itembank.records import duplicates
from itembank.scheme.blueprint import ExposureSetting

NOBODY = -1
"""Before every place in the feed of results."""


def in_force(db: Session, pinned: Pinned, skill_sets: Sequence[str]) -> dict[str, str]:
    """Return the hash of each section's snapshot in force; none where none was made yet."""
    limited = [each for each in skill_sets if _setting(pinned, each)]
    latest = {each: _latest(db, pinned, each) for each in limited}
    return {each: state.document_hash for each, state in latest.items() if state is not None}


def numbers(db: Session, pinned: Pinned) -> dict[str, int]:
    """Return the number of each section's snapshot in force, where there is one."""
    codes = [rules.code for rules in pinned.scheme.skill_sets]
    latest = ((code, _latest(db, pinned, code)) for code in codes)
    return {code: state.number for code, state in latest if state is not None}


def open_at_start(db: Session, pinned: Pinned) -> list[str]:
    """Return the skill sets whose exposure is limited and whose first exams find every item open."""
    begun = numbers(db, pinned)
    codes = [rules.code for rules in pinned.scheme.skill_sets]
    return [code for code in codes if _setting(pinned, code) and code not in begun]


def snapshots(db: Session, hashes: Mapping[str, str]) -> dict[str, engine.Snapshot]:
    """Return the snapshots with these hashes, by skill set."""
    return {each: _document(db, named).ledger.snapshot for each, named in hashes.items()}


def count(db: Session, pinned: Pinned, skill_sets: Sequence[str], at: datetime) -> None:
    """Make the next snapshot of each section of which a block of exams has ended since the last one.

    The ends of exams wait for one another (`repository.next_feed_position`), so none is counted twice.
    """
    for skill_set in skill_sets:
        setting = _setting(pinned, skill_set)
        if setting is None:
            continue
        latest = _latest(db, pinned, skill_set)
        if _n_since(db, pinned, skill_set, latest) >= setting.block:
            sat = _sat_since(db, pinned, skill_set, latest)
            _make_next(db, pinned, skill_set, setting, latest, sat, at)


def refuse_unfit(pinned: Pinned, documents: Sequence[ExposureSnapshot]) -> None:
    """Make sure that exams of what is pinned can begin with these snapshots.

    Raises
    ------
    ExposureError
        Naming everything that is wrong with any of them, by its skill set.
    """
    problems = [
        replace(problem, where=f"{document.skill_set}: {problem.where}")
        for document in documents
        for problem in unfit(document, pinned.release, pinned.scheme)
    ]
    problems += duplicates((f"{each.skill_set}: skill_set", each.skill_set) for each in documents)
    if problems:
        raise ExposureError("Exposure snapshots", problems)


def begin_with(
    db: Session, pinned: Pinned, documents: Sequence[ExposureSnapshot], at: datetime
) -> list[ExposureState]:
    """Put snapshots in force as each section's next one: exams that start from now on pin them.

    They must fit (`refuse_unfit`). Exams that have ended since the snapshot before count in the next block.
    """
    hold_feed(db)
    return [_begin_with(db, pinned, document, at) for document in documents]


def _begin_with(
    db: Session, pinned: Pinned, document: ExposureSnapshot, at: datetime
) -> ExposureState:
    latest = _latest(db, pinned, document.skill_set)
    counted_to = latest.counted_to if latest else NOBODY
    numbered = document.numbered(latest.number + 1 if latest else 1)
    state = _store(db, pinned, numbered, counted_to, at)
    detail = {"skill_set": document.skill_set, "number": numbered.number, "file": document.hash}
    record_act(
        db, at=at, actor="operator", action="use_exposure", subject=numbered.hash, detail=detail
    )
    return state


@dataclass(slots=True)
class _Sat:
    """What one section showed, answered or not: items, and the estimate each was chosen at."""

    session: ExamSession
    position: int
    theta: float
    items: list[str] = field(default_factory=list)
    chosen_at: list[float] = field(default_factory=list)


def _make_next(
    db: Session,
    pinned: Pinned,
    skill_set: str,
    setting: ExposureSetting,
    latest: ExposureState | None,
    sat: Sequence[_Sat],
    at: datetime,
) -> None:
    compiled = _section(pinned, skill_set)
    block = reduce(add, [_tally(db, pinned, compiled, each) for each in sat])
    rule = engine.Eligibility(rate=setting.rate)
    document = ExposureSnapshot.of(
        _ledger(db, compiled, latest).after(rule, block),
        tuple(item.id for item in compiled.items),
        bank=pinned.release.hash,
        scheme=pinned.scheme.hash,
        skill_set=skill_set,
    )
    _store(db, pinned, document, max(each.position for each in sat), at)


def _store(
    db: Session, pinned: Pinned, document: ExposureSnapshot, counted_to: int, at: datetime
) -> ExposureState:
    store(db, "exposure", document.hash, document.to_json(), at)
    state = ExposureState(
        bank_hash=pinned.release.hash,
        scheme_hash=pinned.scheme.hash,
        skill_set=document.skill_set,
        number=document.number,
        document_hash=document.hash,
        counted_to=counted_to,
        at=at,
    )
    db.add(state)
    db.flush()
    return state


def _tally(db: Session, pinned: Pinned, compiled: Section, sat: _Sat) -> engine.Tally:
    control = compiled.design.exposure
    assert control is not None, "only sections that limit exposure are counted"
    seed = section_seed(int(sat.session.seed, 16), compiled.skill_set)
    named = sat.session.exposure.get(compiled.skill_set)
    opened = engine.Snapshot.open(control.n_segments, len(compiled.items))
    return engine.tally(
        control,
        _document(db, named).ledger.snapshot if named else opened,
        seeds=np.array([seed], dtype=np.uint64),
        items=np.array([[compiled.index(item) for item in sat.items]], dtype=np.int64),
        segments=engine.segment(control.bounds, np.array([sat.chosen_at])),
        theta=np.array([sat.theta]),
    )


def _ledger(db: Session, compiled: Section, latest: ExposureState | None) -> engine.Ledger:
    if latest is not None:
        return _document(db, latest.document_hash).ledger
    return engine.Ledger.begin(engine.open_snapshot(compiled.design))


def _section(pinned: Pinned, skill_set: str) -> Section:
    return compiled_section(pinned.release, pinned.scheme, skill_set)


def _setting(pinned: Pinned, skill_set: str) -> ExposureSetting | None:
    return pinned.scheme.skill_set(skill_set).blueprint.exposure


def _n_since(db: Session, pinned: Pinned, skill_set: str, latest: ExposureState | None) -> int:
    query = select(func.count()).select_from(ExamSession).join(SectionResult)
    return db.exec(query.where(*_since(pinned, skill_set, latest))).one()


def _since(
    pinned: Pinned, skill_set: str, latest: ExposureState | None
) -> tuple[ColumnElement[bool], ...]:
    """Say which exams of a section were taken and ended after the latest snapshot was made."""
    return (
        col(ExamSession.bank_hash) == pinned.release.hash,
        col(ExamSession.scheme_hash) == pinned.scheme.hash,
        col(SectionResult.skill_set) == skill_set,
        col(SectionResult.reason) != NOT_TAKEN,
        col(SectionResult.position) > (latest.counted_to if latest else NOBODY),
    )


def _sat_since(
    db: Session, pinned: Pinned, skill_set: str, latest: ExposureState | None
) -> list[_Sat]:
    """Return those exams in the order of their ends."""
    compiled = _section(pinned, skill_set)
    prior = float(engine.start(compiled.design, 0).theta[0])
    query = select(ExamSession, SectionResult.position).join(SectionResult)
    query = query.where(*_since(pinned, skill_set, latest))
    rows = db.exec(query.order_by(col(SectionResult.position)))
    sat = {session.id: _Sat(session, position, prior) for session, position in rows}
    _read_courses(db, skill_set, sat)
    return list(sat.values())


def _read_courses(db: Session, skill_set: str, sat: Mapping[UUID, _Sat]) -> None:
    """Fill in what the sections showed, and at which estimates."""
    events = db.exec(
        select(SessionEvent)
        .where(col(SessionEvent.session_id).in_(sat), SessionEvent.skill_set == skill_set)
        .order_by(col(SessionEvent.session_id), col(SessionEvent.position))
    )
    for event in events:
        section = sat[event.session_id]
        if event.kind == Kind.ITEM_SHOWN:
            section.items.append(event.item or "")
            section.chosen_at.append(section.theta)
        elif event.theta is not None:
            section.theta = event.theta


def _latest(db: Session, pinned: Pinned, skill_set: str) -> ExposureState | None:
    return db.exec(
        select(ExposureState)
        .where(
            ExposureState.bank_hash == pinned.release.hash,
            ExposureState.scheme_hash == pinned.scheme.hash,
            ExposureState.skill_set == skill_set,
        )
        .order_by(col(ExposureState.number).desc())
        .limit(1)
    ).first()


def _document(db: Session, content_hash: str) -> ExposureSnapshot:
    """Return a snapshot; what a hash names never changes, so the latest ones are kept."""
    if content_hash not in _KEPT:
        while len(_KEPT) >= MOST_KEPT:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[content_hash] = ExposureSnapshot.from_json(document_body(db, content_hash))
    return _KEPT[content_hash]


MOST_KEPT = 64
_KEPT: dict[str, ExposureSnapshot] = {}
