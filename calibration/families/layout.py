"""Where the parameters of a test stand: blocks of items, and the free parameters phi behind them.

The working parameters x of all blocks, one after the other, are linear in phi: x = offset + M phi
with a sparse matrix M. A parameter of its own is a 1 in M; one that items share, a 1 in several
rows; a fixed one, an empty row; the steps of a rating scale, a few plus and minus ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from calibration.errors import CalibrationError
from calibration.families import models
from calibration.families.constraints import Draft, Equal, Fixed, constrain
from calibration.families.protocol import ItemFamily
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.errors import Problem


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Items of one family with the same number of categories.

    Attributes
    ----------
    items
        Their positions in the test, shape (J,).
    """

    family: ItemFamily
    n_categories: int
    items: IntArray

    @property
    def working_names(self) -> tuple[str, ...]:
        """Names of the P working parameters of an item."""
        return self.family.working_names(self.n_categories)

    @property
    def shape(self) -> tuple[int, int]:
        """How many items and working parameters: (J, P)."""
        return self.items.size, len(self.working_names)


@dataclass(frozen=True, eq=False)
class Layout:
    """The blocks of a test and its free parameters.

    Attributes
    ----------
    items, models
        Name and model of each item, in the order of the test.
    blocks
        Every item is in one of them.
    offset, M
        x = offset + M phi, shapes (n_x,) and (n_x, n_phi).
    names
        Names of the free parameters, "item.parameter" where they are one item's.
    """

    items: tuple[str, ...]
    models: tuple[str, ...]
    blocks: tuple[Block, ...]
    offset: FloatArray
    M: sparse.csr_array
    names: tuple[str, ...]

    @classmethod
    def build(
        cls,
        items: Sequence[str],
        models: Sequence[str],
        n_categories: Sequence[int] | IntArray,
        *,
        fixed: Fixed | None = None,
        equal: Equal = (),
    ) -> Layout:
        """Lay out the parameters of a test.

        Parameters
        ----------
        items, models, n_categories
            Name, model and number of categories of each item, 2 or more.
        fixed
            Values of published parameters, by item and name.
        equal
            Published parameters that items share: a name, and the items.

        Raises
        ------
        CalibrationError
            Naming every model that does not fit its item, and every constraint that is unknown,
            contradicts another, or cannot be met.
        """
        problems = list(_model_problems(items, models, n_categories))
        if problems:
            raise CalibrationError("Models of the items", problems)
        draft = _draft(items, models, n_categories)
        constrain(draft, fixed or {}, equal)
        if draft.problems:
            raise CalibrationError("Fixed and equal parameters", draft.problems)
        return _assembled(cls, tuple(items), tuple(models), draft)

    def holding(self, columns: IntArray, values: FloatArray) -> Layout:
        """Return the layout with free parameters, places in phi, fixed at values; also infinite."""
        offset = self.offset.copy()
        for column, value in zip(columns, values, strict=True):
            entries = self.M[:, [column]].tocoo()
            offset[entries.row] += entries.data * value
        kept = np.setdiff1d(np.arange(self.n_free), columns)
        return replace(
            self,
            offset=offset,
            M=sparse.csr_array(self.M[:, kept]),
            names=tuple(self.names[place] for place in kept),
        )

    @property
    def n_free(self) -> int:
        """How many free parameters there are."""
        return len(self.names)

    @cached_property
    def free(self) -> BoolArray:
        """Whether each of the working parameters x depends on phi, shape (n_x,)."""
        return np.diff(self.M.indptr) > 0

    def flat(self, phi: FloatArray) -> FloatArray:
        """Working parameters of all blocks, one after the other, shape (n_x,)."""
        x: FloatArray = self.offset + self.M @ phi
        return x

    def working(self, phi: FloatArray) -> list[FloatArray]:
        """Working parameters by block, shape (J, P) each."""
        return self.split(self.flat(phi))

    def split(self, x: FloatArray) -> list[FloatArray]:
        """Cut what stands in the order of x into the blocks' shares, shape (J, P) each."""
        parts = np.split(x, np.cumsum([int(np.prod(block.shape)) for block in self.blocks])[:-1])
        return [part.reshape(block.shape) for part, block in zip(parts, self.blocks, strict=True)]

    def pull(self, gradients: Sequence[FloatArray]) -> FloatArray:
        """Gradient in phi of gradients in the blocks' working parameters, shape (n_free,)."""
        pulled: FloatArray = self.M.T @ np.concatenate([part.ravel() for part in gradients])
        return pulled

    def pull_hessian(self, hessians: Sequence[FloatArray]) -> sparse.csc_array:
        """Hessian in phi of the items' own, (J, P, P) a block; sparse, (n_free, n_free)."""
        rows, columns = self._places
        values = np.concatenate([part.ravel() for part in hessians])
        inner = sparse.csr_array((values, (rows, columns)), shape=(self.M.shape[0],) * 2)
        return sparse.csc_array(self.M.T @ inner @ self.M)

    def free_of(self, x: Sequence[FloatArray]) -> FloatArray:
        """Free parameters nearest to these working ones (least squares), shape (n_free,)."""
        if not self.n_free:
            return np.zeros(0)
        wanted = np.concatenate([part.ravel() for part in x])
        apart = np.zeros(wanted.size)
        apart[self.free] = wanted[self.free] - self.offset[self.free]
        solved = spsolve(sparse.csc_array(self.M.T @ self.M), self.M.T @ apart)
        return np.atleast_1d(np.asarray(solved, dtype=np.float64))

    def published(self, phi: FloatArray) -> list[dict[str, float]]:
        """Published parameters of each item by name, in the order of the test."""
        found: list[dict[str, float]] = [{} for _ in self.items]
        for block, x in zip(self.blocks, self.working(phi), strict=True):
            names = block.family.published_names(block.n_categories)
            for item, row in zip(block.items, block.family.published(x).tolist(), strict=True):
                found[item] = dict(zip(names, row, strict=True))
        return found

    @cached_property
    def _places(self) -> tuple[IntArray, IntArray]:
        """Rows and columns, in x, of the items' Hessians."""
        rows, columns = [], []
        for place in self.split(np.arange(self.M.shape[0], dtype=np.float64)):
            index = place.astype(np.int64)
            square = np.broadcast_to(index[:, :, None], (*index.shape, index.shape[1]))
            rows.append(square.ravel())
            columns.append(square.transpose(0, 2, 1).ravel())
        return np.concatenate(rows), np.concatenate(columns)


def _model_problems(
    items: Sequence[str], chosen: Sequence[str], n_categories: Sequence[int] | IntArray
) -> Iterator[Problem]:
    if not items:
        yield Problem("items", 0, "at least one item")
    for item, model, n in zip(items, chosen, n_categories, strict=True):
        if model not in models.FAMILIES:
            yield Problem(item, model, "one of " + ", ".join(models.FAMILIES))
        elif n < 2:
            yield Problem(item, f"{n} categories", "at least 2 categories")
        elif n > 2 and model in models.DICHOTOMOUS:
            several = ", ".join(m for m in models.FAMILIES if m not in models.DICHOTOMOUS)
            yield Problem(
                item, f"{model} with {n} categories", f"2 categories, or one of {several}"
            )


def _draft(
    items: Sequence[str], chosen: Sequence[str], n_categories: Sequence[int] | IntArray
) -> Draft:
    counts = [int(n) for n in n_categories]
    return Draft(
        model=dict(zip(items, chosen, strict=True)),
        n_categories=dict(zip(items, counts, strict=True)),
        expressions={
            item: models.expressions(item, model, n)
            for item, model, n in zip(items, chosen, counts, strict=True)
        },
    )


def _assembled(
    cls: type[Layout], items: tuple[str, ...], chosen: tuple[str, ...], draft: Draft
) -> Layout:
    blocks = tuple(_blocks(items, draft))
    offset: list[float] = []
    index: dict[str, int] = {}
    rows, columns, values = [], [], []
    for block in blocks:
        for item in block.items:
            for working in block.working_names:
                expression = draft.expression(items[item], working)
                for name, by in expression.terms:
                    rows.append(len(offset))
                    columns.append(index.setdefault(name, len(index)))
                    values.append(by)
                offset.append(expression.constant)
    shape = (len(offset), len(index))
    M = sparse.csr_array((np.array(values, dtype=np.float64), (rows, columns)), shape=shape)
    return cls(items, chosen, blocks, np.array(offset), M, tuple(index))


def _blocks(items: Sequence[str], draft: Draft) -> Iterator[Block]:
    members: dict[tuple[Any, int], list[int]] = {}
    for place, item in enumerate(items):
        members.setdefault((draft.family(item), draft.n_categories[item]), []).append(place)
    for (family, n_categories), places in members.items():
        yield Block(family, n_categories, np.array(places))
