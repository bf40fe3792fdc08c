"""The items of an exam as the engine sees them: parameters by position, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.arrays import BoolArray, FloatArray, IntArray, frozen
from engine.errors import PoolError, Problem
from engine.families import ItemModel, Logistic
from engine.families.logistic import PARAMETERS
from engine.families.parameters import LARGEST


@dataclass(frozen=True, slots=True, eq=False, init=False)
class ItemPool:
    """Items in the order of the file, kept in blocks of one family of models each.

    `ItemPool(a, b, c, d)` and `ItemPool.build` give a pool of logistic items; `ItemPool.of` puts
    blocks of any families together.

    Parameters
    ----------
    a, b, c, d
        As in `families.Logistic`: slopes, difficulties, lower and upper asymptotes, shape
        (n_items,) each. A negative slope is a curve that can be scored, but an exam's design
        refuses it.

    Attributes
    ----------
    blocks
        The blocks, one of each family or more.
    places
        For each block, the positions of its items in the pool.
    n_categories
        How many categories each item has, shape (n_items,).

    Raises
    ------
    PoolError
        Naming every parameter that is missing, not finite or impossible.
    """

    blocks: tuple[ItemModel, ...]
    places: tuple[IntArray, ...]
    n_categories: IntArray
    _block: IntArray
    """Which block each item is in, shape (n_items,)."""
    _within: IntArray
    """Each item's place in its block, shape (n_items,)."""

    def __init__(self, a: ArrayLike, b: ArrayLike, c: ArrayLike, d: ArrayLike) -> None:
        block = Logistic(a, b, c, d)  # type: ignore[arg-type]  # checked and copied there
        _fill(self, (block,), (np.arange(len(block)),))

    @classmethod
    def build(
        cls,
        *,
        a: ArrayLike,
        b: ArrayLike,
        c: ArrayLike = 0.0,
        d: ArrayLike = 1.0,
        metric: float = 1.0,
    ) -> ItemPool:
        """Build a pool from columns or single numbers; a single number holds for every item.

        Parameters
        ----------
        metric
            The scaling constant the slopes were estimated with: 1 for the logistic metric, 1.702
            for the normal-ogive metric (Haley, 1952). Slopes are multiplied by it.
        """
        problems = list(checks.number("metric", metric, low=0.0, high=LARGEST, ends="(]"))
        if problems:
            raise PoolError("Item pool", problems)
        given = {"a": a, "b": b, "c": c, "d": d}
        columns = {name: checks.floats(values) for name, values in given.items()}
        sizes = [column.size for column in columns.values() if column is not None and column.ndim]
        n_items = max(sizes, default=1)
        whole = {name: _spread(columns[name], given[name], n_items) for name in PARAMETERS}
        if columns["a"] is not None:
            whole["a"] = np.asarray(whole["a"]) * metric
        return cls(**whole)

    @classmethod
    def of(cls, *blocks: ItemModel, places: Sequence[ArrayLike] | None = None) -> Self:
        """Put blocks together into one pool.

        Parameters
        ----------
        blocks
            Blocks of items, of any families.
        places
            For each block, the positions of its items in the pool, each position once; without
            them the blocks follow one another.

        Raises
        ------
        PoolError
            Without blocks, or where the positions are not 0 to n_items - 1, each once.
        """
        ends = np.cumsum([0, *(len(block) for block in blocks)], dtype=np.int64)
        given = (
            [np.arange(*ends[i : i + 2]) for i in range(len(blocks))] if places is None else places
        )
        columns = [checks.integers(column) for column in given]
        problems = list(_place_problems(blocks, columns))
        if problems:
            raise PoolError("Item pool", problems)
        pool = object.__new__(cls)
        _fill(pool, blocks, tuple(column for column in columns if column is not None))
        return pool

    def __len__(self) -> int:
        return int(self.n_categories.size)

    def take(self, items: ArrayLike) -> ItemPool:
        """Return the pool of the items at these positions, in this order.

        Raises
        ------
        PoolError
            Naming positions outside the pool, and what is no position: a mask, a fraction.
        """
        index = checks.integers(items) if np.size(items) else np.zeros(0, dtype=np.int64)
        if index is None or index.ndim > 1 or (index < 0).any() or (index >= len(self)).any():
            expected = f"positions in the pool, whole numbers from 0 to {len(self) - 1}"
            raise PoolError("Item pool", [Problem("items", items, expected)])
        parts = list(self.split(np.atleast_1d(index)))
        return ItemPool.of(*(block for block, _ in parts), places=[rows for _, rows in parts])

    def split(self, items: IntArray) -> Iterator[tuple[ItemModel, IntArray]]:
        """Yield the items asked for by family: a block of them, and where in `items` they stand.

        Parameters
        ----------
        items
            Positions in the pool, shape (n,), repeats allowed.
        """
        if len(self.blocks) == 1:
            yield self.blocks[0].take(items), np.arange(items.size)
            return
        block_of = self._block[items]
        for number, block in enumerate(self.blocks):
            rows = np.flatnonzero(block_of == number)
            if rows.size:
                yield block.take(self._within[items[rows]]), rows

    @property
    def rising(self) -> BoolArray:
        """Whether more ability never lowers an item's expected category, shape (n_items,)."""
        rising = np.empty(len(self), dtype=bool)
        for block, places in zip(self.blocks, self.places, strict=True):
            rising[places] = block.rising
        return rising

    @property
    def dichotomous(self) -> bool:
        """Whether every item is of the logistic family."""
        return all(isinstance(block, Logistic) for block in self.blocks)

    @property
    def a(self) -> FloatArray:
        """Slopes of a pool of logistic items, shape (n_items,)."""
        return _column(self, "a")

    @property
    def b(self) -> FloatArray:
        """Difficulties of a pool of logistic items, shape (n_items,)."""
        return _column(self, "b")

    @property
    def c(self) -> FloatArray:
        """Lower asymptotes of a pool of logistic items, shape (n_items,)."""
        return _column(self, "c")

    @property
    def d(self) -> FloatArray:
        """Upper asymptotes of a pool of logistic items, shape (n_items,)."""
        return _column(self, "d")


def _fill(pool: ItemPool, blocks: tuple[ItemModel, ...], places: tuple[IntArray, ...]) -> None:
    if len(blocks) == 1:
        blocks = (blocks[0].take(np.argsort(places[0])),)
        places = (np.arange(len(blocks[0])),)
    n_items = sum(len(block) for block in blocks)
    n_categories, block_of, within = np.zeros((3, n_items), dtype=np.int64)
    for number, (block, rows) in enumerate(zip(blocks, places, strict=True)):
        n_categories[rows] = block.n_categories
        block_of[rows] = number
        within[rows] = np.arange(len(block))
    object.__setattr__(pool, "blocks", tuple(blocks))
    object.__setattr__(pool, "places", tuple(frozen(rows) for rows in places))
    object.__setattr__(pool, "n_categories", frozen(n_categories.copy()))
    object.__setattr__(pool, "_block", frozen(block_of.copy()))
    object.__setattr__(pool, "_within", frozen(within.copy()))


def _column(pool: ItemPool, name: str) -> FloatArray:
    if len(pool.blocks) == 1 and isinstance(pool.blocks[0], Logistic):
        only: FloatArray = getattr(pool.blocks[0], name)
        return only
    column = np.empty(len(pool))
    for block, places in zip(pool.blocks, pool.places, strict=True):
        if not isinstance(block, Logistic):
            found = f"a block of {type(block).__name__} items"
            expected = "a pool of logistic items; others keep their parameters in pool.blocks"
            raise PoolError("Item pool", [Problem(f"pool.{name}", found, expected)])
        column[places] = getattr(block, name)
    return frozen(column)


def _spread(column: FloatArray | None, given: ArrayLike, n_items: int) -> ArrayLike:
    """Spread a single number over the items; hand on anything else as it came."""
    if column is not None and column.ndim == 0:
        return np.full(n_items, column)
    return given


def _place_problems(
    blocks: Sequence[ItemModel], columns: Sequence[IntArray | None]
) -> Iterator[Problem]:
    if not blocks:
        yield Problem("pool", 0, "at least one item")
        return
    strangers = [block for block in blocks if not isinstance(block, ItemModel)]
    yield from (Problem("blocks", block, "blocks of one family each") for block in strangers)
    if strangers:
        return
    if len(columns) != len(blocks):
        yield Problem("places", f"{len(columns)} columns", f"{len(blocks)}, one for each block")
        return
    sizes = [None if column is None else column.shape for column in columns]
    for number, (block, size) in enumerate(zip(blocks, sizes, strict=True)):
        if size != (len(block),):
            expected = f"{len(block)} whole numbers, one for each item of the block"
            yield Problem(f"places[{number}]", f"shape {size}", expected)
            return
    taken = np.concatenate([column for column in columns if column is not None])
    if not np.array_equal(np.sort(taken), np.arange(taken.size)):
        yield Problem("places", taken.tolist(), f"0 to {taken.size - 1}, each once")
