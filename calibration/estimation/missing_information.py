"""What is not known for not knowing abilities: sums over persons that add.

Louis (1982): the observed information is that of the complete data, expected, less the covariance
of its score, each person's over the posterior. A person's covariance is U C U', with the rows of U
the scores of the answers given, in the functions of `ScoreBasis`, and C the posterior covariance of
these functions; C = L L' with the few columns that a narrow posterior needs. The sum over persons
is then one product of a matrix with itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from calibration._kernels import missing as kernel
from calibration._kernels import packing
from calibration.estimation.encoding import Encoding, Listed, Packed, Part
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

FAST = Accuracy(functions=1e-4, factors=1e-7, kind=np.float32)
"""To about six, in a quarter of the time."""

MANY = 20_000
"""With more persons than this, fast is good enough: rounding averages out."""


def accuracy(mass: FloatArray) -> Accuracy:
    """Return how exactly to work for so many persons."""
    return FINE if mass.sum() <= MANY else FAST


PERSONS = 256
"""Persons whose columns are multiplied at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PersonSums:
    """Sums over persons, in the parameters of a `ScoreBasis`; those of all persons are the sum.

    Attributes
    ----------
    missing
        Posterior covariances of the persons' complete-data scores, shape (n, n).
    products
        Products of the persons' scores with themselves, shape (n, n); zeros if not asked for.
    """

    missing: FloatArray
    products: FloatArray

    @classmethod
    def zero(cls, n: int) -> PersonSums:
        """Return the sums over nobody."""
        return cls(missing=np.zeros((n, n)), products=np.zeros((n, n)))

    def __add__(self, other: PersonSums) -> PersonSums:
        """Return the sums over both."""
        return PersonSums(
            missing=self.missing + other.missing, products=self.products + other.products
        )


def person_sums(
    parts: Iterable[Part],
    encoding: Encoding,
    basis: ScoreBasis,
    table: FloatArray,
    log_density: FloatArray,
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
    products
        Whether products of scores are wanted, for robust errors.
    """
    work = _Pass(encoding, basis, np.maximum(table, RAREST), log_density, accuracy, products)
    total = PersonSums.zero(basis.n_parameters)
    for sums in in_order(work.sums, parts, threads):
        total += sums
    return total


class _Pass:
    """Tables of one pass over the persons."""

    def __init__(
        self,
        encoding: Encoding,
        basis: ScoreBasis,
        table: FloatArray,
        log_density: FloatArray,
        accuracy: Accuracy,
        products: bool,
    ) -> None:
        self.accuracy = accuracy
        self.encoding = encoding
        self.basis = basis
        self.products = products
        self.log_density = log_density
        self.functions = np.ascontiguousarray(basis.functions.T)
        self.squares = basis.products
        if encoding.listed:
            self.table, self.values = table, basis.answers
            self.starts = np.repeat(basis.starts, encoding.sizes)
            self.widths = np.repeat(basis.widths, encoding.sizes)
        else:
            self.table = _combined(encoding, table)
            self.values, self.starts, self.widths = basis.of_codes(encoding)
        self.values = self.values.astype(accuracy.kind)
        self.groups = basis.groups.astype(accuracy.kind)

    def sums(self, part: Part) -> PersonSums:
        """Return the sums over the persons of a part."""
        size = self.basis.n_parameters
        missing, products = np.zeros((size, size)), np.zeros((size, size))
        for first in range(0, part.weight.size, PERSONS):
            weight = part.weight[first : first + PERSONS]
            mean, factors, ranks = self._factors(part, first, weight)
            self._add(missing, part, first, factors, ranks)
            if self.products:
                root = mean * np.sqrt(weight)[:, None]
                self._add(products, part, first, root[:, None, :], np.ones_like(ranks))
        return PersonSums(missing=_symmetric(missing), products=_symmetric(products))

    def _factors(
        self, part: Part, first: int, weight: FloatArray
    ) -> tuple[FloatArray, FloatArray, IntArray]:
        """Posterior means of the functions and factors of their covariance, (n, R), (n, R, R)."""
        posterior = np.empty((weight.size, self.log_density.shape[1]))
        density = self.log_density[part.group]
        if isinstance(part, Packed):
            kernel.posterior_packed(
                part.codes, self.encoding.firsts, first, self.table, density, posterior
            )
        else:
            kernel.posterior_listed(part.rows, part.ends, first, self.table, density, posterior)
        rank = self.functions.shape[1]
        mean = np.empty((weight.size, rank))
        square = np.empty((weight.size, self.squares.shape[1]))
        kernel.moments(posterior, self.functions, self.squares, mean, square)
        factors, ranks = np.zeros((weight.size, rank, rank)), np.empty(weight.size, dtype=np.int64)
        kernel.factor(
            square, mean, weight, self.accuracy.factors, np.empty((rank, rank)), factors, ranks
        )
        return mean, factors, ranks

    def _add(
        self, total: FloatArray, part: Part, first: int, factors: FloatArray, ranks: IntArray
    ) -> None:
        """Add the products of the persons' columns to the lower triangle of `total` at least."""
        kind = self.accuracy.kind
        factors = factors.astype(kind, copy=False)
        other = self.groups[part.group]
        if isinstance(part, Packed):
            columns = np.empty((int(ranks.sum()), len(total)), dtype=kind)
            kernel.columns_packed(
                part.codes,
                self.encoding.firsts,
                first,
                self.starts,
                self.widths,
                self.values,
                other,
                factors,
                ranks,
                columns,
            )
            squares = np.zeros(total.shape, dtype=kind)
            kernel.add_squares(columns, squares)
            total += squares
        else:
            self._add_listed(total, part, first, factors, ranks)

    def _add_listed(
        self, total: FloatArray, part: Listed, first: int, factors: FloatArray, ranks: IntArray
    ) -> None:
        kind, other = self.accuracy.kind, self.groups[part.group]
        longest = int(np.diff(part.ends[first : first + ranks.size + 1]).max(initial=0))
        room = longest * int(self.widths.max(initial=0)) + other.shape[1]
        kernel.products_listed(
            part.rows,
            part.ends,
            first,
            self.starts,
            self.widths,
            self.values,
            other,
            factors,
            ranks,
            np.empty(room, dtype=np.int64),
            np.empty((factors.shape[1], room), dtype=kind),
            np.empty(room, dtype=kind),
            total,
        )


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


def _symmetric(lower: FloatArray) -> FloatArray:
    return np.tril(lower) + np.tril(lower, -1).T
