"""Items that the likelihood would have ever steeper: it has no maximum.

A few persons in a perfect scale, or an item that agrees with all the others, are fitted the better
the steeper the item, without end. The climb then stops wherever nothing changes any more, which is
no estimate.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from calibration.estimation.expectation import expect
from calibration.estimation.loop import State
from calibration.estimation.target import Target
from calibration.families.layout import Block
from engine.arrays import FloatArray

STEEP = 10.0
"""Slopes below this, which the logistic curve takes for a step already, are taken for estimates."""


def without_maximum(target: Target, state: State, gain: float) -> tuple[int, ...]:
    """Return the items, places in the test, that would fit as well twice as steep.

    Parameters
    ----------
    gain
        What counts as nothing in the log-likelihood.
    """
    return tuple(sorted(set(_endless(target, state, gain))))


def _endless(target: Target, state: State, gain: float) -> Iterator[int]:
    layout = target.layout
    phi, y = target.split(state.at.z)
    parts, free = layout.working(phi), layout.split(layout.free.astype(np.float64))
    for number, (block, x, moves) in enumerate(zip(layout.blocks, parts, free, strict=True)):
        n_slopes = _n_slopes(block, x)
        steep = np.abs(x[:, :n_slopes]).max(axis=1) > STEEP
        for row in np.flatnonzero(steep & (moves[:, 0] > 0.0)).tolist():
            steeper = [*parts]
            steeper[number] = _twice_as_steep(block, x, row)
            lost = state.at.sums.log_likelihood - _log_likelihood(target, steeper, y)
            if lost < gain:
                yield int(block.items[row])


def _twice_as_steep(block: Block, x: FloatArray, row: int) -> FloatArray:
    """Working parameters with one item's slopes doubled, its difficulties as they are."""
    published = block.family.published(x[row : row + 1])
    doubled = published.shape[1] if block.family.name == "nominal" else 1
    published[:, :doubled] *= 2.0
    steeper = x.copy()
    steeper[row] = block.family.working(published)[0]
    return steeper


def _n_slopes(block: Block, x: FloatArray) -> int:
    return x.shape[1] // 2 if block.family.name == "nominal" else 1


def _log_likelihood(target: Target, x: list[FloatArray], y: FloatArray) -> float:
    table = target.table_of(x)
    log_density = target.latent.log_density(y, target.nodes)
    return expect(
        target.parts, target.encoding, table, log_density, target.nodes, target.threads
    ).log_likelihood
