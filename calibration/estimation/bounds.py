"""Asymptotes that the answers would rather have beyond 0 or 1: they are held there, exactly.

The log-odds that the climb moves have no end: towards it their slope vanishes with the information
on them, and the climb stops anywhere on the way. In the asymptote itself the likelihood is largest
at its end, with a slope that is not 0. There it is held, the others climb on without it, and it is
let go again where the slope at the end turns out to point inwards (an active set; Nocedal &
Wright, 2006, chapter 16). A parameter at its end has no standard error; those of the others are
what they are while it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from calibration.estimation.loop import Progress, State, Tolerance, climb
from calibration.estimation.metric import Assembly
from calibration.estimation.target import Target
from calibration.families import information
from calibration.families.layout import Layout
from engine.arrays import BoolArray, FloatArray, IntArray

PUBLISHED = {"guess": "c", "slip": "d"}

NEAR = 0.02
"""Asymptotes no farther from their end than this are looked at."""

SHARE = 0.1
"""And of these such as Newton's step, abilities known, would bring so much of the way: not knowing
abilities, the way is longer."""

INSIDE = -25.0
"""Log-odds that stand for the end where the slope there is asked for: 1e-11."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ends:
    """Free parameters that are log-odds of asymptotes.

    Attributes
    ----------
    columns
        Their places in phi, shape (n,).
    sign
        -1 for lower asymptotes, which end at minus infinity, and 1 for upper ones, shape (n,).
    """

    columns: IntArray
    sign: FloatArray

    @classmethod
    def of(cls, target: Target) -> Ends:
        """Find those without a prior, which would keep them from the ends."""
        layout = target.layout
        free = layout.free.copy()
        free[target.priors.rows] = False
        columns, sign = [], []
        for name, side in (("guess", -1.0), ("slip", 1.0)):
            rows = np.flatnonzero(free & _named(layout, name))
            found = np.unique(layout.M[rows].indices)
            columns.append(found)
            sign.append(np.full(found.size, side))
        return cls(columns=np.concatenate(columns).astype(np.int64), sign=np.concatenate(sign))

    def take(self, chosen: BoolArray) -> Ends:
        """Return some of them."""
        return Ends(columns=self.columns[chosen], sign=self.sign[chosen])


def climb_to_ends(
    target: Target,
    state: State,
    tolerance: Tolerance,
    max_iterations: int,
    progress: Progress | None = None,
) -> tuple[State, Target]:
    """Hold what belongs at an end, and climb on from a place near the top.

    Returns
    -------
    tuple
        State and target with the parameters fixed that are held; as they were where none is.
    """
    held = _bound_outwards(target, state)
    while held.columns.size and state.iteration < max_iterations:
        layout = target.layout.holding(held.columns, held.sign * np.inf)
        inner = replace(target, layout=layout, assembly=Assembly.of(layout))
        z = np.delete(state.at.z, held.columns)
        found = climb(inner, z, tolerance, max_iterations - state.iteration, progress=progress)
        found = replace(found, iteration=found.iteration + state.iteration)
        stays = _outwards(target, held, state.at.z, found)
        if stays.all():
            return found, inner
        held = held.take(stays)
    return state, target


def held_between(before: Layout, after: Layout) -> dict[int, tuple[str, ...]]:
    """Return which asymptotes, c or d, of which items (places in the test) are held since."""
    found: dict[int, tuple[str, ...]] = {}
    gone = (before.free & ~after.free).astype(np.float64)
    for block, part in zip(before.blocks, before.split(gone), strict=True):
        names = [PUBLISHED.get(name, "") for name in block.working_names]
        for item, row in zip(block.items.tolist(), part, strict=True):
            if row.any():
                found[item] = tuple(
                    name for name, is_held in zip(names, row, strict=True) if is_held
                )
    return found


def _bound_outwards(target: Target, state: State) -> Ends:
    """Those that are near their end, and that a step would bring there."""
    ends = Ends.of(target)
    z, gradient = state.at.z[ends.columns], state.at.gradient[ends.columns]
    away = expit(-ends.sign * z)
    jacobian = away * (1.0 - away)
    slope = ends.sign * gradient / jacobian
    known = _information(target, state)[ends.columns] / jacobian**2
    return ends.take((away < NEAR) & (slope > SHARE * away * known))


def _information(target: Target, state: State) -> FloatArray:
    """Information on each free parameter alone, abilities known, shape (n_free,)."""
    layout = target.layout
    phi, _ = target.split(state.at.z)
    of_x = [
        np.einsum("jpp->jp", information(block.family, x, target.nodes, counts.sum(axis=1))).ravel()
        for block, x, counts in zip(
            layout.blocks, layout.working(phi), target.by_block(state.at.sums.counts), strict=True
        )
    ]
    found: FloatArray = (layout.M**2).T @ np.concatenate(of_x)
    return found


def _outwards(target: Target, held: Ends, z: FloatArray, found: State) -> BoolArray:
    """Whether the log-likelihood rises towards the end where it is held there, shape (n,)."""
    at = z.copy()
    at[np.setdiff1d(np.arange(z.size), held.columns)] = found.at.z
    at[held.columns] = -held.sign * INSIDE
    gradient = target.complete_gradient(at, found.at.sums)[held.columns]
    rising: BoolArray = held.sign * gradient >= 0.0
    return rising


def _named(layout: Layout, name: str) -> BoolArray:
    """Which of the working parameters x are called so, shape (n_x,)."""
    return np.concatenate(
        [np.tile(np.array(block.working_names) == name, block.shape[0]) for block in layout.blocks]
    )
