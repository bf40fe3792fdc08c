"""What fixed forms are assembled for: the goal, how forms may overlap, and the constraints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from engine import checks
from engine.arrays import FloatArray, IntArray, frozen
from engine.constraints import Include, Specification
from engine.errors import InputError, Problem

LARGEST_INFORMATION = 1e6


class AssemblyError(InputError):
    """Forms that cannot be assembled as they are asked for."""


class Aim(StrEnum):
    """What makes forms good."""

    SUM = "sum"
    """The largest weighted sum of information over the abilities, in the weakest form."""
    MINIMUM = "minimum"
    """The largest information at the ability that has least for its weight, in the weakest form."""
    TARGET = "target"
    """The smallest of the largest differences from a target, in the worst form."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Goal:
    """Information wanted at some abilities.

    Parameters
    ----------
    aim
        What makes forms good.
    theta
        The abilities, shape (n,).
    levels
        The target of information at each for `Aim.TARGET`; else how much it matters, as weights.
    tolerance
        A largest difference from the target up to this is as good as none.
    """

    aim: Aim
    theta: FloatArray
    levels: FloatArray
    tolerance: float = 0.0

    def __post_init__(self) -> None:
        theta, levels = checks.floats(self.theta), checks.floats(self.levels)
        problems = list(_goal_problems(theta, levels, self.aim))
        problems += checks.number("tolerance", self.tolerance, low=0.0, high=LARGEST_INFORMATION)
        if problems or theta is None or levels is None:
            raise AssemblyError("Objective", problems)
        object.__setattr__(self, "theta", frozen(theta))
        object.__setattr__(self, "levels", frozen(levels))

    @property
    def maximise(self) -> bool:
        """Whether more is better."""
        return self.aim != Aim.TARGET

    def reached(self, information: FloatArray) -> float:
        """What one form comes to, given its information at each ability, shape (n,)."""
        if self.aim == Aim.SUM:
            return float(self.levels @ information)
        if self.aim == Aim.MINIMUM:
            return float((information / self.levels).min())
        return float(np.abs(information - self.levels).max())

    def worst(self, values: FloatArray) -> float:
        """What several forms come to: the value of the worst of them."""
        return float(values.min() if self.maximise else values.max())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """Forms to be assembled.

    Parameters
    ----------
    specification
        What each form must satisfy.
    information
        Of each item at each ability of the goal, shape (n, n_items).
    goal
        What makes forms good; the same for all, so that they are parallel.
    forms
        How many.
    common
        How many items any two forms may have in common, the anchor aside.
    anchor
        Positions of items that every form has. Items that the specification includes belong to it.
    together
        Forms are searched for at once up to this many columns of a programme, else one by one.
    """

    specification: Specification
    information: FloatArray
    goal: Goal
    forms: int = 1
    common: int = 0
    anchor: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    together: int = 2_500

    def __post_init__(self) -> None:
        problems = list(checks.whole_number("forms", self.forms, low=1))
        problems += checks.whole_number("overlap: max", self.common, low=0)
        if problems:
            raise AssemblyError("Assembly", problems)
        included = [
            each.items for each in self.specification.constraints if isinstance(each, Include)
        ]
        anchor = np.unique(np.concatenate([self.anchor, *included]).astype(np.int64))
        object.__setattr__(self, "anchor", frozen(anchor))


def _goal_problems(
    theta: FloatArray | None, levels: FloatArray | None, aim: Aim
) -> Iterator[Problem]:
    if theta is None or theta.ndim != 1 or not theta.size or not np.all(np.isfinite(theta)):
        yield Problem("information_at", theta, "an ability, or a list of abilities")
        return
    name = "target" if aim == Aim.TARGET else "weights"
    if levels is None or levels.shape != theta.shape:
        yield Problem(name, levels, f"{theta.size} numbers, one for each ability")
        return
    good = (levels >= 0 if aim == Aim.TARGET else levels > 0) & (levels < LARGEST_INFORMATION)
    yield from checks.each(name, levels, good, "a number above 0")
