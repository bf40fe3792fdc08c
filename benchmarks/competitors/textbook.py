"""The peer: an adaptive test in plain numpy, one candidate at a time, straight from the textbook.

It uses no code of the engine and recomputes everything from all answers at every step, as van der
Linden & Pashley (2010) write it and as scripts for one-off studies do.
"""

from __future__ import annotations

import numpy as np

NODES = np.linspace(-6.0, 6.0, 121)
PRIOR = np.exp(-0.5 * NODES**2)

FEWER = {"simulate": 5000, "eap": 1000}


def probability(pool, theta):
    return pool.c + (pool.d - pool.c) / (1 + np.exp(-pool.a * (theta[:, None] - pool.b)))


def posterior_moments(pool, items, answers):
    """Mean and standard deviation of one candidate's posterior."""
    p = probability(pool, NODES)[:, items]
    posterior = PRIOR * np.prod(np.where(np.array(answers) == 1, p, 1 - p), axis=1)
    posterior[[0, -1]] /= 2
    posterior /= posterior.sum()
    mean = posterior @ NODES
    return mean, np.sqrt(posterior @ (NODES - mean) ** 2)


def next_item(pool, items, answers):
    """The unused item of most information at the estimate."""
    theta, _ = posterior_moments(pool, items, answers)
    p = probability(pool, np.array([theta]))[0]
    logistic = (p - pool.c) / (pool.d - pool.c)
    slope = pool.a * (pool.d - pool.c) * logistic * (1 - logistic)
    information = slope**2 / (p * (1 - p))
    information[items] = -1
    return int(information.argmax())


def sit(pool, theta, rng, length):
    """One whole test of a candidate of known ability: items, answers, estimate."""
    items, answers = [], []
    for _ in range(length):
        item = next_item(pool, items, answers)
        p = probability(pool, np.array([theta]))[0, item]
        items.append(item)
        answers.append(int(rng.random() < p))
    return items, answers, posterior_moments(pool, items, answers)


def simulate(pool, theta, among):
    rng = np.random.default_rng(1)
    return np.array([sit(pool, ability, rng, 30)[2][0] for ability in theta])


def live_step(pool):
    items = list(range(10))
    answers = [place % 2 for place in range(10)]

    def step():
        return next_item(pool, items, answers)

    return step


def eap(pool, answers):
    every = list(range(len(pool)))
    return np.array([posterior_moments(pool, every, pattern)[0] for pattern in answers])
