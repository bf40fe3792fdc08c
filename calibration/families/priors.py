"""Prior densities on asymptotes: where the data say little about guessing, they say the rest.

A Beta(w m + 1, w (1 - m) + 1) density on an asymptote is greatest at m and weighs as much as w
persons without the ability who were seen to guess (BILOG-MG; Zimowski, Muraki, Mislevy & Bock,
2003: w = 20 and m = 1 / number of options). The estimate is the mode of the posterior in c itself,
not in its log-odds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import betaln, expit, log_expit

from calibration.families.layout import Layout
from engine.arrays import FloatArray, IntArray

WEIGHT = 20.0
"""Weight of a prior, in persons."""

GUESSING = 1.0 / 5.0
"""Most likely lower asymptote of an item whose number of options is not known."""

NOT_SLIPPING = 0.95
"""Most likely upper asymptote: able persons seldom fail, and the data rarely say how seldom."""


@dataclass(frozen=True, slots=True, eq=False)
class Priors:
    """Independent Beta densities on some of the free asymptotes.

    Attributes
    ----------
    rows
        The working parameters (log-odds) they are on, places in x.
    alpha, beta
        Parameters of each density.
    """

    rows: IntArray
    alpha: FloatArray
    beta: FloatArray

    @classmethod
    def default(cls, layout: Layout, n_options: Mapping[str, int] | None = None) -> Priors:
        """Return the priors on every free c and d of a test.

        Parameters
        ----------
        n_options
            How many options items have, by name: guessing is then most likely at one in as many.
        """
        options = n_options or {}
        rows, modes = [], []
        seen: set[int] = set()
        for row, item, working in _asymptotes(layout):
            free = layout.M.indices[layout.M.indptr[row] : layout.M.indptr[row + 1]]
            if not free.size or free[0] in seen:  # fixed, or shared with an item before
                continue
            seen.add(int(free[0]))
            rows.append(row)
            guessing = 1.0 / options[item] if item in options else GUESSING
            modes.append(guessing if working == "guess" else NOT_SLIPPING)
        mode = np.array(modes, dtype=np.float64)
        return cls(np.array(rows, dtype=np.int64), WEIGHT * mode + 1.0, WEIGHT * (1.0 - mode) + 1.0)

    @classmethod
    def none(cls) -> Priors:
        """Return no priors at all."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))

    def __bool__(self) -> bool:
        return bool(self.rows.size)

    def log_density(self, x: FloatArray) -> float:
        """Logarithm of the densities' product at working parameters x, shape (n_x,)."""
        z = x[self.rows]
        kernel = (self.alpha - 1.0) * log_expit(z) + (self.beta - 1.0) * log_expit(-z)
        return float((kernel - betaln(self.alpha, self.beta)).sum())

    def gradient(self, x: FloatArray) -> FloatArray:
        """Derivatives of `log_density`, shape (n_x,)."""
        z = x[self.rows]
        slope = np.zeros_like(x)
        slope[self.rows] = (self.alpha - 1.0) * expit(-z) - (self.beta - 1.0) * expit(z)
        return slope

    def curvature(self, x: FloatArray) -> FloatArray:
        """Second derivatives, which are diagonal, shape (n_x,)."""
        z = x[self.rows]
        bend = np.zeros_like(x)
        bend[self.rows] = -(self.alpha + self.beta - 2.0) * expit(z) * expit(-z)
        return bend


def _asymptotes(layout: Layout) -> list[tuple[int, str, str]]:
    """Place in x, item and name of every asymptote's log-odds."""
    found, first = [], 0
    for block in layout.blocks:
        n_items, width = block.shape
        for place, name in enumerate(block.working_names):
            if name in ("guess", "slip"):
                rows = first + place + width * np.arange(n_items)
                names = [layout.items[item] for item in block.items]
                found += [(int(row), item, name) for row, item in zip(rows, names, strict=True)]
        first += n_items * width
    return found
