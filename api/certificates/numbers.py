"""Certificate numbers: `SP-2569-4831-7265-30`.

A prefix that the scheme chooses, the Buddhist year of issue, eight random digits, and two check
digits of ISO/IEC 7064 MOD 97-10 over everything before them, letters counted as A = 10 ... Z = 35
(the reading that ISO 13616, the IBAN, and ISO 17442, the LEI, give to letters). The random digits
say nothing about how many were issued; the check digits catch every single wrong character and
every swap of two neighbours before anything is looked up.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from api.thai import arabic_digits, buddhist_year

PREFIX = re.compile(r"[A-Z]{1,6}")
LONGEST_INPUT = 64
"""Characters of what somebody typed that are looked at; a number has at most 26."""

_COMPACT = re.compile(r"([A-Z]{1,6})(\d{4})(\d{4})(\d{4})(\d{2})", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—―−_./\u200b-\u200d\u2060\ufeff]+")

RandomBelow = Callable[[int], int]
"""A source of randomness: an integer, uniform in [0, n), for n. `secrets.randbelow` is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberReading:
    """What was understood of a typed number.

    `number` is the canonical spelling, or None where the text has not the form of a number at all;
    `problem` is None when the number can be looked up.
    """

    number: str | None
    problem: Literal["form", "check-digits"] | None


def draw_number(prefix: str, issued_at: date, random_below: RandomBelow) -> str:
    """Draw a number for a certificate issued at a moment (its Buddhist year is Bangkok's).

    Two draws may agree by chance: the one who stores it keeps numbers unique and draws again.

    Raises
    ------
    ValueError
        When the prefix is not one to six letters A-Z.
    """
    if not PREFIX.fullmatch(prefix):
        raise ValueError(f"a certificate prefix is one to six letters A-Z, got {prefix!r}")
    body = f"{prefix}{buddhist_year(issued_at):04d}{random_below(10**8):08d}"
    return _spelled(body + check_digits(body))


def normalise(text: str) -> NumberReading:
    """Read a number as people type it: Thai digits, spaces, small letters, hyphens or none."""
    if len(text) > LONGEST_INPUT:
        return NumberReading(number=None, problem="form")
    compact = _SEPARATORS.sub("", arabic_digits(unicodedata.normalize("NFKC", text))).upper()
    if not _COMPACT.fullmatch(compact):
        return NumberReading(number=None, problem="form")
    problem: Literal["check-digits"] | None = None if is_checked(compact) else "check-digits"
    return NumberReading(number=_spelled(compact), problem=problem)


def check_digits(body: str) -> str:
    """The two check digits of ISO/IEC 7064:2003 MOD 97-10 for digits and letters A-Z."""
    return f"{98 - _value(body) * 100 % 97:02d}"


def is_checked(text: str) -> bool:
    """Whether digits and letters, check digits last, are 1 modulo 97 (ISO/IEC 7064:2003)."""
    return _value(text) % 97 == 1


def _value(text: str) -> int:
    return int("".join(str(int(character, 36)) for character in text))


def _spelled(compact: str) -> str:
    parts = _COMPACT.fullmatch(compact)
    assert parts is not None
    return "-".join(parts.groups())
