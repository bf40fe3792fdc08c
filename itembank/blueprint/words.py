"""What constraints demand, in a few words for people."""

from __future__ import annotations

from math import inf

from engine.constraints import (
    Constraint,
    Enemies,
    Exclude,
    Include,
    Mean,
    Quota,
    Sets,
    Shares,
    Together,
)
from engine.constraints.specification import bounds_in_words
from itembank.blueprint.blueprint import Compiled


def demanded(compiled: Compiled, name: str) -> str:
    """Return what the constraint of a name demands, and how many items of the pool it is about."""
    specification = compiled.specification
    if name == specification.length_name:
        length = bounds_in_words(*specification.length)
        return f"{length} items; the pool has {specification.n_items}"
    words = _demanded(next(each for each in specification.constraints if each.name == name))
    meant = compiled.meant.get(name)
    return words if meant is None else f"{words}; {meant} items of the pool are meant"


def _demanded(constraint: Constraint) -> str:
    if isinstance(constraint, Sets):
        number = bounds_in_words(constraint.least, constraint.most)
        return f"{number} sets, {bounds_in_words(constraint.low, constraint.high)} items of each"
    if isinstance(constraint, Quota):
        return f"a share of {constraint.share:.3g}, rounded down or up"
    if isinstance(constraint, Include | Exclude | Enemies | Together):
        return {
            Include: "all included",
            Exclude: "none",
            Enemies: "at most one",
            Together: "all or none",
        }[type(constraint)]
    before = {Mean: "a mean of ", Shares: "a share of "}.get(type(constraint), "")
    low, high = getattr(constraint, "low", -inf), getattr(constraint, "high", inf)
    return f"{before}{bounds_in_words(low, high)}"
