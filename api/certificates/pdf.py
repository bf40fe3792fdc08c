"""Certificates and statements of results as PDF, set by Typst in Sarabun.

What is printed goes to Typst as data, never as source: no name can be read as a command. The same
facts give the same bytes: the document's own date is the moment of issue.
"""

from __future__ import annotations

import json
import threading
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import fontpkg_sarabun
import segno
import typst

from api.certificates.credential import SPECIMEN_WORDS
from api.certificates.extractable import with_letters
from api.certificates.facts import CertificateFacts, FactsError, ResultFacts, ResultRow
from api.thai import english_date, thai_date, thai_digits
from engine.errors import Problem
from itembank.text import Text

FOLDER = Path(__file__).parent
FONTS = fontpkg_sarabun.ROOT / "files"
STANDARDS: Final[list[Literal["a-2a", "ua-1"]]] = ["a-2a", "ua-1"]
"""For archives (ISO 19005-2, level A, which includes B) and for readers' aids (ISO 14289-1)."""

_one_at_a_time = threading.Lock()


def render_certificate(facts: CertificateFacts) -> bytes:
    """The certificate: one A4 page, landscape, PDF/A-2a and PDF/UA-1.

    Raises
    ------
    FactsError
        When the record has more to say than one page holds.
    """
    return _compiled("certificate.typ", _certificate(facts), facts.issued_at)


def render_statement(facts: ResultFacts) -> bytes:
    """The statement of results: A4 pages, upright, PDF/A-2a and PDF/UA-1.

    Raises
    ------
    FactsError
        When the record cannot be set.
    """
    return _compiled("statement.typ", _statement(facts), facts.issued_at)


def _compiled(template: str, shown: dict[str, Any], issued_at: datetime) -> bytes:
    inputs = {"shown": json.dumps(shown, ensure_ascii=False)}
    try:
        with _one_at_a_time:
            pdf = _compiler().compile(
                FOLDER / template,
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=[*STANDARDS],
                timestamp=issued_at,
            )
    except typst.TypstError as error:
        fault = Problem(template, error.message, "a record that fits on the page")
        raise FactsError("Document", [fault]) from error
    assert isinstance(pdf, bytes)
    return with_letters(pdf)


@cache
def _compiler() -> typst.Compiler:
    """One compiler for the process: fonts are read once, and a page then takes milliseconds."""
    return typst.Compiler(root=FOLDER, font_paths=[FONTS], ignore_system_fonts=True)


def _certificate(facts: CertificateFacts) -> dict[str, Any]:
    """Every string of a certificate, ready to be placed."""
    title = facts.wording.title
    return {
        **_shared(facts, title, facts.number),
        "number": facts.number,
        "title": _both(title),
        "certifies": _both(facts.wording.certifies),
        "passed": _both(facts.wording.passed),
        "skill-set": _both(facts.skill_set_name),
        "level": {"th": thai_digits(f"ระดับ {facts.level}"), "en": f"Level {facts.level}"},
        "descriptor": _both(facts.descriptor),
        "units": [{"code": unit.code, "title": _both(unit.title)} for unit in facts.units],
        "basis": [_both(_standard(facts)), _both(_assessed(facts))],
        "facts": [
            _labelled("ให้ไว้ ณ วันที่", "Given on", _date(facts.issued_at)),
            _labelled("ใช้ได้ถึงวันที่", "Valid until", _date(facts.valid_until)),
        ],
        "signatory": _signatory(facts),
        "verify-at": facts.verify_url.partition("://")[2],
        "qr": _qr(facts.verify_url),
        "qr-alt": f"QR code: {facts.verify_url}",
    }


def _statement(facts: ResultFacts) -> dict[str, Any]:
    """Every string of a statement of results, ready to be placed."""
    return {
        **_shared(facts, facts.title, facts.reference),
        "reference": facts.reference,
        "title": _both(facts.title),
        "facts": [
            _labelled("วันที่ประเมิน", "Date of assessment", _date(facts.examined_at)),
            _labelled("วิธีการประเมิน", "Method", facts.method),
            _labelled("มาตรฐาน", "Standard", _standard(facts)),
            _labelled("วันที่ออกเอกสาร", "Date of issue", _date(facts.issued_at)),
        ],
        "rows": [_row(row) for row in facts.rows],
        "with-scores": any(row.score for row in facts.rows),
        "notes": [_both(note) for note in (*_score_notes(facts), *facts.notes)],
    }


SCORE_NOTE = Text(
    th="คะแนนแสดงพร้อมค่าคลาดเคลื่อนมาตรฐาน (±) ตัวเลขท้ายระดับคือความน่าจะเป็นที่มีสมรรถนะถึงระดับนั้น",
    en="A score stands with its standard error (±);"
    " the figure after a level is the probability that the level is reached.",
)


def _score_notes(facts: ResultFacts) -> tuple[Text, ...]:
    return (SCORE_NOTE,) if any(row.score for row in facts.rows) else ()


def _shared(facts: CertificateFacts | ResultFacts, title: Text, number: str) -> dict[str, Any]:
    sentence = facts.scheme.status_sentence
    return {
        "specimen": facts.specimen,
        "specimen-words": _both(SPECIMEN_WORDS),
        "title-line": f"{title.th} / {title.en} {number}",
        "author": f"{facts.issuer.name.th} / {facts.issuer.name.en}",
        "description": f"{facts.holder.name_th} / {facts.holder.name_latin}",
        "keywords": _keywords(facts, number),
        "issuer": _both(facts.issuer.name),
        "holder": {"th": facts.holder.name_th, "en": facts.holder.name_latin},
        "status-sentence": _both(sentence) if sentence else None,
    }


def _keywords(facts: CertificateFacts | ResultFacts, number: str) -> list[str]:
    keywords = [number, facts.scheme.id, facts.framework.version]
    return ["SPECIMEN", SPECIMEN_WORDS.th, *keywords] if facts.specimen else keywords


def _row(row: ResultRow) -> dict[str, Any]:
    return {
        "code": row.skill_set,
        "name": _both(row.skill_set_name),
        "outcome": str(row.outcome),
        "words": _both(row.words),
        "level": _number(row.level),
        "required": _number(row.required_level),
        "score": f"{row.score.scaled} ± {row.score.standard_error}" if row.score else None,
        "probabilities": _probabilities(row),
        "certificate": row.certificate_number,
    }


def _probabilities(row: ResultRow) -> list[dict[str, str]]:
    given = row.score.probabilities if row.score else ()
    return [
        {"th": thai_digits(f"ระดับ {level}"), "en": f"{probability:.2f}"}
        for level, probability in enumerate(given, start=1)
    ]


def _number(value: int | None) -> dict[str, str] | None:
    return None if value is None else {"th": thai_digits(value), "en": str(value)}


def _standard(facts: CertificateFacts | ResultFacts) -> Text:
    framework = facts.framework
    return Text(
        th=f"{framework.title.th} ({framework.version})",
        en=f"{framework.title.en} ({framework.version})",
    )


def _assessed(facts: CertificateFacts) -> Text:
    return Text(
        th=f"{facts.method.th} ประเมินเมื่อวันที่ {thai_date(facts.assessed_at)}",
        en=f"{facts.method.en}, assessed on {english_date(facts.assessed_at)}",
    )


def _date(moment: datetime) -> Text:
    return Text(th=thai_date(moment), en=english_date(moment))


def _signatory(facts: CertificateFacts) -> dict[str, Any] | None:
    if facts.signatory is None:
        return None
    return {"name": _both(facts.signatory.name), "title": _both(facts.signatory.title)}


def _labelled(th: str, en: str, words: Text) -> dict[str, Any]:
    return {"label": {"th": th, "en": en}, "words": _both(words)}


def _both(text: Text) -> dict[str, str]:
    return {"th": text.th, "en": text.en}


def _qr(url: str) -> str:
    """A QR code as SVG; level M restores up to 15 per cent of a worn or folded code."""
    return segno.make(url, error="m", micro=False).svg_inline(border=0, dark="#17233a")
