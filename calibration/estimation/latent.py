"""The groups' distributions of ability: probabilities at the nodes, and their free parameters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from scipy.linalg import block_diag

from engine.arrays import BoolArray, FloatArray

HOLD = 1000.0
"""Weight of the prior on the scale of an empirical density: it stays within 1e-3 or so."""


class LatentModel(Protocol):
    """Distributions of several groups, functions of free parameters y, shape (n_free,)."""

    @property
    def n_free(self) -> int:
        """How many numbers y has."""
        ...

    @property
    def n_parameters(self) -> int:
        """How many of them count as parameters of the model."""
        ...

    def log_density(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """Logarithms of probabilities at the nodes, each group's summing to 1, (G, Q)."""
        ...

    def log_prior(self, y: FloatArray, nodes: FloatArray) -> float:
        """What is added to the log-likelihood to hold y."""
        ...

    def gradient(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Derivatives of the sum of mass times log_density plus log_prior; mass is (G, Q)."""
        ...

    def information(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Expected information if abilities were known, and log_prior's, (n_free, n_free)."""
        ...

    def moments(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """Mean and standard deviation of each group, shape (G, 2)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Normal:
    """Normal groups; y has the free means and logarithms of the free standard deviations.

    Attributes
    ----------
    free
        Whether each group's mean and standard deviation are free, shape (G, 2); others are 0 and 1.
    """

    free: BoolArray

    @property
    def n_free(self) -> int:
        """How many numbers y has: free means and standard deviations, group by group."""
        return int(self.free.sum())

    @property
    def n_parameters(self) -> int:
        """All of them."""
        return self.n_free

    def log_prior(self, y: FloatArray, nodes: FloatArray) -> float:
        """None: 0."""
        return 0.0

    def log_density(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """The normal density at the nodes, normalised over them, shape (G, Q)."""
        mean, sd = self.moments(y, nodes).T[..., None]
        return _normalised(-0.5 * ((nodes - mean) / sd) ** 2)

    def gradient(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Each group's (theta - mean) / sd^2 and squared z, less what the density expects."""
        slope = self._slopes(y, nodes)
        surplus = mass - mass.sum(axis=1, keepdims=True) * np.exp(self.log_density(y, nodes))
        total: FloatArray = np.einsum("gpq,gq->gp", slope, surplus)
        return total[self.free]

    def information(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Persons times the covariance of the slopes, block by block."""
        slope = self._slopes(y, nodes)
        density = np.exp(self.log_density(y, nodes))
        centred = slope - np.einsum("gpq,gq->gp", slope, density)[:, :, None]
        persons = mass.sum(axis=1)[:, None] * density
        blocks = np.einsum("gpq,gq,grq->gpr", centred, persons, centred)
        chosen = self.free.ravel()
        return np.asarray(block_diag(*blocks))[np.ix_(chosen, chosen)]

    def moments(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """Mean and standard deviation of each group, shape (G, 2)."""
        whole = np.zeros(self.free.shape)
        whole[self.free] = y
        return np.stack([whole[:, 0], np.exp(whole[:, 1])], axis=1)

    def _slopes(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """Derivatives in mean and log sd of the density before it is normalised, (G, 2, Q)."""
        mean, sd = self.moments(y, nodes).T[..., None]
        z = (nodes - mean) / sd
        return np.stack([z / sd, z * z], axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class Empirical:
    """Groups with distributions of any shape; y has the logarithms of the densities at knots.

    A histogram (Bock & Aitkin, 1981) whose tops are joined by lines: between knots the logarithm of
    the density is linear. The likelihood alone is greatest with everybody piled up on a few knots
    (Laird, 1978); so a roughness is taken off it, half the sum of the squared third differences of
    y, which is 0 for every normal density (Silverman, 1982). Adding a number to all of a group's y
    changes nothing. Mean and standard deviation of the first group are held near 0 and 1 by a prior
    that the likelihood does not feel, and set to them at the end.

    Attributes
    ----------
    groups
        Whether each group has persons, shape (G,); another is given a normal density.
    lo, hi
        The outer knots.
    n_knots
        How many knots there are.
    n_held
        How many of the first group's moments hold the scale.
    """

    groups: BoolArray
    lo: float
    hi: float
    n_knots: int
    n_held: int = 2

    @property
    def n_free(self) -> int:
        """A number for each knot of each group."""
        return int(self.groups.sum()) * self.n_knots

    @property
    def n_parameters(self) -> int:
        """Probabilities sum to 1, and the first group's moments set the scale."""
        return int(self.groups.sum()) * (self.n_knots - 1) - self.n_held

    def start(self, moments: FloatArray) -> FloatArray:
        """Normal densities with these means and standard deviations, (G, 2), at the knots."""
        mean, sd = moments[self.groups].T[..., None]
        rows: FloatArray = -0.5 * ((self._knots() - mean) / sd) ** 2
        return rows.ravel()

    def log_prior(self, y: FloatArray, nodes: FloatArray) -> float:
        """Minus the roughness of all groups, and minus how far the scale is from where it is held."""
        rough = (np.diff(self._rows(y), 3, axis=1) ** 2).sum()
        away, _ = self._scale(y, nodes)
        return float(-0.5 * (rough + HOLD * (away**2).sum()))

    def log_density(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """Lines between the knots, normalised over the nodes, shape (G, Q)."""
        rows = np.tile(-0.5 * nodes**2, (self.groups.size, 1))
        rows[self.groups] = self._rows(y) @ self._hats(nodes)
        return _normalised(rows)

    def gradient(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Persons found near each knot less those the density expects there, and less roughness."""
        expected = mass.sum(axis=1, keepdims=True) * np.exp(self.log_density(y, nodes))
        surplus: FloatArray = (mass - expected)[self.groups] @ self._hats(nodes).T
        away, slopes = self._scale(y, nodes)
        total = (surplus - self._rows(y) @ self._roughness()).ravel()
        total[: self.n_knots] -= HOLD * (away @ slopes)
        return total

    def information(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Persons times the covariance of the hat functions, and the priors', block by block."""
        hats = self._hats(nodes)
        density = np.exp(self.log_density(y, nodes))[self.groups]
        persons = mass.sum(axis=1)[self.groups]
        mean = density @ hats.T
        blocks = np.einsum("kq,gq,lq->gkl", hats, density, hats) - mean[:, :, None] * mean[:, None]
        whole = persons[:, None, None] * blocks + self._roughness()
        _, slopes = self._scale(y, nodes)
        whole[0] += HOLD * (slopes.T @ slopes)
        return np.asarray(block_diag(*whole))

    def moments(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """Mean and standard deviation of each group, shape (G, 2)."""
        density = np.exp(self.log_density(y, nodes))
        mean = density @ nodes
        return np.stack([mean, np.sqrt(density @ nodes**2 - mean**2)], axis=1)

    def rescaled(self, mean: float, sd: float) -> Empirical:
        """Return the same densities on the scale (theta - mean) / sd."""
        return replace(self, lo=(self.lo - mean) / sd, hi=(self.hi - mean) / sd)

    def _scale(self, y: FloatArray, nodes: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The first group's mean and variance less 1, as many as are held, and their slopes in y."""
        density = np.exp(self.log_density(y, nodes)[0])
        centred = nodes - density @ nodes
        variance = density @ centred**2
        slopes = np.stack([density * centred, density * (centred**2 - variance)])
        away = np.array([density @ nodes, variance - 1.0])
        return away[: self.n_held], (slopes @ self._hats(nodes).T)[: self.n_held]

    def _rows(self, y: FloatArray) -> FloatArray:
        return y.reshape(-1, self.n_knots)

    def _roughness(self) -> FloatArray:
        third = np.diff(np.eye(self.n_knots), 3, axis=0)
        return np.asarray(third.T @ third, dtype=np.float64)

    def _knots(self) -> FloatArray:
        return np.linspace(self.lo, self.hi, self.n_knots)

    def _hats(self, nodes: FloatArray) -> FloatArray:
        """Each knot's share in the line at each node, shape (n_knots, Q)."""
        distance = np.abs(self._knots()[:, None] - nodes)
        step = (self.hi - self.lo) / (self.n_knots - 1)
        return np.maximum(1.0 - distance / step, 0.0)


def _normalised(log_density: FloatArray) -> FloatArray:
    shifted = log_density - log_density.max(axis=1, keepdims=True)
    logarithm: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithm
