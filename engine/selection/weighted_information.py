"""Information weighted by what is known: MLWI and MPWI.

MLWI: the integral of L(t) I(t) dt (Veerkamp & Berger, 1997); MPWI: of prior(t) L(t) I(t) dt (van
der Linden, 1998). Choi & Swartz (2009) show that weighting once more by the answer to come, MEPWI,
is the same as MPWI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from engine.arrays import FloatArray
from engine.products import product
from engine.selection.weights import Over, weight
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class WeightedInformation:
    """The item that says most about the abilities that the answers so far allow."""

    over: Over = "posterior"
    better: Literal["max"] = "max"

    @property
    def name(self) -> str:
        """Name: `mlwi` or `mpwi`."""
        return "mlwi" if self.over == "likelihood" else "mpwi"

    def criterion(self, situation: Situation) -> FloatArray:
        """Mean information of each item under the weight, shape (n, n_items)."""
        mass = weight(situation, self.over).density * situation.tables.grid.weights
        return product(mass, situation.tables.information)

    def log_unit(self, situation: Situation) -> FloatArray:
        """Log of the weight's integral, which makes the mean an integral again, shape (n,)."""
        return weight(situation, self.over).log_total
