"""From constraints to what they demand in words."""

from __future__ import annotations

from math import inf, isfinite
from typing import TypeAlias

from engine.constraints import Constraint, Quota, Sets
from itembank.blueprint.blueprint import Compiled
from itembank.text import Language
from itembank.words import Words

WORDS = Words("itembank.blueprint.words")

COUNTED = ("length", "bound", "family", "setbound")
"""Kinds of constraints that demand no more than their ends say."""

Ends: TypeAlias = tuple[float | None, float | None]


def demanded(compiled: Compiled, name: str, language: Language = "en") -> str:
    """Return what the constraint of a name demands, and how many items of the pool it is about."""
    specification = compiled.specification
    if name == specification.length_name:
        length = ends_in_words(*specification.length, language)
        return WORDS.word(language, "length", length=length, items=specification.n_items)
    words = _demanded(
        next(each for each in specification.constraints if each.name == name), language
    )
    meant = compiled.meant.get(name)
    return words if meant is None else WORDS.word(language, "meant", words=words, items=meant)


def demands(
    kind: str,
    ends: Ends,
    language: Language,
    *,
    share: float | None = None,
    sets: Ends = (None, None),
) -> str:
    """Return what a constraint of a kind demands.

    Parameters
    ----------
    kind
        The name of its class in small letters, or `length`.
    ends
        The least and the most; None and infinite ones are none.
    share
        Of a quota.
    sets
        The least and the most number of item sets.
    """
    said = ends_in_words(*ends, language)
    if kind in COUNTED:
        return said
    number = ends_in_words(*sets, language)
    written = "" if share is None else f"{share:.3g}"
    return WORDS.word(language, f"kinds.{kind}", ends=said, sets=number, share=written)


def ends_in_words(low: float | None, high: float | None, language: Language) -> str:
    """Return `4`, `2 to 4`, `at least 2`, `at most 4` or `any number`."""
    low, high = _finite(low), _finite(high)
    if low == high:
        return WORDS.word(language, "ends.any") if low is None else f"{low:g}"
    if low is None or high is None:
        key = "at_most" if low is None else "at_least"
        return WORDS.word(language, f"ends.{key}", value=f"{high if low is None else low:g}")
    return WORDS.word(language, "ends.between", low=f"{low:g}", high=f"{high:g}")


def _demanded(constraint: Constraint, language: Language) -> str:
    low = getattr(constraint, "low", -inf)
    high = getattr(constraint, "high", getattr(constraint, "most", inf))
    share = constraint.share if isinstance(constraint, Quota) else None
    sets = (constraint.least, constraint.most) if isinstance(constraint, Sets) else (None, None)
    kind = type(constraint).__name__.lower()
    return demands(kind, (low, high), language, share=share, sets=sets)


def _finite(end: float | None) -> float | None:
    return end if end is not None and isfinite(end) else None
