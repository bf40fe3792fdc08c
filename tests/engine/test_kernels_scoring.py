"""Compiled scores are numpy's scores, whatever the items, the gaps and the threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine._kernels.groups import Groups, find_rows, readable
from engine._kernels.posterior_means import posterior_means
from engine.ability.equations import Jeffreys, Likelihood, LogPrior, Warm
from engine.ability.modes import mode
from engine.ability.patterns import Patterns
from tests.engine.strategies import extreme_pools, pools


def mixed():
    rng = np.random.default_rng(8)
    return engine.ItemPool.of(
        engine.Logistic(np.full(9, 1.2), rng.normal(size=9), np.full(9, 0.2), np.ones(9)),
        engine.Graded([1.0, 1.5], [[-1.0, 0.0, 1.0], [-0.5, 0.5, np.nan]]),
        engine.PartialCredit([0.8], [np.linspace(-2.0, 2.0, 99)]),
    )


def answers_to(pool, n, missing=0.0, seed=1):
    rng = np.random.default_rng(seed)
    answers = rng.integers(0, pool.n_categories, (n, len(pool)))
    return np.where(rng.random(answers.shape) < missing, -1, answers)


def simulated_answers(pool, n, seed):
    rng = np.random.default_rng(seed)
    p = engine.models.probability(pool, rng.normal(size=n))
    return (rng.random(p.shape) < p).astype(np.int64)


def assert_same(pool, answers, **options):
    by_numpy = engine.eap(pool, answers, compiled=False, **options)
    compiled = engine.eap(pool, answers, compiled=True, **options)
    assert compiled.theta == pytest.approx(by_numpy.theta, abs=1e-12)
    assert compiled.se == pytest.approx(by_numpy.se, abs=1e-12)


@given(pools(max_items=30) | extreme_pools(), st.sampled_from([0.0, 0.3]), st.integers(0, 99))
@settings(max_examples=50)
def test_compiled_means_are_numpys(pool, missing, seed):
    assert_same(pool, answers_to(pool, 20, missing, seed))


@pytest.mark.parametrize("missing", [0.0, 0.2, 1.0])
def test_compiled_means_of_mixed_pools_are_numpys(missing):
    assert_same(mixed(), answers_to(mixed(), 300, missing))


def test_compiled_means_under_other_priors_and_grids_are_numpys():
    answers = answers_to(mixed(), 100, 0.1)
    assert_same(mixed(), answers, prior=engine.UniformPrior(-3.0, 2.0))
    assert_same(mixed(), answers, prior=engine.NormalPrior(1.0, 0.5), grid=engine.Grid(-3, 4, 50))
    assert_same(mixed(), answers, prior=engine.JeffreysPrior())


@pytest.mark.parametrize("n_items", [1, 7, 43, 70, 100, 180])
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_compiled_means_of_tests_of_any_length_are_numpys(n_items, missing):
    # From one group to many more than are multiplied at once.
    rng = np.random.default_rng(n_items)
    pool = engine.ItemPool.build(a=rng.uniform(0.7, 1.8, n_items), b=rng.normal(size=n_items))
    answers = simulated_answers(pool, 50, n_items)
    answers[rng.random(answers.shape) < missing] = -1
    log_prior = engine.NormalPrior().log_density(engine.Grid().nodes)
    _, sure = posterior_means(Patterns.checked(pool, answers), engine.Grid(), log_prior)
    assert sure.mean() > 0.9
    assert_same(pool, answers)


@pytest.mark.parametrize("b", [-3.5, 3.9])
def test_standard_errors_far_from_zero_lose_no_digits(b):
    # Sixty steep items at one place: the density is a hundred times as far from 0 as it is wide.
    pool = engine.ItemPool.build(a=np.full(60, 12.0), b=b)
    answers = np.arange(60) % 2 * np.ones((3, 1), dtype=np.int64)
    score = engine.eap(pool, answers, compiled=True)
    assert score.se[0] < 0.04
    assert_same(pool, answers)


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int64])
def test_answers_may_be_integers_of_any_width_in_any_order(kind):
    answers = np.asfortranarray(answers_to(mixed(), 50, 0.1).astype(kind))
    assert_same(mixed(), answers)


EQUATIONS = {
    "mle": Likelihood(),
    "map": LogPrior(engine.NormalPrior(0.5, 1.2)),
    "map, uniform": LogPrior(engine.UniformPrior(-6.0, 6.0)),
    "map, Jeffreys": Jeffreys(),
    "wle": Warm(),
}


def assert_same_modes(pool, answers, equation, bounds=(-6.0, 6.0)):
    patterns = Patterns.checked(pool, answers)
    by_numpy = mode(patterns, equation, bounds, compiled=False)
    compiled = mode(patterns, equation, bounds, compiled=True)
    assert compiled.theta == pytest.approx(by_numpy.theta, abs=1e-8, nan_ok=True)
    assert compiled.se == pytest.approx(by_numpy.se, rel=1e-6, abs=1e-8, nan_ok=True)


@pytest.mark.parametrize("equation", EQUATIONS.values(), ids=EQUATIONS.keys())
@pytest.mark.parametrize("missing", [0.0, 0.3, 0.95])
def test_compiled_modes_of_mixed_pools_are_numpys(equation, missing):
    assert_same_modes(mixed(), answers_to(mixed(), 400, missing), equation)
    assert_same_modes(mixed(), answers_to(mixed(), 100, missing), equation, (-2.0, 1.5))


@pytest.mark.parametrize("equation", EQUATIONS.values(), ids=EQUATIONS.keys())
@given(pools(max_items=30), st.sampled_from([0.0, 0.3]), st.integers(0, 99))
@settings(max_examples=25)
def test_compiled_modes_are_numpys(equation, pool, missing, seed):
    # Answers as candidates give them: two peaks of one height have no single highest.
    patterns = simulated_answers(pool, 20, seed)
    gaps = np.random.default_rng(seed).random(patterns.shape) < missing
    assert_same_modes(pool, np.where(gaps, -1, patterns), equation)


def test_an_equation_the_compiled_loop_does_not_know_is_left_to_numpy():
    class Flat(Likelihood):
        pass

    assert_same_modes(mixed(), answers_to(mixed(), 20), Flat())


def test_densities_beyond_the_range_of_numbers_are_left_to_numpy():
    # Two hundred steep items, all wrong where they are easiest: the density spans thousands of logs.
    pool = engine.ItemPool.build(a=4.0, b=np.linspace(-5.0, 5.0, 200))
    answers = np.vstack([np.zeros(200), np.ones(200), np.arange(200) < 80]).astype(np.int64)
    _, sure = posterior_means(
        Patterns.checked(pool, answers), engine.Grid(), np.zeros(engine.Grid().n)
    )
    assert not sure.any()
    assert_same(pool, answers)


def test_scores_do_not_depend_on_threads_or_on_who_else_is_scored():
    pool, grid = mixed(), engine.Grid()
    log_prior = engine.NormalPrior().log_density(grid.nodes)
    patterns = Patterns.checked(pool, answers_to(pool, 2000, 0.1))
    one, _ = posterior_means(patterns, grid, log_prior, threads=1)
    three, _ = posterior_means(patterns, grid, log_prior, threads=3)
    assert one.theta.tolist() == three.theta.tolist()
    some = patterns.some(slice(None, None, 7))
    assert posterior_means(some, grid, log_prior)[0].theta.tolist() == one.theta[::7].tolist()


def rows_of(groups, answers, who):
    """The rows of a candidate's answers; a place beyond the groups stays as it is."""
    rows = np.full(len(groups) + 1, -1)
    find_rows(groups, readable(answers), who, np.empty(answers.shape[1], dtype=np.int64), rows)
    assert rows[-1] == -1
    return rows[:-1]


@given(st.lists(st.integers(2, 90), min_size=1, max_size=20), st.booleans(), st.integers(0, 9))
def test_a_groups_row_is_the_sum_over_its_items(counts, gaps, seed):
    rng = np.random.default_rng(seed)
    counts = np.array(counts)
    table = rng.normal(size=(counts.size, counts.max(), 2))
    answers = rng.integers(0, counts, (30, counts.size))
    if gaps:
        answers[rng.random(answers.shape) < 0.3] = -1
    groups = Groups.of(counts, (answers < 0).any(axis=0))
    found = np.array([rows_of(groups, answers, who) for who in range(30)])
    total = groups.sums(table)[found].sum(axis=1)
    expected = np.zeros((30, 2))
    for item in range(counts.size):
        given_rows = answers[:, item] >= 0
        expected[given_rows] += table[item, answers[given_rows, item]]
    assert total == pytest.approx(expected)


def test_rows_that_differ_in_answers_alone_share_a_number():
    groups = Groups.of(np.array([2, 3, 2, 4]), np.array([True, True, False, True]))
    # A group of two items' and the third's answers, then a group of the last one's.
    answers = np.array([[1, 2, 0, 3], [0, 0, 1, 0], [-1, 1, 0, 1], [-1, 0, 1, -1]])
    shared = groups.by_items_given()[[rows_of(groups, answers, who) for who in range(4)]]
    assert shared[0].tolist() == shared[1].tolist()
    assert shared[0][0] != shared[2][0] == shared[3][0]
    assert shared[2][-1] != shared[3][-1]
