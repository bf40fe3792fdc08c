"""Content balances that keep an adaptive exam to a specification, by method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import engine
from engine.constraints import Specification
from engine.constraints.penalties import WeightedDeviations
from engine.constraints.priority import PriorityIndex
from engine.constraints.shadow import ShadowTest

Method = Literal["shadow", "priority", "penalties"]


def balance(
    method: Method, specification: Specification, weights: Mapping[str, float]
) -> engine.Balance:
    """Return the balance of a method.

    Parameters
    ----------
    weights
        Of constraints by their names, for the methods that weigh them.
    """
    if method == "shadow":
        return ShadowTest(specification=specification)
    kind = PriorityIndex if method == "priority" else WeightedDeviations
    return kind(specification=specification, weights=weights)
