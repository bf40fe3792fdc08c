"""Bands of true ability that a study tells apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np

from engine.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """Bands [low, high) of ability, or the points of a grid.

    Attributes
    ----------
    edges
        Bounds between the bands, ascending.
    points
        The abilities of a grid, one in each band; none for bands of drawn abilities.
    """

    edges: tuple[float, ...]
    points: tuple[float, ...] = ()

    @classmethod
    def of(cls, edges: Sequence[float], points: Sequence[float]) -> Bands:
        """Return bands between edges, or around the points of a grid, where there is one."""
        if not points:
            return cls(edges=tuple(edges))
        middles = tuple((low + high) / 2 for low, high in pairwise(points))
        return cls(edges=middles, points=tuple(points))

    @property
    def n(self) -> int:
        """How many bands there are."""
        return len(self.edges) + 1

    def place(self, theta: FloatArray) -> IntArray:
        """Return the band of each ability, shape (n,)."""
        return np.searchsorted(np.array(self.edges), theta, side="right")

    def ends(self) -> tuple[tuple[float, float], ...]:
        """Return the ends of each band; of a grid, the point twice."""
        if self.points:
            return tuple((point, point) for point in self.points)
        return tuple(pairwise([-inf, *self.edges, inf]))
