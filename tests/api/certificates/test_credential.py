"""The credential: Open Badges 3.0 as a JWT, with nothing in it that its holder did not agree to."""

import json
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws

from api.certificates.credential import (
    MEDIA_TYPE,
    credential_claims,
    file_name,
    issue_credential,
)
from api.certificates.facts import CertificateFacts
from api.certificates.signing import Signer

# Terms and multiplicities below: 1EdTech Open Badges 3.0, data model (2024), and its JSON-LD
# context 3.0.3.


@pytest.fixture
def claims(certificate: CertificateFacts) -> dict[str, Any]:
    return credential_claims(certificate)


def test_it_is_an_open_badge_and_a_verifiable_credential(claims: dict[str, Any]) -> None:
    assert claims["@context"] == [
        "https://www.w3.org/ns/credentials/v2",
        "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
    ]
    assert claims["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert "vc" not in claims
    issuer = claims["issuer"]
    assert (issuer["type"], issuer["id"]) == (["Profile"], "https://samatthana.example")


def test_the_claims_of_the_jwt_repeat_the_credential(claims: dict[str, Any]) -> None:
    assert claims["iss"] == claims["issuer"]["id"]
    assert claims["jti"] == claims["id"] == "https://samatthana.example/verify/SP-2569-4831-7265-30"
    assert claims["sub"] == claims["credentialSubject"]["id"]
    # 2026-11-22T04:05:00Z and 2029-11-22T16:59:59Z in seconds since 1970 (GNU date -u +%s).
    assert (claims["validFrom"], claims["nbf"]) == ("2026-11-22T04:05:00Z", 1795320300)
    assert (claims["validUntil"], claims["exp"]) == ("2029-11-22T16:59:59Z", 1890061199)


def test_the_achievement_is_the_skill_set_against_its_units(claims: dict[str, Any]) -> None:
    achievement = claims["credentialSubject"]["achievement"]
    for required in ("id", "type", "name", "description", "criteria"):
        assert achievement[required]
    assert achievement["achievementType"] == "Certification"
    assert achievement["humanCode"] == "DLit"
    codes = [alignment["targetCode"] for alignment in achievement["alignment"]]
    assert codes == ["DLit100", "DLit200", "DLit300"]
    for alignment in achievement["alignment"]:
        assert alignment["type"] == ["Alignment"]
        assert alignment["targetName"]
        assert alignment["targetUrl"].startswith("https://")
        assert "2560-draft-1" in alignment["targetFramework"]


def test_the_level_is_a_rubric_level_that_the_achievement_describes(claims: dict[str, Any]) -> None:
    subject = claims["credentialSubject"]
    (description,) = subject["achievement"]["resultDescription"]
    (result,) = subject["result"]
    assert description["resultType"] == "RubricCriterionLevel"
    levels = {level["id"]: level["level"] for level in description["rubricCriterionLevel"]}
    assert sorted(levels.values()) == ["1", "2", "3"]
    assert levels[description["requiredLevel"]] == "1"
    assert levels[result["achievedLevel"]] == "2"
    assert result["resultDescription"] == description["id"]
    assert result["status"] == "Completed"


def test_number_and_status_stand_where_the_standards_put_them(claims: dict[str, Any]) -> None:
    assert claims["credentialSubject"]["licenseNumber"] == "SP-2569-4831-7265-30"
    assert claims["credentialStatus"] == {
        "id": "https://samatthana.example/status/1#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://samatthana.example/status/1",
    }


def test_the_subject_is_nobody_unless_the_holder_agreed(certificate: CertificateFacts) -> None:
    without = credential_claims(certificate)
    text = json.dumps(without, ensure_ascii=False)
    assert certificate.holder.name_th not in text
    assert certificate.holder.name_latin not in text
    assert without["credentialSubject"]["id"].startswith("urn:uuid:")

    agreed = replace(certificate, holder=replace(certificate.holder, in_credential=True))
    identities = credential_claims(agreed)["credentialSubject"]["identifier"]
    assert [identity["identityHash"] for identity in identities] == [
        certificate.holder.name_th,
        certificate.holder.name_latin,
    ]
    for identity in identities:
        assert (identity["type"], identity["identityType"]) == ("IdentityObject", "name")
        assert identity["hashed"] is False


def test_a_specimen_says_so_wherever_it_is_read(specimen: CertificateFacts) -> None:
    claims = credential_claims(specimen)
    subject = claims["credentialSubject"]
    achievement = subject["achievement"]
    for text in (
        claims["name"],
        claims["description"],
        achievement["name"],
        achievement["description"],
        achievement["criteria"]["narrative"],
    ):
        assert text.startswith("ตัวอย่าง ไม่ใช่หนังสือรับรอง / SPECIMEN")
    assert achievement["tag"] == ["SPECIMEN"]
    assert subject["result"][0]["status"] == "Provisional"
    assert "ร่างระบบการรับรองนี้" in achievement["criteria"]["narrative"]


def test_a_certificate_does_not_call_itself_a_specimen(claims: dict[str, Any]) -> None:
    text = json.dumps(claims, ensure_ascii=False)
    assert "SPECIMEN" not in text
    assert "ตัวอย่าง" not in text


def test_the_token_carries_the_credential_itself(
    specimen: CertificateFacts, signer: Signer
) -> None:
    token = issue_credential(specimen, signer)
    opened = jws.deserialize_compact(token, signer.key, algorithms=["RS256"])
    assert json.loads(opened.payload) == credential_claims(specimen)
    assert issue_credential(specimen, signer) == token


def test_the_file_is_named_after_the_number() -> None:
    assert file_name("SP-2569-4831-7265-30") == "SP-2569-4831-7265-30.vc.jwt"
    assert MEDIA_TYPE == "application/vc+jwt"
