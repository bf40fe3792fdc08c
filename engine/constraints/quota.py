"""A share of the test, whatever its length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import BoolArray, FloatArray
from engine.constraints.columns import set_bools, shape_problem
from engine.constraints.kinds import Measure
from engine.errors import Problem
from engine.rounding import rounded


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Quota:
    """As many of the items meant as their share of the test, rounded down or up.

    It says of a test of any length what `Bound` says of one length: the blueprint of an exam that
    may end early.
    """

    name: str
    where: BoolArray
    """The items meant, shape (n_items,)."""
    share: float
    """Of all items of the test, in [0, 1]."""

    def __post_init__(self) -> None:
        set_bools(self, "where")

    def ends(self, length: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the least and the most items meant in tests of these lengths."""
        exact = rounded(self.share * np.asarray(length, dtype=np.float64))
        return np.floor(exact), np.ceil(exact)

    def problems(self, n_items: int) -> Iterator[Problem]:
        """Yield a pool of another size, and a share that is none."""
        if self.where.shape != (n_items,):
            yield shape_problem(self.name, "where", self.where, n_items)
        yield from checks.number(f"{self.name}: share", self.share, low=0.0, high=1.0, ends="[]")

    def measures(self, chosen: BoolArray) -> Iterator[Measure]:
        """Yield how many are chosen."""
        value = float((chosen & self.where).sum())
        low, high = self.ends(chosen.sum())
        yield Measure(name=self.name, value=value, low=float(low), high=float(high))
