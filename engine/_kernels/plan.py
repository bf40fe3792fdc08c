"""A design as the arrays that the compiled loops read, and which designs they understand."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from types import NoneType
from typing import Any, NamedTuple

import numpy as np

from engine._kernels.lanes import padded
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.classification import DecisionRule
from engine.content import ContentTargets
from engine.design import Design
from engine.exposure import ExposureControl
from engine.grid import Grid
from engine.information_index import InformationIndex, PlaceArray, twins
from engine.pool import ItemPool
from engine.posterior import Posterior
from engine.rounding import rounded
from engine.selection import MaximumInformation
from engine.stopping import StoppingRule
from engine.tables import Tables

SPARE_PLACES = 16
"""Places of the index beyond the items that can have been given and are drawn from."""

PLACES_FOR_ONE_OPEN = 4
"""Where items are held back, perhaps three of four are."""

UNDERSTOOD = {
    Design: {
        *("pool", "stopping", "grid", "prior", "rule", "randomesque", "content", "exposure"),
        *("decision", "tables"),
    },
    StoppingRule: {"min_items", "max_items", "standard_error", "decision", "require"},
    DecisionRule: {"cuts", "p_star"},
}
"""The choices that the compiled loop knows; any other must be left as it is by default."""


class Items(NamedTuple):
    """The pool, shape (n_items,) each; `twin` is the first item of the same parameters.

    `steepest` bounds |(log I)'| of all items: it is at most 3 a, 2 a |M - L| from the curve and a
    from P or Q.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    d: FloatArray
    twin: IntArray
    steepest: float


class Density(NamedTuple):
    """The prior and the answers on the grid.

    `mass` is the prior times the weights, sum 1, and `mean` its mean. `likelihood`
    (n_items, n_categories, n_nodes) is that of each answer, largest 1 in each row.
    `magnitude` (n_items, n_categories) and `prior_magnitude` are the largest absolute values of the
    logarithms that the numpy path adds up, which bounds its rounding. `share_above` (n_cuts,
    n_nodes) is the part of each node's mass that lies above each cut.
    """

    nodes: FloatArray
    mass: FloatArray
    mean: float
    prior_magnitude: float
    likelihood: FloatArray
    magnitude: FloatArray
    share_above: FloatArray
    span: float


class Content(NamedTuple):
    """Units of the items, and what `ContentTargets` compares; one unit of all without targets."""

    unit: IntArray
    share: FloatArray
    size: IntArray
    members: PlaceArray
    first_member: IntArray


class Shelves(NamedTuple):
    """An `InformationIndex`, and a bound for each item where none is known."""

    lo: float
    cells_per_theta: float
    order: PlaceArray
    bound: FloatArray
    alone: BoolArray
    beyond: FloatArray
    first: IntArray
    no_bound: FloatArray


class Rules(NamedTuple):
    """When to stop and how to choose; rounded bounds, -1 where nothing is asked."""

    min_items: int
    max_items: int
    longest: int
    standard_error: float
    shown: float
    refused: float
    needs_both: bool
    p_star: float
    among: int
    bounds: FloatArray


class Plan(NamedTuple):
    """All that a compiled exam needs to know of its design."""

    items: Items
    density: Density
    content: Content
    shelves: Shelves
    rules: Rules


def understood(design: Design) -> bool:
    """Whether the compiled loop gives what the numpy path gives for this design."""
    parts = [design, design.stopping, *([design.decision] if design.decision else [])]
    plain = all(_as_by_default(part) for part in parts)
    balanced = type(design.content) in (NoneType, ContentTargets)
    controlled = type(design.exposure) in (NoneType, ExposureControl)
    known = type(design.rule) is MaximumInformation and design.pool.dichotomous
    return plain and balanced and controlled and known


@lru_cache(maxsize=8)
def plan(design: Design) -> Plan:
    """Return the arrays of a design that is `understood`; the index is built here."""
    content = _content(design)
    arrays = Plan(
        items=_items(design.pool),
        density=density(design.tables, design.cuts),
        content=content,
        shelves=_shelves(design, content),
        rules=_rules(design),
    )
    return Plan(*(_readable(part) for part in arrays))


def density(tables: Tables, cuts: tuple[float, ...]) -> Density:
    """Return the prior and the answers on the grid."""
    grid: Grid = tables.grid
    mass = Posterior(grid, tables.log_prior[None, :]).density[0] * grid.weights
    above = [grid.weights_above(cut) / grid.weights for cut in cuts]
    logs = tables.log_probability
    return Density(
        nodes=padded(grid.nodes),
        mass=padded(mass),
        mean=float((mass * grid.nodes).sum()),
        prior_magnitude=float(np.abs(tables.log_prior[mass > 0.0]).max()),
        likelihood=padded(np.exp(logs - logs.max(axis=2, keepdims=True))),
        magnitude=np.abs(logs).max(axis=2),
        share_above=padded(np.array(above).reshape(len(cuts), grid.n)),
        span=max(abs(grid.lo), abs(grid.hi)),
    )


def _readable(part: Any) -> Any:
    """All arrays in a row and unchangeable: of other kinds, numba would compile another version."""
    columns = (np.ascontiguousarray(c) if isinstance(c, np.ndarray) else c for c in part)
    return type(part)(*(frozen(c) if isinstance(c, np.ndarray) else c for c in columns))


def _as_by_default(part: Any) -> bool:
    """Whether every field that the compiled loop does not know is as it is by default."""
    known = UNDERSTOOD.get(type(part))
    return known is not None and all(
        getattr(part, field.name) == field.default
        for field in fields(part)
        if field.name not in known
    )


def _items(pool: ItemPool) -> Items:
    return Items(pool.a, pool.b, pool.c, pool.d, twins(pool), 3.0 * float(pool.a.max()))


def _content(design: Design) -> Content:
    targets = design.content if isinstance(design.content, ContentTargets) else None
    n_items = len(design.pool)
    unit = np.zeros(n_items, dtype=np.int64) if targets is None else targets.units
    share = np.ones(1) if targets is None else targets.shares
    size = np.bincount(unit, minlength=share.size)
    return Content(
        unit=unit,
        share=share,
        size=size,
        members=np.argsort(unit, kind="stable").astype(np.uint32)[None, :],
        first_member=np.concatenate([[0], np.cumsum(size)]),
    )


def _shelves(design: Design, content: Content) -> Shelves:
    cuts = content.first_member[1:-1]
    members = [part.astype(np.int64) for part in np.split(content.members[0], cuts)]
    depth = design.longest + design.randomesque + SPARE_PLACES
    depth *= 1 if design.exposure is None else PLACES_FOR_ONE_OPEN
    index = InformationIndex.build(design.pool, design.grid, members, depth)
    return Shelves(
        lo=index.lo,
        cells_per_theta=index.cells_per_theta,
        order=index.order,
        bound=index.bound,
        alone=index.alone,
        beyond=index.beyond,
        first=index.first,
        no_bound=np.full((1, len(design.pool)), np.inf),
    )


def _rules(design: Design) -> Rules:
    stopping, decision = design.stopping, design.decision
    shown = refused = p_star = -1.0
    if decision is not None:
        p_star = float(rounded(decision.p_star))
        if stopping.decision is not None:
            shown = float(rounded(max(stopping.decision, decision.p_star)))
            refused = float(rounded(1.0 - stopping.decision))
    error = -1.0 if stopping.standard_error is None else float(rounded(stopping.standard_error))
    both = stopping.require == "all" and error >= 0.0 and stopping.decision is not None
    return Rules(
        min_items=stopping.min_items,
        max_items=stopping.max_items,
        longest=design.longest,
        standard_error=error,
        shown=shown,
        refused=refused,
        needs_both=both,
        p_star=p_star,
        among=min(design.randomesque, len(design.pool)),
        bounds=np.array(
            [] if design.exposure is None else design.exposure.bounds, dtype=np.float64
        ),
    )
