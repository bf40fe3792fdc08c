"""Revocation: a Bitstring Status List (W3C Recommendation, 15 May 2025) as a signed credential.

One bit for each certificate, at an index drawn at random when it is issued; the list is never
shorter than 131,072 bits, so that fetching it tells nobody which certificate is being looked at.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

LIST_SIZE = 131_072
"""Bits of a list: the least that the Recommendation allows."""
LONGEST_LIST = 16 * LIST_SIZE
"""Bits beyond which a received list is refused: a small file may unpack to a very large one."""
PURPOSE = "revocation"
CONTEXT = "https://www.w3.org/ns/credentials/v2"


class StatusListError(ValueError):
    """A received status list that cannot be read."""


def encode(revoked: Collection[int]) -> str:
    """The list as `encodedList`: gzip, base64url without padding, multibase prefix `u`.

    The left-most bit is index 0. The same set gives the same text.

    Raises
    ------
    ValueError
        When an index lies outside the list.
    """
    bits = bytearray(LIST_SIZE // 8)
    for index in revoked:
        if not 0 <= index < LIST_SIZE:
            raise ValueError(f"a status index lies in 0..{LIST_SIZE - 1}, got {index}")
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + urlsafe_b64encode(gzip.compress(bytes(bits), mtime=0)).decode()


def decode(encoded: str) -> bytes:
    """The bits of an `encodedList`, eight to the byte, index 0 the left-most.

    Raises
    ------
    StatusListError
        When the text is not such a list, or is shorter or longer than is allowed.
    """
    if not encoded.startswith("u"):
        raise StatusListError("the list does not start with the multibase prefix u")
    unpack = zlib.decompressobj(wbits=31)
    try:
        bits = unpack.decompress(urlsafe_b64decode(encoded[1:].encode()), LONGEST_LIST // 8)
    except (ValueError, zlib.error) as error:
        raise StatusListError("the list is not base64url of gzip") from error
    if not unpack.eof or len(bits) * 8 < LIST_SIZE:
        raise StatusListError(f"the list has not {LIST_SIZE} to {LONGEST_LIST} bits")
    return bits


def is_set(bits: bytes, index: int) -> bool:
    """Whether the bit of an index is 1: the certificate is revoked.

    Raises
    ------
    StatusListError
        When the index lies outside the list.
    """
    if not 0 <= index < len(bits) * 8:
        raise StatusListError(f"the list has no index {index}")
    return bool(bits[index // 8] & (0x80 >> index % 8))


def status_list_claims(
    *,
    url: str,
    issuer_url: str,
    revoked: Collection[int],
    valid_from: datetime,
    valid_until: datetime,
) -> dict[str, Any]:
    """The status-list credential, ready for `Signer.sign`.

    Parameters
    ----------
    url
        Where the list is published: the `status_list_url` of the certificates in it.
    issuer_url
        The issuer of those certificates; a list by another issuer says nothing of them.
    revoked
        Indices of revoked certificates.
    valid_from, valid_until
        When the list was made, and until when it may be relied upon (UTC).
    """
    return {
        "@context": [CONTEXT],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_url,
        "validFrom": utc_text(valid_from),
        "validUntil": utc_text(valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "encodedList": encode(revoked),
        },
        "iss": issuer_url,
        "jti": url,
        "nbf": int(valid_from.timestamp()),
        "exp": int(valid_until.timestamp()),
        "sub": f"{url}#list",
    }


def utc_text(moment: datetime) -> str:
    """A moment as the data model writes it: `2026-11-22T05:00:00Z`."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
