"""Pools and answers that several tests of estimates use."""

import numpy as np

import engine
from engine import models


def log_likelihood(pool, row, theta):
    table = models.log_probability(pool, theta)
    given_items = np.flatnonzero(row >= 0)
    return table[given_items, row[given_items]].sum(axis=0)


def three_pl(n_items=30, seed=0, c=0.2):
    rng = np.random.default_rng(seed)
    return engine.ItemPool.build(
        a=np.exp(rng.normal(0.2, 0.3, n_items)), b=rng.normal(0.0, 1.2, n_items), c=c
    )


def some_answers(pool, n, seed=1, missing=0.0):
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=n)
    p = models.probability(pool, theta)
    answers = (rng.random(p.shape) < p).astype(np.int64)
    answers[rng.random(p.shape) < missing] = -1
    return answers
