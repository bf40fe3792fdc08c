"""What is known of ability after some answers: a density on the grid for each candidate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.arrays import FloatArray, frozen
from engine.grid import Grid
from engine.priors import Prior


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Score:
    """Estimates of ability and their standard errors, shape (n,) each."""

    theta: FloatArray
    se: FloatArray


@dataclass(frozen=True, eq=False)
class Posterior:
    """Densities of ability, one row a candidate.

    Sums run along a row and never through a matrix product, so that a candidate's numbers are the
    same to the last bit whatever batch they are computed in.

    Parameters
    ----------
    log_density
        Logarithms of the densities at the nodes, shape (n, n_nodes), each row up to a constant.
    """

    grid: Grid
    log_density: FloatArray

    @classmethod
    def prior(cls, grid: Grid, prior: Prior, n: int = 1) -> Posterior:
        """Return n candidates of whom only the prior is known; its bounds, if any, replace the grid's."""
        grid = prior.on(grid)
        return cls(grid, frozen(np.tile(prior.log_density(grid.nodes), (n, 1))))

    def after(self, log_likelihood: FloatArray) -> Posterior:
        """Return the posterior after answers of this log-likelihood, shape (n, n_nodes)."""
        return Posterior(self.grid, frozen(self.log_density + log_likelihood))

    @cached_property
    def density(self) -> FloatArray:
        """Densities at the nodes, shape (n, n_nodes); the integral of each is 1."""
        peak = self.log_density.max(axis=1, keepdims=True)
        height = np.exp(self.log_density - peak)
        return frozen(height / (height * self.grid.weights).sum(axis=1, keepdims=True))

    def score(self) -> Score:
        """Mean and standard deviation of each density (EAP; Bock & Mislevy, 1982)."""
        mass = self.density * self.grid.weights
        theta = (mass * self.grid.nodes).sum(axis=1)
        distance = self.grid.nodes - theta[:, None]
        return Score(theta=theta, se=np.sqrt((mass * distance * distance).sum(axis=1)))

    def probability_above(self, cuts: Iterable[float]) -> FloatArray:
        """P(theta >= cut) for each candidate and cut, shape (n, n_cuts).

        The exact integral of the piecewise-linear density, also where a cut lies between nodes.
        """
        columns = [(self.density * self.grid.weights_above(cut)).sum(axis=1) for cut in cuts]
        n = self.log_density.shape[0]
        above = np.stack(columns, axis=1) if columns else np.empty((n, 0))
        return np.clip(above, 0.0, 1.0)
