"""One spelling of data as JSON, so that equal data have equal bytes and equal hashes."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(data: Any) -> str:
    """Data as JSON with sorted keys and no spaces; numbers must be finite.

    Floating-point numbers are written with the fewest digits that read back as the same
    number, which Python does alike on every machine.
    """
    return json.dumps(
        data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def sha256(text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, 64 hexadecimal digits (FIPS 180-4)."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_canonical(text: str, data: Any) -> bool:
    """Whether the text is the one canonical spelling of the data read from it."""
    try:
        return canonical_json(data) == text
    except ValueError:
        return False
