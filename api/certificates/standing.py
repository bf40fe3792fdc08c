"""Whether an issued certificate still stands."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from api.tables import Certificate

Standing = Literal["active", "revoked", "expired"]


def standing(certificate: Certificate, now: datetime) -> Standing:
    """Return a certificate's standing at a moment; a revoked one stays revoked when it expires."""
    if certificate.revoked_at is not None:
        return "revoked"
    return "active" if now <= certificate.valid_until else "expired"
