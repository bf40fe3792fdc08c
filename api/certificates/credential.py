"""The certificate as an Open Badges 3.0 credential, secured as a JWT.

The credential's properties are the payload itself, beside the claims `iss jti nbf sub exp`. It is
written to `<number>.vc.jwt` (`file_name`) and served as `application/vc+jwt`, the media type of
W3C Securing Verifiable Credentials using JOSE and COSE (2025), section 6.1; the file holds the
token alone.

A specimen says so where people read and where programs look: the name and description of
credential and achievement and the criteria begin with the words, in both languages; the
achievement carries the tag `SPECIMEN` (`tag` belongs to the Open Badges context, so no context of
our own is needed); and the result has the status `Provisional`.
"""

from __future__ import annotations

from typing import Any

from api.certificates.facts import CertificateFacts, LevelFacts, UnitFacts
from api.certificates.signing import Signer
from api.certificates.status_list import CONTEXT, PURPOSE, utc_text
from itembank.text import Text

OPEN_BADGES_CONTEXT = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
MEDIA_TYPE = "application/vc+jwt"
SPECIMEN_TAG = "SPECIMEN"
SPECIMEN_WORDS = Text(th="ตัวอย่าง ไม่ใช่หนังสือรับรอง", en="SPECIMEN, not a certificate")


def issue_credential(facts: CertificateFacts, signer: Signer) -> str:
    """The signed credential of a certificate; the same facts and key give the same text."""
    return signer.sign(credential_claims(facts))


def file_name(number: str) -> str:
    """What the credential's file is called: `SP-2569-4831-7265-30.vc.jwt`."""
    return f"{number}.vc.jwt"


def credential_claims(facts: CertificateFacts) -> dict[str, Any]:
    """The payload: an OpenBadgeCredential (1EdTech Open Badges 3.0) with its JWT claims."""
    name = Text(
        th=f"{facts.skill_set_name.th} ระดับ {facts.level}",
        en=f"{facts.skill_set_name.en}, Level {facts.level}",
    )
    return {
        "@context": [CONTEXT, OPEN_BADGES_CONTEXT],
        "id": facts.verify_url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": _marked(facts, _both(name)),
        "description": _marked(facts, _both(facts.descriptor)),
        "issuer": {
            "id": facts.issuer.url,
            "type": ["Profile"],
            "name": _both(facts.issuer.name),
            "url": facts.issuer.url,
        },
        "validFrom": utc_text(facts.issued_at),
        "validUntil": utc_text(facts.valid_until),
        "awardedDate": utc_text(facts.issued_at),
        "credentialSubject": _subject(facts),
        "credentialStatus": {
            "id": f"{facts.status_list_url}#{facts.status_list_index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": PURPOSE,
            "statusListIndex": str(facts.status_list_index),
            "statusListCredential": facts.status_list_url,
        },
        "iss": facts.issuer.url,
        "jti": facts.verify_url,
        "nbf": int(facts.issued_at.timestamp()),
        "exp": int(facts.valid_until.timestamp()),
        "sub": facts.holder.subject,
    }


def _subject(facts: CertificateFacts) -> dict[str, Any]:
    subject: dict[str, Any] = {
        "id": facts.holder.subject,
        "type": ["AchievementSubject"],
        "activityEndDate": utc_text(facts.assessed_at),
        "licenseNumber": facts.number,
        "achievement": _achievement(facts),
        "result": [_result(facts)],
    }
    if facts.holder.in_credential:
        subject["identifier"] = [
            _name_identity(facts.holder.name_th),
            _name_identity(facts.holder.name_latin),
        ]
    return subject


def _name_identity(name: str) -> dict[str, Any]:
    return {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": name,
        "identityType": "name",
    }


def _achievement(facts: CertificateFacts) -> dict[str, Any]:
    standard = f"{facts.framework.title.en}, {facts.framework.version}"
    achievement: dict[str, Any] = {
        "id": _achievement_id(facts),
        "type": ["Achievement"],
        "name": _marked(facts, _both(facts.skill_set_name)),
        "description": _marked(facts, _both(_assessed_against(facts))),
        "criteria": {"id": facts.scheme.url, "narrative": _marked(facts, _criteria(facts))},
        "achievementType": "Certification",
        "humanCode": facts.skill_set,
        "version": f"{facts.scheme.id} {facts.scheme.version}",
        "alignment": [_alignment(facts, unit, standard) for unit in facts.units],
        "resultDescription": [_levels(facts)],
    }
    if facts.specimen:
        achievement["tag"] = [SPECIMEN_TAG]
    return achievement


def _assessed_against(facts: CertificateFacts) -> Text:
    framework = facts.framework
    return Text(
        th=f"{facts.wording.passed.th} ตาม{framework.title.th} ({framework.version})",
        en=f"Assessed in digital skills against {framework.title.en} ({framework.version})",
    )


def _criteria(facts: CertificateFacts) -> str:
    """How it was earned: the method, and what the scheme's own status is."""
    sentences = [_both(facts.method)]
    if facts.scheme.status_sentence:
        sentences.append(_both(facts.scheme.status_sentence))
    return "\n\n".join(sentences)


def _alignment(facts: CertificateFacts, unit: UnitFacts, standard: str) -> dict[str, Any]:
    return {
        "type": ["Alignment"],
        "targetCode": unit.code,
        "targetName": _both(unit.title),
        "targetFramework": standard,
        "targetUrl": f"{facts.framework.url}#{unit.code}",
    }


def _levels(facts: CertificateFacts) -> dict[str, Any]:
    """The scheme's levels; the lowest is the least that is certified at all."""
    return {
        "id": f"{_achievement_id(facts)}-levels",
        "type": ["ResultDescription"],
        "name": "ระดับสมรรถนะ / Level of competency",
        "resultType": "RubricCriterionLevel",
        "requiredLevel": _level_id(facts, facts.levels[0].level),
        "rubricCriterionLevel": [_rubric_level(facts, level) for level in facts.levels],
    }


def _rubric_level(facts: CertificateFacts, level: LevelFacts) -> dict[str, Any]:
    return {
        "id": _level_id(facts, level.level),
        "type": ["RubricCriterionLevel"],
        "name": f"ระดับ {level.level} / Level {level.level}",
        "level": str(level.level),
        "description": _both(level.descriptor),
    }


def _result(facts: CertificateFacts) -> dict[str, Any]:
    return {
        "type": ["Result"],
        "resultDescription": f"{_achievement_id(facts)}-levels",
        "achievedLevel": _level_id(facts, facts.level),
        "status": "Provisional" if facts.specimen else "Completed",
    }


def _achievement_id(facts: CertificateFacts) -> str:
    return f"{facts.scheme.url}#{facts.skill_set}"


def _level_id(facts: CertificateFacts, level: int) -> str:
    return f"{_achievement_id(facts)}-level-{level}"


def _both(text: Text) -> str:
    """Both languages in one string: Open Badges 3.0 has no other place for the second."""
    return f"{text.th} / {text.en}"


def _marked(facts: CertificateFacts, text: str) -> str:
    return f"{_both(SPECIMEN_WORDS)}: {text}" if facts.specimen else text
