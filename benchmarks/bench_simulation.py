"""Simulated exams: 500 3PL items, 30 given, EAP (catsim: maximum likelihood).

Checked before it is timed: every competitor's estimates are as near to the true abilities as ours.
"""

import resource
from time import process_time

import numpy as np
import pytest

import engine
from benchmarks import competitors, problems
from benchmarks.compare import measure, seconds

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


@pytest.mark.parametrize("name", ["samatthana", "samatthana_constrained"])
def test_constraints(benchmark, name):
    """Content balance, eligibility of items and decisions cost a few times the plain exam's time."""
    theta, seeds = problems.candidates(MANY // 2)
    sit = {"samatthana": plain_exams, "samatthana_constrained": constrained_exams}
    works = {each: make(theta, seeds) for each, make in sit.items()}
    error = root_mean_square(works[name]() - theta)
    assert error < 0.5
    if name == "samatthana_constrained":
        times = [seconds(work, repeats=3, clock=process_time) for work in works.values()]
        benchmark.extra_info["times_the_plain"] = times[1] / times[0]
        assert times[1] < 3.0 * times[0]
    measure(
        benchmark,
        works[name],
        problem="simulation with and without constraints",
        competitor=name,
        units=theta.size,
        unit="candidates",
        error=error,
    )


def plain_exams(theta, seeds):
    design = engine.Design(
        pool=problems.pool(500), stopping=engine.StoppingRule(max_items=30), randomesque=5
    )
    return lambda: engine.simulate(design, theta, seeds).report.theta


def constrained_exams(theta, seeds):
    """Three content units, a rate of 0.25 held in four segments, stops at a confidence of 0.90."""
    design = engine.Design(
        pool=problems.pool(500),
        stopping=engine.StoppingRule(min_items=8, max_items=30, decision=0.90),
        randomesque=5,
        content=engine.ContentTargets(np.arange(500) % 3, np.full(3, 1 / 3)),
        exposure=engine.ExposureControl(bounds=(-1.0, 0.0, 1.0)),
        decision=engine.DecisionRule((-1.0, 0.0, 1.0), 2 / 3),
    )
    settled = engine.simulate_exposed(design, theta, seeds, engine.Eligibility(rate=0.25))
    snapshot = settled.ledger.snapshot
    return lambda: engine.simulate(design, theta, seeds, snapshot=snapshot).report.theta


def tolerance(pool, theta, among):
    """Our own error on the same candidates, a fifth more, and what chance allows so few."""
    ours = root_mean_square(TASK["samatthana"].simulate(pool, theta, among) - theta)
    return ours * (1.2 + 3.0 / np.sqrt(theta.size))


def root_mean_square(values):
    return float(np.sqrt((values**2).mean()))
