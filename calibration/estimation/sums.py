"""What a pass over persons yields, in sums that add: parts of the data may lie anywhere."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import numpy as np

from engine.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """Expected sufficient statistics of some persons; those of all persons are the sum.

    Attributes
    ----------
    counts
        Expected number of persons at each node who gave each answer, shape (n_rows, n_nodes);
        rows are the categories of the items, see `Rows`.
    mass
        Expected number of persons of each group at each node, shape (n_groups, n_nodes).
    log_likelihood
        Marginal log-likelihood.
    narrowest
        The smallest posterior variance of any person.
    """

    counts: FloatArray
    mass: FloatArray
    log_likelihood: float
    narrowest: float

    @classmethod
    def zero(cls, n_rows: int, n_groups: int, n_nodes: int) -> Sums:
        """Return the sums over nobody."""
        return cls(
            counts=np.zeros((n_rows, n_nodes)),
            mass=np.zeros((n_groups, n_nodes)),
            log_likelihood=0.0,
            narrowest=inf,
        )

    def __add__(self, other: Sums) -> Sums:
        """Return the sums over both."""
        return Sums(
            counts=self.counts + other.counts,
            mass=self.mass + other.mass,
            log_likelihood=self.log_likelihood + other.log_likelihood,
            narrowest=min(self.narrowest, other.narrowest),
        )
