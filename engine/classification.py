"""Which level a posterior shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.cut_tests import CutTest, Side, posterior_sides
from engine.errors import DesignError, Problem
from engine.rounding import rounded

NONE_SHOWN = 0


class Outcome(IntEnum):
    """What an exam says of one cut."""

    OPEN = 0
    """The exam goes on, and the cut is not settled."""
    SHOWN = 1
    NOT_SHOWN = 2
    """Settled: below the cut."""
    NOT_YET_SHOWN = 3
    """The exam ended before the cut was settled, and nothing is decided by force."""
    FORCED_SHOWN = 4
    FORCED_NOT_SHOWN = 5


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
    test
        Another way to settle the cuts (see `cut_tests`), which then decides instead of p*.
    forced
        Whether a cut that is not settled when the exam ends is decided all the same, for the side
        that more speaks for; otherwise it is not yet shown.

    Raises
    ------
    DesignError
        Naming every cut that is not finite or not above the one before, and a bad `p_star`.
    """

    cuts: tuple[float, ...]
    p_star: float
    test: CutTest | None = None
    forced: bool = False

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

    def posterior_outcome(
        self, p_above: FloatArray, confidence: float | None, over: BoolArray
    ) -> IntArray:
        """Return the outcome by posterior probability, for a rule without a test of its own."""
        settled = posterior_sides(p_above, confidence, self.p_star)
        return self.outcome(p_above, settled, rounded(p_above) >= rounded(self.p_star), over)

    def outcome(
        self, p_above: FloatArray, sides: IntArray, leaning: BoolArray, over: BoolArray
    ) -> IntArray:
        """Return codes of `Outcome` for each candidate and cut, shape (n, n_cuts).

        Without a test of its own the rule shows what reaches p*, settled or not.

        Parameters
        ----------
        sides, leaning
            What is settled, and what more speaks for, shape (n, n_cuts) each.
        over
            Whose exam is over, shape (n,).
        """
        shown = sides == Side.ABOVE
        if self.test is None:
            shown = rounded(p_above) >= rounded(self.p_star)
        forced = np.where(leaning, int(Outcome.FORCED_SHOWN), int(Outcome.FORCED_NOT_SHOWN))
        at_end = forced if self.forced else np.full(sides.shape, int(Outcome.NOT_YET_SHOWN))
        unsettled = np.where(over[:, None], at_end, int(Outcome.OPEN))
        settled = np.where(shown, int(Outcome.SHOWN), int(Outcome.NOT_SHOWN))
        outcome: IntArray = np.where(shown | (sides == Side.BELOW), settled, unsettled)
        return outcome


def shown_level(outcome: IntArray) -> IntArray:
    """Return the highest level shown, by force or not, shape (n,), 0 for none."""
    shown = (outcome == Outcome.SHOWN) | (outcome == Outcome.FORCED_SHOWN)
    levels = np.arange(1, outcome.shape[1] + 1)
    level: IntArray = np.where(shown, levels, NONE_SHOWN).max(axis=1, initial=NONE_SHOWN)
    return level


def _cut_problems(given: object, cuts: FloatArray | None) -> Iterator[Problem]:
    if cuts is None or cuts.ndim != 1 or cuts.size == 0:
        yield Problem("cuts", given, "at least one number, in ascending order")
        return
    yield from checks.each("cuts", cuts, np.isfinite(cuts), "a finite number")
    rising = np.concatenate([[True], ~(cuts[1:] <= cuts[:-1])])
    yield from checks.each("cuts", cuts, rising, "a number above the cut before it")
