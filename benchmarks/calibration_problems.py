"""Answers to calibrate: simulated tests of stated sizes, from stated seeds.

Large ones are measured on request, `SAMATTHANA_BENCH_LARGE=1`: the peers take half an hour. So are
the peers on sparse answers, which take them minutes, and how time grows with the answers.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import NamedTuple

import numpy as np

AT_ONCE = 20_000


class Problem(NamedTuple):
    """Persons, items, model, seed and the share of answers that are missing."""

    model: str
    n_persons: int
    n_items: int
    seed: int
    missing: float = 0.0

    def __str__(self) -> str:
        share = f", {self.missing:.0%} missing" if self.missing else ""
        return f"{self.model.upper()}, {self.n_persons:,} x {self.n_items}{share}"


SMALL = (
    Problem("2pl", 20_000, 60, 102),
    Problem("3pl", 20_000, 60, 152),
    Problem("grm", 20_000, 40, 202),
    Problem("gpcm", 20_000, 40, 252),
    Problem("2pl", 20_000, 500, 105, 0.8),
)
LARGE = (
    Problem("2pl", 100_000, 100, 103),
    Problem("3pl", 100_000, 100, 153),
    Problem("grm", 50_000, 40, 202),
    Problem("gpcm", 50_000, 40, 252),
    Problem("2pl", 100_000, 500, 105, 0.8),
    Problem("2pl", 500_000, 100, 104),
)
GROWING = tuple(
    Problem("2pl", n_persons, 500, 106, 0.9) for n_persons in (20_000, 40_000, 80_000, 160_000)
)
ON_REQUEST = os.environ.get("SAMATTHANA_BENCH_LARGE") == "1"
PROBLEMS = SMALL + (LARGE if ON_REQUEST else ())


@lru_cache(maxsize=1)
def answers(problem: Problem) -> np.ndarray:
    """Return the answers, categories from 0 and -1 for none, int8, shape (n_persons, n_items)."""
    rng = np.random.default_rng(problem.seed)
    simulated = _graded if problem.model in ("grm", "gpcm") else _right_or_wrong
    return simulated(problem, rng)


def _right_or_wrong(problem: Problem, rng: np.random.Generator) -> np.ndarray:
    n, m = problem.n_persons, problem.n_items
    a = rng.lognormal(0.0, 0.3, m).clip(0.5, 2.5)
    b = rng.normal(0.0, 1.0, m).clip(-2.5, 2.5)
    c = rng.beta(20, 80, m) if problem.model == "3pl" else np.zeros(m)
    theta = rng.standard_normal(n)
    found = np.empty((n, m), dtype=np.int8)
    for start in range(0, n, AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        p = c + (1 - c) / (1 + np.exp(-a * (theta[rows, None] - b)))
        found[rows] = rng.random(p.shape) < p
        if problem.missing:
            found[rows][rng.random(p.shape) < problem.missing] = -1
    return found


def _graded(problem: Problem, rng: np.random.Generator, n_categories: int = 5) -> np.ndarray:
    n, m = problem.n_persons, problem.n_items
    a = rng.lognormal(0.0, 0.3, m).clip(0.5, 2.5)
    centre = rng.normal(0.0, 0.6, m)
    b = centre[:, None] + np.linspace(-1.5, 1.5, n_categories - 1)
    b = np.sort(b + rng.uniform(-0.2, 0.2, b.shape), axis=1)
    theta = rng.standard_normal(n)
    found = np.empty((n, m), dtype=np.int8)
    for start in range(0, n, AT_ONCE // 2):
        rows = slice(start, start + AT_ONCE // 2)
        above = a[:, None] * (theta[rows, None, None] - b)
        u = rng.random((len(above), m, 1))
        if problem.model == "grm":
            found[rows] = (u < 1 / (1 + np.exp(-above))).sum(axis=2)
        else:
            height = np.cumsum(above, axis=2)
            odds = np.exp(height - np.maximum(height.max(axis=2, keepdims=True), 0.0))
            first = np.exp(-np.maximum(height.max(axis=2, keepdims=True), 0.0))
            odds = np.concatenate([first, odds], axis=2)
            reached = np.cumsum(odds, axis=2) / odds.sum(axis=2, keepdims=True)
            found[rows] = (u > reached[:, :, :-1]).sum(axis=2)
    return found
