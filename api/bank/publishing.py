"""Publishing a bank: from checked files to the release that new sessions pin."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from api.audit import record_act
from api.bank.catalogue import check_sections, store
from api.demonstration import found_demonstration
from api.errors import ConflictError
from api.tables import PublishedDocument
from itembank import (
    Framework,
    Release,
    Scheme,
    build_release,
    fingerprints,
    load_framework,
    load_items,
    load_scheme,
)


def publish_bank(db: Session, folder: Path, now: datetime) -> Release:
    """Publish the calibrated items of a folder as the bank in force.

    Every item must have calibrated parameters and must never have been public; every section of the
    scheme must be examinable with them. A running service takes the release up when it starts again.

    Raises
    ------
    InputError
        Naming everything that stands against it; nothing is stored then.
    ConflictError
        If the database is a demonstration's, or this very bank has been published before.
    """
    if found_demonstration(db) is not None:
        raise ConflictError("This database holds a demonstration; its bank is fixed")
    framework = load_framework()
    scheme = load_scheme(framework=framework)
    public = fingerprints(load_items(framework=framework))
    items = load_items(folder, framework)
    release = build_release(items, framework, scheme, demonstration=False, public=public)
    check_sections(release, scheme)
    if db.get(PublishedDocument, release.hash) is not None:
        raise ConflictError(f"This bank has been published before, as {release.hash}")
    _store(db, framework, scheme, release, now)
    return release


def _store(
    db: Session, framework: Framework, scheme: Scheme, release: Release, now: datetime
) -> None:
    for kind, document in (("framework", framework), ("scheme", scheme), ("bank", release)):
        store(db, kind, document.hash, document.to_json(), now)
    record_act(db, at=now, actor="operator", action="publish_bank", subject=release.hash)
