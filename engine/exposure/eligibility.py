"""Item eligibility by segment of ability, and the largest admissions that keep to a rate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine import checks
from engine.arrays import FloatArray
from engine.errors import DesignError, Problem
from engine.exposure.ledger import Ledger

SLOW_FADING = 0.9999
"""The last 10,000 candidates count. Van der Linden and Veldkamp (2004) take 0.999; with fewer
candidates to each segment the rates waver more."""
SETTLING = 3
"""How fast the counts of the first blocks fade."""
LEAST_ROOM = 0.02
"""Part of the rate that admission keeps in reach although forced exposures take up all of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Eligibility:
    """Hold every item's exposure rate among candidates who end in the same segment.

    The rate of an item is P(given) = P(open) P(given | open) + P(given though shut). The next
    admission, P(open), is the largest that keeps it at the limit with the other two as they were
    counted (van der Linden & Veldkamp, 2004; by segment of ability, 2007). Their correction for
    infeasible draws frees all items of a candidate, so that they count draws by candidate; here an
    item is given though shut only where nothing else was open, and is counted as such.

    Parameters
    ----------
    rate
        The most exposure an item may have, in (0, 1]: one for all segments, or one for each.
    fading
        What older candidates count at each new one.

    Raises
    ------
    DesignError
        Naming every impossible number.
    """

    rate: float | tuple[float, ...]
    fading: float = SLOW_FADING

    def __post_init__(self) -> None:
        problems = [*rate_problems(self.rate), *fading_problems(self.fading)]
        if problems:
            raise DesignError("Item eligibility", problems)

    def kept(self, number: int, n: int) -> float:
        """Return what counts so far are worth after n more candidates; see `faded`."""
        return faded(self.fading, number, n)

    def admission(self, ledger: Ledger) -> FloatArray:
        """Return the probability that an item is open, shape (n_segments, n_items)."""
        rates = np.broadcast_to(np.asarray(self.rate), ledger.candidates.shape)
        return largest_admission(ledger, rates)


def largest_admission(ledger: Ledger, rates: FloatArray) -> FloatArray:
    """Return the largest admissions under which no item is expected to pass its rate.

    An item has one admission wherever the estimate lies: the least that any segment's candidates
    demand. A candidate's number for an item is drawn once, so that the chance of being given it is
    then the admission times the chance when it is open, by whatever way the estimate went. With an
    admission of its own for each segment, a candidate on the way through several would have
    several chances, and the rates of one segment would hang on the admissions of the others.

    Parameters
    ----------
    rates
        The limit in each segment, shape (n_segments,).
    """
    limit = rates[:, None]
    room = np.maximum(limit - ledger.forced_rates, LEAST_ROOM * limit)
    freely = np.maximum(ledger.rates - ledger.forced_rates, np.finfo(np.float64).tiny)
    proportion = (room / freely).min(axis=0)
    admission = np.minimum(1.0, ledger.mean_admission * proportion)
    return np.tile(admission, (rates.size, 1))


def faded(fading: float, number: int, n: int) -> float:
    """Return what earlier counts are worth: less with each candidate, and least at the beginning.

    The first blocks sat under admissions far from those that hold the rates, and tell little of
    them. Block s of t weighs (s / t)^3 (polynomial decay: Shamir & Zhang, 2013) times the fading.
    """
    return fading**n * (number / (number + 1.0)) ** SETTLING


def rate_problems(rate: object) -> Iterator[Problem]:
    """Yield what is wrong with a rate, or with one rate a segment."""
    if not isinstance(rate, tuple):
        yield from checks.number("rate", rate, low=0.0, high=1.0, ends="(]")
        return
    if not rate:
        yield Problem("rate", rate, "a rate for each segment")
    for place, one in enumerate(rate):
        yield from checks.number(f"rate[{place}]", one, low=0.0, high=1.0, ends="(]")


def fading_problems(fading: object) -> Iterator[Problem]:
    """Yield what is wrong with a fading factor."""
    yield from checks.number("fading", fading, low=0.0, high=1.0, ends="(]")
