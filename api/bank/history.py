"""What was in force since when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from api.bank.catalogue import load_pinned
from api.exams import exposure
from api.tables import BankInForce


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedBank:
    """A bank that was put in force: since when, under which scheme, and its latest snapshots."""

    bank: str
    scheme: str
    scheme_version: str
    n_items: int
    at: datetime
    in_force: bool
    exposure: Mapping[str, int]

    def to_data(self) -> dict[str, Any]:
        """The bank as JSON has it."""
        return {**asdict(self), "exposure": dict(self.exposure)}


def published_banks(db: Session) -> list[PublishedBank]:
    """Return what was put in force, the latest first."""
    rows = db.exec(select(BankInForce).order_by(col(BankInForce.number).desc())).all()
    banks = []
    for place, row in enumerate(rows):
        pinned = load_pinned(
            db, framework=row.framework_hash, scheme=row.scheme_hash, bank=row.bank_hash
        )
        bank = PublishedBank(
            bank=row.bank_hash,
            scheme=row.scheme_hash,
            scheme_version=pinned.scheme.version,
            n_items=len(pinned.release.items),
            at=row.at,
            in_force=place == 0,
            exposure=exposure.numbers(db, pinned),
        )
        banks.append(bank)
    return banks
