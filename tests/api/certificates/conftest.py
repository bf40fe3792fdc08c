"""Records like those of a real exam, and one signing key for all tests here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from joserfc.jwk import RSAKey

from api.certificates.facts import (
    CertificateFacts,
    FrameworkFacts,
    HolderFacts,
    IssuerFacts,
    LevelFacts,
    Outcome,
    ResultFacts,
    ResultRow,
    SchemeFacts,
    UnitFacts,
)
from api.certificates.signing import Signer
from itembank.text import Text

SITE = "https://samatthana.example"

HOLDER = HolderFacts(
    name_th="นางสาวกุลธิดา สิทธิ์น้ำใจดี",
    name_latin="Ms. Kulthida Sitthinamchaidi",
    subject="urn:uuid:1b4e28ba-2fa1-41d2-883f-0016d3cca427",
)
FRAMEWORK = FrameworkFacts(
    title=Text(
        th="ร่างมาตรฐานสมรรถนะด้านทักษะดิจิทัลของข้าราชการและบุคลากรภาครัฐ",
        en="Draft competency standard, digital skills of civil servants and public personnel",
    ),
    version="2560-draft-1",
    url=f"{SITE}/framework/ocsc-2560",
)
SCHEME = SchemeFacts(
    id="draft-2569",
    version="1",
    url=f"{SITE}/schemes/draft-2569",
    status="draft",
    status_sentence=Text(
        th="ร่างระบบการรับรองนี้ยังไม่ได้รับความเห็นชอบจากหน่วยงานที่มีอำนาจ",
        en="This certification scheme is a draft; the competent authority has not adopted it.",
    ),
)
ISSUER = IssuerFacts(name=Text(th="ระบบสมรรถนะ (สาธิต)", en="Samatthana (demonstration)"), url=SITE)
METHOD = Text(th="การสอบแบบปรับเหมาะด้วยคอมพิวเตอร์", en="Computerised adaptive test, multiple choice")
LEVELS = (
    LevelFacts(
        level=1,
        descriptor=Text(
            th="เข้าใจพื้นฐานและนำไปใช้ในงานของตนได้", en="Understands the basics and applies them"
        ),
    ),
    LevelFacts(
        level=2,
        descriptor=Text(
            th="ใช้และปรับใช้ในหน่วยงานของตนได้", en="Uses and adapts them in one's own work unit"
        ),
    ),
    LevelFacts(
        level=3,
        descriptor=Text(
            th="นำ ประเมิน และปรับปรุงข้ามหน่วยงานได้",
            en="Leads, evaluates and improves across units",
        ),
    ),
)
UNITS = (
    UnitFacts(
        code="DLit100",
        title=Text(th="การเข้าถึงและตระหนักดิจิทัล", en="Access and awareness"),
    ),
    UnitFacts(
        code="DLit200",
        title=Text(th="การใช้งานเครื่องมือดิจิทัลขั้นต้น", en="Basic digital tools"),
    ),
    UnitFacts(
        code="DLit300",
        title=Text(th="การประยุกต์ใช้เพื่อการทำงานร่วมกัน", en="Digital collaboration"),
    ),
)
NUMBER = "SP-2569-4831-7265-30"


@pytest.fixture(scope="session")
def signer() -> Signer:
    return Signer(key=RSAKey.generate_key(3072, private=True), keys_url=f"{SITE}/keys")


@pytest.fixture(scope="session")
def stranger() -> Signer:
    return Signer(key=RSAKey.generate_key(3072, private=True))


@pytest.fixture
def specimen() -> CertificateFacts:
    return CertificateFacts(
        number=NUMBER,
        holder=HOLDER,
        skill_set="DLit",
        skill_set_name=Text(
            th="กลุ่มทักษะด้านความเข้าใจและใช้เทคโนโลยีดิจิทัล", en="Digital Literacy Skill Set"
        ),
        level=2,
        levels=LEVELS,
        units=UNITS,
        framework=FRAMEWORK,
        scheme=SCHEME,
        method=METHOD,
        issuer=ISSUER,
        assessed_at=datetime(2026, 11, 22, 3, 40, tzinfo=UTC),
        issued_at=datetime(2026, 11, 22, 4, 5, tzinfo=UTC),
        valid_until=datetime(2029, 11, 22, 16, 59, 59, tzinfo=UTC),
        specimen=True,
        verify_url=f"{SITE}/verify/{NUMBER}",
        status_list_url=f"{SITE}/status/1",
        status_list_index=94567,
    )


@pytest.fixture
def certificate(specimen: CertificateFacts) -> CertificateFacts:
    """The same record from an operational bank under an adopted scheme."""
    adopted = replace(SCHEME, status="adopted", status_sentence=None)
    return replace(specimen, specimen=False, scheme=adopted)


@pytest.fixture
def result() -> ResultFacts:
    return ResultFacts(
        reference="2569-000123",
        holder=HOLDER,
        examined_at=datetime(2026, 11, 22, 3, 40, tzinfo=UTC),
        issued_at=datetime(2026, 11, 22, 4, 5, tzinfo=UTC),
        rows=(
            ResultRow(
                skill_set="DLit",
                skill_set_name=Text(
                    th="กลุ่มทักษะด้านความเข้าใจและใช้เทคโนโลยีดิจิทัล",
                    en="Digital Literacy Skill Set",
                ),
                outcome=Outcome.PASSED,
                words=Text(th="ผ่านการประเมิน", en="Competence shown"),
                level=2,
                required_level=1,
                certificate_number=NUMBER,
            ),
            ResultRow(
                skill_set="DG",
                skill_set_name=Text(
                    th="กลุ่มทักษะด้านการควบคุมกำกับ และการปฏิบัติตามกฎหมาย นโยบาย"
                    " และมาตรฐานการจัดการด้านดิจิทัล",
                    en="Digital Governance, Standard and Compliance Skill Set",
                ),
                outcome=Outcome.NOT_YET,
                words=Text(th="ยังไม่ผ่านการประเมิน", en="Not yet shown"),
                required_level=1,
            ),
            ResultRow(
                skill_set="DT",
                skill_set_name=Text(
                    th="กลุ่มทักษะด้านเทคโนโลยีดิจิทัลเพื่อยกระดับศักยภาพองค์กร",
                    en="Digital Technology Skill Set",
                ),
                outcome=Outcome.NO_RESULT,
                words=Text(
                    th="ไม่มีผลการประเมิน (ออกจากการสอบก่อนครบจำนวนข้อขั้นต่ำ)",
                    en="No result (the exam ended before the least number of questions)",
                ),
            ),
        ),
        framework=FRAMEWORK,
        scheme=SCHEME,
        method=METHOD,
        issuer=ISSUER,
        specimen=True,
        notes=(
            Text(
                th="ผลการประเมินใช้เพื่อการพัฒนา ไม่นำไปใช้ในการประเมินผลการปฏิบัติราชการ",
                en="Results serve development; they are not used in performance appraisal.",
            ),
        ),
    )
