"""What every request needs and no request makes: built once by `create_app`, injected everywhere.

The clock, the signer and the source of seeds come from outside, so that a test or a replay can choose them.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from api.bank.catalogue import Catalogue
from api.certificates.signing import Signer
from api.settings import Settings

Clock = Callable[[], datetime]
SeedSource = Callable[[], int]


def utc_now() -> datetime:
    """Return the present moment; the service's default clock."""
    return datetime.now(UTC)


def secret_seed() -> int:
    """Return 64 unpredictable bits; the service's default source of session seeds."""
    return secrets.randbits(64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The service's settings, clock, signer, randomness and published content."""

    settings: Settings
    catalogue: Catalogue
    signer: Signer
    clock: Clock = utc_now
    new_seed: SeedSource = secret_seed
