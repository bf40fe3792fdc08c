"""What holds for estimates of ability from whole patterns of answers."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import binom, norm

import engine
from engine import models
from engine.ability import METHODS, patterns
from engine.ability.equations import Likelihood, LogPrior, Warm
from engine.ability.interpolation import Tables
from engine.ability.modes import mode
from tests.engine.strategies import (
    answers_to,
    columns,
    graded_blocks,
    mixed_pools,
    partial_credit_blocks,
    pools,
)

MODES = {"mle": Likelihood(), "map": LogPrior(engine.NormalPrior()), "wle": Warm()}
DICHOTOMOUS_ONLY = ("huber", "tukey")
FINE = np.linspace(-6, 6, 20_001)


def log_likelihood(pool, row, theta):
    table = models.log_probability(pool, theta)
    given_items = np.flatnonzero(row >= 0)
    return table[given_items, row[given_items]].sum(axis=0)


def three_pl(n_items=30, seed=0, c=0.2):
    rng = np.random.default_rng(seed)
    return engine.ItemPool.build(
        a=np.exp(rng.normal(0.2, 0.3, n_items)), b=rng.normal(0.0, 1.2, n_items), c=c
    )


def some_answers(pool, n, seed=1, missing=0.0):
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=n)
    p = models.probability(pool, theta)
    answers = (rng.random(p.shape) < p).astype(np.int64)
    answers[rng.random(p.shape) < missing] = -1
    return answers


# --- What each estimate is ---


@given(data=st.data())
@settings(max_examples=25)
def test_eap_is_the_mean_of_the_posterior_for_every_family(data):
    pool = data.draw(mixed_pools())
    row = data.draw(answers_to(pool, 1))

    # Gauss-Legendre in 48 panels of 8 points: exact for these integrands to a dozen digits.
    points, weights = np.polynomial.legendre.leggauss(8)
    theta = (np.linspace(-6, 6, 49)[:-1, None] + 0.125 + 0.125 * points).ravel()
    density = norm.pdf(theta) * np.exp(log_likelihood(pool, row[0], theta)) * np.tile(weights, 48)
    mean = (density * theta).sum() / density.sum()
    variance = (density * (theta - mean) ** 2).sum() / density.sum()
    score = engine.score(pool, row)
    assert score.theta[0] == pytest.approx(mean, abs=1e-5)
    assert score.se[0] == pytest.approx(np.sqrt(variance), abs=1e-5)


@given(data=st.data(), method=st.sampled_from(["mle", "map"]))
@settings(max_examples=40)
def test_no_ability_is_better_than_the_mode(data, method):
    # Guessing can give a likelihood several peaks; the highest on a fine grid is the judge.
    pool = data.draw(mixed_pools())
    row = data.draw(answers_to(pool, 1))
    if (row < 0).all():
        row[:] = 0
    theta = engine.score(pool, row, method=method).theta

    def worth(t):
        prior = norm.logpdf(t) if method == "map" else 0.0
        return log_likelihood(pool, row[0], t) + prior

    assert worth(theta)[0] >= worth(FINE).max() - 1e-9


def test_the_higher_of_two_peaks_is_found_between_nodes():
    # Mild easy items put one peak low, right guesses on steep hard ones another one high.
    rng = np.random.default_rng(11)
    several = 0
    for _ in range(60):
        pool = engine.ItemPool.build(
            a=np.r_[rng.uniform(0.6, 1.2, 4), rng.uniform(2.0, 3.5, 4)],
            b=np.r_[rng.normal(-2, 0.5, 4), rng.normal(2, 0.3, 4)],
            c=rng.uniform(0.05, 0.2, 8),
        )
        row = np.r_[rng.permutation([0, 0, 1, 1]), rng.permutation([0, 1, 1, 1])][None, :]
        values = log_likelihood(pool, row[0], FINE)
        several += ((values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])).sum() > 1
        best = log_likelihood(pool, row[0], engine.score(pool, row, method="mle").theta)[0]
        assert best >= values.max() - 1e-9
    assert several > 20


@given(data=st.data())
@settings(max_examples=30)
def test_weighted_likelihood_solves_warms_equation(data):
    pool = data.draw(mixed_pools())
    row = data.draw(answers_to(pool, 1, missing=False))
    theta = engine.score(pool, row, method="wle").theta
    p = np.moveaxis(models.category_probability(pool, theta), -1, 0)[0]
    d = [np.moveaxis(part, -1, 0)[0] for part in models.derivatives(pool, theta)]
    information = (p * d[0] ** 2).sum()
    warm = (p * d[0] * (d[1] + d[0] ** 2)).sum()
    equation = d[0][np.arange(len(pool)), row[0]].sum() + warm / (2 * information)
    if abs(theta[0]) == 6:
        assert np.sign(equation) == np.sign(theta[0])
    else:
        assert equation == pytest.approx(0.0, abs=1e-7 * max(1.0, information))


@pytest.mark.parametrize("family", ["1pl", "2pl", "graded", "partial credit"])
@given(data=st.data())
@settings(max_examples=15)
def test_warms_estimate_is_the_jeffreys_mode_without_guessing(family, data):
    if family == "graded":
        pool = engine.ItemPool.of(data.draw(graded_blocks()))
    elif family == "partial credit":
        pool = engine.ItemPool.of(data.draw(partial_credit_blocks()))
    else:
        a = 1.3 if family == "1pl" else data.draw(columns(5, 0.3, 2.5))
        pool = engine.ItemPool.build(a=a, b=data.draw(columns(5, -3.0, 3.0)))
    row = data.draw(answers_to(pool, 1, missing=False))
    warm = engine.score(pool, row, method="wle")
    jeffreys = engine.score(pool, row, method="map", prior=engine.JeffreysPrior())
    # Two peaks of nearly one height may be told apart differently: then both are as good.
    if abs(warm.theta[0] - jeffreys.theta[0]) > 1e-7:
        information = models.information(pool, [warm.theta[0], jeffreys.theta[0]]).sum(axis=1)
        heights = [log_likelihood(pool, row[0], [t])[0] for t in (warm.theta[0], jeffreys.theta[0])]
        worth = np.array(heights) + 0.5 * np.log(information)
        assert worth[0] == pytest.approx(worth[1], abs=1e-4)


def test_with_guessing_they_differ():
    pool = three_pl(10)
    answers = some_answers(pool, 50)
    warm = engine.score(pool, answers, method="wle").theta
    jeffreys = engine.score(pool, answers, method="map", prior=engine.JeffreysPrior()).theta
    assert np.abs(warm - jeffreys).max() > 0.05


def test_warms_estimate_takes_the_bias_out_where_jeffreys_does_not():
    # Warm (1989): bias of order 1/n vanishes under J / (2 I). With 60 equal items the number right
    # is binomial and says all, so that expectations are exact sums over 61 patterns.
    n = 60
    pool = engine.ItemPool.build(a=np.full(n, 1.4), b=0.0, c=0.25)
    answers = (np.arange(n) < np.arange(n + 1)[:, None]).astype(int)
    estimates = {
        "mle": engine.score(pool, answers, method="mle").theta,
        "wle": engine.score(pool, answers, method="wle").theta,
        "jeffreys": engine.score(pool, answers, method="map", prior=engine.JeffreysPrior()).theta,
    }
    for theta in (0.3, 0.6, 0.9):
        share = binom.pmf(np.arange(n + 1), n, models.probability(pool, theta)[0, 0])
        bias = {name: abs(share @ values - theta) for name, values in estimates.items()}
        assert bias["wle"] < 0.5 * bias["mle"]
        assert bias["wle"] < 0.5 * bias["jeffreys"]


def test_eap_under_jeffreys_prior_weighs_by_the_root_of_the_information():
    pool = three_pl(6)
    row = np.array([[1, 0, 1, -1, 0, 1]])
    asked = np.flatnonzero(row[0] >= 0)

    def density(theta):
        root = np.sqrt(models.information(pool, theta)[0, asked].sum())
        return root * np.exp(log_likelihood(pool, row[0], theta)[0])

    mean = quad(lambda t: t * density(t), -6, 6)[0] / quad(density, -6, 6)[0]
    score = engine.score(pool, row, prior=engine.JeffreysPrior())
    assert score.theta[0] == pytest.approx(mean, abs=1e-4)


def test_a_histogram_of_normal_shares_is_the_normal_prior():
    pool, grid = three_pl(8), engine.Grid(-6, 6, 121)
    answers = some_answers(pool, 20)
    shares = norm.pdf(grid.nodes) * grid.weights
    histogram = engine.HistogramPrior(-6, 6, tuple(shares))
    expected = engine.score(pool, answers, grid=grid)
    score = engine.score(pool, answers, prior=histogram)
    np.testing.assert_allclose(score.theta, expected.theta, atol=1e-12)
    np.testing.assert_allclose(score.se, expected.se, atol=1e-12)


def test_nobody_is_where_the_histogram_says_nobody_is():
    prior = engine.HistogramPrior(-2, 2, (0, 1, 3, 0, 0))
    pool = engine.ItemPool.build(a=1.0, b=0.0)
    assert -1 <= engine.score(pool, [[1]], prior=prior).theta[0] <= 0
    drawn = prior.sample(np.random.default_rng(0), 40_000)
    assert drawn.min() >= -2
    assert drawn.max() <= 1
    # Mean of triangles of half width 1 around -1 and 0, with shares 1/4 and 3/4.
    assert drawn.mean() == pytest.approx(-0.25, abs=0.02)


# --- Robust estimates ---


@pytest.mark.parametrize(("method", "tuning"), [("huber", 1.0), ("tukey", 4.0), ("huber", 0.5)])
def test_robust_estimates_solve_the_weighted_equation(method, tuning):
    # Written out once more: residual a (theta - b), weights of Huber (1964) and of the biweight.
    pool = three_pl(25, c=0.0)
    answers = some_answers(pool, 40)
    score = engine.score(pool, answers, method=method, tuning=tuning)
    for row, theta, se in zip(answers, score.theta, score.se, strict=True):
        r = pool.a * (theta - pool.b)
        if method == "huber":
            w = np.where(np.abs(r) <= tuning, 1.0, tuning / np.abs(r))
        else:
            w = np.where(np.abs(r) <= tuning, (1 - (r / tuning) ** 2) ** 2, 0.0)
        p = expit(r)
        information = pool.a**2 * p * (1 - p)
        if abs(theta) < 6:
            assert (w * pool.a * (row - p)).sum() == pytest.approx(0.0, abs=1e-8)
        # Magis (2014): sqrt(sum w^2 I) / sum w I.
        expected = np.sqrt((w**2 * information).sum()) / (w * information).sum()
        assert se == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("method", DICHOTOMOUS_ONLY)
def test_without_discounting_robust_is_maximum_likelihood(method):
    pool = three_pl(20, c=0.0)
    answers = some_answers(pool, 30)
    robust = engine.score(pool, answers, method=method, tuning=1e9)
    plain = engine.score(pool, answers, method="mle")
    np.testing.assert_allclose(robust.theta, plain.theta, atol=1e-8)
    np.testing.assert_allclose(robust.se, plain.se, atol=1e-8)


@pytest.mark.parametrize("method", DICHOTOMOUS_ONLY)
def test_a_slip_on_a_very_easy_item_moves_a_robust_estimate_less(method):
    b = np.r_[np.linspace(0, 2, 15), -4.0]
    pool = engine.ItemPool.build(a=1.5, b=b)
    steady = np.r_[np.ones(8), np.zeros(7), 1.0].astype(int)[None, :]
    slipped = steady.copy()
    slipped[0, -1] = 0

    def move(name):
        return abs(
            np.diff([engine.score(pool, x, method=name).theta[0] for x in (steady, slipped)])[0]
        )

    assert move(method) < 0.5 * move("mle")


def test_robust_estimates_are_for_right_or_wrong_answers():
    pool = engine.ItemPool.of(engine.Graded([1.0], [[0.0, 1.0]]))
    with pytest.raises(engine.DesignError, match="right or wrong"):
        engine.score(pool, [[1]], method="huber")


# --- What must not matter ---


@pytest.mark.parametrize("method", METHODS)
def test_batch_order_chunks_and_integer_width_do_not_matter(method, monkeypatch):
    pool = three_pl(12)
    answers = some_answers(pool, 60, missing=0.3)
    answers[:5] = some_answers(pool, 5, seed=9)
    batch = engine.score(pool, answers, method=method)
    order = np.random.default_rng(2).permutation(60)
    shuffled = engine.score(pool, answers[order].astype(np.int8), method=method)
    np.testing.assert_allclose(shuffled.theta, batch.theta[order], atol=1e-9)
    for who in range(12):
        alone = engine.score(pool, answers[who : who + 1], method=method)
        assert alone.theta[0] == pytest.approx(batch.theta[who], abs=1e-9)
        assert alone.se[0] == pytest.approx(batch.se[who], abs=1e-8)
    monkeypatch.setattr(patterns, "CHUNK", 7)
    chunked = engine.score(pool, answers, method=method)
    np.testing.assert_allclose(chunked.theta, batch.theta, atol=1e-9)
    np.testing.assert_allclose(chunked.se, batch.se, atol=1e-8)


@given(data=st.data(), method=st.sampled_from(["eap", "map", "mle", "wle"]))
@settings(max_examples=30)
def test_the_order_of_the_items_does_not_matter(data, method):
    pool = data.draw(mixed_pools())
    row = data.draw(answers_to(pool, 1, missing=False))
    order = np.array(data.draw(st.permutations(range(len(pool)))))
    here = engine.score(pool, row, method=method)
    there = engine.score(pool.take(order), row[:, order], method=method)
    assert there.theta[0] == pytest.approx(here.theta[0], abs=1e-7)


@pytest.mark.parametrize("method", MODES)
def test_interpolation_agrees_with_the_models_themselves(method):
    pool = three_pl(20)
    answered = patterns.Patterns.checked(pool, some_answers(pool, 300, missing=0.2))
    assert Tables.build(answered.pool, -6, 6).accurate
    fast = mode(answered, MODES[method], (-6, 6))
    exact = mode_without_interpolation(answered, MODES[method])
    np.testing.assert_allclose(fast.theta, exact.theta, rtol=0, atol=1e-9)
    np.testing.assert_allclose(fast.se, exact.se, rtol=0, atol=1e-8)


def mode_without_interpolation(answered, equation):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.ability.interpolation.ACCURACY", 0.0)
        patch.setattr("engine.ability.interpolation.MOST_NODES", 60)
        return mode(answered, equation, (-6, 6))


@pytest.mark.parametrize("method", ["eap", "map", "wle"])
def test_memory_does_not_grow_with_the_number_of_candidates(method):
    pool = three_pl(20)
    peaks = []
    for n in (20_000, 60_000):
        answers = np.zeros((n, 20), dtype=np.int8)
        tracemalloc.start()
        engine.score(pool, answers, method=method)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Two numbers of eight bytes for each further candidate, and room for chance.
    assert peaks[1] - peaks[0] < 40_000 * 2 * 8 + 1_000_000


# --- Patterns at the edge ---


@given(data=st.data(), method=st.sampled_from(["eap", "map"]))
@settings(max_examples=40)
def test_a_wrong_answer_never_raises_an_estimate(data, method):
    pool = data.draw(pools(min_items=2))
    row = data.draw(answers_to(pool, 1))
    item = data.draw(st.integers(0, len(pool) - 1))
    without, wrong = row.copy(), row.copy()
    without[0, item], wrong[0, item] = -1, 0
    before = engine.score(pool, without, method=method).theta[0]
    after = engine.score(pool, wrong, method=method).theta[0]
    assert after <= before + 1e-9


@pytest.mark.parametrize("answer", [0, 1])
def test_maximum_likelihood_of_one_sided_patterns_is_a_bound(answer):
    pool = three_pl(10, c=0.0)
    row = np.full((1, 10), answer)
    for method in ("mle", "huber"):
        score = engine.score(pool, row, method=method, bounds=(-3, 5))
        assert score.theta[0] == (5 if answer else -3)
    information = models.information(pool, 5.0 if answer else -3.0).sum()
    score = engine.score(pool, row, method="mle", bounds=(-3, 5))
    assert score.se[0] == pytest.approx(1 / np.sqrt(information))
    # Warm's and Bayesian estimates stay inside.
    for method in ("wle", "map", "eap"):
        theta = engine.score(pool, row, method=method).theta[0]
        assert abs(theta) < 5
        assert np.sign(theta) == (1 if answer else -1)


def test_without_answers_the_prior_speaks_or_nobody():
    pool = three_pl(4)
    rows = np.full((2, 4), -1)
    rows[1] = [1, 0, 1, 0]
    prior = engine.NormalPrior(0.5, 0.8)
    for method in ("eap", "map"):
        score = engine.score(pool, rows, method=method, prior=prior)
        assert score.theta[0] == pytest.approx(0.5, abs=1e-6)
        assert score.se[0] == pytest.approx(0.8, abs=1e-6)
    for method in ("mle", "wle", "huber", "tukey"):
        score = engine.score(pool, rows, method=method)
        assert np.isnan([score.theta[0], score.se[0]]).all()
        assert np.isfinite([score.theta[1], score.se[1]]).all()
    jeffreys = engine.score(pool, rows, prior=engine.JeffreysPrior())
    assert jeffreys.theta[0] == pytest.approx(0.0, abs=1e-9)
    # All at once, with no one to compare to.
    assert np.isnan(engine.score(pool, rows[:1], method="mle").theta).all()


@pytest.mark.parametrize("method", METHODS)
def test_extreme_items_give_finite_estimates_without_a_warning(method):
    pool = engine.ItemPool.build(
        a=[1e-3, 50.0, 50.0, 1.0, 50.0], b=[0.0, 40.0, -40.0, 40.0, 0.3], c=[0, 0, 0.99, 0.99, 0]
    )
    rows = np.array(np.meshgrid(*[[0, 1]] * 5)).reshape(5, -1).T
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        score = engine.score(pool, rows, method=method)
    assert np.isfinite(score.theta).all()
    assert (np.abs(score.theta) <= 6).all()
    assert not np.isinf(score.se).any()
    # The last item divides the able from the others at 0.3, as sharply as its slope says.
    if method == "mle":
        between = (rows[:, 1] == 0) & (rows[:, 2] == 1)
        assert (score.theta[between & (rows[:, 4] == 0)] < 0.3).all()
        assert (score.theta[between & (rows[:, 4] == 1)] > 0.3).all()


def test_thousands_of_categories_are_scored():
    b = np.linspace(-4, 4, 3000)
    pool = engine.ItemPool.of(engine.Graded([1.2, 0.8], [b, b]))
    rows = [[0, 0], [1500, 1400], [3000, 3000], [10, -1]]
    for method in ("eap", "map", "mle", "wle"):
        score = engine.score(pool, rows, method=method)
        assert np.isfinite(score.theta).all()
        assert score.theta[0] < score.theta[1] < score.theta[2]


def test_a_negative_slope_turns_the_answer_round():
    pool = engine.ItemPool.build(a=[-1.2, 1.2], b=0.0)
    for method in ("eap", "map", "mle", "wle"):
        theta = engine.score(pool, [[0, 1], [1, 0]], method=method).theta
        assert theta[0] == pytest.approx(-theta[1], abs=1e-8)
        assert theta[0] > 0


# --- What is asked for ---


def test_a_uniform_priors_bounds_hold_the_mode():
    pool = three_pl(5, c=0.0)
    score = engine.score(pool, [[1] * 5], method="map", prior=engine.UniformPrior(-1, 2.5))
    assert score.theta[0] == 2.5
    narrower = engine.score(
        pool, [[1] * 5], method="map", prior=engine.UniformPrior(-1, 2.5), bounds=(-4, 2)
    )
    assert narrower.theta[0] == 2
    free = engine.score(pool, [[1, 0, 1, 0, 1]], method="map", prior=engine.UniformPrior(-4, 4))
    plain = engine.score(pool, [[1, 0, 1, 0, 1]], method="mle")
    assert free.theta[0] == pytest.approx(plain.theta[0], abs=1e-9)
    assert free.se[0] == pytest.approx(plain.se[0], abs=1e-9)


def test_every_option_that_cannot_be_used_is_named_at_once():
    pool = three_pl(3)
    histogram = engine.HistogramPrior(-1, 1, (1, 2, 1))
    with pytest.raises(engine.DesignError) as error:
        engine.score(pool, [[0, 1, 0]], method="map", prior=histogram, bounds=(2, 1), tuning=-1)
    assert {p.where for p in error.value.problems} == {"prior", "bounds", "tuning"}
    with pytest.raises(engine.DesignError, match="one of eap, map"):
        engine.score(pool, [[0, 1, 0]], method="best")


@pytest.mark.parametrize(
    "mass", [(1.0, 2.0), (1.0, -1.0, 1.0), (0.0, 0.0, 0.0), (1.0, np.nan, 1.0), "abc"]
)
def test_shares_that_are_no_shares_are_refused(mass):
    with pytest.raises(engine.DesignError, match="mass"):
        engine.HistogramPrior(-1, 1, mass)


def test_an_exam_refuses_a_prior_that_changes_with_the_items():
    with pytest.raises(engine.DesignError, match="prior"):
        engine.Design(
            pool=three_pl(3),
            prior=engine.JeffreysPrior(),
            stopping=engine.StoppingRule(max_items=2),
        )


def test_an_answer_beyond_an_items_own_categories_is_named():
    pool = engine.ItemPool.of(engine.Graded(1.0, [[0.0, 1.0], [0.5]]))
    with pytest.raises(engine.AnswerError) as error:
        engine.score(pool, [[2, 1], [3, 2], [-2, 0]], method="mle")
    assert {p.where for p in error.value.problems} == {
        "responses[1, 0]",
        "responses[1, 1]",
        "responses[2, 0]",
    }
