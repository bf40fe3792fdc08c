"""The models by name: which family each belongs to, and what of it is free.

An item's working parameters are expressions in free parameters: a constant plus coefficients times
parameters that are named here. Items that use the same name share the parameter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf

from calibration.families.asymptotes import Asymptotes
from calibration.families.graded import Graded
from calibration.families.logistic import Logistic
from calibration.families.nominal import Nominal
from calibration.families.partial_credit import PartialCredit
from calibration.families.protocol import ItemFamily

FAMILIES: Mapping[str, ItemFamily] = {
    "rasch": Logistic(),
    "1pl": Logistic(),
    "2pl": Logistic(),
    "3pl": Asymptotes(),
    "4pl": Asymptotes(),
    "grm": Graded(),
    "pcm": PartialCredit(),
    "gpcm": PartialCredit(),
    "rsm": PartialCredit(),
    "nominal": Nominal(),
}
"""The family of each model."""

STRAIGHT = (Logistic, PartialCredit, Nominal)
"""Families in which the log-odds of two answers are a straight line in ability."""

DICHOTOMOUS = ("rasch", "1pl", "2pl", "3pl", "4pl")

SLOPE_ONE = ("rasch", "pcm", "rsm")
"""Models whose scale is held by a slope of 1: the latent standard deviation is free with them."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A working parameter: constant + sum of coefficient times free parameter, by name."""

    constant: float = 0.0
    terms: tuple[tuple[str, float], ...] = ()

    @property
    def fixed(self) -> bool:
        """Whether no free parameter is in it."""
        return not self.terms

    def times(self, factor: float) -> Expression:
        """Return the expression multiplied by a number."""
        return _expression(self.constant * factor, {name: factor * by for name, by in self.terms})

    def plus(self, other: Expression) -> Expression:
        """Return the sum of two expressions."""
        total = dict(self.terms)
        for name, by in other.terms:
            total[name] = total.get(name, 0.0) + by
        return _expression(self.constant + other.constant, total)


def _expression(constant: float, terms: Mapping[str, float]) -> Expression:
    return Expression(constant, tuple((name, by) for name, by in terms.items() if by))


ONE, INFINITE = Expression(1.0), Expression(inf)


def parameter(name: str) -> Expression:
    """Return the expression that is one free parameter."""
    return Expression(0.0, ((name, 1.0),))


def expressions(item: str, model: str, n_categories: int) -> dict[str, Expression]:
    """Return the working parameters of an item by name, before anything is fixed or equal."""
    working = FAMILIES[model].working_names(n_categories)
    own = {name: parameter(f"{item}.{name}") for name in working}
    return own | dict(_restrictions(item, model, n_categories))


def _restrictions(item: str, model: str, n_categories: int) -> Iterator[tuple[str, Expression]]:
    if model == "1pl":
        yield "a", parameter("1pl.a")
    if model in SLOPE_ONE:
        yield "a", ONE
    if model == "3pl":
        yield "slip", INFINITE
    if model == "rsm":
        yield from _rating_scale(item, n_categories)


def _rating_scale(item: str, n_categories: int) -> Iterator[tuple[str, Expression]]:
    """Steps c_v = -(location + tau_v) with thresholds tau that sum to 0 (Andrich, 1978)."""
    location = parameter(f"{item}.location")
    rest = Expression()
    for v in range(1, n_categories - 1):
        tau = parameter(f"rsm{n_categories}.tau{v}")
        rest = rest.plus(tau)
        yield f"c{v}", location.plus(tau).times(-1.0)
    yield f"c{n_categories - 1}", location.plus(rest.times(-1.0)).times(-1.0)
