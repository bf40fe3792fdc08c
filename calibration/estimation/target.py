"""What is climbed: the marginal log-posterior of all free parameters, with its gradient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from calibration.estimation.encoding import Encoding, Part
from calibration.estimation.expectation import RAREST, expect
from calibration.estimation.latent import LatentModel
from calibration.estimation.metric import RIDGE, Assembly, Metric
from calibration.estimation.sums import Sums
from calibration.families import information
from calibration.families.layout import Layout
from calibration.families.priors import Priors
from engine.arrays import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """The target at one place z = (phi, y): items' parameters, then the groups'."""

    z: FloatArray
    value: float
    gradient: FloatArray
    sums: Sums


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """A weak normal density around a place, for samples too small to hold every parameter."""

    z: FloatArray
    sd: float

    def log_density(self, z: FloatArray) -> float:
        """Logarithm of the density up to a constant."""
        return float(-0.5 * ((z - self.z) ** 2).sum() / self.sd**2)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """The marginal log-posterior on some persons.

    Attributes
    ----------
    parts
        The persons; gone through once for each evaluation.
    nodes
        Abilities, shape (Q,).
    """

    layout: Layout
    assembly: Assembly
    latent: LatentModel
    priors: Priors
    encoding: Encoding
    parts: Iterable[Part]
    nodes: FloatArray
    anchor: Anchor | None = None
    threads: int | None = None

    def evaluate(self, z: FloatArray) -> Evaluation:
        """Return value and gradient at z, shape (n,), and the sums behind them.

        The gradient is Fisher's identity: that of the complete data, expected (Louis, 1982).
        """
        sums = self.sums(z)
        return Evaluation(
            z=z,
            value=sums.log_likelihood + self._log_prior(z),
            gradient=self.complete_gradient(z, sums),
            sums=sums,
        )

    def complete_value(self, z: FloatArray, sums: Sums) -> float:
        """Return the log-posterior of the complete data that are expected as `sums`, at z."""
        phi, y = self.split(z)
        table = np.maximum(self.table(phi), RAREST)
        of_groups = self.latent.log_density(y, self.nodes)
        table *= sums.counts  # no product of BLAS: its threads would get into each other's way
        return float(table.sum() + (of_groups * sums.mass).sum()) + self._log_prior(z)

    def complete_gradient(self, z: FloatArray, sums: Sums) -> FloatArray:
        """Return the gradient of `complete_value`, shape (n,)."""
        phi, y = self.split(z)
        flat = self.layout.flat(phi)
        gradients = [
            block.family.expected_gradient(x, self.nodes, counts)
            for block, x, counts in zip(
                self.layout.blocks, self.layout.split(flat), self.by_block(sums.counts), strict=True
            )
        ]
        in_phi = self.layout.pull(gradients) + self.layout.M.T @ self.priors.gradient(flat)
        gradient = np.concatenate([in_phi, self.latent.gradient(y, self.nodes, sums.mass)])
        if self.anchor is not None:
            gradient -= (z - self.anchor.z) / self.anchor.sd**2
        return gradient

    def _log_prior(self, z: FloatArray) -> float:
        phi, y = self.split(z)
        log_density = self.priors.log_density(self.layout.flat(phi)) + self.latent.log_prior(
            y, self.nodes
        )
        return log_density + (self.anchor.log_density(z) if self.anchor is not None else 0.0)

    def sums(self, z: FloatArray) -> Sums:
        """Return the E-step's sums at z."""
        phi, y = self.split(z)
        log_density = self.latent.log_density(y, self.nodes)
        return expect(
            self.parts, self.encoding, self.table(phi), log_density, self.nodes, self.threads
        )

    def table(self, phi: FloatArray) -> FloatArray:
        """Return log-probabilities of the answers at the nodes, rows as the encoding has them."""
        return self.table_of(self.layout.working(phi))

    def table_of(self, working: Sequence[FloatArray]) -> FloatArray:
        """Return the same of working parameters by block."""
        return np.concatenate(
            [
                block.family.log_probability(x, self.nodes).reshape(-1, self.nodes.size)
                for block, x in zip(self.layout.blocks, working, strict=True)
            ]
        )

    def metric(self, z: FloatArray, sums: Sums) -> Metric:
        """Return the inverse of the information there would be if abilities were known."""
        phi, y = self.split(z)
        blocks = [
            information(block.family, x, self.nodes, counts.sum(axis=1))
            for block, x, counts in zip(
                self.layout.blocks,
                self.layout.working(phi),
                self.by_block(sums.counts),
                strict=True,
            )
        ]
        return self.assembly.metric(
            blocks,
            -self.priors.curvature(self.layout.flat(phi)),
            RIDGE if self.anchor is None else RIDGE + self.anchor.sd**-2,
            self.latent.information(y, self.nodes, sums.mass),
        )

    def split(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Cut z into phi and y."""
        return z[: self.layout.n_free], z[self.layout.n_free :]

    def by_block(self, counts: FloatArray) -> Sequence[FloatArray]:
        """Cut the counts into the blocks' shares, shape (J, K, Q) each."""
        shapes = [(b.items.size, b.n_categories, self.nodes.size) for b in self.layout.blocks]
        ends = np.cumsum([n_items * n for n_items, n, _ in shapes])[:-1]
        cut = np.split(counts, ends)
        return [part.reshape(shape) for part, shape in zip(cut, shapes, strict=True)]
