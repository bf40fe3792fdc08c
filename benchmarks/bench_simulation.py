"""Simulated exams: 500 3PL items, 30 given, EAP (catsim: maximum likelihood).

Checked before it is timed: every competitor's estimates are as near to the true abilities as ours.
"""

import resource

import numpy as np
import pytest

import engine
from benchmarks import competitors, problems
from benchmarks.compare import measure

MANY = 100_000
CIVIL_SERVICE = 400_000
TASK = competitors.able("simulate")
AMONG = {1: "the best", 5: "one of five"}


@pytest.mark.parametrize("among", AMONG, ids=AMONG.values())
@pytest.mark.parametrize("name", TASK)
def test_simulation(benchmark, name, among):
    competitor = TASK[name]
    if name == "textbook" and among > 1:
        pytest.skip("the textbook takes the best item")
    pool = problems.pool(500)
    slower = competitor.FEWER.get("simulate", 1) * (40 if name == "mirt" and among > 1 else 1)
    theta, _ = problems.candidates(MANY // slower)

    def work():
        return competitor.simulate(pool, theta, among)

    error = None if name == "zero" else root_mean_square(work() - theta)
    assert error is None or error < tolerance(pool, theta, among)
    problem = f"simulation, {AMONG[among]}"
    measure(
        benchmark,
        work,
        problem=problem,
        competitor=name,
        units=theta.size,
        unit="candidates",
        error=error,
    )


def test_a_whole_civil_service(benchmark):
    """Memory stays flat: the courses of all are never held at once."""
    design = engine.Design(
        pool=problems.pool(500), stopping=engine.StoppingRule(max_items=30), randomesque=5
    )
    theta, seeds = problems.candidates(CIVIL_SERVICE)
    next(engine.simulate_in_parts(design, theta, seeds))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def work():
        return sum(
            float(((part.report.theta - part.theta) ** 2).sum())
            for part in engine.simulate_in_parts(design, theta, seeds)
        )

    error = np.sqrt(work() / theta.size)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 100_000  # kilobytes; the courses of all would take 190 MB
    benchmark.extra_info["grown_kilobytes"] = grown
    measure(
        benchmark,
        work,
        problem="simulation of a civil service",
        competitor="samatthana",
        units=theta.size,
        unit="candidates",
        error=error,
    )


def tolerance(pool, theta, among):
    """Our own error on the same candidates, a fifth more, and what chance allows so few."""
    ours = root_mean_square(TASK["samatthana"].simulate(pool, theta, among) - theta)
    return ours * (1.2 + 3.0 / np.sqrt(theta.size))


def root_mean_square(values):
    return float(np.sqrt((values**2).mean()))
