"""What determines a session besides its events, and its sections as the engine runs them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import engine
from itembank import Release, Scheme, Section
from itembank import section as compile_section


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedExam:
    """Everything, besides its events, that determines a session; the seed is secret.

    `snapshots` has the exposure of items, by skill set, that sections are pinned to; a section without one
    begins with every item open. `stated` is what else the session's row says of itself (whose it is, in
    which language, ...): it decides no item, and the first event repeats it, so that a change of either is
    found.
    """

    release: Release
    scheme: Scheme
    seed: int
    skill_sets: tuple[str, ...]
    snapshots: Mapping[str, engine.Snapshot] = field(default_factory=dict)
    stated: Mapping[str, Any] = field(default_factory=dict)

    def section(self, skill_set: str) -> Section:
        """Return the items and the design of one section, compiled once per release and scheme."""
        return compiled_section(self.release, self.scheme, skill_set)

    def shortcut(self, skill_set: str) -> engine.Shortcut | None:
        """Return the shortcut through one section's design, if it has one, made once as the section is."""
        return _shortcut(_Pinned(self.release, self.scheme), skill_set)

    def section_seed(self, skill_set: str) -> int:
        """Return the secret seed of one section."""
        return section_seed(self.seed, skill_set)

    def minutes(self, skill_set: str) -> int:
        return self.scheme.skill_set(skill_set).time_limit_minutes


def warm(exam: PinnedExam) -> None:
    """Choose a first item in every section, so that no candidate waits for what is made only once."""
    for skill_set in exam.skill_sets:
        design = exam.section(skill_set).design
        engine.next_item(
            design, engine.start(design, exam.section_seed(skill_set)), exam.shortcut(skill_set)
        )


def section_seed(seed: int, skill_set: str) -> int:
    """Return the secret seed of one section, 64 bits, independent of the other sections'."""
    text = f"{seed:016x}/{skill_set}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def compiled_section(release: Release, scheme: Scheme, skill_set: str) -> Section:
    """Return the items and the design of one section, compiled once per release and scheme."""
    return _compiled(_Pinned(release, scheme), skill_set)


@dataclass(frozen=True)
class _Pinned:
    """A release and a scheme as a cache key: equal when their hashes are."""

    release: Release
    scheme: Scheme

    def __hash__(self) -> int:
        return hash((self.release.hash, self.scheme.hash))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, _Pinned)
            and self.release.hash == other.release.hash
            and self.scheme.hash == other.scheme.hash
        )


@lru_cache(maxsize=256)
def _compiled(pinned: _Pinned, skill_set: str) -> Section:
    return compile_section(pinned.release, pinned.scheme, skill_set)


@lru_cache(maxsize=256)
def _shortcut(pinned: _Pinned, skill_set: str) -> engine.Shortcut | None:
    return engine.Shortcut.of(_compiled(pinned, skill_set).design)
