"""Which way the scale points.

A reflected scale, every ability and slope with the other sign, fits exactly as well. With few
persons or items the climb may end on either side; higher scores are to mean more ability.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration.estimation.latent import Empirical, LatentModel, Normal
from calibration.estimation.loop import State
from calibration.estimation.target import Target
from calibration.families.layout import Block
from engine.arrays import BoolArray, FloatArray
from engine.grid import Grid

SAME = 1e-9
"""Parameters that differ by less are those that were asked for."""


def oriented(state: State, target: Target, grid: Grid) -> tuple[State, Target, Grid]:
    """Reflect the scale where most answers say that it points the wrong way.

    It stays as it is where something holds it: a fixed slope or difficulty, a model of slope 1.
    """
    if _rise(state, target) >= 0.0:
        return state, target, grid
    phi, y = target.split(state.at.z)
    x = [
        np.where(_slopes(block), -part, part)
        for block, part in zip(target.layout.blocks, target.layout.working(phi), strict=True)
    ]
    turned = target.layout.free_of(x)
    wanted = np.concatenate([part.ravel() for part in x])
    reached = target.layout.flat(turned)
    apart = reached != wanted  # asymptotes may be infinite on both sides
    if (np.abs(reached[apart] - wanted[apart]) > SAME * (1.0 + np.abs(wanted[apart]))).any():
        return state, target, grid
    latent, y = _reflected(target.latent, y)
    new = Grid(-grid.hi, -grid.lo, grid.n)
    moved = replace(target, nodes=new.nodes, latent=latent)
    return replace(state, at=moved.evaluate(np.concatenate([turned, y]))), moved, new


def _rise(state: State, target: Target) -> float:
    """Sum over the items of persons times the correlation of ability and answer, expected."""
    nodes, total = target.nodes, 0.0
    for counts in target.by_block(state.at.sums.counts):
        answers = np.arange(counts.shape[1], dtype=np.float64)[:, None]
        n = counts.sum(axis=(1, 2))
        theta, score = ((counts * each).sum(axis=(1, 2)) / n for each in (nodes, answers))
        product, theta2, score2 = (
            (counts * each).sum(axis=(1, 2)) / n for each in (nodes * answers, nodes**2, answers**2)
        )
        spread = (theta2 - theta**2) * (score2 - score**2)
        correlation = (product - theta * score) / np.sqrt(np.maximum(spread, np.finfo(float).tiny))
        total += float((n * correlation).sum())
    return total


def _slopes(block: Block) -> BoolArray:
    """Which working parameters are slopes, shape (P,): the first, or the first half of a nominal's."""
    _, width = block.shape
    n_slopes = width // 2 if block.family.name == "nominal" else 1
    slopes: BoolArray = np.arange(width) < n_slopes
    return slopes


def _reflected(latent: LatentModel, y: FloatArray) -> tuple[LatentModel, FloatArray]:
    """The groups' distributions on the other side of 0."""
    if isinstance(latent, Empirical):
        return replace(latent, lo=-latent.hi, hi=-latent.lo), (
            y.reshape(-1, latent.n_knots)[:, ::-1].ravel()
        )
    assert isinstance(latent, Normal)
    means = np.zeros(latent.free.shape, dtype=bool)
    means[:, 0] = True
    return latent, np.where(means[latent.free], -y, y)
