"""Checking a bank before it is published: its faults, and what it holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import Problem
from itembank.framework import Framework, load_framework
from itembank.items import CONTENT, Item, read_items


@dataclass(frozen=True, slots=True, kw_only=True)
class BankReport:
    """What a bank's files hold, and everything that is wrong with them.

    The counts are of the items that could be read; a file with a fault counts none.
    """

    n_items: int
    problems: tuple[Problem, ...]
    by_skill_set: dict[str, dict[int, int]]
    """Number of items by skill set and level."""
    by_unit: dict[str, int]
    keys: dict[str, int]
    """How often each option is the key: far from even, it can be guessed."""
    stimuli: dict[str, int]
    """Number of items by stimulus."""
    families: dict[str, int]
    """Number of items by family."""
    n_timed: int
    """How many items say how long an answer is expected to take."""

    @property
    def valid(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def to_data(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "valid": self.valid,
            "n_items": self.n_items,
            "problems": [
                {"where": one.where, "value": one.value, "expected": one.expected}
                for one in self.problems
            ],
            "skill_sets": {
                code: {str(level): n for level, n in levels.items()}
                for code, levels in self.by_skill_set.items()
            },
            "units": self.by_unit,
            "keys": self.keys,
            "stimuli": self.stimuli,
            "families": self.families,
            "n_timed": self.n_timed,
        }


def validate_bank(path: Path = CONTENT, framework: Framework | None = None) -> BankReport:
    """Read a bank's files and report; it never raises for what is in them.

    Parameters
    ----------
    path
        A folder of item files, or one file.
    framework
        The framework whose units the items belong to; by default the one of this package.
    """
    items, problems = read_items(path, framework or load_framework())
    return BankReport(
        n_items=len(items),
        problems=problems,
        by_skill_set=_by_skill_set(items),
        by_unit=_counted(item.unit for item in items),
        keys=_counted(item.key for item in items),
        stimuli=_counted(item.stimulus.id for item in items if item.stimulus),
        families=_counted(item.family for item in items if item.family),
        n_timed=sum(item.seconds is not None for item in items),
    )


def _by_skill_set(items: tuple[Item, ...]) -> dict[str, dict[int, int]]:
    counts = Counter((item.skill_set, item.level) for item in items)
    codes = sorted({item.skill_set for item in items})
    return {code: {level: counts[code, level] for level in (1, 2, 3)} for code in codes}


def _counted(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items()))
