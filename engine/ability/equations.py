"""The equation that each estimator of the mode family solves, and its standard error.

Each estimate is the largest value of log-likelihood + w(theta), with

- maximum likelihood: w = 0 (Lord, 1980, chapter 4);
- maximum a posteriori: w the prior's log-density (Samejima, 1969); for Jeffreys' prior half the log
  of the expected information (Jeffreys, 1946);
- weighted likelihood: w' = J / (2 I) (Warm, 1989), whose integral has no closed form for
  c > 0. Where J = I', as in the 1PL, 2PL, graded and partial credit models, it is Jeffreys'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.ability.eap import log_jeffreys
from engine.ability.interpolation import NodeSums
from engine.ability.sums import Sums
from engine.arrays import FloatArray
from engine.priors import SmoothPrior

UNKNOWN = 1e-290
"""Below this much information nothing is known, and ratios to it are taken to be 0."""


class Equation(Protocol):
    """What is added to the log-likelihood, and what follows from it."""

    @property
    def peaked(self) -> bool:
        """Whether w has a largest value of its own, so that no answers are needed for one."""
        ...

    @property
    def concave(self) -> bool:
        """Whether w is concave, so that it adds no peak to a likelihood that has one."""
        ...

    def weight(self, sums: NodeSums) -> FloatArray:
        """Return w at all nodes up to a constant, shape (n or 1, n_nodes)."""
        ...

    def slope(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return w' at each candidate's ability, shape (n,)."""
        ...

    def bend(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return w'' at each candidate's ability, shape (n,)."""
        ...

    def precision(self, sums: Sums) -> FloatArray:
        """Return the inverse square of the standard error, shape (n,)."""
        ...


@dataclass(frozen=True, slots=True)
class Likelihood:
    """Nothing is added: maximum likelihood."""

    @property
    def peaked(self) -> bool:
        """Without answers every ability is as good."""
        return False

    @property
    def concave(self) -> bool:
        """Nothing adds no peak."""
        return True

    def weight(self, sums: NodeSums) -> FloatArray:
        """Return 0."""
        return np.zeros((1, 1))

    def slope(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return 0."""
        return np.zeros_like(theta)

    bend = slope

    def precision(self, sums: Sums) -> FloatArray:
        """Return the expected information."""
        return sums.information


@dataclass(frozen=True, slots=True)
class LogPrior:
    """The log-density of a prior is added: maximum a posteriori."""

    prior: SmoothPrior

    @property
    def peaked(self) -> bool:
        """Whether the prior has a mode."""
        return self.prior.precision > 0

    @property
    def concave(self) -> bool:
        """True of the normal and of the uniform density."""
        return True

    def weight(self, sums: NodeSums) -> FloatArray:
        """Return the log-density."""
        return self.prior.log_density(sums.tables.nodes)[None, :]

    def slope(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return the slope of the log-density."""
        return self.prior.log_slope(theta)

    def bend(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return minus the prior's precision."""
        return np.full_like(theta, -self.prior.precision)

    def precision(self, sums: Sums) -> FloatArray:
        """Return expected information plus the prior's precision: I + 1 / sd^2."""
        return sums.information + self.prior.precision


@dataclass(frozen=True, slots=True)
class Jeffreys:
    """Half the log of the information is added."""

    @property
    def peaked(self) -> bool:
        """Without answers every ability is as good."""
        return False

    @property
    def concave(self) -> bool:
        """Not in general: information has as many peaks as items are apart."""
        return False

    def weight(self, sums: NodeSums) -> FloatArray:
        """Return half the log of the information."""
        return log_jeffreys(sums.information)

    def slope(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return I' / (2 I)."""
        return _ratio(sums.information_slope, 2.0 * sums.information)

    def bend(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return (I'' / I - (I' / I)^2) / 2."""
        slope = _ratio(sums.information_slope, sums.information)
        return 0.5 * (_ratio(sums.information_bend, sums.information) - slope * slope)

    def precision(self, sums: Sums) -> FloatArray:
        """Return I - (log I)'' / 2."""
        return sums.information - self.bend(sums.information, sums)


@dataclass(frozen=True, slots=True)
class Warm:
    """Warm's weight is added: weighted likelihood."""

    @property
    def peaked(self) -> bool:
        """Without answers every ability is as good."""
        return False

    @property
    def concave(self) -> bool:
        """Not in general, as for Jeffreys' prior."""
        return False

    def weight(self, sums: NodeSums) -> FloatArray:
        """Return the integral of J / (2 I): the cubic through four nodes over its middle cell."""
        f = _ratio(sums.warm, 2.0 * sums.information)
        cells = np.zeros_like(f)
        inner = 13.0 * (f[:, 1:-2] + f[:, 2:-1]) - f[:, :-3] - f[:, 3:]
        cells[:, 2:-1] = sums.tables.step / 24.0 * inner
        return np.cumsum(cells, axis=1)

    def slope(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return J / (2 I)."""
        return _ratio(sums.warm, 2.0 * sums.information)

    def bend(self, theta: FloatArray, sums: Sums) -> FloatArray:
        """Return the derivative of J / (2 I)."""
        information = sums.information
        fall = _ratio(sums.warm, information) * _ratio(sums.information_slope, information)
        return 0.5 * (_ratio(sums.warm_slope, information) - fall)

    def precision(self, sums: Sums) -> FloatArray:
        """Return the expected information."""
        return sums.information


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Quotient, 0 where the denominator underflows: nothing is known there."""
    ratio: FloatArray = np.divide(
        above, below, out=np.zeros(np.broadcast(above, below).shape), where=below > UNKNOWN
    )
    return ratio
