"""The status list: bits where the Recommendation puts them, indices that tell nothing."""

import base64
import gzip
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.certificates.status_list import (
    LIST_SIZE,
    LONGEST_LIST,
    StatusListError,
    decode,
    encode,
    is_set,
    status_list_claims,
)

W3C_EXAMPLE = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
"""The `encodedList` of the example credential in W3C Bitstring Status List v1.0, all bits 0."""


def packed(bits: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(gzip.compress(bits, mtime=0)).rstrip(b"=").decode()


def test_the_example_of_the_recommendation_has_131072_zeros() -> None:
    assert decode(W3C_EXAMPLE) == bytes(16_384)


def test_index_zero_is_the_left_most_bit() -> None:
    assert decode(encode({0}))[:2] == b"\x80\x00"
    assert decode(encode({7, 8}))[:2] == b"\x01\x80"
    assert decode(encode({LIST_SIZE - 1}))[-1] == 0x01


@given(st.sets(st.integers(0, LIST_SIZE - 1), max_size=50))
def test_exactly_the_revoked_are_set(revoked: set[int]) -> None:
    bits = decode(encode(revoked))
    assert len(bits) * 8 == LIST_SIZE
    assert sum(byte.bit_count() for byte in bits) == len(revoked)
    assert all(is_set(bits, index) for index in revoked)


def test_the_same_set_gives_the_same_text() -> None:
    assert encode([5, 3, 9]) == encode({9, 5, 3})
    assert "=" not in encode({1})


@pytest.mark.parametrize("index", [-1, LIST_SIZE])
def test_an_index_outside_the_list_is_refused(index: int) -> None:
    with pytest.raises(ValueError, match="index"):
        encode({index})
    with pytest.raises(StatusListError, match="no index"):
        is_set(decode(encode(())), index)


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "u",
        "z" + W3C_EXAMPLE[1:],
        W3C_EXAMPLE[:-8],
        W3C_EXAMPLE + "=",
        "u!!!!",
        "uYWJj",
        packed(bytes(LIST_SIZE // 8 - 1)),
        packed(bytes(LONGEST_LIST // 8 + 1)),
    ],
    ids=["empty", "bare", "base58", "cut", "padded", "signs", "not gzip", "short", "bomb"],
)
def test_a_list_that_cannot_be_read_is_one_clear_error(encoded: str) -> None:
    with pytest.raises(StatusListError):
        decode(encoded)


def test_the_credential_says_what_the_recommendation_asks() -> None:
    made = datetime(2026, 11, 22, tzinfo=UTC)
    claims = status_list_claims(
        url="https://samatthana.example/status/1",
        issuer_url="https://samatthana.example",
        revoked={5},
        valid_from=made,
        valid_until=made + timedelta(days=1),
    )
    assert claims["@context"] == ["https://www.w3.org/ns/credentials/v2"]
    assert claims["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert claims["id"] == claims["jti"] == "https://samatthana.example/status/1"
    assert (claims["validFrom"], claims["validUntil"]) == (
        "2026-11-22T00:00:00Z",
        "2026-11-23T00:00:00Z",
    )
    subject = claims["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "revocation")
    assert is_set(decode(subject["encodedList"]), 5)
