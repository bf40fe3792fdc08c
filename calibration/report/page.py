"""Reports as one HTML file that needs nothing beside it: style, font, drawings and downloads inside.

Pieces of a page are functions from plain values to safe markup; `page` puts them together. What
comes from data is escaped in all of them. The same pieces give the same bytes.

    text = page(
        "Calibration", "en",
        section("Summary", paragraph("All is well."), facts([("Items", "32")])),
        section("Items", table(columns, rows, label="Items"), downloads([attachment])),
    )
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import fontpkg_sarabun
from markupsafe import Markup

from itembank.text import Language

FONTS = fontpkg_sarabun.ROOT / "files"
LARGEST_ATTACHMENT = 2_000_000
"""Bytes of a file that a page carries inside; a larger one is named as standing beside it."""

SHORT = 12
"""Rows of a table that paper keeps on one page."""

WORDS = {
    "contents": {"th": "สารบัญ", "en": "Contents"},
    "download": {"th": "ดาวน์โหลด", "en": "Download"},
    "beside": {"th": "อยู่ในโฟลเดอร์เดียวกับรายงานนี้", "en": "in the folder of this report"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a page under a heading, which the list of contents names."""

    heading: str
    content: Markup


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table: its heading, and whether it holds numbers (right-aligned)."""

    heading: str
    numbers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that a page offers: its name, content, and what it is in a few words.

    Without content it only stands beside the page.
    """

    name: str
    content: bytes | None
    about: str
    media_type: str = "text/csv;charset=utf-8"


def page(
    title: str, language: Language, *sections: Section, subtitle: str = "", footer: str = ""
) -> str:
    """Return a whole HTML document.

    Parameters
    ----------
    title, subtitle, footer
        Plain text.
    language
        Of the page's words; `WORDS` and the document's `lang` follow it.
    sections
        In the order of reading. Each has an id, `part-1` and so on, for links.
    """
    return str(
        Markup(_SKELETON).format(
            language=language,
            title=title,
            style=Markup(style()),
            subtitle=Markup('<p class="subtitle">{}</p>').format(subtitle) if subtitle else "",
            contents=_contents(sections, language),
            body=Markup("\n").join(_section(n, each) for n, each in enumerate(sections, 1)),
            footer=Markup("<footer><p>{}</p></footer>").format(footer) if footer else "",
        )
    )


def section(heading: str, *content: Markup) -> Section:
    """A part of the page under a heading of the second level."""
    return Section(heading=heading, content=Markup("\n").join(content))


def subheading(text: str) -> Markup:
    """A heading of the third level."""
    return Markup("<h3>{}</h3>").format(text)


def paragraph(text: str) -> Markup:
    """A paragraph of plain text."""
    return Markup("<p>{}</p>").format(text)


def strong(text: str) -> Markup:
    """Words that stand out in a sentence."""
    return Markup("<strong>{}</strong>").format(text)


def points(texts: Iterable[str]) -> Markup:
    """A list of sentences, plain or with markup of their own."""
    lines = Markup("").join(Markup("<li>{}</li>").format(text) for text in texts)
    return Markup('<ul class="points">{}</ul>').format(lines)


def notice(*content: Markup, kind: Literal["notice", "good"] = "notice") -> Markup:
    """Paragraphs set apart: something to act on, or (`good`) that all is well."""
    return Markup('<div class="{}">{}</div>').format(kind, Markup("").join(content))


def facts(pairs: Iterable[tuple[str, str]]) -> Markup:
    """A few figures at a glance, each under its name."""
    boxes = (Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(*pair) for pair in pairs)
    return Markup('<dl class="facts">{}</dl>').format(Markup("").join(boxes))


def table(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, label: str) -> Markup:
    """A table; the first cell of each row is the row's heading.

    Parameters
    ----------
    label
        Its caption, which also names the part that scrolls sideways on narrow screens.
    """
    head = Markup("").join(
        Markup('<th scope="col"{}>{}</th>').format(_aligned(column), column.heading)
        for column in columns
    )
    lines = [_row(columns, row) for row in rows]
    kind = "table short" if len(lines) <= SHORT else "table"
    return Markup(
        '<div class="{kind}" role="region" tabindex="0" aria-label="{label}"><table>'
        "<caption>{label}</caption><thead><tr>{head}</tr></thead>\n"
        "<tbody>\n{body}\n</tbody></table></div>"
    ).format(kind=kind, label=label, head=head, body=Markup("\n").join(lines))


def figure(drawing: Markup, sentence: str, *, wide: bool = False) -> Markup:
    """A drawing under the sentence that says what to see in it.

    Parameters
    ----------
    drawing
        SVG, as `drawing.svg` returns it.
    wide
        Whether a phone should let it scroll sideways instead of shrinking it.
    """
    inside = Markup('<div class="wide">{}</div>').format(drawing) if wide else drawing
    return Markup("<figure><figcaption>{}</figcaption>{}</figure>").format(sentence, inside)


def panels(figures: Iterable[Markup]) -> Markup:
    """Small figures side by side, as many in a row as there is room for."""
    return Markup('<div class="panels">{}</div>').format(Markup("\n").join(figures))


def folded(summary: str, *content: Markup) -> Markup:
    """Content that opens at a click; closed it is not on paper."""
    return Markup("<details><summary>{}</summary>{}</details>").format(
        summary, Markup("\n").join(content)
    )


def downloads(files: Iterable[Attachment], language: Language) -> Markup:
    """Links to files inside the page; what is too large is named as standing beside it."""
    links = Markup("").join(Markup("<li>{}</li>").format(_link(each, language)) for each in files)
    head = WORDS["download"][language]
    return Markup('<div class="download"><p>{}</p><ul>{}</ul></div>').format(head, links)


@cache
def style() -> str:
    """The style sheet with Sarabun (SIL Open Font License) inside, so that Thai reads anywhere."""
    faces = "\n".join(
        _font_face(name, weight) for name, weight in (("Regular", 400), ("Bold", 700))
    )
    sheet = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    return f"{faces}\n{sheet}"


_SKELETON = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<header>
<h1>{title}</h1>
{subtitle}
{contents}
</header>
<main>
{body}
</main>
{footer}
</body>
</html>
"""


def _contents(sections: Sequence[Section], language: Language) -> Markup:
    if len(sections) < 2:
        return Markup("")
    entries = Markup("").join(
        Markup('<li><a href="#part-{}">{}</a></li>').format(number, each.heading)
        for number, each in enumerate(sections, 1)
    )
    label = WORDS["contents"][language]
    return Markup('<nav aria-label="{}"><ul>{}</ul></nav>').format(label, entries)


def _section(number: int, each: Section) -> Markup:
    return Markup('<section id="part-{0}" aria-labelledby="head-{0}">\n{1}\n</section>').format(
        number,
        Markup('<h2 id="head-{}">{}</h2>\n{}').format(number, each.heading, each.content),
    )


def _row(columns: Sequence[Column], row: Sequence[str]) -> Markup:
    cells = [
        Markup("<td{}>{}</td>").format(_aligned(column), cell)
        for column, cell in zip(columns[1:], row[1:], strict=True)
    ]
    first = Markup('<th scope="row"{}>{}</th>').format(_aligned(columns[0]), row[0])
    return Markup("<tr>{}</tr>").format(Markup("").join([first, *cells]))


def _aligned(column: Column) -> Markup:
    return Markup(' class="number"') if column.numbers else Markup("")


def _link(each: Attachment, language: Language) -> Markup:
    if each.content is None or len(each.content) > LARGEST_ATTACHMENT:
        words = f"{each.name} ({each.about}; {WORDS['beside'][language]})"
        return Markup("<span>{}</span>").format(words)
    address = f"data:{each.media_type};base64,{b64encode(each.content).decode()}"
    return Markup('<a download="{}" href="{}">{}</a>: {}').format(
        each.name, address, each.name, each.about
    )


def _font_face(name: str, weight: int) -> str:
    data = b64encode((FONTS / f"Sarabun-{name}.ttf").read_bytes()).decode()
    return (
        f'@font-face {{ font-family: "Sarabun"; font-weight: {weight};'
        f' src: url("data:font/ttf;base64,{data}") format("truetype"); }}'
    )
