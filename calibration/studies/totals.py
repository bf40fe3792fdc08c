"""Whole sittings of several sections: what each candidate's sections add up to."""

from __future__ import annotations

import numpy as np

import engine
from calibration.studies.sections import StudySection
from calibration.studies.sums import Exams, true_level


class Totals:
    """Items, seconds and right decisions of whole sittings of several sections."""

    def __init__(self, n: int, sections: tuple[StudySection, ...]) -> None:
        self._columns = {name: np.zeros(n) for name in ("length", "seconds")} if n else {}
        if n and all(section.design.decision is not None for section in sections):
            self._columns["classification_accuracy"] = np.ones(n)

    def add(self, first: int, exams: Exams, design: engine.Design) -> None:
        """Take in candidates number `first`, `first` + 1, ... of one section."""
        rows = slice(first, first + exams.theta.size)
        if self._columns:
            self._columns["length"][rows] += exams.sat.report.n_items
            self._columns["seconds"][rows] += exams.sat.seconds
        if "classification_accuracy" in self._columns:
            right = exams.sat.report.level == true_level(design, exams.theta)
            self._columns["classification_accuracy"][rows] *= right

    def moments(self) -> dict[str, tuple[int, float, float]]:
        """Return n, the sum and the sum of squares of each figure."""
        return {
            name: (column.size, float(column.sum()), float((column**2).sum()))
            for name, column in self._columns.items()
        }
