"""Verdicts on files: right ones, old ones, withdrawn ones, and everything somebody may have bent."""

import base64
import hashlib
import hmac
import json
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import RSAKey

from api.certificates.credential import credential_claims, issue_credential
from api.certificates.facts import CertificateFacts
from api.certificates.signing import Signer
from api.certificates.status_list import status_list_claims
from api.certificates.tokens import LONGEST_TOKEN, KeySetError
from api.certificates.verification import REASON_WORDS, Reason, Verification, verify_credential

NOW = datetime(2027, 6, 1, tzinfo=UTC)
ISSUER = "https://samatthana.example"
LIST_URL = f"{ISSUER}/status/1"
ALPHABET = string.ascii_letters + string.digits + "-_"


def coded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def status_list(signer: Signer, revoked: set[int], **changes: Any) -> str:
    claims = status_list_claims(
        url=changes.get("url", LIST_URL),
        issuer_url=changes.get("issuer_url", ISSUER),
        revoked=revoked,
        valid_from=changes.get("valid_from", NOW - timedelta(hours=1)),
        valid_until=changes.get("valid_until", NOW + timedelta(hours=1)),
    )
    return signer.sign({**claims, **changes.get("claims", {})})


@pytest.fixture
def token(certificate: CertificateFacts, signer: Signer) -> str:
    return issue_credential(certificate, signer)


def verified(token: str | bytes, signer: Signer, **options: Any) -> Verification:
    options.setdefault("now", NOW)
    return verify_credential(token, keys=signer.jwks(), **options)


# What is right


def test_a_certificate_is_valid_by_its_file_keys_and_list(
    certificate: CertificateFacts, signer: Signer, token: str
) -> None:
    verdict = verified(token, signer, status_list=status_list(signer, {3}))
    assert verdict == Verification(
        valid=True,
        signature="valid",
        status="active",
        reasons=(),
        number=certificate.number,
        name="กลุ่มทักษะด้านความเข้าใจและใช้เทคโนโลยีดิจิทัล ระดับ 2 / Digital Literacy Skill Set, Level 2",
        skill_set="DLit",
        level=2,
        issuer="ระบบสมรรถนะ (สาธิต) / Samatthana (demonstration)",
        issuer_url=ISSUER,
        subject=certificate.holder.subject,
        holder=(),
        valid_from=certificate.issued_at,
        valid_until=certificate.valid_until,
        specimen=False,
    )


def test_a_specimen_is_told_from_a_certificate(specimen: CertificateFacts, signer: Signer) -> None:
    token = issue_credential(specimen, signer)
    assert verified(token, signer, status_list=status_list(signer, set())).specimen is True


def test_names_are_given_where_the_holder_agreed(
    certificate: CertificateFacts, signer: Signer
) -> None:
    agreed = replace(certificate, holder=replace(certificate.holder, in_credential=True))
    verdict = verified(issue_credential(agreed, signer), signer)
    assert verdict.holder == (certificate.holder.name_th, certificate.holder.name_latin)


def test_a_file_may_end_with_a_line_end(signer: Signer, token: str) -> None:
    assert verified(f"{token}\n".encode(), signer).signature == "valid"


def test_the_verdict_as_json_has_the_keys_of_the_command_line(signer: Signer, token: str) -> None:
    shown = verified(token, signer, status_list=status_list(signer, set())).as_json()
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["valid"], shown["signature"], shown["status"]) == (True, "valid", "active")
    assert shown["number"] == "SP-2569-4831-7265-30"
    assert shown["valid_until"] == "2029-11-22T16:59:59+00:00"
    assert shown["specimen"] is False


# Time


@pytest.mark.parametrize(
    ("now", "reasons"),
    [
        (datetime(2026, 11, 22, 4, 4, 59, tzinfo=UTC), (Reason.NOT_YET_VALID,)),
        (datetime(2026, 11, 22, 4, 5, tzinfo=UTC), ()),
        (datetime(2029, 11, 22, 16, 59, 59, tzinfo=UTC), ()),
        (datetime(2029, 11, 22, 17, 0, tzinfo=UTC), (Reason.EXPIRED,)),
    ],
)
def test_validity_ends_with_its_last_day_in_bangkok(
    signer: Signer, token: str, now: datetime, reasons: tuple[Reason, ...]
) -> None:
    around = {"valid_from": now - timedelta(hours=1), "valid_until": now + timedelta(hours=1)}
    verdict = verified(token, signer, now=now, status_list=status_list(signer, set(), **around))
    assert verdict.reasons == reasons
    assert verdict.valid is not bool(reasons)
    assert (verdict.signature, verdict.status) == ("valid", "active")


# Status


def test_a_revoked_certificate_keeps_a_valid_signature(signer: Signer, token: str) -> None:
    verdict = verified(token, signer, status_list=status_list(signer, {94567}))
    assert (verdict.valid, verdict.signature, verdict.status) == (False, "valid", "revoked")
    assert verdict.reasons == (Reason.REVOKED,)


def test_without_a_list_the_status_is_unknown(signer: Signer, token: str) -> None:
    verdict = verified(token, signer)
    assert (verdict.valid, verdict.status) == (False, "unknown")
    assert verdict.reasons == (Reason.STATUS_UNKNOWN,)
    lenient = verified(token, signer, status_required=False)
    assert (lenient.valid, lenient.status) == (True, "unknown")
    assert lenient.reasons == (Reason.STATUS_UNKNOWN,)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": f"{ISSUER}/status/2"},
        {"issuer_url": "https://other.example"},
        {"valid_until": NOW - timedelta(seconds=1)},
        {"valid_from": NOW + timedelta(seconds=1)},
        {"claims": {"type": ["VerifiableCredential"]}},
        {"claims": {"credentialSubject": {"statusPurpose": "suspension", "encodedList": "u"}}},
        {"claims": {"credentialSubject": {"statusPurpose": "revocation", "encodedList": "uAA"}}},
        {"claims": {"credentialSubject": None}},
    ],
)
def test_a_list_that_is_not_its_own_or_not_current_says_nothing(
    signer: Signer, token: str, changes: dict[str, Any]
) -> None:
    verdict = verified(token, signer, status_list=status_list(signer, set(), **changes))
    assert (verdict.valid, verdict.status) == (False, "unknown")


def test_a_forged_or_changed_list_says_nothing(
    signer: Signer, stranger: Signer, token: str
) -> None:
    forged = status_list(stranger, set())
    changed = status_list(signer, set())[:-2] + "AA"
    for listed in (forged, changed, "", b"\xff", token):
        assert verified(token, signer, status_list=listed).status == "unknown"


# Bent files


def assert_refused(verdict: Verification) -> None:
    """Not valid, and nothing of the file's contents repeated."""
    assert not verdict.valid
    assert verdict.signature != "valid"
    assert verdict == Verification(
        valid=False, signature=verdict.signature, status="unknown", reasons=verdict.reasons
    )


def test_one_changed_byte_anywhere_fails(signer: Signer, token: str) -> None:
    head, tail = token.index("."), token.rindex(".")
    places = [*range(head + 1), *range(head + 1, tail, 23), *range(tail - 8, len(token))]
    for place in places:
        other = "A" if token[place] != "A" else "B"
        assert_refused(verified(token[:place] + other + token[place + 1 :], signer))


def test_a_changed_claim_is_called_changed(signer: Signer, token: str) -> None:
    head, payload, signature = token.split(".")
    claims = json.loads(decoded(payload))
    claims["credentialSubject"]["licenseNumber"] = "SP-2569-0000-0000-00"
    verdict = verified(f"{head}.{coded(claims)}.{signature}", signer)
    assert_refused(verdict)
    assert (verdict.signature, verdict.reasons) == ("invalid", (Reason.CHANGED,))


def test_spare_bits_of_base64url_must_be_zero(certificate: CertificateFacts) -> None:
    # 256 bytes of signature leave four spare bits in its last character, 3072-bit keys leave none.
    shorter = Signer(key=RSAKey.generate_key(2048, private=True))
    token = issue_credential(certificate, shorter)
    parts = token.split(".")
    bent = 0
    for index, part in enumerate(parts):
        for letter in ALPHABET:
            other = part[:-1] + letter
            if other != part and decoded(other) == decoded(part):
                changed = ".".join([*parts[:index], other, *parts[index + 1 :]])
                verdict = verified(changed, shorter)
                assert_refused(verdict)
                assert verdict.signature == "unreadable"
                bent += 1
    assert bent >= 15


@pytest.mark.parametrize("bend", ["{}=", "{}.", ".{}", "{}.AA", "{} x", "{}\x00", "{}é"])
def test_nothing_may_be_added(signer: Signer, token: str, bend: str) -> None:
    verdict = verified(bend.format(token), signer)
    assert_refused(verdict)
    assert verdict.signature == "unreadable"


def test_space_within_is_refused(signer: Signer, token: str) -> None:
    assert_refused(verified(token.replace(".", ".\n", 1), signer))


# Headers that lie


def with_header(token: str, **members: Any) -> str:
    """The token under another header, its signature kept."""
    head, payload, signature = token.split(".")
    return ".".join([coded({**json.loads(decoded(head)), **members}), payload, signature])


def test_no_algorithm_is_no_signature(signer: Signer, token: str) -> None:
    for alg in ("none", "None", "NONE", ""):
        head, payload, signature = with_header(token, alg=alg).split(".")
        assert_refused(verified(f"{head}.{payload}.", signer))
        assert_refused(verified(f"{head}.{payload}.{signature}", signer))


def test_the_public_key_is_no_shared_secret(signer: Signer, token: str) -> None:
    head, payload, _ = with_header(token, alg="HS256").split(".")
    for secret in (
        signer.key.as_pem(private=False),
        signer.key.as_der(private=False),
        json.dumps(signer.jwks()["keys"][0]).encode(),
    ):
        mac = hmac.new(secret, f"{head}.{payload}".encode(), hashlib.sha256).digest()
        assert_refused(verified(f"{head}.{payload}.{coded(mac)}", signer))


@pytest.mark.parametrize("algorithm", ["PS256", "RS512"])
def test_the_right_key_with_another_algorithm_is_refused(
    signer: Signer, certificate: CertificateFacts, algorithm: str
) -> None:
    header = {"alg": algorithm, "kid": signer.kid, "typ": "JWT"}
    payload = json.dumps(credential_claims(certificate))
    token = jws.serialize_compact(header, payload, signer.key, algorithms=[algorithm])
    assert_refused(verified(token, signer))


def test_a_key_that_the_file_brings_is_not_believed(
    signer: Signer, stranger: Signer, certificate: CertificateFacts
) -> None:
    public = stranger.jwks()["keys"][0]
    payload = json.dumps(credential_claims(certificate))
    for header in (
        {"alg": "RS256", "kid": signer.kid, "typ": "JWT"},
        {"alg": "RS256", "kid": stranger.kid, "typ": "JWT", "jwk": public},
        {"alg": "RS256", "typ": "JWT", "jwk": public},
    ):
        token = jws.serialize_compact(header, payload, stranger.key, algorithms=["RS256"])
        assert_refused(verified(token, signer))


def test_a_stranger_s_key_is_named_as_such(
    signer: Signer, stranger: Signer, certificate: CertificateFacts
) -> None:
    verdict = verified(issue_credential(certificate, stranger), signer)
    assert_refused(verdict)
    assert (verdict.signature, verdict.reasons) == ("unknown-key", (Reason.UNKNOWN_KEY,))


@pytest.mark.parametrize(
    "members",
    [
        {"crit": ["b64"], "b64": False},
        {"typ": "vc+jwt"},
        {"kid": 7},
        {"kid": None},
        {"x5u": "https://other.example/key"},
        {"zip": "DEF"},
    ],
)
def test_other_members_of_the_header_are_refused(
    signer: Signer, token: str, members: dict[str, Any]
) -> None:
    verdict = verified(with_header(token, **members), signer)
    assert_refused(verdict)
    assert verdict.signature == "unreadable"


def test_a_doubled_member_is_refused_even_when_signed(signer: Signer) -> None:
    header = {"alg": "RS256", "kid": signer.kid, "typ": "JWT"}
    twice = b'{"iss": "https://samatthana.example", "iss": "https://other.example"}'
    token = jws.serialize_compact(header, twice, signer.key, algorithms=["RS256"])
    assert_refused(verified(token, signer))


# Other things than certificates


@pytest.mark.parametrize(
    "content",
    [
        "",
        b"",
        "SP-2569-4831-7265-30",
        b"%PDF-1.7\n\xff\xfe",
        b"\x89PNG\r\n\x1a\n",
        "..",
        "a.b.c",
        "e30.e30.e30",
        "{" * 1000,
        "ตัวอย่าง",
        "A" * (LONGEST_TOKEN + 1),
        f"{coded(b'[' * 100_000)}.e30.AA",
        f"{coded(b'1' * 100_000)}.e30.AA",
        f"{coded(b'NaN')}.e30.AA",
        f"{coded(b'[]')}.e30.AA",
        f"{coded(bytes(range(256)))}.e30.AA",
    ],
    ids=range(16),
)
def test_anything_else_gets_a_verdict(signer: Signer, content: str | bytes) -> None:
    verdict = verified(content, signer)
    assert_refused(verdict)
    assert (verdict.signature, verdict.reasons) == ("unreadable", (Reason.UNREADABLE,))


@given(st.binary(max_size=300))
def test_no_content_makes_it_stumble(signer: Signer, content: bytes) -> None:
    assert_refused(verified(content, signer))


def without(claims: dict[str, Any], *path: str) -> dict[str, Any]:
    """A copy that lacks one member."""
    copy = json.loads(json.dumps(claims))
    place = copy
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return copy


@pytest.mark.parametrize(
    "path",
    [
        ("type",),
        ("issuer",),
        ("validFrom",),
        ("validUntil",),
        ("exp",),
        ("sub",),
        ("credentialStatus",),
        ("credentialSubject", "licenseNumber"),
        ("credentialSubject", "result"),
        ("credentialSubject", "achievement", "humanCode"),
        ("credentialStatus", "statusListIndex"),
    ],
)
def test_a_signed_document_of_another_kind_is_no_certificate(
    signer: Signer, certificate: CertificateFacts, path: tuple[str, ...]
) -> None:
    verdict = verified(signer.sign(without(credential_claims(certificate), *path)), signer)
    assert (verdict.valid, verdict.signature) == (False, "valid")
    assert verdict.reasons == (Reason.NOT_A_CERTIFICATE,)
    assert verdict.number is None


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"sub": "urn:uuid:0"},
        {"jti": "https://other.example"},
        {"nbf": 0},
        {"exp": 4_000_000_000},
        {"validUntil": "2099-11-22T16:59:59Z"},
        {"validUntil": "2029-11-22T16:59:59"},
        {"validUntil": 12},
        {"issuer": "https://samatthana.example"},
    ],
)
def test_claims_that_contradict_the_credential_are_refused(
    signer: Signer, certificate: CertificateFacts, changes: dict[str, Any]
) -> None:
    verdict = verified(signer.sign({**credential_claims(certificate), **changes}), signer)
    assert (verdict.valid, verdict.reasons) == (False, (Reason.NOT_A_CERTIFICATE,))


def test_a_status_list_is_no_certificate(signer: Signer) -> None:
    verdict = verified(status_list(signer, set()), signer)
    assert (verdict.valid, verdict.reasons) == (False, (Reason.NOT_A_CERTIFICATE,))


def test_every_reason_is_said_in_both_languages() -> None:
    assert set(REASON_WORDS) == set(Reason)


def test_keys_that_cannot_be_used_are_the_reader_s_error(token: str) -> None:
    with pytest.raises(KeySetError):
        verify_credential(token, keys={"keys": []}, now=NOW)
