"""Opening a signed token strictly: one spelling, one algorithm, keys that the reader brought.

Everything that could let two different texts pass as the same token is refused: padding, spare
bits at the end of a base64url part, doubled members in JSON, headers beyond `alg`, `kid` and
`typ`. The algorithm is never taken from the token (RFC 8725, section 3.1), nor is a key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from api.certificates.signing import ALGORITHM
from engine.errors import InputError, Problem

LEAST_BITS = 2048
LONGEST_TOKEN = 1 << 20
"""Bytes; a credential has about 6,000, the fullest status list of ours about 30,000."""

TrustedKeys = Mapping[str, RSAKey]
"""Public keys under their RFC 7638 thumbprints."""

TokenFault = Literal["unreadable", "unknown-key", "invalid"]

_PART = re.compile(rb"[A-Za-z0-9_-]+")


class KeySetError(InputError):
    """A file of public keys that holds none we can use."""


class TokenError(ValueError):
    """A token that proves nothing; `fault` says in which way."""

    def __init__(self, fault: TokenFault, message: str) -> None:
        self.fault = fault
        super().__init__(message)


def trusted_keys(jwks: Any) -> TrustedKeys:
    """The RSA keys of a JWK set, by thumbprint; keys of other kinds are passed over.

    A key's own `kid` is not believed: it is named by its thumbprint, as tokens of ours name it.

    Raises
    ------
    KeySetError
        When the set holds no public RSA key of at least 2048 bits.
    """
    entries = jwks.get("keys") if isinstance(jwks, dict) else None
    keys = [_public_key(entry) for entry in entries] if isinstance(entries, list) else []
    trusted = {key.thumbprint(): key for key in keys if key is not None}
    if not trusted:
        expected = f"a JWK set with an RSA key of {LEAST_BITS} bits or more"
        raise KeySetError("Public keys", [Problem("keys", _kinds(entries), expected)])
    return trusted


def open_token(token: str | bytes, keys: TrustedKeys) -> dict[str, Any]:
    """The claims of a token that one of the keys has signed.

    Raises
    ------
    TokenError
        `unreadable`: it has not the form of our tokens; `unknown-key`: none of the keys is the one
        it names; `invalid`: it is not what that key signed.
    """
    text = _ascii(token)
    header = _header(text)
    key = keys.get(_thumbprint(header))
    if key is None:
        raise TokenError("unknown-key", "the token names a key that is not among those given")
    try:
        payload = jws.deserialize_compact(text, key, algorithms=[ALGORITHM]).payload
    except (JoseError, ValueError, TypeError) as error:
        raise TokenError("invalid", "the signature does not belong to this text") from error
    return _json_object(payload)


def key_named(token: str) -> str:
    """Return the thumbprint of the key that a token of ours names, nothing else of it believed."""
    return _thumbprint(_header(token.encode()))


def _public_key(entry: Any) -> RSAKey | None:
    if not isinstance(entry, dict) or entry.get("kty") != "RSA":
        return None
    try:
        key = RSAKey.import_key({name: entry[name] for name in ("kty", "n", "e")})
        return key if key.raw_value.key_size >= LEAST_BITS else None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _kinds(entries: Any) -> Any:
    if not isinstance(entries, list):
        return type(entries).__name__
    return [entry.get("kty") if isinstance(entry, dict) else None for entry in entries]


def _ascii(token: str | bytes) -> bytes:
    """The token's bytes without the line end that a file may have; three canonical base64url parts."""
    if len(token) > LONGEST_TOKEN:
        raise TokenError("unreadable", f"longer than {LONGEST_TOKEN} bytes")
    try:
        text = (token.encode("ascii") if isinstance(token, str) else token).strip()
    except UnicodeEncodeError as error:
        raise TokenError("unreadable", "not a JWT: characters beyond ASCII") from error
    parts = text.split(b".")
    if len(parts) != 3 or not all(_is_canonical(part) for part in parts):
        raise TokenError("unreadable", "not a JWT: three parts in canonical base64url")
    return text


def _is_canonical(part: bytes) -> bool:
    if not _PART.fullmatch(part):
        return False
    try:
        return urlsafe_b64encode(urlsafe_b64decode(part)) == part
    except ValueError:
        return False


def _header(text: bytes) -> dict[str, str]:
    header = _json_object(urlsafe_b64decode(text.split(b".")[0]))
    if set(header) != {"alg", "kid", "typ"} or not isinstance(header["kid"], str):
        raise TokenError("unreadable", "the header has other members than alg, kid and typ")
    if header["alg"] != ALGORITHM or header["typ"] != "JWT":
        raise TokenError("unreadable", f"the header is not that of an {ALGORITHM} JWT")
    return header


def _thumbprint(header: dict[str, str]) -> str:
    return header["kid"].rpartition("#")[2]


def _json_object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise TokenError("unreadable", "not JSON") from error
    if not isinstance(value, dict):
        raise TokenError("unreadable", "not a JSON object")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice")
    return members


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")
