"""The groups' distributions of ability: probabilities at the nodes, and their free parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.linalg import block_diag

from engine.arrays import BoolArray, FloatArray


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

    def gradient(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Derivatives of the sum of mass times log_density; mass has shape (G, Q)."""
        ...

    def information(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Expected information if abilities were known, shape (n_free, n_free)."""
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
class Histogram:
    """Groups with any distribution on the nodes; y has the logarithms of their probabilities.

    (Bock & Aitkin, 1981.) y has one number too many for each group, which changes nothing; mean and
    standard deviation of the first group are set to 0 and 1 when all is done.
    """

    n_groups: int
    n_nodes: int
    n_held: int = 2
    """How many of the moments of the first group the scale holds."""

    @property
    def n_free(self) -> int:
        """A number for each node of each group."""
        return self.n_groups * self.n_nodes

    @property
    def n_parameters(self) -> int:
        """Probabilities sum to 1, and the first group's moments set the scale."""
        return self.n_groups * (self.n_nodes - 1) - self.n_held

    def log_density(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """The numbers themselves, normalised, shape (G, Q)."""
        return _normalised(y.reshape(self.n_groups, self.n_nodes))

    def gradient(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """Persons found at each node less those the density expects."""
        expected = mass.sum(axis=1, keepdims=True) * np.exp(self.log_density(y, nodes))
        surplus: FloatArray = mass - expected
        return surplus.ravel()

    def information(self, y: FloatArray, nodes: FloatArray, mass: FloatArray) -> FloatArray:
        """The diagonal of it, with which a step is one of EM."""
        persons = mass.sum(axis=1, keepdims=True) * np.exp(self.log_density(y, nodes))
        return np.diag(persons.ravel())

    def moments(self, y: FloatArray, nodes: FloatArray) -> FloatArray:
        """Mean and standard deviation of each group, shape (G, 2)."""
        density = np.exp(self.log_density(y, nodes))
        mean = density @ nodes
        return np.stack([mean, np.sqrt(density @ nodes**2 - mean**2)], axis=1)


def _normalised(log_density: FloatArray) -> FloatArray:
    shifted = log_density - log_density.max(axis=1, keepdims=True)
    logarithm: FloatArray = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithm
