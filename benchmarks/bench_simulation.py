"""Simulated exams a second.

Peer: `textbook.sit`, measured on fewer candidates and scaled; it does less (no decision, content or
chance). Zero: drawing the random numbers that the same exams need, and nothing else.
"""

import numpy as np
import pytest

import engine
from benchmarks import problems, textbook
from benchmarks.compare import note, seconds

FEW = 20


@pytest.mark.parametrize("design", ["section", "calibrated"])
def test_simulation(benchmark, design):
    exam = getattr(problems, design)()
    theta, seeds = problems.candidates(5000)
    result = engine.simulate(exam, theta, seeds)
    check(exam, result, theta)
    length = round(float(result.report.n_items.mean()))

    benchmark.pedantic(engine.simulate, args=(exam, theta, seeds), rounds=3, warmup_rounds=1)
    few = seconds(lambda: by_the_book(exam.pool, theta[:FEW], length), repeats=1)
    zero = seconds(lambda: random_numbers(seeds, length))
    note(benchmark, units=theta.size, unit="exams", peer=few * theta.size / FEW, zero=zero)


def check(exam, result, theta):
    """Estimates are unbiased over the prior, and the engine's last estimate is the textbook's."""
    error = result.report.theta - theta
    assert abs(error.mean()) < 4 * error.std() / np.sqrt(theta.size)
    for who in range(3):
        n = result.report.n_items[who]
        items, answers = result.items[who, :n].tolist(), result.categories[who, :n].tolist()
        expected = textbook.eap(exam.pool, items, answers)
        assert (result.report.theta[who], result.report.se[who]) == pytest.approx(expected)


def by_the_book(pool, theta, length):
    rng = np.random.default_rng(1)
    return [textbook.sit(pool, ability, rng, length) for ability in theta]


def random_numbers(seeds, length):
    for step in range(length):
        for stream in engine.Stream:
            engine.uniform(seeds, step, stream)
