"""The printed documents: what they say can be read back, and nothing runs over the page."""

import io
import re
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pypdf
import pytest

from api.certificates import pdf
from api.certificates.facts import (
    LONGEST_NAME,
    MOST_UNITS,
    PRINTABLE,
    CertificateFacts,
    FactsError,
    ResultFacts,
    ScoreFacts,
    SignatoryFacts,
    UnitFacts,
)
from api.certificates.pdf import render_certificate, render_statement
from itembank.text import Text

SPECIMEN_TH = "ตัวอย่าง ไม่ใช่หนังสือรับรอง"
LONG_UNIT = Text(
    th="การวางแผนและพัฒนาสถาปัตยกรรมเทคโนโลยีสารสนเทศของหน่วยงานให้รองรับการเปลี่ยนแปลง",
    en="Planning and developing the organisation's information technology architecture",
)
LONGEST_SKILL_SET = Text(
    th="กลุ่มทักษะด้านการออกแบบกระบวนการและการให้บริการด้วยระบบดิจิทัลเพื่อพัฒนาคุณภาพงานภาครัฐ",
    en="Digital Process and Service Design Skill Set",
)


def pages(document: bytes) -> list[str]:
    """The text of each page as a reader without knowledge of Thai finds it."""
    reader = pypdf.PdfReader(io.BytesIO(document))
    return [squeezed(page.extract_text()) for page in reader.pages]


def squeezed(text: str) -> str:
    """Without white space, which extraction places freely; ำ as its two signs (NFKC)."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def ink(document: bytes) -> list[tuple[float, float]]:
    """Where each run of text on the first page begins, in points from its lower left corner."""
    places: list[tuple[float, float]] = []

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            x, y = tm[4], tm[5]
            places.append((cm[0] * x + cm[2] * y + cm[4], cm[1] * x + cm[3] * y + cm[5]))

    pypdf.PdfReader(io.BytesIO(document)).pages[0].extract_text(visitor_text=visit)
    return places


def crowded(facts: CertificateFacts, name_th: str, name_latin: str) -> CertificateFacts:
    """A certificate with the longest of everything."""
    return replace(
        facts,
        holder=replace(facts.holder, name_th=name_th, name_latin=name_latin),
        skill_set_name=LONGEST_SKILL_SET,
        units=tuple(UnitFacts(code=f"DTr{n}00", title=LONG_UNIT) for n in range(1, MOST_UNITS + 1)),
    )


def test_a_certificate_says_who_what_and_until_when(certificate: CertificateFacts) -> None:
    (text,) = pages(render_certificate(certificate))
    for said in (
        "SP-2569-4831-7265-30",
        "หนังสือรับรองสมรรถนะ",
        "Certificate of Competency",
        certificate.holder.name_th,
        certificate.holder.name_latin,
        certificate.skill_set_name.th,
        certificate.skill_set_name.en,
        "ระดับ ๒",
        "Level 2",
        certificate.descriptor.th,
        "DLit100",
        "DLit300",
        certificate.units[2].title.th,
        certificate.framework.title.th,
        "2560-draft-1",
        certificate.method.en,
        "๒๒ พฤศจิกายน พ.ศ. ๒๕๖๙",
        "22 November 2026",
        "๒๒ พฤศจิกายน พ.ศ. ๒๕๗๒",
        "22 November 2029",
        certificate.issuer.name.th,
        "samatthana.example/verify/SP-2569-4831-7265-30",
    ):
        assert squeezed(said) in text, said


def test_a_certificate_names_its_signatory(certificate: CertificateFacts) -> None:
    signatory = SignatoryFacts(
        name=Text(th="นางสมศรี น้ำใจงาม", en="Mrs. Somsri Namchaingam"),
        title=Text(th="ผู้อำนวยการ", en="Director"),
    )
    (text,) = pages(render_certificate(replace(certificate, signatory=signatory)))
    for said in (signatory.name.th, signatory.name.en, signatory.title.th, signatory.title.en):
        assert squeezed(said) in text


def test_the_page_is_a4_lying_and_the_statement_a4_standing(
    certificate: CertificateFacts, result: ResultFacts
) -> None:
    for document, (width, height) in (
        (render_certificate(certificate), (297, 210)),
        (render_statement(result), (210, 297)),
    ):
        for page in pypdf.PdfReader(io.BytesIO(document)).pages:
            assert float(page.mediabox.width) == pytest.approx(width / 25.4 * 72, abs=0.1)
            assert float(page.mediabox.height) == pytest.approx(height / 25.4 * 72, abs=0.1)


def test_a_specimen_says_so_on_every_page(specimen: CertificateFacts, result: ResultFacts) -> None:
    seven = replace(result, rows=result.rows * 3)
    statement = pages(render_statement(seven))
    assert len(statement) > 1
    for text in [*pages(render_certificate(specimen)), *statement]:
        # Once in the band, once across the page, in each language.
        assert text.count(squeezed(SPECIMEN_TH)) == 2
        assert text.count("SPECIMEN") == 2
        assert squeezed(specimen.scheme.status_sentence.th) in text
        assert squeezed(specimen.scheme.status_sentence.en) in text


def test_a_certificate_is_not_called_a_specimen(
    certificate: CertificateFacts, result: ResultFacts
) -> None:
    real = replace(result, specimen=False, scheme=certificate.scheme)
    for text in [*pages(render_certificate(certificate)), *pages(render_statement(real))]:
        assert "SPECIMEN" not in text
        assert "ตัวอย่าง" not in text


def test_the_same_facts_give_the_same_bytes(
    specimen: CertificateFacts, result: ResultFacts
) -> None:
    before = render_certificate(specimen), render_statement(result)
    pdf._compiler.cache_clear()
    stored = CertificateFacts.from_json(specimen.to_json())
    assert (render_certificate(stored), render_statement(result)) == before
    assert render_certificate(replace(specimen, level=1)) != before[0]


def test_threads_do_not_mix_documents(certificate: CertificateFacts) -> None:
    levels = [replace(certificate, level=1 + turn % 3) for turn in range(6)]
    alone = [render_certificate(facts) for facts in levels]
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(render_certificate, levels)) == alone


@pytest.mark.parametrize(
    "name",
    [
        '#panic("x")',
        '#import "secrets.typ": *',
        '"; #read("pdf.py") //',
        "*bold* _slanted_ `raw` $x^2$ = Heading",
        "\\u{41} <label> @reference ~ -- ...",
        '{"th": "x"}',
        "Robert'); DROP TABLE certificates;--",
    ],
)
def test_a_name_is_printed_as_it_is_written(certificate: CertificateFacts, name: str) -> None:
    named = replace(certificate, holder=replace(certificate.holder, name_latin=name))
    (text,) = pages(render_certificate(named))
    assert squeezed(name) in text


@pytest.mark.parametrize(
    "name",
    [
        "ว่าที่ร้อยตรีหญิง หม่อมหลวงศิริรัตนภัทรกุลวดีเพ็ญพิสุทธิ์ ณ อยุธยาวัฒนพงษ์ไพบูลย์ศักดิ์สิทธิ์ชัยวรเดช",
        ("กตัญญูกตเวทีน้ำผึ้ง" * 20)[:LONGEST_NAME],
        ("ญฐปู่ฎุ้ฏี่ฬึ้ " * 20)[:LONGEST_NAME],
        "W" * LONGEST_NAME,
    ],
    ids=["real", "no spaces", "stacked marks", "wide"],
)
@pytest.mark.parametrize("kind", ["specimen", "certificate"])
def test_the_longest_of_everything_stays_on_one_page(
    request: pytest.FixtureRequest, kind: str, name: str
) -> None:
    facts = crowded(request.getfixturevalue(kind), name, name)
    document = render_certificate(facts)
    (text,) = pages(document)
    assert text.count(squeezed(name)) == 2
    assert text.count(squeezed(LONG_UNIT.th)) == MOST_UNITS
    margin = 22 / 25.4 * 72
    for x, y in ink(document):
        assert margin - 1 <= x <= 297 / 25.4 * 72 - margin or facts.specimen
        assert 12 / 25.4 * 72 <= y <= 198 / 25.4 * 72


def test_more_than_a_page_holds_is_a_readable_error(certificate: CertificateFacts) -> None:
    units = (UnitFacts(code="DT100", title=Text(th="ยาว " * 3_000, en="long")),)
    with pytest.raises(FactsError, match="more to say than one page holds"):
        render_certificate(replace(certificate, units=units))


def test_every_character_a_record_may_hold_is_in_the_typeface(
    certificate: CertificateFacts,
) -> None:
    # PDF/A forbids missing glyphs, so Typst refuses a document that would show an empty box.
    allowed = [chr(c) for c in range(0x20, 0x3000) if PRINTABLE.fullmatch(chr(c))]
    assert len(allowed) > 500
    method = Text(th=" ".join(allowed), en="x")
    assert render_certificate(replace(certificate, method=method, units=certificate.units[:1]))


def metadata(document: bytes) -> dict[str, object]:
    return dict(pypdf.PdfReader(io.BytesIO(document)).metadata or {})


@pytest.mark.parametrize(
    ("render", "record", "title"),
    [
        (
            render_certificate,
            "specimen",
            "หนังสือรับรองสมรรถนะ / Certificate of Competency SP-2569-4831-7265-30",
        ),
        (render_statement, "result", "ใบแจ้งผลการประเมิน / Statement of Results 2569-000123"),
    ],
)
def test_the_file_says_what_it_is(
    request: pytest.FixtureRequest, render: Callable[..., bytes], record: str, title: str
) -> None:
    document = render(request.getfixturevalue(record))
    about = metadata(document)
    assert about["/Title"] == title
    assert about["/Author"] == "ระบบสมรรถนะ (สาธิต) / Samatthana (demonstration)"
    assert "SPECIMEN" in str(about["/Keywords"])
    assert "draft-2569" in str(about["/Keywords"])
    assert str(about["/CreationDate"]).startswith("D:20261122040500")
    catalogue = pypdf.PdfReader(io.BytesIO(document)).trailer["/Root"]
    assert str(catalogue["/Lang"]).lower().startswith("th")
    assert catalogue["/MarkInfo"]["/Marked"] == True  # noqa: E712


def test_the_files_are_made_for_archives_and_for_readers_aids(
    certificate: CertificateFacts, result: ResultFacts
) -> None:
    for document in (render_certificate(certificate), render_statement(result)):
        root = pypdf.PdfReader(io.BytesIO(document)).trailer["/Root"]
        about = root["/Metadata"].get_data().decode()
        assert re.search(r"pdfaid:part>2<", about)
        assert re.search(r"pdfaid:conformance>A<", about)
        assert re.search(r"pdfuaid:part>1<", about)


def test_only_sarabun_is_used_and_it_is_embedded(certificate: CertificateFacts) -> None:
    page = pypdf.PdfReader(io.BytesIO(render_certificate(certificate))).pages[0]
    fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        assert "Sarabun" in font["/BaseFont"]
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)


def test_a_statement_says_the_outcome_of_each_skill_set(result: ResultFacts) -> None:
    (text,) = pages(render_statement(result))
    for row in result.rows:
        for said in (row.skill_set_name.th, row.skill_set_name.en, row.words.th, row.words.en):
            assert squeezed(said) in text
    for said in (
        result.holder.name_th,
        result.holder.name_latin,
        "2569-000123",
        "SP-2569-4831-7265-30",
        result.notes[0].th,
        "ยังไม่ผ่านการประเมิน",
        "ไม่มีผลการประเมิน",
    ):
        assert squeezed(said) in text, said
    assert "ตก" not in text.replace("ตกลง", "")


def test_a_provisional_statement_has_no_column_of_scores(result: ResultFacts) -> None:
    (text,) = pages(render_statement(result))
    assert "คะแนน" not in text
    assert "Score" not in text


def test_scores_stand_with_their_error_and_probabilities(result: ResultFacts) -> None:
    score = ScoreFacts(scaled=540, standard_error=31, probabilities=(0.99, 0.84, 0.2))
    scored = replace(result, specimen=False, rows=(replace(result.rows[0], score=score),))
    (text,) = pages(render_statement(scored))
    for said in ("คะแนน", "540 ± 31", "ระดับ ๑ 0.99", "ระดับ ๒ 0.84", "ระดับ ๓ 0.20"):
        assert squeezed(said) in text, said


def test_a_long_statement_repeats_its_headings_and_counts_its_pages(result: ResultFacts) -> None:
    texts = pages(render_statement(replace(result, rows=result.rows * 4)))
    assert len(texts) >= 2
    for number, text in enumerate(texts, start=1):
        assert f"{number}/{len(texts)}" in text
        assert "2569-000123" in text
        assert "กลุ่มทักษะSkillset" in text
