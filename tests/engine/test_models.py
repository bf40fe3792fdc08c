from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

import engine
from engine import models
from tests.engine.strategies import abilities, extreme_pools, pools


@given(pool=pools(), theta=abilities)
def test_probability_is_the_four_parameter_logistic(pool, theta):
    # scipy's expit is an implementation of the logistic function that is not ours.
    logistic = expit(pool.a * (theta[:, None] - pool.b))
    expected = pool.c + (pool.d - pool.c) * logistic
    np.testing.assert_allclose(models.probability(pool, theta), expected, rtol=1e-13)


@given(pool=pools(), theta=abilities)
def test_slope_is_the_derivative_of_probability(pool, theta):
    h = 1e-6
    rise = models.probability(pool, theta + h) - models.probability(pool, theta - h)
    np.testing.assert_allclose(models.slope(pool, theta), rise / (2 * h), atol=1e-8)


@given(pool=pools(), theta=abilities)
def test_information_is_squared_slope_over_variance(pool, theta):
    p = models.probability(pool, theta)
    expected = models.slope(pool, theta) ** 2 / (p * (1 - p))
    np.testing.assert_allclose(models.information(pool, theta), expected, rtol=1e-7, atol=1e-12)


@given(pool=pools(), theta=abilities)
def test_log_probabilities_are_those_of_the_answers_and_sum_to_one(pool, theta):
    table = np.exp(models.log_probability(pool, theta))
    assert table.shape == (len(pool), models.N_CATEGORIES, len(theta))
    np.testing.assert_allclose(table.sum(axis=1), 1.0, rtol=1e-13)
    np.testing.assert_allclose(table[:, 1].T, models.probability(pool, theta), rtol=1e-12)


@given(a=st.floats(0.2, 3.0), b=st.floats(-3.0, 3.0))
def test_two_parameter_information_peaks_at_the_difficulty_with_a_quarter_of_squared_slope(a, b):
    # Lord (1980), chapter 5: without guessing the most information is a^2 / 4, at theta = b.
    pool = engine.ItemPool.build(a=a, b=b)
    near = models.information(pool, [b - 0.1, b, b + 0.1])[:, 0]
    assert near[1] == pytest.approx(a * a / 4)
    assert near[1] > max(near[0], near[2])


@given(a=st.floats(0.5, 2.0), b=st.floats(-2.0, 2.0), c=st.floats(0.05, 0.35))
def test_three_parameter_information_peaks_where_birnbaum_says(a, b, c):
    # Birnbaum (1968, p. 464): theta* = b + ln((1 + sqrt(1 + 8c)) / 2) / a.
    peak = b + np.log((1 + np.sqrt(1 + 8 * c)) / 2) / a
    around = models.information(
        engine.ItemPool.build(a=a, b=b, c=c), [peak - 0.01, peak, peak + 0.01]
    )
    assert around[1, 0] > around[0, 0]
    assert around[1, 0] > around[2, 0]


@given(pool=extreme_pools(), theta=abilities)
@settings(max_examples=200)
def test_extreme_items_stay_finite_without_a_warning(pool, theta):
    # pytest turns every warning into an error, numpy's floating-point errors raise here besides.
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        p = models.probability(pool, theta)
        assert ((p >= 0) & (p <= 1)).all()
        assert np.isfinite(models.slope(pool, theta)).all()
        assert (models.information(pool, theta) >= 0).all()
        assert np.isfinite(models.information(pool, theta)).all()
        table = models.log_probability(pool, theta)
        assert np.isfinite(table).all()
        assert (table <= 0).all()


def test_the_log_scale_keeps_what_probabilities_lose():
    # P of a right answer is exp(-2000) here: zero as a number, exact as a logarithm.
    pool = engine.ItemPool.build(a=50.0, b=40.0)
    assert models.log_probability(pool, 0.0)[0, 1, 0] == pytest.approx(-2000.0)


def test_answers_are_drawn_with_the_models_probability():
    pool = engine.ItemPool.build(a=1.3, b=0.4, c=0.2, d=0.95)
    n = 40_000
    u = np.random.default_rng(5).random(n)
    drawn = models.draw_category(pool, np.zeros(n, dtype=np.int64), np.full(n, 1.0), u)
    p = models.probability(pool, 1.0)[0, 0]
    assert abs(drawn.mean() - p) < 4 * np.sqrt(p * (1 - p) / n)


@pytest.mark.parametrize(
    ("a", "b", "c", "d"),
    [(1.0, -30.0, 0.2, 1.0), (2.5, 12.0, 0.0, 1.0), (50.0, -1.0, 0.99, 1.0), (3.0, 0.0, 0.1, 0.9)],
)
def test_logarithms_near_zero_keep_their_digits(a, b, c, d):
    # The formula itself in 500 decimal digits; at theta = 6 some right answers are almost certain.
    pool = engine.ItemPool.build(a=a, b=[b], c=c, d=d)
    for theta in (-6.0, 0.0, 6.0):
        with localcontext() as context:
            context.prec = 500
            z = Decimal(a) * (Decimal(theta) - Decimal(b))
            rise, fall = 1 / (1 + (-z).exp()), 1 / (1 + z.exp())
            spread = Decimal(d) - Decimal(c)
            right, wrong = Decimal(c) + spread * rise, (1 - Decimal(d)) + spread * fall
            expected = [float(wrong.ln()), float(right.ln())]
        table = models.log_probability(pool, theta)[0, :, 0]
        np.testing.assert_allclose(table, expected, rtol=1e-13, atol=0)


def test_asymptotes_that_almost_meet_are_refused():
    # Their ratios to the distance between them would underflow: 0 / 0 at theta = -700.
    with pytest.raises(engine.PoolError, match=r"d\[0\]"):
        engine.ItemPool.build(a=[1.0], b=0.0, d=1e-300)
    pool = engine.ItemPool.build(a=[1.0], b=0.0, d=1e-9)
    assert np.isfinite(models.information(pool, [-700.0, 0.0, 700.0])).all()
