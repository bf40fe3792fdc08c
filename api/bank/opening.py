"""Which framework, scheme and bank are in force when the service starts."""

from __future__ import annotations

from sqlmodel import Session, col, select

from api.bank.catalogue import Catalogue
from api.tables import PublishedDocument
from itembank import Release, build_release, load_framework, load_items, load_scheme


def open_catalogue(db: Session, *, demo: bool) -> Catalogue:
    """Return what new sessions pin.

    A demonstration examines with the bank of this package; a production service with the bank published
    last, and with none until one is.
    """
    framework = load_framework()
    scheme = load_scheme(framework=framework)
    if demo:
        release = build_release(load_items(framework=framework), scheme, framework)
        return Catalogue(framework=framework, scheme=scheme, release=release)
    return Catalogue(framework=framework, scheme=scheme, release=_published_last(db))


def _published_last(db: Session) -> Release | None:
    newest = db.exec(
        select(PublishedDocument)
        .where(PublishedDocument.kind == "bank")
        .order_by(col(PublishedDocument.published_at).desc())
    ).first()
    return Release.from_json(newest.body) if newest else None
