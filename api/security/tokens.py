"""Tokens: random, shown once, kept only as digests."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return a fresh secret of 256 random bits, safe in a header, a cookie and a URL."""
    return secrets.token_urlsafe(32)


def token_digest(token: str) -> str:
    """Return what is kept of a token: its SHA-256, in hexadecimal.

    A token has 256 random bits, so a fast hash is as hard to turn back as a slow one.
    """
    return hashlib.sha256(token.encode()).hexdigest()


def same_digest(token: str, kept: str) -> bool:
    """Say whether a token has the digest that was kept, in constant time."""
    return secrets.compare_digest(token_digest(token), kept)
