"""Text that can be copied, searched and read aloud from the PDFs that Typst writes.

Thai stacks vowels and tones on a consonant. Typst 0.15 gives every glyph of such a stack the whole
stack as its text, and hides that behind an `ActualText` around the stack. A mark that is raised by
a hair falls outside of it, so that สิทธิ์ is copied as สิทธิ์ธิ์; and readers that know no
`ActualText` see every stack twice. Here each glyph gets its own letters in the font's `ToUnicode`
table, and an `ActualText` goes where the glyphs now say the same (ISO 32000-1:2008, 9.10 and
14.9.4). Nothing that is drawn changes.

SARA AM (ำ) is drawn as two glyphs that are also letters of their own: its stacks keep their
`ActualText`, and without it read as their equal under Unicode compatibility (NFKC).
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

SARA_AM = "\u0e33"

_Span = tuple[int, int]

Letters = dict[bytes, str]
"""What each glyph, two bytes of a string, stands for."""

_XREF = re.compile(rb"xref\n0 (\d+)\n((?:\d{10} \d{5} [nf]\r\n)+)trailer\n(.*)startxref\n", re.S)
_STREAM = re.compile(rb"\A(.*?<<.*?/Length )(\d+)(\b.*?>>\nstream\n)", re.S)
_ENTRY = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]+)>")
_TOKEN = re.compile(
    rb"/(?P<font>\w+) [\d.]+ Tf"
    rb"|/Span<</ActualText<(?P<actual>[0-9A-F]+)>>>BDC"
    rb"|(?P<begin>/\w+\s*<<(?:[^<>()]|<[^<>]*>|\([^()]*\))*>>\s*BDC|/\w+ BMC)"
    rb"|(?P<end>EMC)"
    rb"|(?P<shown>[\[(]|<(?=[0-9A-F]*>))"
)
_HEX = re.compile(rb"<([0-9A-F]*)>")
_NOTHING_MORE = b"/Span<</ActualText<FEFF>>>BDC "
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.S)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def with_letters(pdf: bytes) -> bytes:
    """The same document, its text extractable; as it was where it is not built as Typst builds."""
    try:
        return _with_letters(pdf, _objects(pdf))
    except _OtherwiseBuilt:
        return pdf


class _OtherwiseBuilt(Exception):  # noqa: N818 - a way out, not a fault
    """The document is not laid out as Typst 0.15 lays them out."""


def _with_letters(pdf: bytes, objects: dict[int, bytes]) -> bytes:
    pages = [_page(objects, body) for body in objects.values() if b"/Type/Page/" in body]
    tables = {number: _letters(objects[number]) for page in pages for number in page.fonts.values()}
    found: dict[int, Letters] = {number: {} for number in tables}
    for page in pages:
        content = _unpacked(objects[page.content])
        stacks = _stacks(page, content, tables)
        if not all(_agrees(found[stack.table], stack) for stack in stacks):
            raise _OtherwiseBuilt
        objects[page.content] = _packed(objects[page.content], _edited(content, stacks))
    for number, letters in found.items():
        objects[number] = _packed(objects[number], _rewritten(objects[number], letters))
    return _written(pdf, objects)


@dataclass(frozen=True, slots=True)
class _Page:
    content: int
    fonts: dict[bytes, int]
    """The number of the `ToUnicode` table of each font, by its name on the page."""


@dataclass(slots=True)
class _Stack:
    """Glyphs that together are some letters."""

    table: int
    text: str
    glyphs: list[bytes] = field(default_factory=list)
    marks: list[_Span] = field(default_factory=list)
    """Where the `ActualText` begins and ends, of each part that has one."""
    bare: list[_Span] = field(default_factory=list)
    """Operators that show one glyph of it and have none."""

    def letters(self) -> Letters:
        """The letters of each glyph: one each, but joined marks have all that are left."""
        ends = len(self.glyphs) - 1
        if SARA_AM in self.text:
            text = unicodedata.normalize("NFKC", self.text)
            shares = [text[0], text[1:-1], text[-1]]
        else:
            shares = [*self.text[:ends], self.text[ends:]]
        fits = len(shares) == len(self.glyphs) and all(shares)
        return dict(zip(self.glyphs, shares, strict=True)) if fits else {}


def _objects(pdf: bytes) -> dict[int, bytes]:
    """The bytes of each object, from its place in the table to the next."""
    table = _XREF.search(pdf)
    if table is None:
        raise _OtherwiseBuilt
    lines = table[2].split(b"\r\n")[1 : int(table[1])]
    starts = [int(line[:10]) for line in lines]
    if starts != sorted(starts) or any(line[-1:] != b"n" for line in lines):
        raise _OtherwiseBuilt
    ends = [*starts[1:], table.start()]
    return {
        number: pdf[start:end]
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    }


def _page(objects: dict[int, bytes], page: bytes) -> _Page:
    resources = objects[_reference(page, b"Resources")]
    listed = re.search(rb"/Font<<(.*?)>>", resources)
    fonts = re.findall(rb"/(\w+) (\d+) 0 R", listed[1]) if listed else []
    return _Page(
        _reference(page, b"Contents"),
        {name: _reference(objects[int(number)], b"ToUnicode") for name, number in fonts},
    )


def _reference(body: bytes, name: bytes) -> int:
    found = re.search(rb"/%s (\d+) 0 R" % name, body)
    if found is None:
        raise _OtherwiseBuilt
    return int(found[1])


def _letters(table: bytes) -> Letters:
    entries = _ENTRY.findall(_unpacked(table))
    return {bytes.fromhex(glyph.decode()): _utf16(text) for glyph, text in entries}


def _utf16(text: bytes) -> str:
    return bytes.fromhex(text.decode()).decode("utf-16-be").removeprefix("\ufeff")


def _stacks(page: _Page, content: bytes, tables: dict[int, Letters]) -> list[_Stack]:
    """The stacks of a page in the order of drawing; parts of one stack are brought together."""
    stacks: list[_Stack] = []
    for part in _parts(page, content, tables):
        last = stacks[-1] if stacks else None
        if last and part.glyphs and _continues(last, part):
            last.glyphs += part.glyphs
            last.marks += part.marks
            last.bare += part.bare
        elif part.glyphs:
            stacks.append(part)
    return stacks


def _continues(stack: _Stack, part: _Stack) -> bool:
    """Whether a part is the raised mark of the stack before: same text, another first glyph."""
    return (
        (stack.table, stack.text) == (part.table, part.text)
        and len(stack.text) > 1
        and part.glyphs[0] != stack.glyphs[0]
    )


def _parts(page: _Page, content: bytes, tables: dict[int, Letters]) -> Iterator[_Stack]:
    """Each run of glyphs inside an `ActualText`, and each glyph outside of one."""
    table, place = 0, 0
    inside: _Stack | None = None
    open_marks: list[_Stack | None] = []
    while token := _TOKEN.search(content, place):
        place = token.end()
        if token["font"]:
            table = page.fonts[token["font"]]
        elif token["actual"]:
            inside = _Stack(table, _utf16(token["actual"]), [], [token.span()])
            open_marks.append(inside)
        elif token["begin"]:
            open_marks.append(None)
        elif token["end"]:
            if (closed := open_marks.pop()) is not None:
                inside = None
                yield _Stack(
                    closed.table, closed.text, closed.glyphs, [*closed.marks, token.span()]
                )
        else:
            place, text = _shown(content, token)
            glyphs = [text[at : at + 2] for at in range(0, len(text), 2)]
            if inside is not None:
                inside.table = table
                inside.glyphs += glyphs
            else:
                alone = [(token.start(), place + 2)] if len(glyphs) == 1 else []
                for glyph in glyphs:
                    yield _Stack(table, tables[table][glyph], [glyph], bare=alone)


def _shown(content: bytes, token: re.Match[bytes]) -> tuple[int, bytes]:
    """Where the operand of a showing operator ends (before `Tj` or `TJ`), and its glyphs."""
    if token["shown"] != b"[":
        return _string(content, token.start())
    place, text = token.end(), b""
    while (character := content[place : place + 1]) != b"]":
        if character in (b"(", b"<"):
            place, string = _string(content, place)
            text += string
        else:
            place += 1
    return place + 1, text


def _string(content: bytes, start: int) -> tuple[int, bytes]:
    """A string's end and bytes; parentheses inside are escaped or in pairs."""
    if code := _HEX.match(content, start):
        return code.end(), bytes.fromhex(code[1].decode())
    depth, place = 1, start + 1
    while depth:
        character = content[place : place + 1]
        place += 2 if character == b"\\" else 1
        depth += (character == b"(") - (character == b")")
    return place, _ESCAPE.sub(_unescaped, content[start + 1 : place - 1])


def _unescaped(escape: re.Match[bytes]) -> bytes:
    code = escape[1]
    return bytes([int(code, 8)]) if code.isdigit() else _ESCAPED.get(code, code)


def _agrees(found: Letters, stack: _Stack) -> bool:
    """Note what a stack's glyphs stand for; false where another stack says otherwise."""
    letters = stack.letters()
    return all(found.setdefault(glyph, text) == text for glyph, text in letters.items())


def _edited(content: bytes, stacks: list[_Stack]) -> bytes:
    """The content less the marks that say what the glyphs say themselves.

    A stack in parts keeps the mark of the first, and the others are marked as saying nothing more:
    readers would put a raised part elsewhere.
    """
    edits = sorted(edit for stack in stacks if stack.letters() for edit in _edits(content, stack))
    kept, place = [], 0
    for start, end, instead in edits:
        kept += [content[place:start], instead]
        place = end
    return b"".join([*kept, content[place:]])


def _edits(content: bytes, stack: _Stack) -> Iterator[tuple[int, int, bytes]]:
    """Pieces of content to replace for a stack: begin, end and what stands there instead."""
    parts = len(stack.marks) // 2 + len(stack.bare)
    whole = parts > 1 and stack.marks and (not stack.bare or stack.marks[0] < stack.bare[0])
    if whole:
        for start, end in stack.marks[2::2]:
            yield start, end, _NOTHING_MORE
        for start, end in stack.bare:
            yield start, end, _NOTHING_MORE + content[start:end] + b" EMC"
    elif SARA_AM not in stack.text:
        for start, end in stack.marks:
            yield start, end, b" "


def _rewritten(table: bytes, letters: Letters) -> bytes:
    def entry(found: re.Match[bytes]) -> bytes:
        text = letters.get(bytes.fromhex(found[1].decode()))
        code = text.encode("utf-16-be").hex().upper().encode() if text else found[2]
        return b"<%s> <%s>" % (found[1], code)

    return _ENTRY.sub(entry, _unpacked(table))


def _unpacked(body: bytes) -> bytes:
    head = _head(body)
    return zlib.decompress(body[head.end() : head.end() + int(head[2])])


def _packed(body: bytes, content: bytes) -> bytes:
    head = _head(body)
    packed = zlib.compress(content, 9)
    rest = body[head.end() + int(head[2]) :]
    return b"%s%d%s%s%s" % (head[1], len(packed), head[3], packed, rest)


def _head(body: bytes) -> re.Match[bytes]:
    head = _STREAM.match(body)
    if head is None or b"/Filter/FlateDecode" not in head[0]:
        raise _OtherwiseBuilt
    return head


def _written(pdf: bytes, objects: dict[int, bytes]) -> bytes:
    table = _XREF.search(pdf)
    assert table is not None
    start = int(table[2][20:30])
    written, lines = [pdf[:start]], [table[2][:20]]
    for body in objects.values():
        lines.append(b"%010d 00000 n\r\n" % start)
        written.append(body)
        start += len(body)
    head = b"xref\n0 %s\n%strailer\n" % (table[1], b"".join(lines))
    return b"".join([*written, head, table[3], b"startxref\n%d\n%%%%EOF" % start])
