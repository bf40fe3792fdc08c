"""Text of the PDFs: copied, searched and read aloud as it was written, drawn as it was before."""

import io
import itertools
import re
import unicodedata
import zlib

import pypdf
import pytest
import typst
from pypdf.generic import ContentStream

from api.certificates.extractable import with_letters
from api.certificates.pdf import FONTS, STANDARDS

CONSONANTS = "กปฝฟฬญฐฎฏทนธศ"
VOWELS = ["", "ั", "ิ", "ี", "ึ", "ื", "ุ", "ู", "ำ"]
TONES = ["", "่", "้", "๊", "๋"]
STACKS = [
    *("".join(letters) for letters in itertools.product(CONSONANTS, VOWELS, TONES)),
    *(consonant + vowel + "์" for consonant in CONSONANTS for vowel in ("", "ิ", "ุ")),
    *(consonant + "็" for consonant in CONSONANTS),
]
WORDS = "สิทธิ์น้ำใจดี ศักดิ์ประสิทธิ์ ฝั่งขั้นผึ้ง ปิ๋มปั๊ม ญาณิญฐิฎุ้ ดิ์ดิ์ธิ์ธิ์ (วงเล็บ) \\ Office fi … ± é"


def compiled(text: str) -> bytes:
    source = b"""
    #set page(margin: 1cm)
    #set text(font: "Sarabun", fallback: false, lang: "th")
    #set document(title: "x")
    #sys.inputs.text
    #text(weight: "bold", size: 30pt, sys.inputs.text)
    #rotate(20deg, text(fill: red.transparentize(50%), sys.inputs.text))
    """
    return typst.compile(
        source,
        format="pdf",
        font_paths=[FONTS],
        ignore_system_fonts=True,
        sys_inputs={"text": text},
        pdf_standards=[*STANDARDS],
        timestamp=0,
    )


@pytest.fixture(scope="module")
def stacks() -> bytes:
    return with_letters(compiled(" ".join(STACKS)))


@pytest.fixture(scope="module")
def words() -> bytes:
    return with_letters(compiled(WORDS))


def normal(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def glyph_text(document: bytes) -> str:
    """What a reader finds that looks at glyphs alone."""
    reader = pypdf.PdfReader(io.BytesIO(document), strict=True)
    return normal("".join(page.extract_text() for page in reader.pages))


def full_text(document: bytes) -> str:
    """What a reader finds that heeds ActualText (ISO 32000-1:2008, 14.9.4)."""
    reader = pypdf.PdfReader(io.BytesIO(document), strict=True)
    return "".join(_page_text(reader, page) for page in reader.pages)


def _page_text(reader: pypdf.PdfReader, page: pypdf.PageObject) -> str:
    fonts = {name: _table(font) for name, font in page["/Resources"]["/Font"].items()}
    text, table, replaced = "", {}, []
    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator == b"Tf":
            table = fonts[operands[0]]
        elif operator in (b"BDC", b"BMC"):
            actual = operands[1].get("/ActualText") if len(operands) > 1 else None
            text += str(actual or "").removeprefix("\ufeff") if not any(replaced) else ""
            replaced.append(actual is not None)
        elif operator == b"EMC":
            replaced.pop()
        elif operator in (b"Tj", b"TJ") and not any(replaced):
            shown = operands[0] if operator == b"TJ" else operands
            text += "".join(_letters(piece, table) for piece in shown)
    return re.sub(r"\s+", "", text)


def _table(font: pypdf.generic.DictionaryObject) -> dict[str, str]:
    entries = re.findall(
        r"<(\w{4})> <(\w+)>", font.get_object()["/ToUnicode"].get_data().decode("ascii")
    )
    return {glyph: bytes.fromhex(text).decode("utf-16-be") for glyph, text in entries}


def _letters(piece: object, table: dict[str, str]) -> str:
    if not isinstance(piece, pypdf.generic.ByteStringObject | pypdf.generic.TextStringObject):
        return ""
    codes = piece.original_bytes.hex().upper()
    return "".join(table[codes[at : at + 4]] for at in range(0, len(codes), 4))


def test_every_stack_of_vowel_and_tone_reads_as_it_was_written(stacks: bytes) -> None:
    assert glyph_text(stacks) == normal("".join(STACKS)) * 3
    assert full_text(stacks) == "".join(STACKS) * 3


def test_words_and_signs_read_as_they_were_written(words: bytes) -> None:
    assert glyph_text(words) == normal(WORDS) * 3
    assert full_text(words) == re.sub(r"\s+", "", WORDS) * 3


def test_without_the_repair_marks_are_doubled() -> None:
    # When this fails, Typst has mended its text, and `with_letters` may go.
    before = compiled("ศักดิ์สิทธิ์")
    assert glyph_text(before) != normal("ศักดิ์สิทธิ์") * 3
    assert full_text(before) != "ศักดิ์สิทธิ์" * 3


def test_nothing_that_is_drawn_changes() -> None:
    before = compiled(WORDS)
    for old, new in zip(drawing(before), drawing(with_letters(before)), strict=True):
        assert old == new


def drawing(document: bytes) -> list[list[object]]:
    """Every operation of each page but the marks around text."""
    reader = pypdf.PdfReader(io.BytesIO(document), strict=True)
    marks = (b"BDC", b"BMC", b"EMC")
    return [
        [
            (operator, repr(operands))
            for operands, operator in ContentStream(page.get_contents(), reader).operations
            if operator not in marks
        ]
        for page in reader.pages
    ]


def test_marks_stay_in_pairs_and_structure_stays(words: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(words), strict=True)
    for page in reader.pages:
        depth = 0
        for _, operator in ContentStream(page.get_contents(), reader).operations:
            depth += operator in (b"BDC", b"BMC")
            depth -= operator == b"EMC"
            assert depth >= 0
        assert depth == 0
    ids = set(re.findall(rb"/MCID (\d+)", reader.pages[0].get_contents().get_data()))
    before = pypdf.PdfReader(io.BytesIO(compiled(WORDS))).pages[0].get_contents().get_data()
    assert ids == set(re.findall(rb"/MCID (\d+)", before))


def test_it_is_done_once(words: bytes) -> None:
    assert glyph_text(with_letters(words)) == glyph_text(words)
    assert full_text(with_letters(words)) == full_text(words)


@pytest.mark.parametrize("document", [b"", b"%PDF-1.7\n%%EOF", b"xref\n0 1\n", zlib.compress(b"x")])
def test_another_s_document_is_left_as_it_is(document: bytes) -> None:
    assert with_letters(document) == document
