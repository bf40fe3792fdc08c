"""What is published: the framework, scheme and bank in force, and every one that a session ever pinned.

Documents are stored by the hash of their content, so a session that names three hashes names exactly what it
was conducted with, whatever is published later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from api.errors import NothingPublishedError
from api.exams.pinned import compiled_section
from api.tables import PublishedDocument
from engine.errors import InputError, Problem
from itembank import Framework, Release, ReleaseError, Scheme


@dataclass(frozen=True, slots=True)
class Pinned:
    """One framework, scheme and bank release that belong together."""

    framework: Framework
    scheme: Scheme
    release: Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What is in force; a service without a published bank has none to examine with."""

    framework: Framework
    scheme: Scheme
    release: Release | None

    def in_force(self) -> Pinned:
        """Return what a new session pins.

        Raises
        ------
        NothingPublishedError
            If no bank is published.
        """
        if self.release is None:
            raise NothingPublishedError
        return Pinned(self.framework, self.scheme, self.release)


def check_sections(release: Release, scheme: Scheme) -> None:
    """Make sure that every section of a scheme can be examined with a release.

    Raises
    ------
    ReleaseError
        Naming everything that stands against it, in every section.
    """
    problems: list[Problem] = []
    for rules in scheme.skill_sets:
        try:
            compiled_section(release, scheme, rules.code)
        except InputError as error:
            problems += [
                Problem(f"{rules.code}: {each.where}", each.value, each.expected)
                for each in error.problems
            ]
    if problems:
        raise ReleaseError("Bank", problems)


def publish(db: Session, catalogue: Catalogue, at: datetime) -> None:
    """Store the documents in force under their hashes; what is stored already stays as it is."""
    store(db, "framework", catalogue.framework.hash, catalogue.framework.to_json(), at)
    store(db, "scheme", catalogue.scheme.hash, catalogue.scheme.to_json(), at)
    if catalogue.release is not None:
        store(db, "bank", catalogue.release.hash, catalogue.release.to_json(), at)


def store(db: Session, kind: str, content_hash: str, body: str, at: datetime) -> None:
    """Store one document under its hash; PostgreSQL checks that they belong together."""
    row = {"hash": content_hash, "kind": kind, "body": body, "published_at": at}
    db.execute(insert(PublishedDocument).values(row).on_conflict_do_nothing())


def load_pinned(db: Session, *, framework: str, scheme: str, bank: str) -> Pinned:
    """Return the documents with these hashes, as they were published.

    What a hash names never changes, so each is fetched and read once in the life of the process.
    """
    hashes = (framework, scheme, bank)
    if hashes not in _PINNED:
        _PINNED[hashes] = _parsed(*(document_body(db, each) for each in hashes))
    return _PINNED[hashes]


_PINNED: dict[tuple[str, str, str], Pinned] = {}


def document_body(db: Session, content_hash: str) -> str:
    """Return the text of the published document with this hash.

    Raises
    ------
    LookupError
        If there is none.
    """
    document = db.get(PublishedDocument, content_hash)
    if document is None:
        raise LookupError(f"no published document has the hash {content_hash}")
    return document.body


def _parsed(framework_body: str, scheme_body: str, bank_body: str) -> Pinned:
    framework = Framework.from_json(framework_body)
    scheme = Scheme.from_json(scheme_body, framework)
    return Pinned(framework, scheme, Release.from_json(bank_body))
