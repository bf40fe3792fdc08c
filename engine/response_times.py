"""How long answers take: the lognormal model of van der Linden (2006)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine import checks
from engine.arrays import FloatArray, IntArray, SeedArray, frozen
from engine.errors import DesignError, Problem
from engine.randomness import Stream, uniform_each
from engine.state import EMPTY

HALF_STEP = 2.0**-54
"""Half the distance of two uniform numbers: the logarithm of a time is always finite."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResponseTimes:
    """The time in seconds of an answer is lognormal: log T is normal around beta - tau.

    Van der Linden (2006), "A lognormal model for response times on test items", Journal of
    Educational and Behavioral Statistics 31, eq. 1: beta is an item's time intensity, 1 / alpha the
    standard deviation of log T, tau a person's speed.

    Parameters
    ----------
    intensity, discrimination
        beta and alpha of each item, shape (n_items,).

    Raises
    ------
    DesignError
        Naming every intensity that is not finite and every discrimination that is not positive.
    """

    intensity: FloatArray
    discrimination: FloatArray

    def __post_init__(self) -> None:
        columns = checks.floats(self.intensity), checks.floats(self.discrimination)
        problems = list(_problems(*columns))
        if problems or columns[0] is None or columns[1] is None:
            raise DesignError("Response times", problems)
        object.__setattr__(self, "intensity", frozen(columns[0]))
        object.__setattr__(self, "discrimination", frozen(columns[1]))

    def seconds(
        self, seeds: SeedArray, step: IntArray, items: IntArray, speed: FloatArray
    ) -> FloatArray:
        """Draw the time of one answer of each candidate, shape (n,); 0 where the item is -1.

        The draw depends on the candidate's seed and on how many items came before: the second
        number of stream ANSWER, whose first decides the answer.
        """
        # Scipy takes long to import; only who simulates times waits for it.
        from scipy.special import ndtri

        u = uniform_each(seeds, step, Stream.ANSWER, 2)[:, 1] + HALF_STEP
        asked = np.maximum(items, 0)
        log_time = self.intensity[asked] - speed + ndtri(u) / self.discrimination[asked]
        time: FloatArray = np.where(items == EMPTY, 0.0, np.exp(log_time))
        return time

    def total(self, seeds: SeedArray, items: IntArray, speed: FloatArray) -> FloatArray:
        """Return how long whole exams took, shape (n,).

        Parameters
        ----------
        items
            The items given, in order, padded with -1, shape (n, longest).
        """
        whole = np.zeros(seeds.size)
        for place, column in enumerate(items.T):
            whole += self.seconds(seeds, np.full(seeds.size, place), column, speed)
        return whole


def _problems(intensity: FloatArray | None, discrimination: FloatArray | None) -> Iterator[Problem]:
    if intensity is None or discrimination is None or intensity.shape != discrimination.shape:
        found = "columns that differ in length, or are no numbers"
        yield Problem("intensity, discrimination", found, "a number for each item")
        return
    yield from checks.each("intensity", intensity, np.isfinite(intensity), "a finite number")
    positive = (discrimination > 0) & np.isfinite(discrimination)
    yield from checks.each("discrimination", discrimination, positive, "a positive number")
