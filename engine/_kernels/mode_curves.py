"""What estimates by modes look up for each candidate, and the room they are worked out in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine._kernels.groups import Groups
from engine._kernels.lanes import LANES, padded, zeros
from engine.ability.equations import UNKNOWN, Equation, Jeffreys, Likelihood, LogPrior, Warm
from engine.ability.interpolation import REACH, NodeSums, Tables, lagrange_basis
from engine.ability.patterns import Patterns
from engine.arrays import FloatArray, IntArray, frozen

STRAIGHT, JEFFREYS, WARM = 0, 1, 2
KINDS: dict[type, int] = {
    Likelihood: STRAIGHT,
    LogPrior: STRAIGHT,
    Jeffreys: JEFFREYS,
    Warm: WARM,
}
"""What is added to the likelihood: a function with a straight slope, or one of the information."""

WINDOW = 2 * REACH + 1

TERMS = WINDOW + 1
"""Coefficients of a polynomial, and a zero so that they fill whole registers."""

FOUR = 4
"""Rows that are added at once."""

ROUGHLY = 0.1
"""What a weight's integral may err by, as the number that a logarithm stands for: far less."""


class Curves(NamedTuple):
    """Sums for each row of the groups at the nodes, and what is the same for all candidates.

    `likelihood` (n_rows, n_nodes or more); its last row is of no answers. `information` and `warm`
    have a row for each set of items given, that of `given` (n_rows,).
    `weight`, `all_information`, `all_warm` (n_nodes,) are of whoever was given all items. The slope
    of a straight weight is `level` - `fall` * theta. Any other weight rises from a node to a later
    one by what lies between the differences of `least` and of `most` (n_nodes,), and `margin` is
    what a peak may rise above its best node.
    """

    groups: Groups
    likelihood: FloatArray
    given: IntArray
    information: FloatArray
    warm: FloatArray
    weight: FloatArray
    all_information: FloatArray
    all_warm: FloatArray
    least: FloatArray
    most: FloatArray
    margin: float
    nodes: FloatArray
    basis: FloatArray
    kind: int
    level: float
    fall: float
    complete: bool
    single: bool
    peaked: bool

    @classmethod
    def of(cls, patterns: Patterns, equation: Equation, tables: Tables) -> Curves:
        """Tabulate what candidates' answers will be looked up in."""
        n_items, n_nodes = len(patterns.pool), tables.nodes.size
        groups = Groups.of(patterns.pool.n_categories, patterns.omitted)
        flat = tables.log_probability.reshape(-1, n_items, n_nodes)
        logs = np.moveaxis(flat, 0, 1)
        everything = NodeSums(tables, np.zeros((1, n_items), dtype=np.int64))
        kind = KINDS[type(equation)]
        prior = equation.prior if isinstance(equation, LogPrior) else None
        complete = not patterns.omitted.any()
        least, most = _rises(kind, tables)
        given = groups.by_items_given()
        given = np.append(given, given.max() + 1)

        def of_items(table: FloatArray, needed: bool) -> FloatArray:
            """Sums of what depends on the item alone; only who lacks answers needs them."""
            sums = zeros((given[-1] + 1, n_nodes + -n_nodes % LANES))
            if needed and not complete:
                sums[given[:-1], :n_nodes] = groups.sums(
                    np.broadcast_to(table[:, None, :], logs.shape)
                )
            return frozen(sums)

        return cls(
            groups=groups,
            likelihood=frozen(padded(np.append(groups.sums(logs), np.zeros((1, n_nodes)), axis=0))),
            given=frozen(given),
            information=of_items(tables.information, True),
            warm=of_items(tables.warm, kind == WARM),
            weight=frozen(np.broadcast_to(equation.weight(everything)[0], n_nodes).copy()),
            all_information=frozen(everything.information[0].copy()),
            all_warm=frozen(everything.warm[0].copy()),
            least=frozen(least),
            most=frozen(most),
            margin=ROUGHLY + float(np.abs(np.diff(flat, 2)).max(axis=(0, 2)).sum()) / 8.0,
            nodes=frozen(tables.nodes.view()),
            basis=frozen(np.pad(lagrange_basis(), ((0, 0), (0, TERMS - WINDOW)))),
            kind=kind,
            level=0.0 if prior is None else float(prior.log_slope(np.zeros(1))[0]),
            fall=0.0 if prior is None else prior.precision,
            complete=complete,
            single=tables.concave and equation.concave,
            peaked=equation.peaked,
        )


class Room(NamedTuple):
    """Room to work in, of one thread: curves (n_nodes,) and polynomials (`TERMS`,).

    `values` is the likelihood with the weight added, and `slope` that of Warm's weight. `digits`
    (n_items,) and `rows` are of the groups, `given` of the items given; there is a multiple of four
    rows, and those beyond the groups are of no answers.
    """

    digits: IntArray
    rows: IntArray
    given: IntArray

    likelihood: FloatArray
    information: FloatArray
    warm: FloatArray
    slope: FloatArray
    values: FloatArray
    likelihood_terms: FloatArray
    information_terms: FloatArray
    warm_terms: FloatArray

    @classmethod
    def clear(cls, curves: Curves) -> Room:
        """Return new room."""
        n_items, n_groups = curves.groups.stride.size, len(curves.groups)
        n_rows = -(-n_groups // FOUR) * FOUR
        return cls(
            np.zeros(n_items, dtype=np.int64),
            np.full(n_rows, curves.groups.first_row[-1]),
            np.zeros(n_rows, dtype=np.int64),
            *zeros((5, curves.likelihood.shape[1])),
            *zeros((3, TERMS)),
        )


def _rises(kind: int, tables: Tables) -> tuple[FloatArray, FloatArray]:
    """Bounds of what a weight rises by up to each node, whichever items were given.

    The information of some items grows in proportion no more than that of one of them (a mediant
    lies between the fractions), and J / (2 I) of some lies between those of single items.
    """
    known = tables.information > UNKNOWN
    if kind == JEFFREYS:
        logs = 0.5 * np.log(np.where(known, tables.information, 1.0))
        rises = np.where(known[:, 1:] & known[:, :-1], np.diff(logs), 0.0)
    else:
        ratio = np.divide(
            tables.warm, 2.0 * tables.information, where=known, out=np.zeros(known.shape)
        )
        rises = tables.step * 0.5 * (ratio[:, 1:] + ratio[:, :-1])
    least, most = np.minimum(rises.min(axis=0), 0.0), np.maximum(rises.max(axis=0), 0.0)
    return np.append(0.0, np.cumsum(least)), np.append(0.0, np.cumsum(most))
