"""What is computed once for a pool and a grid, and looked up at every answer."""

from __future__ import annotations

from dataclasses import dataclass

from engine import models
from engine.arrays import FloatArray, IntArray, frozen
from engine.grid import Grid
from engine.pool import ItemPool
from engine.priors import Prior


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tables:
    """A pool and a prior, tabulated on a grid.

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
