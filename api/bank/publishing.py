"""Publishing a bank: from checked files to what new sessions pin, and back to an earlier one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from api.audit import record_act
from api.bank.catalogue import Pinned, check_sections, document_body, load_pinned, store
from api.bank.opening import open_catalogue, own_content, row_in_force
from api.demonstration import found_demonstration
from api.errors import ConflictError, NotFoundError
from api.exams import exposure
from api.tables import BankInForce, ExposureState, PublishedDocument
from engine.errors import InputError, Problem
from itembank import (
    ExposureSnapshot,
    Release,
    ReleaseError,
    Scheme,
    build_release,
    fingerprints,
    load_framework,
    load_items,
)
from itembank.release import stimulus_fingerprint

SHORTEST_NAME = 8
"""Digits of a hash that name a bank, if no other begins with them."""


def checked_release(folder: Path, scheme: Scheme | None = None) -> Release:
    """Build the release of a folder of calibrated items; nothing is stored.

    Parameters
    ----------
    scheme
        What its sections must be examinable under; by default the scheme of this program.

    Raises
    ------
    InputError
        Naming everything that stands against it: items without calibrated parameters, items and texts
        that were ever public, sections that cannot be examined.
    """
    framework, own = own_content()
    public = fingerprints(load_items(framework=framework))
    items = load_items(folder, framework)
    release = build_release(items, framework, scheme or own, demonstration=False, public=public)
    check_sections(release, scheme or own)
    return release


def publish_bank(
    db: Session,
    folder: Path,
    now: datetime,
    *,
    scheme: Scheme | None = None,
    snapshots: Sequence[ExposureSnapshot] = (),
) -> Release:
    """Publish the calibrated items of a folder as the bank in force.

    A running service takes it up when it starts again.

    Parameters
    ----------
    scheme
        What exams are given under; by default the scheme of this program.
    snapshots
        The exposure that its first exams begin with.

    Raises
    ------
    InputError
        As `checked_release`, naming items and texts that were changed without a new version, or naming
        what is wrong with the snapshots; nothing is stored then.
    ConflictError
        If the database is a demonstration's, or this very bank has been published before.
    """
    _refuse_demonstration(db)
    framework, own = own_content()
    release = checked_release(folder, scheme)
    if db.get(PublishedDocument, release.hash) is not None:
        raise ConflictError(
            f"This bank has been published before, as {release.hash}; "
            f"`samatthana bank use {release.hash[:SHORTEST_NAME]}` puts it in force again"
        )
    _refuse_versions_used(db, release)
    pinned = Pinned(framework, scheme or own, release)
    exposure.refuse_unfit(pinned, snapshots)
    put_in_force(db, pinned, now, action="publish_bank")
    exposure.begin_with(db, pinned, snapshots, now)
    return release


def use_bank(db: Session, name: str, now: datetime, *, scheme: Scheme | None = None) -> Pinned:
    """Put a bank that was published before in force again.

    A running service takes it up when it starts again.

    Parameters
    ----------
    name
        The first digits of its hash.
    scheme
        What exams are given under; by default the scheme that it was last in force with.

    Raises
    ------
    NotFoundError, ConflictError
        If no bank's hash begins so, or several do, or it is in force already, or the database is a
        demonstration's.
    InputError
        Naming everything that stands against it: what has become public since, and sections that cannot
        be examined.
    """
    _refuse_demonstration(db)
    pinned = _published(db, name, scheme)
    latest = row_in_force(db)
    if latest is not None and _hashes(latest) == _hashes_of(pinned):
        raise ConflictError(
            f"The bank {pinned.release.hash} is in force already, under this scheme"
        )
    problems = list(_public_problems(pinned.release))
    try:
        check_sections(pinned.release, pinned.scheme)
    except InputError as error:
        problems += error.problems
    if problems:
        raise ReleaseError("Bank", problems)
    put_in_force(db, pinned, now, action="use_bank")
    return pinned


def use_exposure(
    db: Session, snapshots: Sequence[ExposureSnapshot], now: datetime
) -> list[ExposureState]:
    """Put exposure snapshots in force for the bank in force; a running service takes them up at once.

    Raises
    ------
    NothingPublishedError
        If no bank is in force.
    ExposureError
        Naming everything that is wrong with any of them; nothing is stored then.
    """
    _refuse_demonstration(db)
    pinned = open_catalogue(db, demo=False).in_force()
    exposure.refuse_unfit(pinned, snapshots)
    return exposure.begin_with(db, pinned, snapshots, now)


def put_in_force(db: Session, pinned: Pinned, now: datetime, *, action: str) -> None:
    """Store what new sessions are to pin, and say so, with its row of the audit trail."""
    framework, scheme, release = pinned.framework, pinned.scheme, pinned.release
    for kind, document in (("framework", framework), ("scheme", scheme), ("bank", release)):
        store(db, kind, document.hash, document.to_json(), now)
    bank_hash, scheme_hash, framework_hash = _hashes_of(pinned)
    row = BankInForce(
        bank_hash=bank_hash, scheme_hash=scheme_hash, framework_hash=framework_hash, at=now
    )
    db.add(row)
    detail = {"scheme": scheme_hash, "framework": framework_hash}
    record_act(db, at=now, actor="operator", action=action, subject=bank_hash, detail=detail)
    db.flush()


def _refuse_demonstration(db: Session) -> None:
    if found_demonstration(db) is not None:
        raise ConflictError("This database holds a demonstration; its bank is fixed")


def _refuse_versions_used(db: Session, release: Release) -> None:
    """One version of an item or a text is worded in one way, in every bank: answers are counted by it."""
    known: dict[tuple[str, int], str] = {}
    for bank in db.exec(select(BankInForce.bank_hash).distinct()):
        known |= _worded(Release.from_json(document_body(db, bank)))
    problems = [
        Problem(
            f"{id}.version", version, "a higher one: it was worded otherwise in an earlier bank"
        )
        for (id, version), words in _worded(release).items()
        if known.get((id, version), words) != words
    ]
    if problems:
        raise ReleaseError("Bank", problems)


def _worded(release: Release) -> dict[tuple[str, int], str]:
    """Return the fingerprint of each item and stimulus, by id and version."""
    items = {(each.id, each.version): each.fingerprint for each in release.items}
    return items | {(each.id, each.version): stimulus_fingerprint(each) for each in release.stimuli}


def _published(db: Session, name: str, scheme: Scheme | None) -> Pinned:
    bank = _named(db, name)
    rows = select(BankInForce).where(BankInForce.bank_hash == bank)
    last = db.exec(rows.order_by(col(BankInForce.number).desc())).first()
    if scheme is None and last is not None:
        return load_pinned(db, framework=last.framework_hash, scheme=last.scheme_hash, bank=bank)
    framework, own = own_content()
    return Pinned(framework, scheme or own, Release.from_json(document_body(db, bank)))


def _named(db: Session, name: str) -> str:
    """Return the one bank's hash that begins with these digits."""
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST_NAME},64}}", name):
        expected = f"the first {SHORTEST_NAME} digits or more of a bank's hash"
        raise ReleaseError("Bank", [Problem("RELEASE", name, expected)])
    query = select(PublishedDocument.hash).where(
        PublishedDocument.kind == "bank", col(PublishedDocument.hash).startswith(name)
    )
    found = db.exec(query).all()
    if not found:
        raise NotFoundError(f"No published bank begins with {name}; see `samatthana bank show`")
    if len(found) > 1:
        raise ConflictError(f"{len(found)} published banks begin with {name}; give more digits")
    return found[0]


def _public_problems(release: Release) -> Iterator[Problem]:
    """What this program knows as public, though it was secret when the bank was published."""
    public = fingerprints(load_items(framework=load_framework()))
    for item in release.items:
        if item.fingerprint in public:
            yield Problem(item.id, "a public item", "an item that was never public")
    for stimulus in release.stimuli:
        if stimulus_fingerprint(stimulus) in public:
            yield Problem(stimulus.id, "a public stimulus", "a stimulus that was never public")


def _hashes(row: BankInForce) -> tuple[str, str, str]:
    return row.bank_hash, row.scheme_hash, row.framework_hash


def _hashes_of(pinned: Pinned) -> tuple[str, str, str]:
    return pinned.release.hash, pinned.scheme.hash, pinned.framework.hash
