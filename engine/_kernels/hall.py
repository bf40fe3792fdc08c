"""Where exams take place: seats for the candidates who sit at a time, and a sheet for all."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from engine._kernels.choice import Flags, Room
from engine._kernels.lanes import zeros
from engine._kernels.plan import Plan
from engine.arrays import FloatArray, IntArray, SeedArray, frozen

SEATS = 8
"""So many candidates sit at a time that none has to be waited for, and their densities stay in a
processor's first cache."""
DRAWS = 16
"""Random numbers of a kind that are drawn together."""
ALL_OPEN = frozen(np.zeros((1, 0)))
"""Admission where no exposure is controlled."""


class Sheet(NamedTuple):
    """Where the candidates' courses and results are written, one row each.

    `items`, `categories` (n, longest), padded with -1; `theta`, `se`, `n_items`, `reason`, `sure`
    (n,); `p_above` (n, n_cuts); `segments` (n, longest), of width 0 without exposure control.
    `sure` is False where another last bit could have led elsewhere.
    """

    items: IntArray
    categories: IntArray
    theta: FloatArray
    se: FloatArray
    p_above: FloatArray
    n_items: IntArray
    reason: IntArray
    sure: Flags
    segments: IntArray

    @classmethod
    def blank(cls, n: int, longest: int, n_cuts: int, controlled: bool = False) -> Sheet:
        """Return room for n candidates."""
        return cls(
            items=np.empty((n, longest), dtype=np.int64),
            categories=np.empty((n, longest), dtype=np.int64),
            theta=np.empty(n),
            se=np.empty(n),
            p_above=np.empty((n, n_cuts)),
            n_items=np.zeros(n, dtype=np.int64),
            reason=np.zeros(n, dtype=np.int64),
            sure=np.ones(n, dtype=np.bool_),
            segments=np.empty((n, longest if controlled else 0), dtype=np.int64),
        )


class Hall(NamedTuple):
    """The seats of one thread; nothing at a seat lasts from one candidate to the next.

    `taken` (n_seats,) lists the seats, those that are taken first. `who` sits there, with what
    `seed`, after `n` answers: `total` (n_seats,) is the sum of `mass` (n_seats, n_nodes), `theta`
    and `se` the estimate, `depth` the sum of the magnitudes that bounds numpy's rounding, `sure`
    whether nothing could have gone otherwise; `segment`, `item` and `category` are the last.
    `given` (n_seats, n_items) and `in_unit` (n_seats, n_units) say what was given, `chance` and
    `luck` (n_seats, n_draws) are the next numbers for choices and answers. `numbers` (n_seats,
    n_items) are those that `admission` (n_segments, n_items) is compared with, negative where none
    was drawn; both are of width 0 without exposure control. `room` is for a choice.
    """

    taken: IntArray
    who: IntArray
    seed: SeedArray
    n: IntArray
    total: FloatArray
    theta: FloatArray
    se: FloatArray
    depth: FloatArray
    sure: Flags
    segment: IntArray
    item: IntArray
    category: IntArray
    mass: FloatArray
    given: Flags
    in_unit: IntArray
    chance: FloatArray
    luck: FloatArray
    numbers: FloatArray
    admission: FloatArray
    room: Room

    @classmethod
    def clear(cls, plan: Plan, n_seats: int = SEATS, admission: FloatArray = ALL_OPEN) -> Hall:
        """Return empty seats for exams of a plan."""
        whole = np.zeros((5, n_seats), dtype=np.int64)
        real = np.zeros((4, n_seats))
        return cls(
            taken=np.arange(n_seats),
            who=whole[0],
            seed=np.zeros(n_seats, dtype=np.uint64),
            n=whole[1],
            total=real[0],
            theta=real[1],
            se=real[2],
            depth=real[3],
            sure=np.zeros(n_seats, dtype=np.bool_),
            segment=whole[2],
            item=whole[3],
            category=whole[4],
            mass=zeros((n_seats, plan.density.nodes.size)),
            given=np.zeros((n_seats, plan.items.a.size), dtype=np.bool_),
            in_unit=np.zeros((n_seats, plan.content.share.size), dtype=np.int64),
            chance=np.zeros((n_seats, DRAWS)),
            luck=np.zeros((n_seats, DRAWS)),
            numbers=np.zeros((n_seats, admission.shape[1])),
            admission=frozen(admission.view()),
            room=Room(
                best=np.zeros(plan.rules.among, dtype=np.int64),
                worth=np.zeros(plan.rules.among),
                dry=np.zeros(plan.content.share.size, dtype=np.bool_),
            ),
        )
