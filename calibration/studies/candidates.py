"""Every simulated candidate as a row of a file, written as the study goes."""

from __future__ import annotations

import csv
import os
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

import engine
from calibration.studies.sections import StudySection
from calibration.studies.sums import Exams

COLUMNS = (
    *("section", "candidate", "theta", "estimate", "se", "n_items", "reason", "level"),
    *("seconds", "items", "categories", "second_estimate", "second_level", "second_n_items"),
)


class CandidateFile(AbstractContextManager["CandidateFile"]):
    """A file of candidates; it comes into place whole when everything went well."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".writing-", dir=self._path.parent)
        self._name = name
        self._file = os.fdopen(handle, "w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(COLUMNS)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if kind is None:
            os.chmod(self._name, 0o644)
            os.replace(self._name, self._path)
        else:
            os.unlink(self._name)

    def write(self, section: StudySection, first: int, exams: Exams) -> None:
        """Write down candidates number `first`, `first` + 1, ... of a section; they count from 1."""
        sat, again = exams.sat, exams.again
        names = np.array([*section.items, ""])
        reasons = [reason.name.lower() for reason in engine.Reason]
        decides = section.design.decision is not None
        for row in range(exams.theta.size):
            n = int(sat.report.n_items[row])
            self._rows.writerow(
                [
                    section.name,
                    first + row + 1,
                    _number(exams.theta[row]),
                    _number(exams.estimate[row]),
                    _number(exams.se[row]),
                    n,
                    reasons[int(sat.report.reason[row])],
                    int(sat.report.level[row]) if decides else "",
                    f"{sat.seconds[row]:.1f}" if section.times is not None else "",
                    " ".join(names[sat.items[row, :n]]),
                    " ".join(map(str, sat.categories[row, :n].tolist())),
                    "" if again is None else _number(again.report.theta[row]),
                    "" if again is None or not decides else int(again.report.level[row]),
                    "" if again is None else int(again.report.n_items[row]),
                ]
            )


def _number(value: float) -> str:
    return f"{value:.6f}" if np.isfinite(value) else ""
