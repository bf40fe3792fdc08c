"""One step of a live exam: take in an answer, estimate, choose the next item.

`kernel` is the pure computation: our step compiled into a loop over exams. `kernel call` is the same
called from Python, one call a step. `samatthana` is what an exam server calls, with every
check on the way in.
"""

import numba
import numpy as np
import pytest

import engine
from benchmarks import competitors, problems
from benchmarks.compare import measure
from engine._kernels import exam
from engine._kernels.hall import Hall
from engine._kernels.plan import plan

SIZES = [500, 5000, 50_000]
TASK = competitors.able("live_step")
LENGTH = 30
EXAMS = 200
CALLS = 100
SEED = np.uint64(1)


@pytest.mark.parametrize("n_items", SIZES)
@pytest.mark.parametrize("name", TASK)
def test_live_step(benchmark, name, n_items):
    step = TASK[name].live_step(problems.pool(n_items))
    calls = CALLS if n_items < 50_000 else CALLS // 5
    measure_steps(benchmark, lambda: repeat(step, calls), name, n_items, calls)


@pytest.mark.parametrize("n_items", SIZES)
def test_kernel(benchmark, n_items):
    design = engine.Design(
        pool=problems.pool(n_items), stopping=engine.StoppingRule(max_items=LENGTH)
    )
    arrays = plan(design)
    categories = np.random.default_rng(1).integers(0, 2, (EXAMS, LENGTH))
    hall = Hall.clear(arrays, n_seats=1)
    given = np.zeros((EXAMS, LENGTH), dtype=np.int64)
    sit(arrays, categories, hall, given)
    check(design, given, categories, [hall.theta[0], hall.se[0]])
    measure_steps(
        benchmark,
        lambda: sit(arrays, categories, hall, given),
        "kernel",
        n_items,
        EXAMS * (LENGTH - 1),
    )


@pytest.mark.parametrize("n_items", SIZES)
def test_kernel_called_from_python(benchmark, n_items):
    design = engine.Design(
        pool=problems.pool(n_items), stopping=engine.StoppingRule(max_items=LENGTH)
    )
    arrays = plan(design)
    hall = Hall.clear(arrays, n_seats=1)
    exam.first_item(arrays, SEED, hall)

    def step():
        """Of exams that follow each other."""
        if hall.n[0] == LENGTH - 1:
            hall.given[:] = False
            exam.first_item(arrays, SEED, hall)
        return exam.step(arrays, hall.n[0] % 2, hall)

    measure_steps(benchmark, lambda: repeat(step, CALLS), "kernel call", n_items, CALLS)


def measure_steps(benchmark, work, competitor, n_items, steps):
    measure(
        benchmark,
        work,
        problem=f"live step, {n_items} items",
        competitor=competitor,
        units=steps,
        unit="steps",
    )


@numba.njit(_nrt=False, nogil=True)
def sit(arrays, categories, hall, given):
    """Exams of answers given beforehand, step by step."""
    for who in range(categories.shape[0]):
        item = exam.first_item(arrays, SEED, hall)
        for n in range(1, categories.shape[1]):
            given[who, n - 1] = item
            item = exam.take_in(arrays, categories[who, n - 1], hall)
        given[who, -1] = item
        for n in range(categories.shape[1] - 1):
            hall.given[0, given[who, n]] = False
        hall.in_unit[0, 0] = 0


def check(design, given, categories, estimate):
    """The last exam is the engine's own, item by item."""
    state = engine.start(design, 1)
    for item, category in zip(given[-1, :-1], categories[-1], strict=False):
        assert engine.next_item(design, state)[0] == item
        state = engine.record(design, state, item, category)
    assert estimate[:2] == pytest.approx([state.theta[0], state.se[0]], abs=1e-9)


def repeat(step, calls):
    for _ in range(calls):
        step()
