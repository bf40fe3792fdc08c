"""The smallest parts of a `where` expression: names, words, numbers, texts and signs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from itembank.csvfile import NUMBER

WORDS = ("and", "or", "not", "in", "missing")
SIGNS = ("==", "!=", "<=", ">=", "<", ">", "(", ")", "[", "]", ",")
OTHER_LANGUAGES = {"=": "==", "&&": "and", "&": "and", "||": "or", "|": "or", "!": "not"}
"""What people write from habit, and what it is called here."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at one place of an expression; columns count from 1."""

    column: int
    found: str
    expected: str


class WhereError(ValueError):
    """An expression that cannot be read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"column {fault.column}: {fault.found!r}, expected {fault.expected}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Token:
    """One part; `kind` is name, word, number, text, sign or end."""

    kind: str
    value: str | float
    written: str
    column: int


def tokens(text: str) -> list[Token]:
    """Return the parts of an expression, an end last.

    Raises
    ------
    WhereError
        At a character that begins nothing.
    """
    found: list[Token] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        found.append(_token(text, place))
        place += len(found[-1].written)
    return [*found, Token("end", "", "the end", len(text) + 1)]


def _token(text: str, place: int) -> Token:
    first, column = text[place], place + 1
    if first in "'\"`":
        return _quoted(text, place)
    number = NUMBER.match(text, place)
    if number is not None:
        end = _name_end(text, number.end())
        if end > number.end():
            expected = "a number; a text stands in quotes"
            raise WhereError(Fault(column, text[place:end], expected))
        return Token("number", float(number[0]), number[0], column)
    end = _name_end(text, place)
    if end > place:
        name = text[place:end]
        return Token("word" if name in WORDS else "name", name, name, column)
    for sign in SIGNS:
        if text.startswith(sign, place):
            return Token("sign", sign, sign, column)
    raise WhereError(_strange(text, place))


def _quoted(text: str, place: int) -> Token:
    mark = text[place]
    end = text.find(mark, place + 1)
    if end < 0:
        raise WhereError(Fault(place + 1, text[place:], f"a closing {mark}"))
    kind = "name" if mark == "`" else "text"
    return Token(kind, text[place + 1 : end], text[place : end + 1], place + 1)


def _name_end(text: str, place: int) -> int:
    """Where a name ends; Thai vowels and tone marks are parts of names."""
    while place < len(text) and (
        text[place] == "_" or text[place].isalnum() or unicodedata.category(text[place])[0] == "M"
    ):
        place += 1
    return place


def _strange(text: str, place: int) -> Fault:
    for written, word in OTHER_LANGUAGES.items():
        if text.startswith(written, place):
            return Fault(place + 1, written, word)
    return Fault(place + 1, text[place], "a name, a number, a text in quotes or a comparison")
