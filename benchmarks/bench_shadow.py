"""Shadow tests: one step, against an exact solver that starts cold, and a thousand exams.

The step is 30 of 1,000 items under content, level, key, time and enemy constraints; both answer the
same questions, taken from simulated exams, and agree before they are timed. The thousand exams are on
TestDesign's Science pool, by two processes; they run with SAMATTHANA_BENCH_LONG=1 only.
"""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from time import perf_counter

import numpy as np
import pytest

import engine
from benchmarks import problems
from benchmarks.compare import measure
from engine import models
from engine.adaptive import next_item, record, start
from engine.constraints import (
    Bound,
    Enemies,
    Shares,
    Specification,
    compile,
    search,
    solve,
)
from engine.constraints.shadow import ShadowTest
from engine.simulation import answer
from tests.reference.testdesign import load, needs_files

LENGTH = 30
EXAMS = 1000
PROCESSES = 2
LONG = os.environ.get("SAMATTHANA_BENCH_LONG") == "1"


def ours(ground, question):
    worth, given, known, _ = question
    nothing = np.zeros(0, dtype=np.int64)
    found = search.best(ground, worth, fixed_in=given, fixed_out=nothing, known=known)
    return found.items


def exact(ground, question):
    worth, given, _, _ = question
    return solve(ground.programme, worth, fixed_in=given).items


SOLVERS = {"samatthana": ours, "HiGHS, cold": exact}


@pytest.mark.parametrize("name", SOLVERS)
def test_step(benchmark, name):
    solver = SOLVERS[name]
    specification, ground, questions = steps()
    for question in questions:
        items = solver(ground, question)
        assert specification.satisfied(items) == ()
        assert question[0][items].sum() == pytest.approx(question[0][question[3]].sum(), abs=1e-6)
    taken = [seconds(solver, ground, question) for question in questions]
    benchmark.extra_info.update(
        median_milliseconds=1e3 * float(np.median(taken)),
        worst_milliseconds=1e3 * float(np.max(taken)),
    )
    measure(
        benchmark,
        lambda: [solver(ground, question) for question in questions],
        problem="a step of a shadow test",
        competitor=name,
        units=len(questions),
        unit="steps",
    )


@needs_files
@pytest.mark.skipif(not LONG, reason="minutes long; SAMATTHANA_BENCH_LONG=1 runs it")
def test_a_thousand_exams(benchmark):
    """Every exam keeps to every constraint, and is the same whatever process it ran in."""
    theta, seeds = problems.candidates(EXAMS)
    specification = load("science").specification
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        list(pool.map(sit, [theta[:2]] * PROCESSES, [seeds[:2]] * PROCESSES))  # warms them up
        parts = [slice(first, first + 50) for first in range(0, EXAMS, 50)]

        def work():
            cut = zip(*((theta[part], seeds[part]) for part in parts), strict=True)
            return np.concatenate(list(pool.map(sit, *cut)))

        items = benchmark.pedantic(work, rounds=1)
    assert np.array_equal(items[:3], sit(theta[:3], seeds[:3]))
    assert all(specification.satisfied(row, in_order=True) == () for row in items)
    benchmark.extra_info.update(
        problem="exams with shadow tests, Science", units=EXAMS, unit="candidates"
    )


def sit(theta, seeds):
    """The items of simulated exams on the Science pool, shape (n, 30)."""
    return engine.simulate(science(), theta, seeds).items


@cache
def science():
    blueprint = load("science")
    return engine.Design(
        pool=blueprint.pool,
        stopping=engine.StoppingRule(min_items=LENGTH, max_items=LENGTH),
        content=ShadowTest(specification=blueprint.specification),
    )


@cache
def steps():
    """The specification, its programme, and every tenth step of simulated exams.

    A question is what each item is worth, the items given, the test of the step before, and the
    best test by the exact solver.
    """
    specification = blueprint()
    ground = search.ground(compile(specification))
    design = engine.Design(
        pool=problems.pool(1000),
        stopping=engine.StoppingRule(min_items=LENGTH, max_items=LENGTH),
        content=ShadowTest(specification=specification),
    )
    questions = []
    for place, theta in enumerate((-2.0, -0.7, 0.7, 2.0)):
        state = start(design, [place])
        while state.reason[0] == 0:
            item = next_item(design, state)
            before = state.plan[0]
            state = record(design, state, item, answer(design, state, item, np.array([theta])))
            if state.n_given[0] % 10 == 1:
                worth = models.information(design.pool, state.theta)[0]
                given = state.items[0, : state.n_given[0]]
                best = solve(ground.programme, np.round(worth, 9), fixed_in=given).items
                questions.append((np.round(worth, 9), given, before, best))
    return specification, ground, questions


def blueprint():
    """Thirty of 1,000 items, 45 constraints of which some have several rows."""
    rng = np.random.default_rng(1)
    unit, level, key = rng.integers(0, 10, 1000), rng.integers(0, 3, 1000), rng.integers(0, 4, 1000)
    time = rng.lognormal(np.log(60.0), 0.4, 1000).round(1)
    enemies = [rng.choice(1000, 3, replace=False) for _ in range(30)]
    constraints = [
        *(Bound(name=f"unit {u}", coefficients=unit == u, low=2, high=4) for u in range(10)),
        *(Bound(name=f"level {n}", coefficients=level == n, low=8, high=12) for n in range(3)),
        Shares(name="keys", groups=key, low=0.2, high=0.3),
        Bound(name="time", coefficients=time, high=1700.0),
        *(Enemies(name=f"enemies {e}", items=items) for e, items in enumerate(enemies)),
    ]
    return Specification(n_items=1000, length=LENGTH, constraints=tuple(constraints))


def seconds(solver, ground, question):
    before = perf_counter()
    solver(ground, question)
    return perf_counter() - before
