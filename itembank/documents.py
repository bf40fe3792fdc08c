"""Published documents: what a session pins is a text, its hash, and the value read from it."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import PrivateAttr

from engine.errors import InputError, Problem
from itembank.canonical import canonical_json, is_canonical, sha256
from itembank.records import Record


class Document(Record):
    """A value with one canonical JSON text, whose hash names it for ever.

    A document that was read from a text keeps that text, so its hash stays what it was even when
    a later version of this software would write more fields.
    """

    _text: str = PrivateAttr()
    _hash: str = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Write the text once; the value never changes after."""
        self._keep(canonical_json(self.model_dump(mode="json")))

    def to_json(self) -> str:
        """The document as canonical JSON: sorted keys, no spaces, UTF-8."""
        return self._text

    @property
    def hash(self) -> str:
        """SHA-256 of `to_json()`, 64 hexadecimal digits."""
        return self._hash

    def _keep(self, text: str) -> None:
        self._text = text
        self._hash = sha256(text)


D = TypeVar("D", bound=Document)


def with_text(document: D, text: str) -> D:
    """The document as read from this text, which stays its text."""
    copy = document.model_copy()
    copy._keep(text)
    return copy


def read_json(text: str, subject: str, error: type[InputError], expected: str | None = None) -> Any:
    """The data of a canonical JSON text.

    Parameters
    ----------
    text
        As `Document.to_json` wrote it.
    subject
        What it is, for the message of the error.
    error
        What to raise.
    expected
        The hash under which it was published, if the caller knows it.

    Raises
    ------
    InputError
        Of the kind asked for, if the text is not JSON, is not canonical or has another hash.
    """
    found = sha256(text)
    if expected is not None and found != expected:
        raise error(subject, [Problem("hash", found, f"{expected}: the text was changed")])
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise error(subject, [Problem("text", str(fault), "valid JSON")]) from None
    if not is_canonical(text, data):
        problem = Problem("text", "another spelling", "canonical JSON, as to_json() writes it")
        raise error(subject, [problem])
    return data
