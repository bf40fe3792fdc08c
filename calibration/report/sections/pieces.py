"""Pieces that several sections are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from calibration.report import page
from calibration.report.folder import Content
from calibration.report.words import word
from itembank.text import Language


def flag_words(kinds: Iterable[str], language: Language) -> str:
    """Findings about an item in a few words, commas between them."""
    return ", ".join(word(language, f"flag.{kind}") for kind in kinds)


def number_column(language: Language, key: str) -> page.Column:
    """A column of numbers under a heading."""
    return page.Column(heading=word(language, key), numbers=True)


def attached(
    name: str, files: Mapping[str, Content], language: Language, key: str
) -> page.Attachment:
    """A file that the page offers, with what it is."""
    kind = name.rpartition(".")[2]
    types = {"csv": "text/csv;charset=utf-8", "json": "application/json"}
    return page.Attachment(
        name=name,
        content=content if isinstance(content := files[name], bytes) else None,
        about=word(language, key),
        media_type=types.get(kind, "application/octet-stream"),
    )
