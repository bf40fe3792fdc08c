"""Where candidates stand at one moment: all that a rule of selection or decision may look at."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np

from engine import models
from engine.arrays import BoolArray, FloatArray, IntArray, SeedArray, frozen
from engine.classification import DecisionRule
from engine.cut_tests import leaning, posterior_sides, sides
from engine.grid import Grid
from engine.pool import ItemPool
from engine.posterior import Posterior
from engine.priors import JeffreysPrior, Prior
from engine.randomness import Stream, uniform_each
from engine.rounding import rounded
from engine.tables import Tables


class Weight(NamedTuple):
    """A function of ability, divided by its integral.

    Attributes
    ----------
    density
        Its values at the nodes, shape (n, n_nodes); the integral of each row is 1.
    log_total
        The logarithm of the integral it was divided by, shape (n,).
    """

    density: FloatArray
    log_total: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Situation:
    """What is known of n candidates.

    Attributes
    ----------
    tables
        The pool on the grid.
    prior, log_prior
        What was believed before the first answer, and its log-density at the nodes, shape
        (n_nodes,), or (n, n_nodes) where it differs between candidates.
    posterior, theta, se
        What is known of each ability, its estimate and standard error, shape (n,).
    items, categories, n_given
        Items given and their answers, in order, padded with -1, shape (n, longest); how many.
    longest
        The most items an exam can give.
    seeds
        Each candidate's secret seed, shape (n,).
    eligible
        Which items may come next, shape (n, n_items).
    closed
        Which items cannot come at all, shape (n, n_items); None where all can.
    plan
        What the content balance plans, shape (n, width); the width is 0 where it plans nothing.
    decision, confidence
        Cut scores and how they are settled: by a test of the rule's own, else by P(theta >= cut)
        and this confidence. None where no level is decided, and where nothing counts as settled.
    p_above
        P(theta >= cut), shape (n, n_cuts).
    """

    tables: Tables
    prior: Prior | JeffreysPrior
    log_prior: FloatArray
    posterior: Posterior
    theta: FloatArray
    se: FloatArray
    items: IntArray
    categories: IntArray
    n_given: IntArray
    longest: int
    seeds: SeedArray
    eligible: BoolArray
    decision: DecisionRule | None
    confidence: float | None
    p_above: FloatArray
    plan: IntArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    closed: BoolArray | None = None

    def __len__(self) -> int:
        return int(self.n_given.size)

    def take(self, rows: slice) -> Situation:
        """Return the situation of some of the candidates."""
        taken = {
            column.name: getattr(self, column.name)[rows]
            for column in fields(self)
            if column.name in PER_CANDIDATE
        }
        log_prior = self.log_prior if self.log_prior.ndim == 1 else self.log_prior[rows]
        posterior = Posterior(self.tables.grid, self.posterior.log_density[rows])
        closed = None if self.closed is None else self.closed[rows]
        return replace(self, posterior=posterior, log_prior=log_prior, closed=closed, **taken)

    @property
    def cuts(self) -> tuple[float, ...]:
        """The cut scores, none where no level is decided."""
        return () if self.decision is None else self.decision.cuts

    @property
    def p_star(self) -> float:
        """The probability that a level has to reach."""
        return np.nan if self.decision is None else self.decision.p_star

    @cached_property
    def sides(self) -> IntArray:
        """Codes of `cut_tests.Side`: how each cut is settled, or that it is not, (n, n_cuts)."""
        test = None if self.decision is None else self.decision.test
        if test is None:
            return posterior_sides(self.p_above, self.confidence, self.p_star)
        return sides(test, self)

    @cached_property
    def leaning(self) -> BoolArray:
        """Whether more speaks for above each cut, shape (n, n_cuts)."""
        test = None if self.decision is None else self.decision.test
        if test is None:
            return rounded(self.p_above) >= rounded(self.p_star)
        return leaning(test, self)

    @cached_property
    def log_likelihood(self) -> FloatArray:
        """Log-likelihood of the answers so far at the nodes, shape (n, n_nodes)."""
        if np.isfinite(self.log_prior).all():
            return self.posterior.log_density - self.log_prior
        # Where a histogram says that nobody is, the posterior has forgotten the likelihood.
        return self._added_up(self.tables.log_probability)

    @cached_property
    def likelihood(self) -> Weight:
        """The likelihood L of the answers so far."""
        return _weight(self.tables.grid, self.log_likelihood)

    @cached_property
    def prior_likelihood(self) -> Weight:
        """Prior times likelihood; its density is the posterior's."""
        return _weight(self.tables.grid, self.posterior.log_density)

    @cached_property
    def probability(self) -> FloatArray:
        """Probability of each answer at the estimates, shape (n, n_items, n_categories)."""
        table = models.category_probability(self.tables.pool, self.theta)
        return np.ascontiguousarray(np.moveaxis(table, -1, 0))

    @cached_property
    def mass(self) -> FloatArray:
        """Posterior probability of each node, shape (n, n_nodes)."""
        return self.posterior.density * self.tables.grid.weights

    def log_likelihood_at(self, points: tuple[float, ...]) -> FloatArray:
        """Log-likelihood of the answers so far at these abilities, shape (n, n_points)."""
        return self._added_up(_point_table(self.tables.pool, points))

    def _added_up(self, table: FloatArray) -> FloatArray:
        """Sum over the answers so far of a table (n_items, n_categories, n_points)."""
        given = self.items >= 0
        rows = table[np.where(given, self.items, 0), np.where(given, self.categories, 0)]
        total: FloatArray = np.where(given[:, :, None], rows, 0.0).sum(axis=1)
        return total

    def after(self, candidate: IntArray, item: IntArray, category: IntArray) -> Posterior:
        """Posteriors of these candidates after one more answer each, shape (n_answers,)."""
        rows = self.posterior.log_density[candidate] + self.tables.log_likelihood(item, category)
        if isinstance(self.prior, JeffreysPrior):
            rows += _further(np.atleast_2d(self.log_prior)[candidate], self.tables, item)
        return Posterior(self.tables.grid, rows)

    def uniform(self, stream: Stream) -> FloatArray:
        """A uniform number for each candidate and item at this step, shape (n, n_items)."""
        return uniform_each(self.seeds, self.n_given, stream, len(self.tables.pool))


PER_CANDIDATE = frozenset(
    ["theta", "se", "items", "categories", "n_given", "seeds", "eligible", "p_above", "plan"]
)


def _weight(grid: Grid, log_values: FloatArray) -> Weight:
    peak = log_values.max(axis=1, keepdims=True)
    height = np.exp(log_values - peak)
    total = (height * grid.weights).sum(axis=1, keepdims=True)
    return Weight(height / total, (peak + np.log(total))[:, 0])


def _further(log_prior: FloatArray, tables: Tables, items: IntArray) -> FloatArray:
    """What one more item each adds to the log of Jeffreys' prior, shape (n, n_nodes)."""
    information = models.information(tables.pool.take(items), tables.grid.nodes).T
    known = np.log(np.maximum(information, np.finfo(np.float64).tiny))
    return 0.5 * np.logaddexp(2.0 * log_prior, known) - log_prior


@lru_cache(maxsize=16)
def _point_table(pool: ItemPool, points: tuple[float, ...]) -> FloatArray:
    """Log-probabilities at a few abilities, shape (n_items, n_categories, n_points)."""
    return frozen(models.log_probability(pool, points))
