"""What is believed of an ability before the first answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log, pi
from typing import Protocol, runtime_checkable

import numpy as np

from engine import checks
from engine.arrays import FloatArray
from engine.errors import DesignError, Problem
from engine.grid import NARROWEST, WIDEST, Grid, order_problems


@runtime_checkable
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


@runtime_checkable
class SmoothPrior(Prior, Protocol):
    """A prior whose log-density has derivatives, so that a posterior's mode can be found."""

    def log_slope(self, theta: FloatArray) -> FloatArray:
        """First derivative of the log-density in theta, same shape."""
        ...

    @property
    def precision(self) -> float:
        """Minus the second derivative of the log-density, the same everywhere."""
        ...


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """A normal distribution of ability.

    Raises
    ------
    DesignError
        Naming a mean that is not finite and a standard deviation that is not positive or too small.
    """

    mean: float = 0.0
    sd: float = 1.0

    def __post_init__(self) -> None:
        problems = [
            *checks.number("mean", self.mean, low=-WIDEST, high=WIDEST),
            *checks.number("sd", self.sd, low=NARROWEST, high=WIDEST),
        ]
        if problems:
            raise DesignError("Normal prior", problems)

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Log of the normal density at each ability, same shape."""
        z = (theta - self.mean) / self.sd
        return -0.5 * z * z - log(self.sd) - 0.5 * log(2.0 * pi)

    def log_slope(self, theta: FloatArray) -> FloatArray:
        """First derivative of the log-density, (mean - theta) / sd^2, same shape."""
        return (self.mean - theta) / self.sd**2

    @property
    def precision(self) -> float:
        """Minus the second derivative of the log-density, 1 / sd^2."""
        return 1.0 / self.sd**2

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
        ends = list(_end_problems(self.lo, self.hi))
        if ends:
            raise DesignError("Uniform prior", ends)

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Log of the uniform density, same shape; minus infinity outside the bounds."""
        inside = (theta >= self.lo) & (theta <= self.hi)
        return np.where(inside, -log(self.hi - self.lo), -np.inf)

    def log_slope(self, theta: FloatArray) -> FloatArray:
        """First derivative of the log-density within the bounds, 0, same shape."""
        return np.zeros_like(theta)

    @property
    def precision(self) -> float:
        """Minus the second derivative of the log-density within the bounds."""
        return 0.0

    def on(self, grid: Grid) -> Grid:
        """Return a grid of as many nodes between the prior's bounds."""
        return replace(grid, lo=self.lo, hi=self.hi)

    def problems(self, grid: Grid) -> Iterator[Problem]:
        """Yield nothing: the grid takes the prior's bounds."""
        yield from ()

    def sample(self, generator: np.random.Generator, n: int) -> FloatArray:
        """Draw n abilities, shape (n,)."""
        return generator.uniform(self.lo, self.hi, n)


@dataclass(frozen=True, slots=True)
class HistogramPrior:
    """Shares of the population at equally spaced abilities, which replace the grid's nodes.

    Such shares come from a calibration that estimates them (Mislevy, 1984, "empirical histogram"),
    or from any other count. Between two abilities the density is a straight line.

    Parameters
    ----------
    lo, hi
        The first and the last ability.
    mass
        The share of each ability, at least three, in any unit: they are divided by their sum.

    Raises
    ------
    DesignError
        Naming bounds that are not finite or out of order, and shares that are no shares.
    """

    lo: float
    hi: float
    mass: tuple[float, ...]

    def __post_init__(self) -> None:
        problems = [*_end_problems(self.lo, self.hi), *_mass_problems(self.mass)]
        if problems:
            raise DesignError("Histogram prior", problems)
        given = np.asarray(self.mass, dtype=np.float64)
        shares = given / given.max()  # first, so that no sum overflows
        object.__setattr__(self, "mass", tuple((shares / shares.sum()).tolist()))

    def log_density(self, theta: FloatArray) -> FloatArray:
        """Log of the density at each ability, same shape; minus infinity where nobody is."""
        grid = Grid(self.lo, self.hi, len(self.mass))
        density = np.interp(theta, grid.nodes, np.asarray(self.mass) / grid.weights, 0.0, 0.0)
        return np.log(density, out=np.full_like(density, -np.inf), where=density > 0)

    def on(self, grid: Grid) -> Grid:
        """Return the histogram's own nodes."""
        return Grid(self.lo, self.hi, len(self.mass))

    def problems(self, grid: Grid) -> Iterator[Problem]:
        """Yield nothing: the grid is the histogram's."""
        yield from ()

    def sample(self, generator: np.random.Generator, n: int) -> FloatArray:
        """Draw n abilities from the density between the nodes, shape (n,).

        Each node is the peak of a triangle as wide as its two cells; at an end, of half of one.
        """
        grid = Grid(self.lo, self.hi, len(self.mass))
        node = generator.choice(grid.n, n, p=np.asarray(self.mass))
        away = (generator.random(n) + generator.random(n) - 1.0) * grid.step
        drawn = grid.nodes[node] + away
        drawn = np.where(drawn < self.lo, 2.0 * self.lo - drawn, drawn)
        return np.where(drawn > self.hi, 2.0 * self.hi - drawn, drawn)


@dataclass(frozen=True, slots=True)
class JeffreysPrior:
    """A density in proportion to the square root of the information (Jeffreys, 1946).

    The information is that of the items a candidate was given, so the density differs between
    candidates and changes with every item: it serves to score whole patterns, not to run an exam.
    """


def _end_problems(lo: float, hi: float) -> Iterator[Problem]:
    ends = [
        *checks.number("lo", lo, low=-WIDEST, high=WIDEST),
        *checks.number("hi", hi, low=-WIDEST, high=WIDEST),
    ]
    yield from ends or order_problems(lo, hi)


def _mass_problems(mass: object) -> Iterator[Problem]:
    shares = checks.floats(mass)
    if shares is None or shares.ndim != 1 or shares.size < 3:
        yield Problem("mass", mass, "at least three numbers, one for each ability")
        return
    good = (shares >= 0) & (shares < np.inf)
    yield from checks.each("mass", shares, good, "a share, finite and not negative")
    if good.all() and not shares.any():
        yield Problem("mass", mass, "at least one share above 0")
