"""The smallest and the largest answer to each item, compiled: all are looked at once."""

from __future__ import annotations

from engine._kernels.compiler import entry, inner
from engine._kernels.groups import readable
from engine.ability.patterns import Answers


def extremes(answers: Answers) -> tuple[Answers, Answers]:
    """Return the smallest and the largest answer to each item, shape (n_items,) each."""
    smallest, largest = answers[0].copy(), answers[0].copy()
    widen_all(readable(answers), smallest, largest)
    return smallest, largest


@entry
def widen_all(answers: Answers, smallest: Answers, largest: Answers) -> None:
    """Take in the rows of `answers`."""
    for who in range(answers.shape[0]):
        _widen(answers[who], smallest, largest)


@inner
def _widen(row: Answers, smallest: Answers, largest: Answers) -> None:
    for item in range(row.size):
        smallest[item] = min(smallest[item], row[item])
        largest[item] = max(largest[item], row[item])
