"""Global discrimination: GDI and GDIP (Kaplan, de la Torre & Barrada, 2015).

The variance of an answer's probability over the abilities that the answers so far allow, weighted
by the likelihood (GDI) or by prior times likelihood (GDIP), normalised by plain sums over the
nodes. With more than two categories it is half the sum of the categories' variances, which is the
same number for an item answered right or wrong, whatever model it is written in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import FloatArray
from engine.products import product
from engine.selection.weights import Over, weight
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class GlobalDiscrimination:
    """The item whose answers differ most between the abilities still in question."""

    over: Over = "posterior"
    better: Literal["max"] = "max"

    @property
    def name(self) -> str:
        """Name: `gdi` or `gdip`."""
        return "gdi" if self.over == "likelihood" else "gdip"

    def criterion(self, situation: Situation) -> FloatArray:
        """Variance of each item's probability under the weight, shape (n, n_items)."""
        density = weight(situation, self.over).density
        share = density / density.sum(axis=1, keepdims=True)
        tables = situation.tables
        mean = product(share, tables.probability)
        by_category = mean.reshape(len(situation), len(tables.pool), -1)
        square_of_mean = (by_category * by_category).sum(axis=2)
        variance = product(share, tables.squared_probability) - square_of_mean
        value: FloatArray = 0.5 * np.maximum(variance, 0.0)
        return value
