"""Expected a posteriori estimates (Bock & Mislevy, 1982) of whole patterns of answers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from engine import checks, models
from engine.arrays import FloatArray, IntArray
from engine.errors import AnswerError, Problem
from engine.grid import Grid
from engine.pool import ItemPool
from engine.posterior import Posterior, Score
from engine.priors import NormalPrior, Prior
from engine.tables import Tables

NOT_GIVEN = -1
CHUNK = 2048
"""Patterns at a time, so that their densities stay in a processor's cache."""


def eap(
    pool: ItemPool,
    responses: ArrayLike,
    *,
    grid: Grid | None = None,
    prior: Prior | None = None,
) -> Score:
    """Return posterior means and standard deviations, one a pattern.

    Parameters
    ----------
    responses
        Categories, shape (n, n_items); -1 where an item was not given.
    grid, prior
        As in a design: by default -6 to 6 with 121 nodes, and the standard normal.

    Raises
    ------
    AnswerError
        Naming every answer that is no category of its item, and a shape that does not fit.
    """
    answers = _checked(pool, responses)
    tables = Tables.build(pool, grid or Grid(), prior or NormalPrior())
    scores = [
        _eap(tables, answers[first : first + CHUNK]) for first in range(0, len(answers), CHUNK)
    ]
    return Score(
        theta=np.concatenate([score.theta for score in scores]),
        se=np.concatenate([score.se for score in scores]),
    )


def _eap(tables: Tables, answers: IntArray) -> Score:
    log_density = tables.log_prior + _log_likelihood(tables, answers)
    return Posterior(tables.grid, log_density).score()


def _log_likelihood(tables: Tables, answers: IntArray) -> FloatArray:
    """Log-likelihood of each pattern at each node, shape (n, n_nodes)."""
    rows = np.zeros((len(answers), tables.grid.n))
    for category in range(models.N_CATEGORIES):
        chosen = (answers == category).astype(np.float64)
        rows += chosen @ tables.log_probability[:, category, :]
    return rows


def _checked(pool: ItemPool, responses: ArrayLike) -> IntArray:
    answers = checks.integers(responses)
    if answers is None or answers.ndim != 2 or answers.shape[1] != len(pool) or not len(answers):
        shape = np.shape(responses) if answers is None else answers.shape
        expected = f"whole numbers of shape (n, {len(pool)}), a column for each item"
        raise AnswerError("Responses", [Problem("responses", f"shape {shape}", expected)])
    problems = list(_category_problems(answers))
    if problems:
        raise AnswerError("Responses", problems)
    return answers


def _category_problems(answers: IntArray) -> Iterator[Problem]:
    wrong = (answers < NOT_GIVEN) | (answers >= models.N_CATEGORIES)
    for person, item in np.argwhere(wrong):
        expected = f"a category from 0 to {models.N_CATEGORIES - 1}, or {NOT_GIVEN} for not given"
        yield Problem(f"responses[{person}, {item}]", int(answers[person, item]), expected)
