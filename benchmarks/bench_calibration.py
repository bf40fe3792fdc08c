"""Items calibrated by marginal maximum likelihood, without priors and without standard errors.

All log-likelihoods are taken by one rule, 121 nodes from -6 to 6. Checked before it is timed: ours
is within 0.5 of the best there is, and every parameter within 0.05 of its standard error of where
a run to the last digit ends. An asymptote whose maximum is its end, 0 or 1, has no standard error:
ours must be there. Of the others it is written down.

The floor is one E-step in plain matrix products on 61 nodes; ours takes a few.
"""

import subprocess
import sys
from functools import lru_cache
from time import perf_counter, process_time

import numpy as np
import pytest

from benchmarks import calibration_problems as problems
from benchmarks import competitors
from benchmarks.compare import measure, seconds
from calibration.estimation.calibrate import calibrate
from calibration.estimation.encoding import Encoding
from calibration.estimation.expectation import expect
from calibration.responses import Responses
from engine import Grid, models

RULE = Grid(-6.0, 6.0, 121)
CASES = [
    (problem, name)
    for problem in problems.PROBLEMS
    for name, competitor in competitors.able("calibrate").items()
    if problem.model in competitor.CALIBRATES
    # Squared extrapolation pays on what converges slowly, and takes minutes elsewhere.
    and (name != "mirt_squarem" or problem in problems.LARGE or problem.model == "gpcm")
    and (name == "samatthana" or not problem.missing or problems.ON_REQUEST)
]
LOG_LIKELIHOOD, DISTANCE = 0.5, 0.05
STEEPEST_GROWTH = 1.1


@pytest.mark.parametrize(("problem", "name"), CASES, ids=str)
def test_calibration(benchmark, problem, name):
    answers = problems.answers(problem)
    work = competitors.able("calibrate")[name].calibrate
    prepared = competitors.able("calibrate")[name].prepare(answers, problem.model)
    found = []
    # The peers take long, and compile nothing: once will do for them.
    measure(
        benchmark,
        lambda: found.append(work(prepared)),
        problem=f"calibration, {problem}",
        competitor=name,
        units=int((answers >= 0).sum()),
        unit="answers",
        rounds=3 if name == "samatthana" else 1,
    )
    best = maximum(problem)
    short = best.log_likelihood - log_likelihood(found[-1], answers)
    distance = farthest(found[-1], best)
    if benchmark.stats is not None:
        benchmark.extra_info.update(error=short, distance=distance)
    if name == "samatthana":
        assert short < LOG_LIKELIHOOD
        assert distance < DISTANCE


@pytest.mark.parametrize("problem", problems.PROBLEMS, ids=str)
def test_standard_errors_take_as_long_again_at_most(benchmark, problem):
    answers = responses(problems.answers(problem))
    plain, plain_processor = (
        seconds(
            lambda: calibrate(answers, problem.model, priors=False, standard_errors="none"),
            repeats=2,
            clock=clock,
        )
        for clock in (perf_counter, process_time)
    )
    measure(
        benchmark,
        lambda: calibrate(answers, problem.model, priors=False),
        problem=f"calibration with standard errors, {problem}",
        competitor="samatthana",
        units=int((answers.answers >= 0).sum()),
        unit="answers",
        rounds=2,
    )
    if benchmark.stats is not None:
        benchmark.extra_info["times_without"] = benchmark.stats.stats.min / plain
        benchmark.extra_info["processor_times_without"] = (
            benchmark.extra_info["processor_seconds"] / plain_processor
        )


@pytest.mark.skipif(not problems.ON_REQUEST, reason="SAMATTHANA_BENCH_LARGE=1 runs it")
def test_time_grows_as_the_answers_do(benchmark):
    """The slope of log time on log answers is 1 at most, but for chance."""
    sizes, times = [], []
    for problem in problems.GROWING:
        given = responses(problems.answers(problem))
        sizes.append(int((given.answers >= 0).sum()))
        times.append(seconds(lambda given=given: quick(given), repeats=2, clock=process_time))
    slope = float(np.polyfit(np.log(sizes), np.log(times), 1)[0])
    measure(
        benchmark,
        lambda: quick(given),
        problem=f"growth, {problem}",
        competitor="samatthana",
        units=sizes[-1],
        unit="answers",
        rounds=1,
    )
    print("\n", *zip(sizes, times, strict=True), f"slope {slope:.3f}")
    if benchmark.stats is not None:
        benchmark.extra_info.update(sizes=sizes, times=times, slope=slope)
    assert slope < STEEPEST_GROWTH


def quick(given):
    return calibrate(given, "2pl", priors=False, standard_errors="none")


@pytest.mark.parametrize("problem", problems.PROBLEMS, ids=str)
def test_floor(benchmark, problem):
    """One E-step: ours, and beside it plain products of matrices."""
    answers = problems.answers(problem)
    sizes = answers.max(axis=0).astype(np.int64) + 1
    encoding = Encoding(
        items=np.arange(sizes.size),
        sizes=sizes,
        categories=np.tile(np.arange(-1, 127), (sizes.size, 1)),
        gaps=(answers < 0).any(axis=0),
        listed=problem.missing > 0.75,
    )
    nodes = np.linspace(-6.0, 6.0, 61)
    table = np.log(np.random.default_rng(1).uniform(0.1, 0.9, (encoding.n_rows, nodes.size)))
    density = -0.5 * nodes[None, :] ** 2
    parts = list(encoding.parts(answers, None, None))
    measure(
        benchmark,
        lambda: expect(parts, encoding, table, density, nodes),
        problem=f"one E-step, {problem}",
        competitor="samatthana",
        units=int((answers >= 0).sum()),
        unit="answers",
        rounds=3,
    )
    if problem.model in ("2pl", "3pl") and not problem.missing and benchmark.stats is not None:
        plain = seconds(lambda: matrix_products(answers, table, density[0]), repeats=2)
        benchmark.extra_info["matrix_products_seconds"] = plain


@pytest.mark.parametrize("problem", problems.PROBLEMS, ids=str)
def test_memory(problem):
    """Above the imports, less than twice the answers in bytes plus 200 MB."""
    size = problem.n_persons * problem.n_items / 2**20
    peak = float(subprocess.check_output([sys.executable, "-c", MEMORY, *map(str, problem)]))
    print(f"\n{problem}: {peak:.0f} MB beside the {size:.0f} MB of the answers")
    assert peak < size + 200


MEMORY = """
import resource, sys
from benchmarks.calibration_problems import Problem, answers
from benchmarks.bench_calibration import responses
from calibration.estimation.calibrate import calibrate
model, n_persons, n_items, seed, missing = sys.argv[1:]
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
some = answers(Problem(model, 20_000, 5, 1, 0.0))
calibrate(responses(some), model, priors=False)
problem = Problem(model, int(n_persons), int(n_items), int(seed), float(missing))
given = responses(answers(problem))
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # the peak so far was of making the answers
before = int(open("/proc/self/statm").read().split()[1]) * 4096 / 2**20
calibrate(given, model, priors=False)
print(next(int(l.split()[1]) / 1024 for l in open("/proc/self/status") if "VmHWM" in l) - before)
"""


def responses(answers):
    names = tuple(f"i{item}" for item in range(answers.shape[1]))
    return Responses(items=names, answers=answers)


@lru_cache(maxsize=1)
def maximum(problem):
    """Ours, run until nothing moves, with standard errors."""
    return calibrate(
        responses(problems.answers(problem)), problem.model, priors=False, tolerance=1e-5
    )


def log_likelihood(pool, answers):
    """By the common rule; with the compiled E-step, which tests compare with the definition."""
    sizes = pool.n_categories.astype(np.int64)
    table = models.log_probability(pool, RULE.nodes)
    rows = np.concatenate([table[item, :size] for item, size in enumerate(sizes)])
    encoding = Encoding(
        items=np.arange(sizes.size),
        sizes=sizes,
        categories=np.tile(np.arange(-1, 127), (sizes.size, 1)),
        gaps=(answers < 0).any(axis=0),
    )
    weights = RULE.weights * np.exp(-0.5 * RULE.nodes**2)
    density = np.log(weights / weights.sum())[None, :]
    return expect(
        list(encoding.parts(answers, None, None)), encoding, rows, density, RULE.nodes
    ).log_likelihood


def farthest(pool, best):
    """The largest distance of a parameter from the maximum, in its standard error there.

    What has no standard error there, an asymptote at its end, is infinitely far or there.
    """
    columns = pool_columns(pool)
    return max(
        _distance(found[name], value, estimate.errors.get(name, 0.0))
        for found, estimate in zip(columns, best.items, strict=True)
        for name, value in estimate.parameters.items()
    )


def _distance(found, value, error):
    away = abs(found - value)
    return away / error if away else 0.0


def pool_columns(pool):
    """Published parameters of each item by name."""
    columns = [{} for _ in range(len(pool))]
    for block, places in zip(pool.blocks, pool.places, strict=True):
        for row, place in enumerate(places):
            for name in ("a", "b", "c", "d"):
                value = getattr(block, name, None)
                if value is None:
                    continue
                if value.ndim == 1:
                    columns[place][name] = float(value[row])
                else:
                    steps = value[row][~np.isnan(value[row])]
                    columns[place] |= {f"b{v}": float(b) for v, b in enumerate(steps, 1)}
                    columns[place]["b"] = float(steps[0])
    return columns


def matrix_products(answers, table, density, rows=1024):
    """One E-step of right or wrong items as products of matrices, chunk by chunk."""
    wrong, right = table[::2], table[1::2]
    base, difference = wrong.sum(axis=0) + density, right - wrong
    counts = np.zeros_like(difference)
    for start in range(0, len(answers), rows):
        chunk = answers[start : start + rows].astype(np.float64)
        joint = chunk @ difference + base
        joint -= joint.max(axis=1, keepdims=True)
        posterior = np.exp(joint)
        posterior /= posterior.sum(axis=1, keepdims=True)
        counts += chunk.T @ posterior
    return counts
