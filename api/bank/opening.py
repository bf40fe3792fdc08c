"""Which framework, scheme and bank are in force when the service starts."""

from __future__ import annotations

from functools import lru_cache

from sqlmodel import Session, col, select

from api.bank.catalogue import Catalogue
from api.tables import PublishedDocument
from itembank import Release, build_release, load_framework, load_items, load_scheme


def open_catalogue(db: Session, *, demo: bool) -> Catalogue:
    """Return what new sessions pin.

    A demonstration examines with the bank of this package; a production service with the bank published
    last, and with none until one is.
    """
    if demo:
        return demonstration_catalogue()
    framework = load_framework()
    scheme = load_scheme(framework=framework)
    return Catalogue(framework=framework, scheme=scheme, release=_published_last(db))


@lru_cache(maxsize=1)
def demonstration_catalogue() -> Catalogue:
    """Return the framework, draft scheme and demonstration bank of this package, read once."""
    framework = load_framework()
    scheme = load_scheme(framework=framework)
    items = load_items(framework=framework)
    release = build_release(items, framework, scheme, demonstration=True)
    return Catalogue(framework=framework, scheme=scheme, release=release)


def _published_last(db: Session) -> Release | None:
    newest = db.exec(
        select(PublishedDocument)
        .where(PublishedDocument.kind == "bank")
        .order_by(col(PublishedDocument.published_at).desc())
    ).first()
    return Release.from_json(newest.body) if newest else None
