"""What every rule of item selection offers."""

from __future__ import annotations

from typing import Literal, Protocol

from engine.arrays import FloatArray
from engine.posterior import Posterior
from engine.tables import Tables


class SelectionRule(Protocol):
    """A rule says what each item would be worth to each candidate, and nothing else.

    Which items may be given, ties and chance are the same for every rule (see `choose`).
    """

    @property
    def name(self) -> str:
        """Short name of the rule, as written in designs and logs."""
        ...

    @property
    def better(self) -> Literal["max", "min"]:
        """Whether the largest or the smallest value wins."""
        ...

    def criterion(self, tables: Tables, posterior: Posterior, theta: FloatArray) -> FloatArray:
        """Value of every item to every candidate, shape (n, n_items).

        Parameters
        ----------
        tables
            The pool and the prior on the grid.
        posterior
            What is known of each candidate.
        theta
            Each candidate's estimate, shape (n,).
        """
        ...
