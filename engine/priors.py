"""What is believed of an ability before the first answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log, pi
from typing import Protocol

import numpy as np

from engine import checks
from engine.arrays import FloatArray
from engine.errors import DesignError, Problem
from engine.grid import WIDEST, Grid


class Prior(Protocol):
    """A density of ability."""

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Logarithm of the density at each ability, same shape; finite on its own grid."""
        ...

    def on(self, grid: Grid) -> Grid:
        """Return the grid that this prior is integrated on."""
        ...

    def problems(self, grid: Grid) -> Iterator[Problem]:
        """Yield why the grid cannot carry this prior."""
        ...

    def sample(self, generator: np.random.Generator, n: int) -> FloatArray:
        """Draw n abilities, shape (n,)."""
        ...


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """A normal distribution of ability.

    Raises
    ------
    DesignError
        Naming a mean that is not finite and a standard deviation that is not positive.
    """

    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        problems = [
            *checks.number("mean", self.mean, low=-WIDEST, high=WIDEST),
            *checks.number("sd", self.sd, low=0.0, high=WIDEST, ends="(]"),
        ]
        if problems:
            raise DesignError("Normal prior", problems)

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Log of the normal density at each ability, same shape."""
        z = (theta - self.mean) / self.sd
        return -0.5 * z * z - log(self.sd) - 0.5 * log(2.0 * pi)

    def on(self, grid: Grid) -> Grid:
        """Return the grid itself."""
        return grid

    def problems(self, grid: Grid) -> Iterator[Problem]:
        """Yield a mean off the grid, and a spread too narrow for the nodes to follow."""
        if not grid.lo < self.mean < grid.hi:
            yield Problem("prior.mean", self.mean, f"inside the grid, ({grid.lo:g}, {grid.hi:g})")
        if self.sd < grid.step:
            yield Problem("prior.sd", self.sd, f"at least the grid's step, {grid.step:g}")

    def sample(self, generator: np.random.Generator, n: int) -> FloatArray:
        """Draw n abilities, shape (n,)."""
        return generator.normal(self.mean, self.sd, n)


@dataclass(frozen=True, slots=True)
class UniformPrior:
    """Every ability between two bounds alike; the bounds replace the ends of the grid.

    Raises
    ------
    DesignError
        Naming bounds that are not finite or out of order.
    """

    lo: float = -4.0
    hi: float = 4.0

    def __post_init__(self) -> None:
        ends = [
            *checks.number("lo", self.lo, low=-WIDEST, high=WIDEST),
            *checks.number("hi", self.hi, low=-WIDEST, high=WIDEST),
        ]
        if not ends and self.hi <= self.lo:
            ends.append(Problem("hi", self.hi, f"more than lo = {self.lo:g}"))
        if ends:
            raise DesignError("Uniform prior", ends)

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Log of the uniform density, same shape; minus infinity outside the bounds."""
        inside = (theta >= self.lo) & (theta <= self.hi)
        return np.where(inside, -log(self.hi - self.lo), -np.inf)

    def on(self, grid: Grid) -> Grid:
        """Return a grid of as many nodes between the prior's bounds."""
        return replace(grid, lo=self.lo, hi=self.hi)

    def problems(self, grid: Grid) -> Iterator[Problem]:
        """Yield nothing: the grid takes the prior's bounds."""
        yield from ()

    def sample(self, generator: np.random.Generator, n: int) -> FloatArray:
        """Draw n abilities, shape (n,)."""
        return generator.uniform(self.lo, self.hi, n)
