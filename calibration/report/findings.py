"""Which items ask for a second look, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import isnan

import numpy as np

from calibration.estimation.result import ItemEstimate
from calibration.report.phrases import kind_of
from calibration.report.results import Results

FLAT, STEEP = 0.35, 3.0
"""Baker (2001, p. 34) calls slopes below 0.35 very low. Those above 3 are rare in honest data, and
usual where items depend on one another (Yen, 1993)."""

EXTREME = 4
UNCERTAIN = 0.5
"""In units of ability, whose standard deviation is 1."""

GUESSING, SLIPPING = 0.4, 0.7
FEW, RARE = 200, 10
DIFFERENCE, RESIDUAL = 0.08, 3.5
"""A group's share of answers is remarkable where it is off by as much and by so many standard
errors: ten groups an item give many chances."""

SUSPECT = 0.05
"""Largest p-value of a key that is called suspect."""

WEIGHTS: Mapping[str, int] = {
    **dict.fromkeys(("unidentified", "endless", "wrong_key", "negative_slope"), 4),
    **dict.fromkeys(("negative_rest", "misfit", "extreme"), 3),
    **dict.fromkeys(("flat", "uncertain", "at_bound", "guessing_high", "slipping", "steep"), 2),
    **dict.fromkeys(
        ("few_answers", "rare_category", "gap", "disordered", "c_at_zero", "d_at_one"), 1
    ),
}
"""How much each kind matters; kinds stand in the order of reading."""

OF_ESTIMATION: Mapping[str, str] = {
    "endless": "endless",
    "c_at_zero": "c_at_zero",
    "d_at_one": "d_at_one",
    "gap": "gap",
    "bound": "at_bound",
}
"""Kinds that the estimation found, by what it says (a key of `PATTERNS`)."""

LIMITS: Mapping[str, object] = {
    "flat": FLAT,
    "steep": STEEP,
    "extreme": EXTREME,
    "uncertain": UNCERTAIN,
    "guessing_high": GUESSING,
    "slipping": SLIPPING,
    "few_answers": FEW,
    "rare_category": RARE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found about each item.

    Attributes
    ----------
    kinds
        By item: the keys of `WEIGHTS` that hold of it, those that matter most first; nothing where
        none does.
    common
        Those that hold of every item: a table need not say them again and again.
    """

    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    common: tuple[str, ...] = ()

    def of(self, item: str) -> tuple[str, ...]:
        """What was found about an item."""
        return self.kinds.get(item, ())

    def own(self, item: str) -> tuple[str, ...]:
        """What was found about an item and not about all."""
        return tuple(kind for kind in self.of(item) if kind not in self.common)

    def weight(self, item: str) -> int:
        """How much an item asks for a look: the weight of its worst finding, then how many."""
        weights = [WEIGHTS[kind] for kind in self.of(item)]
        return 100 * max(weights, default=0) + len(weights)

    def by_kind(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield each kind that was found, with its items in the order of the test."""
        for kind in WEIGHTS:
            items = tuple(item for item, kinds in self.kinds.items() if kind in kinds)
            if items:
                yield kind, items


def findings(results: Results) -> Findings:
    """Look at every estimated item."""
    misfits = _misfits(results)
    suspects = {each.item for each in results.screen.suspect_keys if each.p_value <= SUSPECT}
    rest = dict(
        zip(results.screen.items.items, results.screen.items.item_rest.tolist(), strict=True)
    )
    found = {}
    for place, each in enumerate(results.calibration.items):
        kinds = set(_of_parameters(each)) | _said(each)
        # A slope without an end is no sign that items hint at one another.
        kinds -= {"steep"} if "endless" in kinds else set()
        kinds |= {"misfit"} if misfits[place] else set()
        kinds |= {"wrong_key"} if each.item in suspects else set()
        kinds |= {"negative_rest"} if rest[each.item] <= 0.0 else set()
        kinds |= {"rare_category"} if _rare(results, place) else set()
        found[each.item] = tuple(kind for kind in WEIGHTS if kind in kinds)
    common = set.intersection(*map(set, found.values())) if len(found) > 1 else set()
    return Findings(
        kinds={item: kinds for item, kinds in found.items() if kinds},
        common=tuple(kind for kind in WEIGHTS if kind in common),
    )


def _of_parameters(each: ItemEstimate) -> Iterator[str]:
    parameters = each.parameters
    a = parameters.get("a", 1.0)
    if a < 0.0:
        yield "negative_slope"
    elif a < FLAT:
        yield "flat"
    if a > STEEP:
        yield "steep"
    if any(abs(value) > EXTREME for name, value in parameters.items() if name[0] == "b"):
        yield "extreme"
    if any(map(isnan, each.errors.values())):
        yield "unidentified"
    if any(_uncertain(name, parameters[name], error) for name, error in each.errors.items()):
        yield "uncertain"
    if parameters.get("c", 0.0) > GUESSING:
        yield "guessing_high"
    if parameters.get("d", 1.0) < SLIPPING:
        yield "slipping"
    if each.n_answers < FEW:
        yield "few_answers"
    if each.model in ("pcm", "gpcm", "rsm") and _falls(each):
        yield "disordered"


def _said(each: ItemEstimate) -> set[str]:
    """What the estimation itself said of an item."""
    known = {kind_of(flag) for flag in each.flags}
    return {kind for said, kind in OF_ESTIMATION.items() if said in known}


def _uncertain(name: str, value: float, error: float) -> bool:
    """Whether an error is large; that of a slope is compared with the slope."""
    return error > (max(UNCERTAIN, abs(value) / 3.0) if name[0] == "a" else UNCERTAIN)


def _falls(each: ItemEstimate) -> bool:
    steps = [value for name, value in each.parameters.items() if name[0] == "b"]
    return any(later < earlier for earlier, later in pairwise(steps))


def _misfits(results: Results) -> list[bool]:
    """Whether some group's answers differ from what is expected by much and beyond chance."""
    observed = results.observed
    apart = np.abs(observed.proportion - observed.expected) > DIFFERENCE
    with np.errstate(invalid="ignore"):
        sure = np.abs(observed.residual) > RESIDUAL
    misfits = np.asarray((apart & sure).any(axis=(1, 2)))
    return [bool(misfit) for misfit in misfits]


def _rare(results: Results, place: int) -> bool:
    counts = results.counts[place]
    return bool(counts[counts > 0].min() < RARE)
