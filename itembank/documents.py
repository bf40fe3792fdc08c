"""Published documents: what a session pins is a text, its hash, and the value read from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import PrivateAttr

from engine.errors import InputError, Problem
from itembank.canonical import canonical_json, is_canonical, sha256
from itembank.records import Record, parse


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


def document_text(path: Path) -> str:
    """Return the text of a document's file, without the line break an editor may have ended it with.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8").rstrip()
    except (OSError, UnicodeDecodeError) as error:
        expected = f"a file that can be read ({error})"
        raise InputError(path.name, [Problem("file", str(path), expected)]) from error


D = TypeVar("D", bound=Document)


def read_document(
    kind: type[D],
    text: str,
    error: type[InputError],
    *,
    subject: str,
    hash: str | None = None,
    disagreements: Callable[[Any], Iterable[Problem]] = lambda data: (),
) -> D:
    """The document that `to_json` wrote.

    Parameters
    ----------
    kind
        Which document it is.
    error, subject
        What to raise, and what it is about.
    hash
        The hash under which it was published, if the caller knows it.
    disagreements
        What else the data could have wrong, besides its fields.

    Raises
    ------
    InputError
        Of the kind asked for, with everything that is wrong; a text of another hash is refused.
    """
    data = _read_json(text, subject, error, hash)
    parsed = parse(kind, data, "")
    problems = [*parsed.problems, *disagreements(data)]
    if parsed.record is None or problems:
        raise error(subject, problems)
    parsed.record._keep(text)
    return parsed.record


def _read_json(text: str, subject: str, error: type[InputError], expected: str | None) -> Any:
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
