"""The key that signs credentials, and signing with it.

RS256 with an RSA key of 3072 bits: Open Badges 3.0 asks every verifier for RS256, and 3072 bits is
what NIST SP 800-57 part 1 revision 5 (2020, tables 2 and 4) asks of signatures that must hold
beyond 2030.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from api.errors import OperatorError

ALGORITHM = "RS256"
KEY_BITS = 3072
KEY_FILE = "signing-key.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A private key and the name it is published under.

    Parameters
    ----------
    key
        The private RSA key, of at least 3072 bits.
    keys_url
        Where the public keys are published. Open Badges 3.0 asks for a `kid` that is a URI; tokens
        then name `<keys_url>#<thumbprint>`, and the bare thumbprint (RFC 7638) without it.
    """

    key: RSAKey = field(repr=False)
    keys_url: str | None = None

    @classmethod
    def load_or_create(cls, folder: Path, keys_url: str | None = None) -> Signer:
        """The signer whose key lies in a folder; made there once, by whoever comes first.

        The key is a private JWK, readable by its owner alone. A file that is there is never
        written over.

        Raises
        ------
        OperatorError
            When the file cannot be read, is damaged, weak, or open to other users of the machine.
        """
        path = folder / KEY_FILE
        if not path.exists():
            _create(path)
        return cls(key=_load(path), keys_url=keys_url)

    @property
    def thumbprint(self) -> str:
        """The SHA-256 thumbprint of the public key (RFC 7638), base64url."""
        return self.key.thumbprint()

    @property
    def kid(self) -> str:
        """What tokens name as their key."""
        return f"{self.keys_url}#{self.thumbprint}" if self.keys_url else self.thumbprint

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """The public key as a JWK set (RFC 7517), under its thumbprint."""
        public = self.key.as_dict(private=False)
        numbers = {name: public[name] for name in ("kty", "n", "e")}
        return {"keys": [{**numbers, "alg": ALGORITHM, "kid": self.thumbprint, "use": "sig"}]}

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Claims as a compact JWS; the header has `alg`, `kid`, `typ` alone (Open Badges 3.0)."""
        header = {"alg": ALGORITHM, "kid": self.kid, "typ": "JWT"}
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return jws.serialize_compact(header, payload.encode(), self.key, algorithms=[ALGORITHM])


def _create(path: Path) -> None:
    """Write a new key beside its place and link it there: whole, and never over another."""
    key = RSAKey.generate_key(KEY_BITS, private=True)
    text = json.dumps(key.as_dict(private=True), sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".signing-key-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            _link_once(beside, path)
        finally:
            os.unlink(beside)
        _sync_folder(path.parent)
    except OSError as error:
        raise OperatorError(
            f"The signing key {path} cannot be written: {error.strerror}.",
            "Make the folder writable for the account that runs the service.",
        ) from error


def _link_once(beside: str, path: Path) -> None:
    try:
        os.link(beside, path)
    except FileExistsError:
        return  # another process was first; its key is the key


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _load(path: Path) -> RSAKey:
    try:
        text = path.read_text(encoding="utf-8")
        mode = path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise _unusable(path, f"cannot be read ({error})") from error
    if os.name == "posix" and mode & 0o077:
        raise OperatorError(
            f"The signing key {path} is open to other users of this machine.",
            f"Run `chmod 600 {path}`; if others may have read it, replace the key and issue anew.",
        )
    return _parsed(path, text)


def _parsed(path: Path, text: str) -> RSAKey:
    try:
        key = RSAKey.import_key(json.loads(text))
        bits = key.raw_value.key_size
    except (ValueError, TypeError, KeyError, AttributeError, JoseError) as error:
        raise _unusable(path, "is damaged: it is not an RSA key as a JWK") from error
    if not key.is_private:
        raise _unusable(path, "has no private part")
    if bits < KEY_BITS:
        raise _unusable(path, f"has {bits} bits where {KEY_BITS} are needed")
    return key


def _unusable(path: Path, fault: str) -> OperatorError:
    return OperatorError(
        f"The signing key {path} {fault}.",
        "Restore it from a backup. It is never replaced by itself, because certificates signed"
        " with it would no longer verify.",
    )
