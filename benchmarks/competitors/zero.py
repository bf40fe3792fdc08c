"""The least that anybody would have to do; no answer comes of it."""

import numpy as np

FEWER: dict[str, int] = {}


def simulate(pool, theta, among):
    """Draw the random numbers that the exams need."""
    rng = np.random.default_rng(1)
    for _ in range(30 if among == 1 else 60):
        rng.random(theta.size)


def eap(pool, answers):
    """Count the right answers."""
    return answers.sum(axis=1)


map_ = mle = wle = eap


def live_step(pool):
    """Find the first item not given."""
    given = np.zeros(len(pool), dtype=bool)

    def step():
        return int((~given).argmax())

    return step
