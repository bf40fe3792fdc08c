"""A second opinion beside ours, parameter by parameter."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from calibration.report.results import Results


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One parameter by both; `in_se` is theirs less ours in our standard errors, NaN without."""

    item: str
    parameter: str
    ours: float
    theirs: float
    in_se: float


def pairs(results: Results) -> tuple[Pair, ...]:
    """Return every estimated parameter that both have, the largest difference first."""
    if results.second is None:
        return ()
    theirs = {each.item: each.parameters for each in results.second.items}
    found = [
        Pair(
            item=each.item,
            parameter=name,
            ours=value,
            theirs=theirs[each.item][name],
            in_se=_ratio(theirs[each.item][name] - value, each.errors.get(name)),
        )
        for each in results.calibration.items
        for name, value in each.parameters.items()
        if name in theirs.get(each.item, {})
    ]
    return tuple(sorted(found, key=lambda each: (each.in_se != each.in_se, -abs(each.in_se))))


def largest_difference(results: Results) -> Pair | None:
    """Return the parameter with the largest difference in standard errors; None where none has one."""
    first = next(iter(pairs(results)), None)
    return first if first is not None and first.in_se == first.in_se else None


def _ratio(difference: float, error: float | None) -> float:
    return difference / error if error else nan
