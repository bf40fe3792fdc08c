"""What else decides a simulated exam: real answers, items that cannot be given, times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import BoolArray, FloatArray
from engine.design import Design
from engine.errors import Problem
from engine.response_times import ResponseTimes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conditions:
    """Circumstances of n simulated candidates, in the order of the candidates.

    Parameters
    ----------
    answers
        Real answers, shape (n, n_items): categories, negative where there is none. They are given
        instead of drawn ones (a post-hoc simulation), and items without one cannot be given.
    barred
        Further items that cannot be given to a candidate, shape (n, n_items).
    times
        How long answers take; None: no time passes.
    speed
        Each candidate's speed, shape (n,); 0 by default.
    """

    answers: NDArray[np.integer[Any]] | None = None
    barred: BoolArray | None = None
    times: ResponseTimes | None = None
    speed: FloatArray | None = None

    def rows(self, rows: slice) -> Conditions:
        """Return the conditions of some of the candidates."""
        return Conditions(
            answers=None if self.answers is None else self.answers[rows],
            barred=None if self.barred is None else self.barred[rows],
            times=self.times,
            speed=None if self.speed is None else self.speed[rows],
        )

    def closed(self) -> BoolArray | None:
        """Which items cannot be given, shape (n, n_items); None where all can."""
        if self.answers is None:
            return self.barred
        missing: BoolArray = self.answers < 0
        return missing if self.barred is None else missing | self.barred

    def problems(self, design: Design, n: int) -> Iterator[Problem]:
        """Yield what does not fit the design or the number of candidates."""
        shape = (n, len(design.pool))
        for name in ("answers", "barred"):
            column = getattr(self, name)
            if column is not None and column.shape != shape:
                yield Problem(f"conditions.{name}", f"shape {column.shape}", f"shape {shape}")
        if self.answers is not None and self.answers.shape == shape:
            high = np.flatnonzero((self.answers >= design.pool.n_categories).any(axis=0))
            for item in high.tolist():
                last = int(design.pool.n_categories[item]) - 1
                found = int(self.answers[:, item].max())
                yield Problem(f"conditions.answers[:, {item}]", found, f"at most {last}")
        if self.times is not None and self.times.intensity.shape != shape[1:]:
            expected = f"a time intensity for each of the {shape[1]} items"
            yield Problem("conditions.times", f"{self.times.intensity.size} items", expected)
        if self.speed is not None and self.speed.shape != (n,):
            yield Problem("conditions.speed", f"shape {self.speed.shape}", f"shape ({n},)")
