"""Abilities of those whose answers were calibrated: posterior means under their group's density.

The same posteriors serve the comparison of observed and expected answers: `posteriors` yields them
by some thousand persons, so that a million of them fit in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration._kernels.packing import tally
from calibration.estimation.options import CalibrationOptions
from calibration.estimation.result import Calibration
from calibration.responses.model import LARGEST_CATEGORY, Responses
from engine import models
from engine.arrays import FloatArray, IntArray

ROWS_AT_ONCE = 8_192

Answers = NDArray[np.int8]
"""Categories from 0, -1 where nothing is known, shape (n, n_items)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Abilities:
    """Posterior means and their errors, shape (n,) each; NaN for persons without answers.

    Attributes
    ----------
    theta, se
        Mean and standard deviation of each posterior density (EAP; Bock & Mislevy, 1982).
    n_answers
        How many answers to calibrated items each has.
    log_likelihood
        Log of the probability of each one's answers; 0 without answers.
    """

    theta: FloatArray
    se: FloatArray
    n_answers: IntArray
    log_likelihood: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Some persons: their rows, answers (n, n_items), posterior masses (n, n_nodes), log P(answers)."""

    rows: slice
    answers: Answers
    mass: FloatArray
    log_likelihood: FloatArray


def given_categories(
    pieces: Iterable[Responses], items: Sequence[str], options: CalibrationOptions
) -> FloatArray:
    """Return how many gave each category as it was written, weights counted, (n_items, 127)."""
    total = np.zeros((1, 0, LARGEST_CATEGORY + 2))
    places: list[int] = []
    for piece in pieces:
        if not total.size:
            total = np.zeros((1, len(piece.items), LARGEST_CATEGORY + 2))
            places = [piece.items.index(name) for name in items]
        scored = piece.scored(omitted=options.omitted, not_reached=options.not_reached)
        weight = np.ones(1) if piece.weight is None else piece.weight
        tally(scored, np.zeros(1, dtype=np.int32), weight, total)
    counts: FloatArray = total[0, places, 1:]
    return counts


def calibrated_answers(
    responses: Responses,
    items: Sequence[str],
    options: CalibrationOptions,
    counts: FloatArray | None = None,
) -> Answers:
    """Return the answers to calibrated items as they were counted, shape (n, n_items).

    Omissions count as the options say, and a category is its rank among those that anyone gave.

    Parameters
    ----------
    counts
        How many gave each category, as `given_categories` says, where these are not all persons.
    """
    places = {name: place for place, name in enumerate(responses.items)}
    scored = responses.scored(omitted=options.omitted, not_reached=options.not_reached)
    answers = np.ascontiguousarray(scored[:, [places[name] for name in items]])
    given = given_categories([responses], items, options) if counts is None else counts
    for column, there in zip(answers.T, given > 0, strict=True):
        rank = np.where(there, np.cumsum(there) - 1, -1)
        if (rank[there] != np.flatnonzero(there)).any():
            ranks = np.append(rank, -1).astype(np.int8)  # its last place is read for -1
            column[:] = ranks[column]
    return answers


def estimate_abilities(
    calibration: Calibration, answers: Answers, group: NDArray[np.int32] | None = None
) -> Abilities:
    """Estimate everyone's ability from the calibrated items.

    Parameters
    ----------
    answers
        To the calibrated items, in their order; shape (n, n_items).
    group
        Each person's place in `calibration.latent`, shape (n,); None where there is one group.
    """
    nodes = calibration.quadrature.nodes
    theta, se, log_likelihood = np.empty((3, len(answers)))
    for block in posteriors(calibration, answers, group):
        mean = block.mass @ nodes
        distance = nodes - mean[:, None]
        theta[block.rows] = mean
        se[block.rows] = np.sqrt((block.mass * distance**2).sum(axis=1))
        log_likelihood[block.rows] = block.log_likelihood
    n_answers = (answers >= 0).sum(axis=1)
    silent = n_answers == 0
    theta[silent] = se[silent] = np.nan
    log_likelihood[silent] = 0.0
    return Abilities(theta=theta, se=se, n_answers=n_answers, log_likelihood=log_likelihood)


def posteriors(
    calibration: Calibration, answers: Answers, group: NDArray[np.int32] | None = None
) -> Iterator[Block]:
    """Yield the posteriors of all persons, block after block; arguments as `estimate_abilities`."""
    nodes = calibration.quadrature.nodes
    table = models.log_probability(calibration.pool(), nodes)
    prior = log_densities(calibration)
    for start in range(0, len(answers), ROWS_AT_ONCE):
        rows = slice(start, min(start + ROWS_AT_ONCE, len(answers)))
        of_group = prior[0 if group is None else group[rows]]
        joint = _log_likelihood(table, answers[rows]) + of_group
        peak = joint.max(axis=1, keepdims=True)
        mass = np.exp(joint - peak)
        total = mass.sum(axis=1, keepdims=True)
        yield Block(
            rows=rows,
            answers=answers[rows],
            mass=mass / total,
            log_likelihood=(peak + np.log(total))[:, 0],
        )


def log_densities(calibration: Calibration) -> FloatArray:
    """Log of each group's probability at each node, shape (n_groups, n_nodes).

    A normal density is that of the group's mean and standard deviation at the nodes, made to sum
    to 1.
    """
    return np.stack(
        [_log_density(each.density, each.mean, each.sd, calibration) for each in calibration.latent]
    )


def _log_density(
    density: FloatArray | None, mean: float, sd: float, calibration: Calibration
) -> FloatArray:
    if density is None:
        z = (calibration.quadrature.nodes - mean) / sd
        density = np.exp(-0.5 * z * z)
    shares = density / density.sum()
    # Nobody is where the density is 0, and no answer brings anyone there.
    logarithms: FloatArray = np.log(shares, out=np.full_like(shares, -1e4), where=shares > 0)
    return logarithms


def _log_likelihood(table: FloatArray, answers: Answers) -> FloatArray:
    """Log-probability of the answers at each node, shape (n, n_nodes), by matrix products.

    A category's log-probability may be so low that 0 times it is no number: it is cut at a value
    that no posterior notices.
    """
    cut = np.maximum(table, -1e4)
    total = np.zeros((len(answers), table.shape[2]))
    for category in range(table.shape[1]):
        total += (answers == category).astype(np.float64) @ cut[:, category]
    return total
