"""Dates, levels and runs of a foreign language, as the readers of a page expect them."""

from __future__ import annotations

import math
import re
from datetime import datetime

from markupsafe import Markup, escape

from api.thai import (
    english_date,
    english_time,
    in_bangkok,
    thai_date,
    thai_date_short,
    thai_digits,
    thai_time,
)
from itembank.text import Language, Text

FOREIGN = {
    "th": re.compile(r"[A-Za-z](?:[A-Za-z0-9 .'’&/@_:-]*[A-Za-z0-9])?"),
    "en": re.compile(r"[\u0e01-\u0e5b](?:[\u0e01-\u0e5b .()]*[\u0e01-\u0e5b])?"),
}
OTHER: dict[Language, Language] = {"th": "en", "en": "th"}


def marked(text: object, language: Language) -> Markup:
    """Return a text for a page of one language, with each run in the other language marked as such.

    WCAG 2.2, 3.1.2: a voice changes its pronunciation, and lines break between Thai words.
    """
    other = OTHER[language]
    escaped, end = Markup(""), 0
    plain = str(text)
    for run in FOREIGN[language].finditer(plain):
        escaped += escape(plain[end : run.start()])
        escaped += Markup('<span lang="{}">{}</span>').format(other, run.group())
        end = run.end()
    return escaped + escape(plain[end:])


def day(moment: datetime, language: Language) -> str:
    """Return a moment's date in Bangkok, in the Buddhist era for Thai readers."""
    return thai_date(moment) if language == "th" else english_date(moment)


def short_day(moment: datetime, language: Language) -> str:
    """Return a moment's date in Bangkok for a narrow column."""
    return thai_date_short(moment) if language == "th" else english_date(moment)


def hour(moment: datetime, language: Language) -> str:
    """Return a moment's hour in Bangkok."""
    return thai_time(moment) if language == "th" else english_time(moment)


def numeral(number: int, language: Language) -> str:
    """Return a level as documents write it: in Thai digits for Thai readers."""
    return thai_digits(number) if language == "th" else str(number)


def minutes_left(now: datetime, end: datetime) -> int:
    """Return the minutes that are left, the begun one counted; 0 in the last minute and after it."""
    seconds = (end - now).total_seconds()
    return math.ceil(seconds / 60) if seconds >= 60 else 0


def translated(given: str, known: Text, language: Language) -> str:
    """Return a text that a service gave in one language in the reader's, where both are the same text.

    A session pins its wording; if what is in force reads otherwise, the pinned wording stands.
    """
    return known.of(language) if given in (known.th, known.en) else given


def both_days(moment: datetime, language: Language) -> str:
    """Return a date in both eras, the reader's first: certificates cross borders."""
    return f"{day(moment, language)} ({day(moment, OTHER[language])})"


def precise(moment: datetime) -> str:
    """Return a moment in Bangkok to the second, for those who compare logs."""
    return f"{in_bangkok(moment):%Y-%m-%d %H:%M:%S}"
