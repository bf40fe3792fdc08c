"""Whether a certificate's file can be believed: by keys and a status list alone, without a network.

The verdict keeps apart what people confuse: whether the file is as it was signed (`signature`),
whether the issuer has withdrawn it (`status`), and whether today lies in its period. Nothing is
repeated from a file whose signature is not valid. `valid` is true only when all three are known
and good.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from api.certificates.credential import SPECIMEN_TAG
from api.certificates.status_list import PURPOSE, StatusListError, decode, is_set
from api.certificates.tokens import TokenError, open_token, trusted_keys
from itembank.text import Text


class Reason(StrEnum):
    """Why a certificate is not valid, or not known to be."""

    UNREADABLE = "unreadable"
    UNKNOWN_KEY = "unknown-key"
    CHANGED = "changed"
    NOT_A_CERTIFICATE = "not-a-certificate"
    REVOKED = "revoked"
    STATUS_UNKNOWN = "status-unknown"
    NOT_YET_VALID = "not-yet-valid"
    EXPIRED = "expired"


REASON_WORDS: dict[Reason, Text] = {
    Reason.UNREADABLE: Text(
        th="ไฟล์นี้ไม่ใช่ไฟล์หนังสือรับรองอิเล็กทรอนิกส์",
        en="This is not the file of an electronic certificate.",
    ),
    Reason.UNKNOWN_KEY: Text(
        th="ไฟล์นี้ลงลายมือชื่อด้วยกุญแจที่ไม่อยู่ในรายการที่เชื่อถือ",
        en="This file is signed with a key that is not among those trusted.",
    ),
    Reason.CHANGED: Text(
        th="ลายมือชื่อไม่ถูกต้อง เนื้อหาอาจถูกแก้ไขหลังการออก",
        en="The signature is wrong: the contents may have been changed after issue.",
    ),
    Reason.NOT_A_CERTIFICATE: Text(
        th="ลายมือชื่อถูกต้อง แต่เอกสารนี้ไม่ใช่หนังสือรับรองสมรรถนะ",
        en="The signature is right, but the document is not a certificate of competency.",
    ),
    Reason.REVOKED: Text(
        th="ผู้ออกหนังสือรับรองได้เพิกถอนหนังสือรับรองฉบับนี้แล้ว",
        en="The issuer has revoked this certificate.",
    ),
    Reason.STATUS_UNKNOWN: Text(
        th="ยังไม่ทราบว่าหนังสือรับรองถูกเพิกถอนหรือไม่ โปรดตรวจกับรายการสถานะฉบับปัจจุบัน",
        en="Whether it has been revoked is not known; check it against a current status list.",
    ),
    Reason.NOT_YET_VALID: Text(
        th="ยังไม่ถึงวันที่หนังสือรับรองเริ่มใช้ได้", en="The certificate is not valid yet."
    ),
    Reason.EXPIRED: Text(th="หนังสือรับรองหมดอายุแล้ว", en="The certificate has expired."),
}

Signature = Literal["valid", "invalid", "unknown-key", "unreadable"]
Status = Literal["active", "revoked", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The verdict on a file; everything after `reasons` is None unless the signature is valid."""

    valid: bool
    signature: Signature
    status: Status
    reasons: tuple[Reason, ...]
    number: str | None = None
    name: str | None = None
    skill_set: str | None = None
    level: int | None = None
    issuer: str | None = None
    issuer_url: str | None = None
    subject: str | None = None
    holder: tuple[str, ...] = ()
    """The holder's names, Thai then Latin, where the person agreed to have them in the file."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    specimen: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain JSON values."""
        return {
            "valid": self.valid,
            "number": self.number,
            "signature": self.signature,
            "status": self.status,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "specimen": self.specimen,
            "name": self.name,
            "skill_set": self.skill_set,
            "level": self.level,
            "issuer": self.issuer,
            "holder": list(self.holder),
            "reasons": [str(reason) for reason in self.reasons],
        }


def verify_credential(
    token: str | bytes,
    *,
    keys: Mapping[str, Any],
    now: datetime,
    status_list: str | bytes | None = None,
    status_required: bool = True,
) -> Verification:
    """Check a credential's file without asking anyone.

    Parameters
    ----------
    token
        The file's contents, whatever they are.
    keys
        The issuer's public keys as a JWK set, from a source the caller trusts.
    now
        The moment of checking, with its time zone.
    status_list
        The signed status list the credential points to, or None where there is none at hand.
    status_required
        Whether a certificate of unknown status counts as not valid; it is named in `reasons`
        either way.

    Raises
    ------
    KeySetError
        When `keys` holds no key that can be used. Faults of the file itself are verdicts.
    """
    trusted = trusted_keys(keys)
    try:
        claims = open_token(token, trusted)
    except TokenError as error:
        return _unproven(error)
    contents = _contents(claims)
    if contents is None:
        return _verdict("valid", "unknown", (Reason.NOT_A_CERTIFICATE,))
    status = _status(contents, status_list, trusted, now)
    reasons = tuple(_reasons(contents, status, now))
    fatal = set(reasons) - (set() if status_required else {Reason.STATUS_UNKNOWN})
    return _believed(contents, status, reasons, valid=not fatal)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """What a credential of ours says, once it is known to be one."""

    number: str
    name: str
    skill_set: str
    level: int
    issuer: str
    issuer_url: str
    subject: str
    holder: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    specimen: bool
    list_url: str
    list_index: int


def _contents(claims: dict[str, Any]) -> _Contents | None:
    try:
        return _read(claims) if _claims_agree(claims) else None
    except (KeyError, TypeError, ValueError, AttributeError, StopIteration, OverflowError):
        return None


def _claims_agree(claims: dict[str, Any]) -> bool:
    """Whether the JWT's claims say what the credential's properties say (Open Badges 3.0)."""
    return "OpenBadgeCredential" in claims["type"] and (
        claims["iss"] == claims["issuer"]["id"]
        and claims["jti"] == claims["id"]
        and claims["sub"] == claims["credentialSubject"]["id"]
        and claims["nbf"] == _moment(claims["validFrom"]).timestamp()
        and claims["exp"] == _moment(claims["validUntil"]).timestamp()
    )


def _read(claims: dict[str, Any]) -> _Contents:
    subject = claims["credentialSubject"]
    achievement = subject["achievement"]
    entry = claims["credentialStatus"]
    if entry["type"] != "BitstringStatusListEntry" or entry["statusPurpose"] != PURPOSE:
        raise ValueError("the status of this credential is kept in another way")
    return _Contents(
        number=subject["licenseNumber"],
        name=claims["name"],
        skill_set=achievement["humanCode"],
        level=_level(achievement, subject["result"][0]["achievedLevel"]),
        issuer=claims["issuer"]["name"],
        issuer_url=claims["issuer"]["id"],
        subject=subject["id"],
        holder=tuple(identity["identityHash"] for identity in subject.get("identifier", ())),
        valid_from=_moment(claims["validFrom"]),
        valid_until=_moment(claims["validUntil"]),
        specimen=SPECIMEN_TAG in achievement.get("tag", ()),
        list_url=entry["statusListCredential"],
        list_index=int(entry["statusListIndex"]),
    )


def _level(achievement: dict[str, Any], achieved: str) -> int:
    levels = achievement["resultDescription"][0]["rubricCriterionLevel"]
    return int(next(level["level"] for level in levels if level["id"] == achieved))


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its time zone, got {text}")
    return moment.astimezone(UTC)


def _status(contents: _Contents, token: str | bytes | None, keys: Any, now: datetime) -> Status:
    """Active or revoked, by a current list of the same issuer at the address the credential names."""
    if token is None:
        return "unknown"
    try:
        claims = open_token(token, keys)
        if not _is_list_for(contents, claims, now):
            return "unknown"
        bits = decode(claims["credentialSubject"]["encodedList"])
        return "revoked" if is_set(bits, contents.list_index) else "active"
    except (TokenError, StatusListError, KeyError, TypeError, ValueError, AttributeError):
        return "unknown"


def _is_list_for(contents: _Contents, claims: dict[str, Any], now: datetime) -> bool:
    return (
        "BitstringStatusListCredential" in claims["type"]
        and claims["credentialSubject"]["statusPurpose"] == PURPOSE
        and claims["id"] == contents.list_url
        and claims["issuer"] == contents.issuer_url
        and _moment(claims["validFrom"]) <= now <= _moment(claims["validUntil"])
    )


def _reasons(contents: _Contents, status: Status, now: datetime) -> Iterator[Reason]:
    if status == "revoked":
        yield Reason.REVOKED
    if status == "unknown":
        yield Reason.STATUS_UNKNOWN
    if now < contents.valid_from:
        yield Reason.NOT_YET_VALID
    if now > contents.valid_until:
        yield Reason.EXPIRED


def _unproven(error: TokenError) -> Verification:
    reason = {
        "unreadable": Reason.UNREADABLE,
        "unknown-key": Reason.UNKNOWN_KEY,
        "invalid": Reason.CHANGED,
    }[error.fault]
    return _verdict(error.fault, "unknown", (reason,))


def _verdict(signature: Signature, status: Status, reasons: tuple[Reason, ...]) -> Verification:
    return Verification(valid=False, signature=signature, status=status, reasons=reasons)


def _believed(
    contents: _Contents, status: Status, reasons: tuple[Reason, ...], *, valid: bool
) -> Verification:
    return Verification(
        valid=valid,
        signature="valid",
        status=status,
        reasons=reasons,
        number=contents.number,
        name=contents.name,
        skill_set=contents.skill_set,
        level=contents.level,
        issuer=contents.issuer,
        issuer_url=contents.issuer_url,
        subject=contents.subject,
        holder=contents.holder,
        valid_from=contents.valid_from,
        valid_until=contents.valid_until,
        specimen=contents.specimen,
    )
