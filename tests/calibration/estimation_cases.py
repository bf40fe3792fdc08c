"""Answers simulated from known parameters, and the likelihood written out, for several tests."""

import numpy as np

from calibration.responses.model import Responses

NODES = np.linspace(-6.0, 6.0, 61)


def responses(answers, **more):
    answers = np.ascontiguousarray(answers, dtype=np.int8)
    names = tuple(f"i{item}" for item in range(answers.shape[1]))
    return Responses(items=names, answers=answers, **more)


def right_or_wrong(n, n_items, seed, *, mean=0.0, sd=1.0, c=0.0):
    """Answers of 2- or 3-parameter items, with a, b and c."""
    rng = np.random.default_rng(seed)
    a, b = rng.lognormal(0.0, 0.3, n_items), rng.normal(0.0, 1.0, n_items)
    theta = mean + sd * rng.standard_normal((n, 1))
    p = c + (1.0 - c) / (1.0 + np.exp(-a * (theta - b)))
    return (rng.random(p.shape) < p).astype(np.int8), a, b


def partial_credit(n, n_items, n_categories, seed):
    """Answers of generalised partial credit items, with a and steps."""
    rng = np.random.default_rng(seed)
    a = rng.lognormal(0.0, 0.2, n_items)
    b = rng.normal(0.0, 0.5, (n_items, 1)) + np.linspace(-1.0, 1.0, n_categories - 1)
    theta = rng.standard_normal((n, 1, 1))
    height = np.cumsum(a[:, None] * (theta - b), axis=2)
    odds = np.exp(np.concatenate([np.zeros((n, n_items, 1)), height], axis=2))
    reached = np.cumsum(odds, axis=2) / odds.sum(axis=2, keepdims=True)
    return (rng.random((n, n_items, 1)) > reached[:, :, :-1]).sum(axis=2).astype(np.int8), a, b


def log_likelihood(answers, probability, density, weight=None):
    """Plain sum over persons of log sum over nodes; probability is (n_items, K, Q)."""
    total = 0.0
    for person, row in enumerate(answers):
        likelihood = density.copy()
        for item, answer in enumerate(row):
            if answer >= 0:
                likelihood = likelihood * probability[item, answer]
        total += (1.0 if weight is None else weight[person]) * np.log(likelihood.sum())
    return total


def normal_density(nodes, mean=0.0, sd=1.0):
    density = np.exp(-0.5 * ((nodes - mean) / sd) ** 2)
    return density / density.sum()
