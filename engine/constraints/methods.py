"""The methods that keep an adaptive exam to a specification, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from engine.balance import Balance
from engine.constraints.penalties import WeightedDeviations
from engine.constraints.priority import PriorityIndex
from engine.constraints.shadow import ShadowTest
from engine.constraints.specification import Specification

Method = Literal["shadow", "priority", "penalties"]
METHODS: tuple[Method, ...] = get_args(Method)


def keeping(
    method: Method, specification: Specification, weights: Mapping[str, float] | None = None
) -> Balance:
    """Return the balance that keeps exams to a specification.

    Parameters
    ----------
    weights
        Of constraints by their names, for the methods that weigh them; a shadow test weighs none.
    """
    match method:
        case "shadow":
            return ShadowTest(specification=specification)
        case "priority":
            return PriorityIndex(specification=specification, weights=weights or {})
        case "penalties":
            return WeightedDeviations(specification=specification, weights=weights or {})
