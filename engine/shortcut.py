"""One candidate's next item straight from an index of the pool, without valuing every item.

`engine.next_item` values all items, which takes the longer the larger the pool is. Most often the
choice can be told from the index alone: an item that keeps its rank everywhere in its cell of the
scale is what valuing all would choose (`engine.information_index`). Where it cannot, the shortcut
says so, and all items are valued.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from engine._kernels.plan import Plan, plan, understood
from engine.design import Design
from engine.randomness import Stream, uniform
from engine.rounding import rounded
from engine.selection.choice import NO_ITEM
from engine.state import State


@dataclass(frozen=True, slots=True, eq=False)
class Shortcut:
    """The index of one design's pool. Building it takes a while: make it when a service starts."""

    arrays: Plan

    @classmethod
    def of(cls, design: Design) -> Self | None:
        """Return the shortcut through a design; None where it chooses by other than information."""
        if not understood(design) or design.exposure is not None:
            return None
        return cls(plan(design))

    def next_item(self, state: State) -> int:
        """Return a single candidate's next item; -1 where the index alone cannot tell."""
        n = int(state.n_given[0])
        items = state.items[0, :n]
        unit, n_open = self._due(items)
        rank = self._rank(state, n_open)
        shelves = self.arrays.shelves
        row = int((float(state.theta[0]) - shelves.lo) * shelves.cells_per_theta)
        row = max(0, min(row, shelves.order.shape[0] - 1))
        start, stop = int(shelves.first[unit]), int(shelves.first[unit + 1])
        # Of so many places, enough are open whatever was given.
        places = slice(start, min(stop, start + n + rank + 1))
        given = set(items.tolist())
        open_places = [
            (item, alone)
            for item, alone in zip(
                shelves.order[row, places].tolist(),
                shelves.alone[row, places].tolist(),
                strict=True,
            )
            if item not in given
        ]
        if len(open_places) <= rank:
            return NO_ITEM
        item, alone = open_places[rank]
        return item if alone else NO_ITEM

    def _due(self, items: np.ndarray) -> tuple[int, int]:
        """The content unit that is due, as `engine.content`, and how many of its items are left."""
        content = self.arrays.content
        in_unit = np.bincount(content.unit[items], minlength=content.share.size)
        left = content.size - in_unit
        if content.share.size == 1:
            return 0, int(left[0])
        deficit = rounded(content.share * (items.size + 1.0) - in_unit)
        unit = int(np.where(left > 0, deficit, -np.inf).argmax())
        return unit, int(left[unit])

    def _rank(self, state: State, n_open: int) -> int:
        """How many better items the candidate's draw passes over, as `engine.selection.choose`."""
        among = min(n_open, self.arrays.rules.among)
        if self.arrays.rules.among == 1:
            return 0
        return int(uniform(state.seeds, state.n_given, Stream.SELECT)[0] * among)
