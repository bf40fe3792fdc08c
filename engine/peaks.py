"""Where an item lies on the scale of ability: its location, and where it tells most."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.arrays import FloatArray, frozen
from engine.families import Graded, ItemModel, Logistic, PartialCredit, expectation
from engine.families.divide_by_total import Nominal
from engine.families.parameters import LARGEST
from engine.pool import ItemPool

REACH = 8.0
"""Information peaks within so many logits of an item's outermost difficulty."""

SCAN = 257
"""Abilities at which the highest peak is looked for before it is refined."""

HALVINGS = 60

CELLS = 2**22


def location(pool: ItemPool) -> FloatArray:
    """Where on the scale each item lies, shape (n_items,).

    The difficulty b of a logistic item; the mean threshold of a graded one and the mean step of a
    partial credit one, where lowest and highest category are equally likely; likewise of a nominal
    item, for the categories of its lowest and highest slope.
    """
    return _column(pool, _location)


def discrimination(pool: ItemPool) -> FloatArray:
    """How steep each item is, shape (n_items,): a; for nominal items the mean step of slopes."""
    return _column(pool, _discrimination)


def most_informative(pool: ItemPool) -> FloatArray:
    """The ability at which each item's expected information is largest, shape (n_items,).

    For a logistic item with d = 1 it is b + log((1 + sqrt(1 + 8 c)) / 2) / a (Birnbaum, 1968,
    chapter 20); Magis (2013) gives it for d < 1. Here it is the zero of the information's
    derivative next to the highest of a row of abilities, which serves every family. Of two equal
    peaks the lower ability counts; an item that tells nothing anywhere has its location.
    """
    return _column(pool, _peaks)


def _column(pool: ItemPool, of_block: Callable[[ItemModel], FloatArray]) -> FloatArray:
    column = np.empty(len(pool))
    for block, places in zip(pool.blocks, pool.places, strict=True):
        column[places] = of_block(block)
    return frozen(column)


def _peaks(block: ItemModel) -> FloatArray:
    """Peaks of some items at a time, so that memory stays flat."""
    size = max(1, CELLS // (SCAN * int(block.n_categories.max())))
    items = np.arange(len(block))
    parts = [items[first : first + size] for first in range(0, items.size, size)]
    return np.concatenate([_peak(block.take(part)) for part in parts])


def _location(block: ItemModel) -> FloatArray:
    if isinstance(block, Logistic):
        return block.b
    if isinstance(block, Graded | PartialCredit):
        return np.asarray(np.nanmean(block.b, axis=1))
    return _crossing(block) if isinstance(block, Nominal) else np.zeros(len(block))


def _crossing(block: Nominal) -> FloatArray:
    """Where the lines of the lowest and the highest slope cross."""
    rows = np.arange(len(block))
    low, high = np.nanargmin(block.slopes, axis=1), np.nanargmax(block.slopes, axis=1)
    rise = block.slopes[rows, high] - block.slopes[rows, low]
    drop = block.intercepts[rows, low] - block.intercepts[rows, high]
    crossing = np.divide(drop, rise, out=np.zeros_like(drop), where=rise > 0)
    return np.asarray(np.clip(crossing, -LARGEST, LARGEST))


def _discrimination(block: ItemModel) -> FloatArray:
    if isinstance(block, Logistic | Graded | PartialCredit):
        return block.a
    if isinstance(block, Nominal):
        spread = np.nanmax(block.slopes, axis=1) - np.nanmin(block.slopes, axis=1)
        return np.asarray(spread / (block.n_categories - 1))
    return np.zeros(len(block))


def _peak(block: ItemModel) -> FloatArray:
    middle = _location(block)
    lowest = highest = middle
    if isinstance(block, Graded | PartialCredit):
        lowest, highest = np.nanmin(block.b, axis=1), np.nanmax(block.b, axis=1)
    steepness = np.abs(_discrimination(block))
    reach = REACH / np.maximum(steepness, REACH / LARGEST)
    scan = np.linspace(lowest - reach, highest + reach, SCAN)
    height = block.information(scan)
    best = height.argmax(axis=0)
    rows = np.arange(len(block))
    lo = scan[np.maximum(best - 1, 0), rows]
    hi = scan[np.minimum(best + 1, SCAN - 1), rows]
    for _ in range(HALVINGS):
        half = 0.5 * (lo + hi)
        slope = _information_slope(block, half)
        lo, hi = np.where(slope > 0, half, lo), np.where(slope > 0, hi, half)
    return np.where(height.max(axis=0) > 0, 0.5 * (lo + hi), middle)


def _information_slope(block: ItemModel, theta: FloatArray) -> FloatArray:
    p = expectation.probability(block.log_probability(theta))
    return expectation.information_slope(p, block.derivatives(theta))
