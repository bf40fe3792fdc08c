"""What is not known for not knowing abilities: sums over persons that add.

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

MANY = 10_000
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
        Products of the persons' scores with themselves, shape (n, n); (0, 0) if not asked for.
    """

    missing: FloatArray
    products: FloatArray

    @classmethod
    def zero(cls, n: int, *, products: bool) -> PersonSums:
        """Return the sums over nobody."""
        asked = n if products else 0
        return cls(missing=np.zeros((n, n)), products=np.zeros((asked, asked)))

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
    total = PersonSums.zero(basis.n_parameters, products=products)
    for sums in in_order(work.sums, parts, threads):
        total += sums
    return total


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
        start = PersonSums.zero(size, products=self.products)
        missing, products = start.missing, start.products
        rank = self.functions.shape[1]
        rest = np.zeros((rank, rank))
        for first in range(0, part.weight.size, PERSONS):
            weight = part.weight[first : first + PERSONS]
            mean, square = self._moments(part, first, weight.size)
            factors, ranks = self._factors(mean, square, weight, rest)
            self._add(missing, part, first, factors, ranks)
            if self.products:
                root = mean * np.sqrt(weight)[:, None]
                self._add(products, part, first, root[:, None, :], np.ones_like(ranks))
        missing = _symmetric(missing)
        if self.lead:
            lowest = self.basis.lowest(self.encoding, part.group)
            missing += lowest.T @ (_symmetric(rest) @ lowest)
        return PersonSums(missing=missing, products=_symmetric(products))

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
    ) -> tuple[FloatArray, IntArray]:
        """Factors of the functions' covariances and their ranks; what they leave goes to `rest`."""
        n, rank = mean.shape
        if self.lead:
            factors = np.empty((n, 1, rank))
            kernel.lead(square, mean, weight, factors, rest)
            return factors, np.ones(n, dtype=np.int64)
        factors, ranks = np.zeros((n, rank, rank)), np.empty(n, dtype=np.int64)
        room = np.empty((rank, rank))
        kernel.factor(square, mean, weight, self.accuracy.factors, room, factors, ranks)
        return factors, ranks

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
