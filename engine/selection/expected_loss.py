"""Expected loss of a wrong level (Rudner, 2002; Vos, 1999; Berger, 1985, chapter 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.arrays import FloatArray
from engine.errors import Problem
from engine.products import product
from engine.situation import Situation


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """The item after whose answer the decision is expected to cost least.

    At each cut, showing the level wrongly costs p* and refusing it wrongly 1 - p*, so that with
    q = P(theta >= cut) the better decision costs min((1 - q) p*, q (1 - p*)); p* is where both
    cost the same. The losses of all cuts are added, and averaged over the answers to come, each
    weighted by its probability under the posterior.
    """

    name: Literal["loss"] = "loss"
    better: Literal["min"] = "min"

    def problems(self, prior: object, cuts: Sequence[float]) -> Iterator[Problem]:
        """Yield that cut scores are missing."""
        if not cuts:
            yield Problem("decision", None, "cut scores, since the rule looks at them")

    def criterion(self, situation: Situation) -> FloatArray:
        """Expected loss after each item's answer, shape (n, n_items)."""
        tables, density = situation.tables, situation.posterior.density
        p = product(situation.mass, tables.probability)
        loss = np.zeros_like(p)
        for cut in situation.cuts:
            above = product(density * tables.grid.weights_above(cut), tables.probability)
            below = np.maximum(p - above, 0.0)
            loss += np.minimum(below * situation.p_star, above * (1.0 - situation.p_star))
        total: FloatArray = loss.reshape(len(situation), len(tables.pool), -1).sum(axis=2)
        return total
