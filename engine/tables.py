"""What is computed once for a pool and a grid, and looked up at every answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine import models, peaks
from engine.arrays import FloatArray, IntArray, frozen
from engine.grid import Grid
from engine.pool import ItemPool
from engine.priors import Prior
from engine.products import Factor

LOWEST_LOG = -1e6
"""Stands for the logarithm of a probability that is 0 in double precision."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tables:
    """A pool and a prior, tabulated on a grid.

    What only some rules need is computed when the first of them asks.

    Attributes
    ----------
    log_prior
        Log-density of the prior at the nodes, shape (n_nodes,).
    log_probability
        Log-probability of each answer at each node, shape (n_items, n_categories, n_nodes).
    """

    pool: ItemPool
    grid: Grid
    log_prior: FloatArray
    log_probability: FloatArray

    @classmethod
    def build(cls, pool: ItemPool, grid: Grid, prior: Prior) -> Tables:
        """Tabulate; a prior with bounds of its own replaces the ends of the grid."""
        grid = prior.on(grid)
        return cls(
            pool=pool,
            grid=grid,
            log_prior=frozen(prior.log_density(grid.nodes)),
            log_probability=frozen(models.log_probability(pool, grid.nodes)),
        )

    def log_likelihood(self, items: IntArray, categories: IntArray) -> FloatArray:
        """Log-likelihood of one answer a candidate, shape (n, n_nodes)."""
        return self.log_probability[items, categories]

    @cached_property
    def probability(self) -> Factor:
        """Probability of each answer at the nodes, a row for each category of each item."""
        return Factor.of(_rows(np.exp(self.log_probability)))

    @cached_property
    def finite_log_probability(self) -> Factor:
        """Log-probabilities in rows like `probability`; 0 beyond an item's own categories."""
        there = np.arange(self.log_probability.shape[1]) < self.pool.n_categories[:, None]
        finite = np.maximum(self.log_probability, LOWEST_LOG)
        return Factor.of(_rows(np.where(there[:, :, None], finite, 0.0)))

    @cached_property
    def squared_probability(self) -> Factor:
        """Sum of the answers' squared probabilities at the nodes, a row for each item."""
        return Factor.of(np.exp(2.0 * self.log_probability).sum(axis=1))

    @cached_property
    def information(self) -> Factor:
        """Expected information at the nodes, a row for each item."""
        return Factor.of(models.information(self.pool, self.grid.nodes).T)

    @cached_property
    def location(self) -> FloatArray:
        """Where on the scale each item lies, shape (n_items,)."""
        return peaks.location(self.pool)

    @cached_property
    def most_informative(self) -> FloatArray:
        """The ability at which each item tells most, shape (n_items,)."""
        return peaks.most_informative(self.pool)

    @cached_property
    def discrimination(self) -> FloatArray:
        """How steep each item is, shape (n_items,)."""
        return peaks.discrimination(self.pool)


def _rows(table: FloatArray) -> FloatArray:
    """A row for each category of each item."""
    return table.reshape(-1, table.shape[2])
