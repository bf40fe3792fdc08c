"""The scale of empirical densities: the first group's mean 0 and standard deviation 1, at the end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from calibration.estimation.latent import Empirical
from calibration.estimation.loop import State
from calibration.estimation.target import Target
from calibration.families.protocol import ItemFamily
from engine.arrays import FloatArray
from engine.grid import Grid


def standardised(state: State, target: Target, grid: Grid) -> tuple[State, Target, Grid]:
    """Move nodes and items together, which changes no probability of any answer.

    Nothing moves with normal groups, whose scale is held all along, nor where fixed parameters
    hold it.
    """
    latent = target.latent
    if not isinstance(latent, Empirical) or not latent.n_held:
        return state, target, grid
    phi, y = target.split(state.at.z)
    mean, sd = map(float, latent.moments(y, grid.nodes)[0])
    sd = sd if latent.n_held == 2 else 1.0
    x = [
        _rescaled(block.family, part, mean, sd)
        for block, part in zip(target.layout.blocks, target.layout.working(phi), strict=True)
    ]
    new = Grid((grid.lo - mean) / sd, (grid.hi - mean) / sd, grid.n)
    z = np.concatenate([target.layout.free_of(x), y])
    moved = replace(target, nodes=new.nodes, latent=latent.rescaled(mean, sd))
    return replace(state, at=moved.evaluate(z)), moved, new


def _rescaled(family: ItemFamily, x: FloatArray, mean: float, sd: float) -> FloatArray:
    """Working parameters on the scale (theta - mean) / sd."""
    if family.name == "nominal":
        slopes, intercepts = np.split(x, 2, axis=1)
        return np.concatenate([slopes * sd, intercepts + slopes * mean], axis=1)
    published = family.published(x)
    published[:, 0] *= sd
    last = 2 if family.name == "asymptotes" else published.shape[1]
    published[:, 1:last] = (published[:, 1:last] - mean) / sd
    return family.working(published)
