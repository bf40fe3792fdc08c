"""Expected a posteriori estimates (Bock & Mislevy, 1982) of whole patterns of answers."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from engine import models
from engine.ability.patterns import WORTH_COMPILING, Answers, Patterns, chosen, flat, given
from engine.arrays import FloatArray
from engine.grid import Grid
from engine.pool import ItemPool
from engine.posterior import Posterior, Score
from engine.priors import JeffreysPrior, NormalPrior, Prior

LEAST_INFORMATION = 1e-300
"""Stands for no information at all where a logarithm is taken."""


def eap(
    pool: ItemPool,
    responses: ArrayLike,
    *,
    grid: Grid | None = None,
    prior: Prior | JeffreysPrior | None = None,
    compiled: bool | None = None,
) -> Score:
    """Return posterior means and standard deviations, one a pattern.

    Parameters
    ----------
    responses
        Categories, shape (n, n_items); -1 where an item was not given.
    grid, prior
        As in a design: by default -6 to 6 with 121 nodes, and the standard normal. Jeffreys' prior
        is that of the items each candidate was given.
    compiled
        Whether to use compiled code, which agrees to 1e-12: by default, where so many answers make
        loading it worth while. Jeffreys' prior is left to numpy.

    Raises
    ------
    AnswerError
        Naming every answer that is no category of its item, and a shape that does not fit.
    """
    patterns = Patterns.checked(pool, responses)
    prior = prior or NormalPrior()
    grid = (grid or Grid()) if isinstance(prior, JeffreysPrior) else prior.on(grid or Grid())
    if compiled is None:
        compiled = patterns.answers.size >= WORTH_COMPILING
    if compiled and not isinstance(prior, JeffreysPrior):
        return _compiled(patterns, grid, prior)
    return _by_numpy(patterns, grid, prior)


def _by_numpy(patterns: Patterns, grid: Grid, prior: Prior | JeffreysPrior) -> Score:
    log_prior = LogPrior(patterns.pool, grid, prior)
    table = flat_table(patterns.pool, grid.nodes)
    theta, se = np.empty((2, len(patterns)))
    for rows, answers in patterns.chunks():
        log_density = log_likelihood(table, answers) + log_prior.of(answers)
        score = Posterior(grid, log_density).score()
        theta[rows], se[rows] = score.theta, score.se
    return Score(theta=theta, se=se)


def _compiled(patterns: Patterns, grid: Grid, prior: Prior) -> Score:
    # Numba takes a good part of a second to import; only who scores many waits for it.
    from engine._kernels.posterior_means import posterior_means

    score, sure = posterior_means(patterns, grid, prior.log_density(grid.nodes))
    unsure = np.flatnonzero(~sure)
    if unsure.size:
        few = _by_numpy(patterns.some(unsure), grid, prior)
        score.theta[unsure], score.se[unsure] = few.theta, few.se
    return score


def flat_table(pool: ItemPool, nodes: FloatArray) -> FloatArray:
    """Log-probabilities in the order of `patterns.chosen`, shape (n_categories * n_items, n_nodes).

    Rows beyond an item's own categories, which no answer chooses, are 0.
    """
    table = flat(models.log_probability(pool, nodes))
    table[np.isneginf(table)] = 0.0
    return table


def log_likelihood(table: FloatArray, answers: Answers) -> FloatArray:
    """Log-likelihood of each pattern at each node, shape (n, n_nodes)."""
    return chosen(answers, len(table) // answers.shape[1]) @ table


class LogPrior:
    """The log-density of a prior at the nodes; Jeffreys' depends on the items given."""

    __slots__ = ("_information", "_log_density")

    def __init__(self, pool: ItemPool, grid: Grid, prior: Prior | JeffreysPrior) -> None:
        self._information = self._log_density = np.zeros(0)
        if isinstance(prior, JeffreysPrior):
            self._information = models.information(pool, grid.nodes).T
        else:
            self._log_density = prior.log_density(grid.nodes)

    def of(self, answers: Answers) -> FloatArray:
        """Log-density for each pattern, shape (n or 1, n_nodes)."""
        if self._information.size:
            return log_jeffreys(given(answers) @ self._information)
        return self._log_density[None, :]


def log_jeffreys(information: FloatArray) -> FloatArray:
    """Jeffreys' log-density, half the log of the information (Jeffreys, 1946), up to a constant."""
    log_density: FloatArray = 0.5 * np.log(np.maximum(information, LEAST_INFORMATION))
    return log_density
