"""What is not known for not knowing abilities: sums over persons.

Louis (1982): the observed information is that of the complete data, expected, less the covariance
of its score, each person's over the posterior. A person's covariance is U C U', with the rows of U
the scores of the answers given, in the functions of `ScoreBasis`, and C the posterior covariance of
these functions; C = L L' with the few columns that a narrow posterior needs. The sum over persons
is then one product of a matrix with itself.

One column is enough where log-odds are straight lines and everyone answered everything. Scores then
differ between persons by multiples of ability alone: given ability's part of it, the covariance is
that of the lowest answers for all, and only C need be summed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from calibration._kernels import missing as kernel
from calibration._kernels import packing, posteriors
from calibration.estimation.columns import Columns, Floats
from calibration.estimation.encoding import Encoding, Packed, Part
from calibration.estimation.expectation import RAREST, in_order
from calibration.estimation.score_basis import ScoreBasis
from engine.arrays import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How exactly the sums are formed.

    Attributes
    ----------
    functions
        See `ScoreBasis.build`.
    factors
        Share of a person's posterior variance of scores that may be left out.
    kind
        Floats of the products; sums over more than a block of persons are double.
    """

    functions: float
    factors: float
    kind: type[np.floating[Any]]


FINE = Accuracy(functions=1e-6, factors=1e-9, kind=np.float64)
"""Standard errors to about eight digits."""

FAST = Accuracy(functions=1e-4, factors=4e-7, kind=np.float32)
"""To 2e-6 of them (measured: 1.0e-6 graded, 1.6e-6 with 80 % missing), in a fifth of the time."""

FAST_WITH_ASYMPTOTES = Accuracy(functions=1e-4, factors=1e-7, kind=np.float32)
"""To 4e-6: what is known of guessing is a small difference of large numbers."""

MANY = 10_000
"""With more persons than this, fast is good enough: rounding averages out."""


def accuracy(mass: FloatArray, *, asymptotes: bool) -> Accuracy:
    """Return how exactly to work for so many persons, and with or without free asymptotes."""
    if mass.sum() <= MANY:
        return FINE
    return FAST_WITH_ASYMPTOTES if asymptotes else FAST


PERSONS = 256
"""Persons whose columns are multiplied at once; they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersonSums:
    """Sums over persons, in the parameters of a `ScoreBasis`.

    Attributes
    ----------
    missing
        Posterior covariances of the persons' complete-data scores, shape (n, n).
    products
        Products of the persons' scores with themselves, shape (n, n); None if not asked for.
    """

    missing: FloatArray
    products: FloatArray | None


def person_sums(
    parts: Iterable[Part],
    encoding: Encoding,
    basis: ScoreBasis,
    table: FloatArray,
    log_density: FloatArray,
    nodes: FloatArray,
    *,
    accuracy: Accuracy,
    products: bool,
    threads: int | None = None,
) -> PersonSums:
    """Go through the persons once.

    Parameters
    ----------
    parts
        The persons, as `expectation.expect` takes them.
    table
        Log-probabilities of the answers, shape (n_rows, Q).
    log_density
        Logarithms of each group's probabilities at the nodes, shape (G, Q).
    nodes
        Abilities, shape (Q,).
    products
        Whether products of scores are wanted, for robust errors.
    """
    lead = basis.straight and not encoding.listed and not encoding.gaps.any()
    basis = basis.led_by(nodes) if lead else basis
    work = _Pass(encoding, basis, lead, np.maximum(table, RAREST), log_density, accuracy, products)
    total = work.nobody()
    for sums in in_order(work.sums, parts, threads):
        total += sums
    return work.finished(total)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sums:
    """Lower triangles of the sums over some persons; those of all persons are the sum.

    Attributes
    ----------
    missing, products
        Of columns, as `Columns` has them.
    rest
        Covariances given ability, of the functions of the basis, by group, shape (G, R, R).
    """

    missing: FloatArray
    products: FloatArray
    rest: FloatArray

    def __add__(self, other: _Sums) -> _Sums:
        return _Sums(
            missing=self.missing + other.missing,
            products=self.products + other.products,
            rest=self.rest + other.rest,
        )


class _Pass:
    """Tables of one pass over the persons."""

    def __init__(
        self,
        encoding: Encoding,
        basis: ScoreBasis,
        lead: bool,
        table: FloatArray,
        log_density: FloatArray,
        accuracy: Accuracy,
        products: bool,
    ) -> None:
        self.lead = lead
        self.accuracy = accuracy
        self.encoding = encoding
        self.basis = basis
        self.products = products
        self.log_density = log_density
        self.functions = np.ascontiguousarray(basis.functions.T)
        self.squares = basis.products
        self.table = table if encoding.listed else _combined(encoding, table)
        self.columns = Columns.build(basis, encoding, accuracy.kind)

    def nobody(self) -> _Sums:
        """Return the sums over no persons."""
        rank = self.functions.shape[1]
        return _Sums(
            missing=self.columns.zeros(),
            products=self.columns.zeros() if self.products else np.zeros((0, 0)),
            rest=np.zeros((len(self.log_density), rank, rank)),
        )

    def sums(self, part: Part) -> _Sums:
        """Return the sums over the persons of a part."""
        total = self.nobody()
        for first in range(0, part.weight.size, PERSONS):
            weight = part.weight[first : first + PERSONS]
            mean, square = self._moments(part, first, weight.size)
            factors, ranks = self._factors(mean, square, weight, total.rest[part.group])
            self.columns.add_squares(total.missing, part, first, factors, ranks)
            if self.products:
                root = (mean * np.sqrt(weight)[:, None]).astype(factors.dtype)[:, None, :]
                self.columns.add_squares(total.products, part, first, root, np.ones_like(ranks))
        return total

    def finished(self, total: _Sums) -> PersonSums:
        """Return sums in the parameters of the basis."""
        missing = self.columns.symmetric(total.missing)
        if self.lead:
            for group, rest in enumerate(total.rest):
                lowest = self.basis.lowest(self.encoding, group)
                missing += lowest.T @ ((np.tril(rest) + np.tril(rest, -1).T) @ lowest)
        products = self.columns.symmetric(total.products) if self.products else None
        return PersonSums(missing=missing, products=products)

    def _moments(self, part: Part, first: int, n: int) -> tuple[FloatArray, FloatArray]:
        """Posterior means of the functions and of their products, shapes (n, R), (n, ...)."""
        posterior = np.empty((n, self.log_density.shape[1]))
        density = self.log_density[part.group]
        if isinstance(part, Packed):
            posteriors.posterior_packed(
                part.codes, self.encoding.firsts, first, self.table, density, posterior
            )
        else:
            posteriors.posterior_listed(part.rows, part.ends, first, self.table, density, posterior)
        mean = np.empty((n, self.functions.shape[1]))
        square = np.empty((n, self.squares.shape[1]))
        kernel.moments(posterior, self.functions, self.squares, mean, square)
        return mean, square

    def _factors(
        self, mean: FloatArray, square: FloatArray, weight: FloatArray, rest: FloatArray
    ) -> tuple[Floats, IntArray]:
        """Factors of the functions' covariances and their ranks; what they leave goes to `rest`."""
        n, rank = mean.shape
        if self.lead:
            leading = np.empty((n, 1, rank))
            kernel.lead(square, mean, weight, leading, rest)
            return leading.astype(self.accuracy.kind), np.ones(n, dtype=np.int64)
        factors = np.empty((n, rank, rank), dtype=self.accuracy.kind)
        ranks = np.empty(n, dtype=np.int64)
        room, column = np.empty((rank, rank)), np.empty(rank)
        kernel.factor(square, mean, weight, self.accuracy.factors, room, column, factors, ranks)
        return factors, ranks


def _combined(encoding: Encoding, table: FloatArray) -> FloatArray:
    combined = np.empty((int(encoding.combinations.sum()), table.shape[1]))
    packing.combine(
        table,
        encoding.first_rows,
        encoding.sizes,
        encoding.radices,
        encoding.groups,
        encoding.firsts,
        combined,
    )
    return combined
