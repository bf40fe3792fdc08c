"""Which framework, scheme and bank are in force when the service starts."""

from __future__ import annotations

from functools import lru_cache

from sqlmodel import Session, col, select

from api.bank.catalogue import Catalogue, load_pinned
from api.tables import BankInForce
from itembank import Framework, Scheme, build_release, load_framework, load_items, load_scheme


def open_catalogue(db: Session, *, demo: bool) -> Catalogue:
    """Return what new sessions pin.

    A demonstration examines with the bank of this package; a production service with the bank that was
    put in force last, under the scheme it was put in force with, and with none until one is.
    """
    if demo:
        return demonstration_catalogue()
    row = row_in_force(db)
    if row is None:
        framework, scheme = own_content()
        return Catalogue(framework=framework, scheme=scheme, release=None)
    pinned = load_pinned(
        db, framework=row.framework_hash, scheme=row.scheme_hash, bank=row.bank_hash
    )
    return Catalogue(framework=pinned.framework, scheme=pinned.scheme, release=pinned.release)


@lru_cache(maxsize=1)
def demonstration_catalogue() -> Catalogue:
    """Return the framework, draft scheme and demonstration bank of this package, read once."""
    framework, scheme = own_content()
    items = load_items(framework=framework)
    release = build_release(items, framework, scheme, demonstration=True)
    return Catalogue(framework=framework, scheme=scheme, release=release)


def own_content() -> tuple[Framework, Scheme]:
    """Return the framework and the scheme of this program."""
    framework = load_framework()
    return framework, load_scheme(framework=framework)


def row_in_force(db: Session) -> BankInForce | None:
    """Return what was put in force last; None in a service that has had no bank."""
    return db.exec(select(BankInForce).order_by(col(BankInForce.number).desc())).first()
