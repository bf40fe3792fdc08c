"""Global information: KL and KLP (Chang & Ying, 1996).

KL: the integral of L(t) KL(P(theta^) || P(t)) dt; KLP: with the prior as a further weight. The
divergence of the answers expected at t from those expected at the estimate is

    KL(P(theta^) || P(t)) = sum over answers x of P(x | theta^) (log P(x | theta^) - log P(x | t)),

so that its mean over t needs the mean of log P(x | t) alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import FloatArray
from engine.products import product
from engine.selection.weights import Over, weight
from engine.situation import Situation
from engine.tables import LOWEST_LOG


@dataclass(frozen=True, slots=True)
class KullbackLeibler:
    """The item whose answers tell the estimate best from the abilities around it."""

    over: Over = "posterior"
    better: Literal["max"] = "max"

    @property
    def name(self) -> str:
        """Name: `kl` or `klp`."""
        return "kl" if self.over == "likelihood" else "klp"

    def criterion(self, situation: Situation) -> FloatArray:
        """Mean divergence of each item under the weight, shape (n, n_items)."""
        mass = weight(situation, self.over).density * situation.tables.grid.weights
        p = situation.probability
        elsewhere = product(mass, situation.tables.finite_log_probability).reshape(p.shape)
        here = np.log(p, out=np.full_like(p, LOWEST_LOG), where=p > 0)
        divergence: FloatArray = (p * (np.maximum(here, LOWEST_LOG) - elsewhere)).sum(axis=2)
        return np.maximum(divergence, 0.0)

    def log_unit(self, situation: Situation) -> FloatArray:
        """Log of the weight's integral, which makes the mean an integral again, shape (n,)."""
        return weight(situation, self.over).log_total
