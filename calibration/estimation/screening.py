"""Which items can be estimated, and which of their categories anyone gave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.csgraph import connected_components

from calibration.estimation.result import Excluded
from calibration.estimation.survey import Survey
from engine.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screened:
    """The items that can be estimated.

    Attributes
    ----------
    items
        Their columns, shape (m,).
    categories
        For each, what an answer counts as: its rank among the categories that anyone gave, -1 for
        nothing, shape (m, 128), the answer plus one.
    sizes
        How many categories each has, shape (m,).
    gaps
        Whether someone did not answer it, shape (m,).
    n_answers
        Persons who did, weights counted, shape (m,).
    flags
        What to say of each.
    groups
        Whether each group answered any of them, shape (n_groups,).
    excluded
        The other items, with the reason.
    """

    items: IntArray
    categories: IntArray
    sizes: IntArray
    gaps: BoolArray
    n_answers: FloatArray
    flags: tuple[tuple[str, ...], ...]
    groups: BoolArray
    excluded: tuple[Excluded, ...]


def screen(survey: Survey) -> Screened:
    """Look at every item; name those that say nothing about ability."""
    given = survey.counts.sum(axis=0)[:, 1:]
    reasons = [_constant(counts) for counts in given]
    linked = _linked(survey, np.array([reason is None for reason in reasons]))
    reasons = [reason or _unlinked(survey, item, linked) for item, reason in enumerate(reasons)]
    items = np.array([i for i, reason in enumerate(reasons) if reason is None], dtype=np.int64)
    there = given[items] > 0
    categories = np.full((items.size, given.shape[1] + 1), -1)
    categories[:, 1:] = np.where(there, np.cumsum(there, axis=1) - 1, -1)
    answered = given[items].sum(axis=1)
    return Screened(
        items=items,
        categories=categories,
        sizes=there.sum(axis=1),
        gaps=survey.counts[:, items, 0].sum(axis=0) > 0,
        n_answers=answered,
        flags=tuple(_flags(row) for row in there),
        groups=survey.counts[:, items, 1:].sum(axis=(1, 2)) > 0,
        excluded=tuple(
            Excluded(item=survey.items[item], reason=reason)
            for item, reason in enumerate(reasons)
            if reason is not None
        ),
    )


def _constant(counts: FloatArray) -> str | None:
    """Say why an item with these answers tells nothing, shape (127,); None where it may."""
    seen = np.flatnonzero(counts)
    if not seen.size:
        return "nobody answered it"
    if seen.size > 1:
        return None
    if seen[0] == 0:
        return "everyone who answered it is in category 0 (all wrong)"
    right = " (all right)" if seen[0] == 1 else ""
    return f"everyone who answered it is in category {seen[0]}{right}"


def _linked(survey: Survey, usable: BoolArray) -> BoolArray:
    """Whether each group shares items, directly or through others, with the first."""
    met = survey.counts[:, :, 1:].sum(axis=2) > 0
    met &= usable
    shared = met.astype(np.int64) @ met.T.astype(np.int64)
    _, member = connected_components(shared, directed=False)
    linked: BoolArray = member == member[0]
    return linked


def _unlinked(survey: Survey, item: int, linked: BoolArray) -> str | None:
    who = survey.counts[:, item, 1:].sum(axis=1) > 0
    if linked[who].any():
        return None
    names = ", ".join(survey.groups[place] for place in np.flatnonzero(who))
    return f"only {names} answered it, who share no item with {survey.groups[0]}"


def _flags(there: BoolArray) -> tuple[str, ...]:
    missing = [str(k) for k in range(np.flatnonzero(there).max()) if not there[k]]
    if not missing:
        return ()
    return (f"nobody in category {', '.join(missing)}: the categories above move down",)
