"""Scores of answers as functions of ability, written in a few functions that all of them share.

The score of an answer is the gradient of its log-probability in the free parameters. Over the nodes
these thousands of smooth functions have a low rank: each is a sum of a dozen functions b, with
coefficients of its own. So a person's posterior needs to be integrated against the functions b
only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from calibration.estimation.encoding import Encoding
from calibration.estimation.latent import LatentModel, Normal
from calibration.families.layout import Layout
from calibration.families.models import STRAIGHT
from engine.arrays import FloatArray, IntArray

RAREST_NODE = 1e-7
"""Share of the persons that every node is taken to have at least, when functions are chosen."""


@dataclass(frozen=True, eq=False)
class ScoreBasis:
    """Scores of all answers, and of all groups, as sums of functions b.

    Parameters are the free ones of the items' working parameters x, then those of the groups.

    Attributes
    ----------
    functions
        b at the nodes, shape (R, Q).
    answers
        Coefficients in the scores of each row of the table of answers, shape (n_rows, R, widest);
        0 beyond the item's own parameters.
    starts, widths
        Each item's first parameter, and how many of them are free, shape (n_items,).
    groups
        Coefficients in the scores of being of a group, shape (n_groups, R, n_latent).
    n_parameters
        Of items and groups.
    straight
        Whether scores of answers to one item differ by a constant and a multiple of ability alone:
        so in all families of which log-odds are straight lines.
    """

    functions: FloatArray
    answers: FloatArray
    starts: IntArray
    widths: IntArray
    groups: FloatArray
    n_parameters: int
    straight: bool

    @classmethod
    def build(
        cls,
        layout: Layout,
        phi: FloatArray,
        latent: LatentModel,
        y: FloatArray,
        nodes: FloatArray,
        counts: list[FloatArray],
        mass: FloatArray,
        precision: float,
    ) -> ScoreBasis:
        """Find the functions.

        Parameters
        ----------
        counts
            Expected persons who gave each answer at each node, by block, shape (J, K, Q) each.
        mass
            Expected persons of each group at each node, shape (G, Q).
        precision
            How far a score may be from its sum of functions: root mean square over the persons,
            relative to the information on its parameter.
        """
        answers, information = _answer_scores(layout, phi, nodes, counts)
        groups = latent_scores(latent, y, nodes)
        scale = _scale(layout, information, groups, mass)
        n_items_parameters = int(layout.free.sum())
        widths = _widths(layout)
        columns = np.concatenate([answers.reshape(-1, nodes.size), groups.reshape(-1, nodes.size)])
        row_scale = np.concatenate(
            [
                _by_answer(layout, widths, scale[:n_items_parameters], answers.shape[:2]).ravel(),
                np.tile(scale[n_items_parameters:], len(groups)),
            ]
        )
        share = mass.sum(axis=0) / mass.sum() + RAREST_NODE
        coefficients, functions = _low_rank(columns * row_scale[:, None], share, precision)
        coefficients /= np.where(row_scale > 0.0, row_scale, 1.0)[:, None]
        of_answers, of_groups = np.split(coefficients, [answers.shape[0] * answers.shape[1]])
        rank = len(functions)
        return cls(
            functions=functions,
            answers=_transposed(of_answers, (*answers.shape[:2], rank)),
            starts=np.cumsum(widths) - widths,
            widths=widths,
            groups=_transposed(of_groups, (*groups.shape[:2], rank)),
            n_parameters=n_items_parameters + groups.shape[1],
            straight=all(isinstance(block.family, STRAIGHT) for block in layout.blocks),
        )

    @cached_property
    def products(self) -> FloatArray:
        """Products b_s b_t, t <= s, at the nodes, shape (Q, R (R + 1) / 2)."""
        s, t = np.tril_indices(len(self.functions))
        return np.ascontiguousarray((self.functions[s] * self.functions[t]).T)

    def led_by(self, ability: FloatArray) -> ScoreBasis:
        """Return the basis with ability as its first function, which no score has a part of."""
        answers, groups = (
            np.concatenate([np.zeros_like(part[:, :1]), part], axis=1)
            for part in (self.answers, self.groups)
        )
        functions = np.vstack([ability, self.functions])
        return replace(self, functions=functions, answers=answers, groups=groups)

    def lowest(self, encoding: Encoding, group: int) -> FloatArray:
        """Coefficients in the scores of lowest answers to all items, shape (R, n_parameters)."""
        rows = self.answers[encoding.first_rows]
        there = np.arange(rows.shape[2]) < self.widths[:, None]
        of_items = rows.transpose(0, 2, 1)[there].T
        return np.concatenate([of_items, self.groups[group]], axis=1)

    def of_codes(self, encoding: Encoding) -> tuple[FloatArray, IntArray]:
        """Coefficients in the scores of the codes of each packed group of items.

        Returns
        -------
        tuple
            Coefficients, shape (n_codes, R, widest), and how many parameters each group has.
        """
        of_group = np.bincount(encoding.groups, self.widths).astype(np.int64)
        starts = np.cumsum(of_group) - of_group
        rank = len(self.functions)
        values = np.zeros((encoding.combinations.sum(), rank, int(of_group.max(initial=0))))
        stride = 1
        for item, group in enumerate(encoding.groups.tolist()):
            if item and group != encoding.groups[item - 1]:
                stride = 1
            self._fill(values, encoding, item, stride, int(self.starts[item] - starts[group]))
            stride *= int(encoding.radices[item])
        return values, of_group

    def _fill(
        self, values: FloatArray, encoding: Encoding, item: int, stride: int, place: int
    ) -> None:
        group, width = encoding.groups[item], self.widths[item]
        code = np.arange(encoding.combinations[group])
        digit = code // stride % encoding.radices[item]
        given = digit < encoding.sizes[item]
        rows = encoding.first_rows[item] + digit[given]
        chosen = encoding.firsts[group] + code[given]
        values[chosen, :, place : place + width] = self.answers[rows, :, :width]


def latent_scores(latent: LatentModel, y: FloatArray, nodes: FloatArray) -> FloatArray:
    """Derivatives of each group's log-density at the nodes, shape (G, n_latent, Q).

    Only normal distributions have free parameters here: an empirical density is taken as known.
    """
    n_groups = len(latent.moments(y, nodes))
    if not isinstance(latent, Normal):
        return np.zeros((n_groups, 0, nodes.size))
    scores = np.zeros((n_groups, latent.n_free, nodes.size))
    for group in range(n_groups):
        for node in range(nodes.size):
            # The gradient is linear in the persons: that of a single one at one node.
            one = np.zeros((n_groups, nodes.size))
            one[group, node] = 1.0
            scores[group, :, node] = latent.gradient(y, nodes, one)
    return scores


def _answer_scores(
    layout: Layout, phi: FloatArray, nodes: FloatArray, counts: list[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Scores of each answer in its item's free parameters; the parameters' information.

    Shapes (n_rows, widest, Q), with 0 beyond an item's own parameters, and (n_free x,).
    """
    widest = int(_widths(layout).max(initial=0))
    scores, information = [], []
    free = layout.split(layout.free.astype(np.float64))
    for block, x, of_block, here in zip(
        layout.blocks, layout.working(phi), counts, free, strict=True
    ):
        gradient = block.family.gradient(x, nodes)
        is_free = here > 0.0
        information.append(np.einsum("jpkq,jkq->jp", gradient**2, of_block)[is_free])
        moved = np.zeros((len(x), block.n_categories, widest, nodes.size))
        # Each item's free parameters first, in their order.
        order = np.argsort(~is_free, axis=1, kind="stable")
        ordered = np.take_along_axis(gradient, order[:, :, None, None], axis=1)
        width = min(widest, x.shape[1])
        there = np.take_along_axis(is_free, order, axis=1)[:, :width]
        kept = ordered[:, :width] * there[:, :, None, None]
        moved[:, :, :width] = kept.transpose(0, 2, 1, 3)
        scores.append(moved.reshape(-1, widest, nodes.size))
    return np.concatenate(scores), np.concatenate(information)


def _widths(layout: Layout) -> IntArray:
    """How many free working parameters each item has, in the order of the blocks."""
    free = layout.split(layout.free.astype(np.float64))
    return np.concatenate([part.sum(axis=1) for part in free]).astype(np.int64)


def _scale(
    layout: Layout, information: FloatArray, groups: FloatArray, mass: FloatArray
) -> FloatArray:
    """Scores times this have a mean square of 1, as far as they carry any information."""
    of_groups = np.einsum("gpq,gq->p", groups**2, mass)
    whole = np.concatenate([information, of_groups]) / mass.sum()
    known = whole > 0.0
    scale: FloatArray = np.where(known, 1.0 / np.sqrt(np.where(known, whole, 1.0)), 0.0)
    return scale


def _by_answer(
    layout: Layout, widths: IntArray, scale: FloatArray, shape: tuple[int, ...]
) -> FloatArray:
    """Scale of each answer's parameters, shape (n_rows, widest)."""
    by_item = np.zeros((widths.size, shape[1]))
    by_item[np.arange(shape[1]) < widths[:, None]] = scale
    sizes = np.concatenate([np.full(b.items.size, b.n_categories) for b in layout.blocks])
    return np.repeat(by_item, sizes, axis=0)


def _low_rank(
    rows: FloatArray, share: FloatArray, precision: float
) -> tuple[FloatArray, FloatArray]:
    """Return coefficients (T, R) and functions (R, Q) whose product is `rows`, (T, Q), nearly."""
    weighted = rows * np.sqrt(share)
    # Eigenvectors are orthogonal to the last bit, however small their value: what is left beyond
    # the first few is measured, not inferred from the values.
    _, directions = np.linalg.eigh(weighted.T @ weighted)
    along = weighted @ directions[:, ::-1]
    left = np.sqrt(np.cumsum(along[:, ::-1] ** 2, axis=1)[:, ::-1].max(axis=0, initial=0.0))
    rank = max(1, int((left > precision).sum()))
    size = np.sqrt((along[:, :rank] ** 2).sum(axis=0))
    coefficients = along[:, :rank] / np.where(size > 0.0, size, 1.0)
    return coefficients, coefficients.T @ rows


def _transposed(coefficients: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    """From (rows, parameters) x R to (rows, R, parameters)."""
    moved: FloatArray = np.ascontiguousarray(coefficients.reshape(shape).transpose(0, 2, 1))
    return moved
