"""Schemes, releases and exposure snapshots as files of a command."""

from __future__ import annotations

from pathlib import Path

from engine.errors import InputError, Problem
from itembank import ExposureSnapshot, Release, Scheme, load_scheme
from itembank.documents import Document, document_text


def read_scheme(path: Path | None) -> Scheme | None:
    """Return the scheme of a YAML file; None where none is named.

    Raises
    ------
    InputError
        With every fault of the file.
    """
    return None if path is None else load_scheme(path)


def read_release(path: Path) -> Release:
    """Return the release that `samatthana bank build` wrote.

    Raises
    ------
    InputError
        If the file cannot be read, or with everything that is wrong in it.
    """
    return Release.from_json(document_text(path))


def read_snapshot(path: Path) -> ExposureSnapshot:
    """Return the snapshot that `samatthana bank exposure find` wrote.

    Raises
    ------
    InputError
        If the file cannot be read, or with everything that is wrong in it.
    """
    return ExposureSnapshot.from_json(document_text(path))


def write_document(path: Path, document: Document) -> None:
    """Write a document's one text and nothing else: the file's SHA-256 is the document's hash.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    try:
        path.write_text(document.to_json(), encoding="utf-8", newline="\n")
    except OSError as error:
        expected = f"a file that can be written ({error.strerror})"
        raise InputError("Files", [Problem("--out", str(path), expected)]) from error
