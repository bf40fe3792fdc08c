"""What a calibration found: items, latent distributions, how well it went, and its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

from calibration.estimation.options import CalibrationOptions
from engine.arrays import FloatArray
from engine.columns import pool_from_columns
from engine.grid import Grid
from engine.pool import ItemPool

if TYPE_CHECKING:
    from calibration.families.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemEstimate:
    """One item's parameters.

    Attributes
    ----------
    n_answers
        How many persons answered it, weights counted.
    parameters
        In the published metric: a, b, c, d; a, b1, b2, ... ; nominal: a1, ..., c1, ... (slopes and
        intercepts of categories 1 and up against category 0).
    errors, robust_errors
        Standard errors of the parameters that were estimated; empty where none were asked for.
    flags
        What the reader should know: "negative slope", "categories without answers: 2", ...
    """

    item: str
    model: str
    n_categories: int
    n_answers: int
    parameters: Mapping[str, float]
    errors: Mapping[str, float] = field(default_factory=dict)
    robust_errors: Mapping[str, float] = field(default_factory=dict)
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded:
    """An item that cannot be estimated, and why."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Latent:
    """The abilities of one group.

    Attributes
    ----------
    n_persons
        Persons with at least one answer to an estimated item, weights counted.
    se_mean, se_sd
        Standard errors; None for a mean or standard deviation that is not estimated.
    density
        Probability at each node of the quadrature, shape (n,); sums to 1.
    """

    group: str
    n_persons: float
    mean: float
    sd: float
    se_mean: float | None = None
    se_sd: float | None = None
    density: FloatArray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """What makes a run repeatable: the same record, the same numbers."""

    data_hash: str
    options: CalibrationOptions
    versions: Mapping[str, str]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibration:
    """The result of `calibrate`.

    Attributes
    ----------
    model
        The model asked for, "mixed" where items differ.
    items
        The estimated items, in the order of the responses.
    excluded
        Items that could not be estimated.
    latent
        The groups' distributions, the first group first.
    log_likelihood
        Without priors, at the estimate.
    log_posterior
        With priors; the same where there are none.
    n_persons, n_empty
        Persons (weights counted), and how many of these gave no answer to an estimated item: these
        add nothing.
    n_parameters
        Free parameters, those of the latent distributions among them.
    converged
        Whether likelihood and parameters both stand still, see `CalibrationOptions.tolerance`.
    largest_change
        How far the loop's linear model puts the worst parameter from the maximum, in standard
        errors, when it stopped.
    quadrature
        The nodes used.
    quadrature_check
        What is wrong with them in words; None where nothing is.
    covariance
        Covariance of the free parameters `phi`, then those of the latent distributions; None
        without standard errors.
    layout, phi
        Where each item's parameters stand among the free ones, and their values.
    messages
        What else the reader should know about the run.
    """

    model: str
    options: CalibrationOptions
    items: tuple[ItemEstimate, ...]
    excluded: tuple[Excluded, ...]
    latent: tuple[Latent, ...]
    log_likelihood: float
    log_posterior: float
    n_persons: float
    n_empty: float
    n_parameters: int
    converged: bool
    iterations: int
    largest_change: float
    quadrature: Grid
    quadrature_check: str | None
    covariance: FloatArray | None
    layout: Layout | None
    phi: FloatArray
    record: RunRecord
    messages: tuple[str, ...] = ()
    engine: str = "samatthana"

    @property
    def n_items(self) -> int:
        """How many items were estimated."""
        return len(self.items)

    @property
    def aic(self) -> float:
        """Akaike's information criterion (1974), -2 log L + 2 p."""
        return -2.0 * self.log_likelihood + 2.0 * self.n_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion (1978), -2 log L + p log n, n the persons with answers."""
        return -2.0 * self.log_likelihood + self.n_parameters * log(self.n_persons - self.n_empty)

    def pool(self) -> ItemPool:
        """Return the estimated items as a pool, in their order.

        Raises
        ------
        engine.PoolError
            Naming every parameter that is no finite number.
        """
        rows = [item.parameters for item in self.items]
        return pool_from_columns(
            [_pool_model(item) for item in self.items],
            a=[row.get("a", np.nan) for row in rows],
            b=_padded([_steps(row) for row in rows]),
            c=[row.get("c", 0.0) for row in rows],
            d=[row.get("d", 1.0) for row in rows],
            slopes=_padded([_numbered(row, "a") for row in rows]),
            intercepts=_padded([_numbered(row, "c") for row in rows]),
        )


def _pool_model(item: ItemEstimate) -> str:
    return "gpcm" if item.model in ("pcm", "rsm") else item.model


def _steps(parameters: Mapping[str, float]) -> list[float]:
    return [parameters["b"]] if "b" in parameters else _numbered(parameters, "b")


def _numbered(parameters: Mapping[str, float], letter: str) -> list[float]:
    numbers: Any = {name[1:]: value for name, value in parameters.items() if name[0] == letter}
    return [numbers[name] for name in sorted(filter(str.isdigit, numbers), key=int)]


def _padded(rows: Sequence[Sequence[float]]) -> FloatArray:
    padded = np.full((len(rows), max(1, *map(len, rows))), np.nan)
    for place, row in enumerate(rows):
        padded[place, : len(row)] = row
    return padded
