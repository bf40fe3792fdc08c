"""Simulated candidates sitting an exam through the same functions as live ones."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike

from engine import checks, models
from engine.adaptive import Report, next_item, record, report, start
from engine.answers import checked_seeds
from engine.arrays import FloatArray, IntArray, SeedArray
from engine.design import Design
from engine.errors import AnswerError, Problem
from engine.randomness import Stream, uniform
from engine.state import EMPTY, State

CHUNK = 1024
"""Candidates at a time: their densities fit in a processor's cache, and memory stays flat."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """n simulated exams.

    Attributes
    ----------
    theta
        The true abilities, shape (n,).
    report
        What the exams reported.
    items, categories
        The items given and their answers, in order, padded with -1, shape (n, longest).
    """

    theta: FloatArray
    report: Report
    items: IntArray
    categories: IntArray


def simulate(
    design: Design, theta: ArrayLike, seeds: ArrayLike, *, chunk: int = CHUNK
) -> Simulation:
    """Let candidates of known ability sit the exam.

    A candidate's course depends on the design, the ability and the seed, and on nothing else:
    neither on `chunk` nor on who else is simulated.

    Parameters
    ----------
    theta
        True abilities, shape (n,).
    seeds
        One 64-bit number a candidate, shape (n,).
    chunk
        How many candidates are worked on together.

    Raises
    ------
    AnswerError
        Naming every ability that is not finite, every bad seed, and lengths that differ.
    """
    abilities, words = _checked(theta, seeds, chunk)
    parts = [
        _simulate(design, abilities[first : first + chunk], words[first : first + chunk])
        for first in range(0, abilities.size, chunk)
    ]
    return Simulation(
        theta=abilities,
        report=_joined([part.report for part in parts]),
        items=np.concatenate([part.items for part in parts]),
        categories=np.concatenate([part.categories for part in parts]),
    )


def answer(design: Design, state: State, items: IntArray, theta: FloatArray) -> IntArray:
    """Draw candidates' answers to these items, shape (n,); -1 where the item is -1.

    The draw depends on the candidate's seed and on how many items came before, on stream ANSWER.
    """
    asked = np.flatnonzero(items != EMPTY)
    u = uniform(state.seeds[asked], state.n_given[asked], Stream.ANSWER)
    categories = np.full(items.shape, EMPTY, dtype=np.int64)
    categories[asked] = models.draw_category(design.pool, items[asked], theta[asked], u)
    return categories


def _simulate(design: Design, theta: FloatArray, seeds: SeedArray) -> Simulation:
    state = start(design, seeds)
    items = next_item(design, state)
    while (items != EMPTY).any():
        state = record(design, state, items, answer(design, state, items, theta))
        items = next_item(design, state)
    return Simulation(
        theta=theta,
        report=report(design, state),
        items=state.items,
        categories=state.categories,
    )


def _joined(reports: list[Report]) -> Report:
    columns = {
        column.name: np.concatenate([getattr(part, column.name) for part in reports])
        for column in fields(Report)
    }
    return Report(**columns)


def _checked(theta: ArrayLike, seeds: ArrayLike, chunk: int) -> tuple[FloatArray, SeedArray]:
    problems = list(checks.whole_number("chunk", chunk, low=1))
    abilities = checks.floats(theta)
    if abilities is None or abilities.ndim > 1 or abilities.size == 0:
        problems.append(Problem("theta", theta, "one ability for each candidate, shape (n,)"))
        abilities = np.zeros(0)
    abilities = np.atleast_1d(abilities)
    problems += checks.each("theta", abilities, np.isfinite(abilities), "a finite ability")
    words: SeedArray = np.zeros(0, dtype=np.uint64)
    try:
        words = checked_seeds(seeds)
    except AnswerError as error:
        problems += error.problems
    if abilities.size and words.size and abilities.size != words.size:
        expected = f"{abilities.size}, one for each ability"
        problems.append(Problem("seeds", f"{words.size} seeds", expected))
    if problems:
        raise AnswerError("Simulation", problems)
    return abilities, words
