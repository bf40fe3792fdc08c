"""Log-likelihood, information and Warm's J between equally spaced abilities, to a stated accuracy.

All three are sums over items, so what is tabulated at nodes for each item can be added up for many
candidates by one matrix product. Around a node a candidate's sum is the polynomial through its
values at that node and `REACH` more on each side. The error is a sum over items too: it is measured
item by item when the table is made, at the nodes next to the middle one, where the derivative is
furthest from that of the polynomial. Nodes are set closer until that error is at most `ACCURACY`;
where even `MOST_NODES` of them are too few, the caller goes back to the models themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import ceil, perm, prod

import numpy as np

from engine import models
from engine.ability.eap import flat_table, log_likelihood
from engine.ability.patterns import Answers, flat, given
from engine.arrays import FloatArray, IntArray, frozen
from engine.families import expectation
from engine.pool import ItemPool

REACH = 7
"""Nodes on each side that the polynomial goes through: it has degree 14."""

ACCURACY = 1e-10
"""Largest error of the slope of an item's log-probability; an estimate's is about the same."""

SLACK = 100.0
"""By how much more the slopes of information and J may err: only their values are added up, whose
error is smaller by far, and they move an estimate less than the likelihood does."""

WIDEST_STEP = 0.2
CLOSER = 1.3
"""By how much the nodes move together at a time."""

PER_LOGIT = 5.5
"""About how many nodes to a logit are enough: where the search for enough begins."""

MOST_NODES = 2048
LARGEST_TABLE = 2**23
"""Numbers in a table at most: where categories are thousands, there are fewer nodes."""


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """What is tabulated at nodes from a lower to an upper bound, and `REACH` more beyond each.

    Attributes
    ----------
    nodes
        Equally spaced abilities, shape (n_nodes,); `within` are those between the bounds.
    log_probability
        Shape (n_categories * n_items, n_nodes), in the order of `patterns.chosen`.
    information, warm
        Expected information and Warm's J, shape (n_items, n_nodes).
    concave
        Whether every answer's log-probability is concave, so that a likelihood has one mode.
    steepest
        The largest slope of a log-probability at a node.
    accurate
        Whether polynomials between the nodes are as accurate as they should be.
    """

    nodes: FloatArray
    log_probability: FloatArray
    information: FloatArray
    warm: FloatArray
    concave: bool
    steepest: float
    accurate: bool

    @property
    def step(self) -> float:
        """Distance between two nodes."""
        return float(self.nodes[1] - self.nodes[0])

    @property
    def within(self) -> slice:
        """The nodes between the bounds, both included."""
        return slice(REACH, self.nodes.size - REACH)

    @classmethod
    def build(cls, pool: ItemPool, lo: float, hi: float) -> Tables:
        """Tabulate, with nodes as close as accuracy asks for."""
        most = _most_cells(pool)
        n_cells = min(max(ceil((hi - lo) / WIDEST_STEP), 8), most)
        tables = _tabulated(pool, lo, hi, n_cells)
        guess = ceil((hi - lo) * tables.steepest * PER_LOGIT)
        while not tables.accurate and n_cells < most:
            n_cells = min(max(ceil(CLOSER * n_cells), guess), most)
            tables = _tabulated(pool, lo, hi, n_cells)
        return tables


class NodeSums:
    """Sums of some candidates at all nodes; each is computed when first asked for.

    Parameters
    ----------
    answers
        Their answers, shape (n, n_items).
    """

    def __init__(self, tables: Tables, answers: Answers) -> None:
        self.tables = tables
        self._answers = answers

    @cached_property
    def likelihood(self) -> FloatArray:
        """Log-likelihoods, shape (n, n_nodes)."""
        return log_likelihood(self.tables.log_probability, self._answers)

    @cached_property
    def information(self) -> FloatArray:
        """Expected information, shape (n, n_nodes); a single row if all were given all items."""
        return self._given @ self.tables.information

    @cached_property
    def warm(self) -> FloatArray:
        """Warm's J, in the shape of the information."""
        return self._given @ self.tables.warm

    @cached_property
    def _given(self) -> FloatArray:
        return given(self._answers).astype(np.float64)


class InterpolatedSums:
    """Sums of some candidates at abilities within a step of a node of their own.

    Parameters
    ----------
    node
        The node around which each candidate's ability is looked for, shape (n,).
    """

    def __init__(self, sums: NodeSums, node: IntArray) -> None:
        self.step = sums.tables.step
        self.center = sums.tables.nodes[node]
        self.likelihood = _polynomials(sums.likelihood, node)
        self._sums = sums
        self._node = node

    def __call__(self, theta: FloatArray, rows: IntArray) -> InterpolatedAt:
        """Return the sums of the candidates `rows` at their abilities `theta`."""
        return InterpolatedAt(self, theta, rows)

    @cached_property
    def information(self) -> FloatArray:
        """Coefficients for the expected information."""
        return _polynomials(self._sums.information, self._node)

    @cached_property
    def warm(self) -> FloatArray:
        """Coefficients for Warm's J."""
        return _polynomials(self._sums.warm, self._node)


class InterpolatedAt:
    """The sums of some candidates at one ability each; only those asked for are computed."""

    def __init__(self, sums: InterpolatedSums, theta: FloatArray, rows: IntArray) -> None:
        self._sums = sums
        self._rows = rows
        self._step = sums.step
        t = (theta - sums.center[rows]) / self._step
        self._powers = np.vander(t, 2 * REACH + 1, increasing=True)

    @property
    def score(self) -> FloatArray:
        """First derivative of the log-likelihood."""
        return self._value(self._sums.likelihood, 1)

    @property
    def bend(self) -> FloatArray:
        """Second derivative of the log-likelihood."""
        return self._value(self._sums.likelihood, 2)

    @property
    def information(self) -> FloatArray:
        """Expected information."""
        return np.maximum(self._value(self._sums.information, 0), 0.0)

    @property
    def information_slope(self) -> FloatArray:
        """First derivative of the expected information."""
        return self._value(self._sums.information, 1)

    @property
    def information_bend(self) -> FloatArray:
        """Second derivative of the expected information."""
        return self._value(self._sums.information, 2)

    @property
    def warm(self) -> FloatArray:
        """Warm's J."""
        return self._value(self._sums.warm, 0)

    @property
    def warm_slope(self) -> FloatArray:
        """First derivative of Warm's J."""
        return self._value(self._sums.warm, 1)

    def _value(self, polynomials: FloatArray, order: int) -> FloatArray:
        """Value of each polynomial's derivative of this order, shape (n,)."""
        whole = self._rows.size == len(polynomials)
        scaled = (polynomials if whole else polynomials[self._rows])[:, order:]
        powers = self._powers[:, : scaled.shape[1]] * (_factors(order) / self._step**order)
        value: FloatArray = np.einsum("nk,nk->n", scaled, powers)
        return value


@lru_cache(maxsize=4)
def _factors(order: int) -> FloatArray:
    """What differentiating t^k this often multiplies it by, for k from `order` on."""
    degrees = range(order, 2 * REACH + 1)
    return frozen(np.array([perm(k, order) for k in degrees], dtype=np.float64))


def _polynomials(rows: FloatArray, node: IntArray) -> FloatArray:
    """Coefficients of the polynomials around each node in units of the step, shape (n, 15).

    A single row of values serves all candidates.
    """
    around = node[:, None] + np.arange(-REACH, REACH + 1)
    values = rows[0][around] if len(rows) == 1 else np.take_along_axis(rows, around, axis=1)
    middle = values[:, REACH]
    coefficients: FloatArray = (values - middle[:, None]) @ lagrange_basis()
    coefficients[:, 0] = middle
    return coefficients


@lru_cache(maxsize=1)
def lagrange_basis() -> FloatArray:
    """From values at -REACH .. REACH to coefficients, shape (15, 15): Lagrange's basis.

    The products are whole numbers below 2^53, so exact.
    """
    points = np.arange(-REACH, REACH + 1)
    basis = []
    for point in points:
        others = points[points != point]
        basis.append(np.poly(others)[::-1] / prod((point - others).tolist()))
    return frozen(np.array(basis))


def _most_cells(pool: ItemPool) -> int:
    rows = len(pool) * int(pool.n_categories.max())
    return max(min(MOST_NODES, LARGEST_TABLE // rows), 8)


def _tabulated(pool: ItemPool, lo: float, hi: float, n_cells: int) -> Tables:
    step = (hi - lo) / n_cells
    nodes = lo + step * np.arange(-REACH, n_cells + REACH + 1, dtype=np.float64)
    nodes[REACH], nodes[-REACH - 1] = lo, hi
    p, d = models.category_probability(pool, nodes), models.derivatives(pool, nodes)
    last = type(d)(*(np.moveaxis(part, 1, -1) for part in d))
    shares = np.moveaxis(p, 1, -1)
    log_probability = flat_table(pool, nodes)
    information, warm = expectation.information(shares, last), expectation.warm(shares, last)
    errors = [
        _error(log_probability, flat(d.first), step),
        _error(information, expectation.information_slope(shares, last), step) / SLACK,
        _error(warm, expectation.warm_slope(shares, last), step) / SLACK,
    ]
    return Tables(
        nodes=nodes,
        log_probability=log_probability,
        information=information,
        warm=warm,
        concave=bool((d.second <= 0).all()),
        steepest=float(np.abs(d.first).max()),
        accurate=max(errors) <= ACCURACY,
    )


def _error(curves: FloatArray, slopes: FloatArray, step: float) -> float:
    """Largest error of the polynomials' derivatives at the nodes next to the middle one."""
    windows = np.lib.stride_tricks.sliding_window_view(curves, 2 * REACH + 1, axis=1)
    weights = lagrange_basis() @ np.arange(2 * REACH + 1)
    expected = slopes[:, REACH + 1 : slopes.shape[1] - REACH + 1]
    return float(np.abs(windows @ weights / step - expected).max())
