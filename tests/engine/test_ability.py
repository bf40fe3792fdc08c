"""What each estimate of ability is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import binom, norm

import engine
from engine import models
from tests.engine.answered import log_likelihood, some_answers, three_pl
from tests.engine.strategies import (
    answers_to,
    columns,
    graded_blocks,
    mixed_pools,
    partial_credit_blocks,
)

FINE = np.linspace(-6, 6, 20_001)


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
