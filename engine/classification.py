"""Which level a posterior shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine import checks
from engine.arrays import FloatArray, IntArray
from engine.errors import DesignError, Problem
from engine.rounding import rounded

NONE_SHOWN = 0


@dataclass(frozen=True, slots=True)
class DecisionRule:
    """A level is shown when P(theta >= its cut) is at least `p_star`; the highest shown counts.

    With a loss for certifying wrongly and a loss for refusing wrongly, this is the decision of
    least expected loss (Berger, 1985, chapter 4; Rudner, 2009, for tests).

    Parameters
    ----------
    cuts
        Cut scores on the scale of theta, ascending: the first is that of level 1.
    p_star
        The probability that a level has to reach, in (0, 1).

    Raises
    ------
    DesignError
        Naming every cut that is not finite or not above the one before, and a bad `p_star`.
    """

    cuts: tuple[float, ...]
    p_star: float

    def __post_init__(self) -> None:
        cuts = checks.floats(self.cuts)
        problems = list(_cut_problems(self.cuts, cuts))
        problems += checks.number("p_star", self.p_star, low=0.0, high=1.0, ends="()")
        if problems or cuts is None:
            raise DesignError("Decision rule", problems)
        object.__setattr__(self, "cuts", tuple(cuts.tolist()))

    @classmethod
    def from_costs(
        cls, cuts: Sequence[float], *, false_positive: float, false_negative: float
    ) -> DecisionRule:
        """Build the rule from the two losses: p* = C_fp / (C_fp + C_fn)."""
        problems = [
            *checks.number("false_positive", false_positive, low=0.0, high=np.inf, ends="()"),
            *checks.number("false_negative", false_negative, low=0.0, high=np.inf, ends="()"),
        ]
        if problems:
            raise DesignError("Decision rule", problems)
        return cls(tuple(cuts), false_positive / (false_positive + false_negative))

    def level(self, p_above: FloatArray) -> IntArray:
        """Return the highest level shown, shape (n,), 0 for none, from P(theta >= cut), shape (n, n_cuts)."""
        shown = rounded(p_above) >= rounded(self.p_star)
        levels = np.arange(1, len(self.cuts) + 1)
        level: IntArray = np.where(shown, levels, NONE_SHOWN).max(axis=1)
        return level


def _cut_problems(given: object, cuts: FloatArray | None) -> Iterator[Problem]:
    if cuts is None or cuts.ndim != 1 or cuts.size == 0:
        yield Problem("cuts", given, "at least one number, in ascending order")
        return
    yield from checks.each("cuts", cuts, np.isfinite(cuts), "a finite number")
    rising = np.concatenate([[True], ~(cuts[1:] <= cuts[:-1])])
    yield from checks.each("cuts", cuts, rising, "a number above the cut before it")
