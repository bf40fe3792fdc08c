"""What holds for every family of models, and for the formulas of each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, log_expit, logsumexp

import engine
from engine import models
from engine.families import expectation
from tests.engine.strategies import (
    abilities,
    graded_blocks,
    mixed_pools,
    nominal_blocks,
    partial_credit_blocks,
)


def last(table):
    """Categories on the last axis: (n_theta, n_items, n_categories)."""
    return np.moveaxis(table, -1, 0)


@given(block=graded_blocks(), theta=abilities)
def test_graded_probabilities_are_differences_of_logistic_curves(block, theta):
    # Samejima (1969): P(x >= k) = L(a (theta - b_k)), and P_k is the difference of two neighbours.
    reached = expit(block.a[:, None] * (theta[:, None, None] - block.b))
    reached = np.where(np.isnan(block.b), 0.0, reached)
    ends = np.ones((*reached.shape[:-1], 1))
    expected = np.concatenate([ends, reached], -1) - np.concatenate([reached, 0 * ends], -1)
    p = np.exp(block.log_probability(theta[:, None]))
    np.testing.assert_allclose(p, expected, rtol=0, atol=1e-14)


@given(block=partial_credit_blocks(), theta=abilities)
def test_partial_credit_probabilities_are_murakis(block, theta):
    # Muraki (1992): proportional to exp of the sum of a (theta - b_v) up to the category.
    steps = block.a[:, None] * (theta[:, None, None] - block.b)
    sums = np.concatenate([np.zeros((*steps.shape[:-1], 1)), np.cumsum(steps, axis=-1)], axis=-1)
    sums = np.where(np.isnan(sums), -np.inf, sums)
    expected = sums - logsumexp(sums, axis=-1, keepdims=True)
    np.testing.assert_allclose(block.log_probability(theta[:, None]), expected, atol=1e-11)


@given(block=nominal_blocks(), theta=abilities)
def test_nominal_probabilities_are_bocks(block, theta):
    # Bock (1972): the multinomial logit of a line for each category.
    lines = block.slopes * theta[:, None, None] + block.intercepts
    lines = np.where(np.isnan(lines), -np.inf, lines)
    expected = lines - logsumexp(lines, axis=-1, keepdims=True)
    np.testing.assert_allclose(block.log_probability(theta[:, None]), expected, atol=1e-12)


def test_the_rating_scale_model_is_partial_credit_with_one_scale_for_all_items():
    # Andrich (1978): steps are the item's location plus thresholds that all items share.
    scale = engine.PartialCredit.rating_scale([-0.5, 1.0], [-1.0, 0.2, 0.8])
    spelt = engine.PartialCredit(1.0, [[-1.5, -0.3, 0.3], [0.0, 1.2, 1.8]])
    np.testing.assert_allclose(scale.b, spelt.b)
    theta = np.array([[-1.0], [0.5]])
    np.testing.assert_array_equal(scale.log_probability(theta), spelt.log_probability(theta))


def test_with_two_categories_every_family_is_the_two_parameter_model():
    theta = np.linspace(-3, 3, 7)[:, None]
    expected = engine.Logistic([1.3], [0.4], [0.0], [1.0])
    for block in (
        engine.Graded([1.3], [[0.4]]),
        engine.PartialCredit([1.3], [[0.4]]),
        engine.Nominal([[0.0, 1.3]], [[0.0, -1.3 * 0.4]]),
    ):
        got, wanted = block.log_probability(theta), expected.log_probability(theta)
        np.testing.assert_allclose(got, wanted, rtol=1e-13)
        for ours, theirs in zip(block.derivatives(theta), expected.derivatives(theta), strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-13)
        np.testing.assert_allclose(block.information(theta), expected.information(theta))


@given(pool=mixed_pools(), theta=abilities)
def test_probabilities_sum_to_one_and_stop_at_an_items_last_category(pool, theta):
    p = last(models.category_probability(pool, theta))
    np.testing.assert_allclose(p.sum(axis=-1), 1.0, rtol=1e-12)
    beyond = np.arange(p.shape[-1]) >= pool.n_categories[:, None]
    assert (p[:, beyond] == 0).all()
    assert (p[:, ~beyond] > 0).all()


@given(pool=mixed_pools(), theta=abilities)
def test_each_derivative_is_the_slope_of_the_one_before(pool, theta):
    h = 1e-5

    def derivative(order, theta):
        if order == 0:
            return models.log_probability(pool, theta)
        return models.derivatives(pool, theta)[order - 1]

    there = np.arange(int(pool.n_categories.max())) < pool.n_categories[:, None]
    for order in range(3):
        up, down = (derivative(order, theta + step)[there] for step in (h, -h))
        slope = derivative(order + 1, theta)[there]
        np.testing.assert_allclose(slope, (up - down) / (2 * h), atol=2e-6)


@given(pool=mixed_pools(), theta=abilities)
def test_information_is_the_expected_square_of_the_slope(pool, theta):
    # Sum of P'^2 / P; for right or wrong answers that is squared slope over variance.
    p = last(models.category_probability(pool, theta))
    slope = p * last(models.derivatives(pool, theta).first)
    expected = np.divide(slope**2, p, out=np.zeros_like(p), where=p > 0).sum(axis=-1)
    np.testing.assert_allclose(models.information(pool, theta), expected, rtol=1e-9, atol=1e-12)


@given(pool=mixed_pools(), theta=abilities)
def test_expected_information_is_the_mean_of_the_observed(pool, theta):
    # E[-(log P)''] = E[(log P)'^2] (Fisher).
    p = models.category_probability(pool, theta)
    mean = (p * models.observed_information(pool, theta)).sum(axis=1).T
    np.testing.assert_allclose(models.information(pool, theta), mean, rtol=1e-9, atol=1e-11)


@given(pool=mixed_pools(), theta=abilities)
def test_derivatives_of_information_and_of_warms_j_are_their_slopes(pool, theta):
    h = 1e-5

    def curves(t):
        p, d = last(models.category_probability(pool, t)), models.derivatives(pool, t)
        d = engine.families.Derivatives(*(last(part) for part in d))
        names = ("information", "information_slope", "information_bend", "warm", "warm_slope")
        return {name: getattr(expectation, name)(p, d) for name in names}

    here, up, down = curves(theta), curves(theta + h), curves(theta - h)
    for curve, slope in (
        ("information", "information_slope"),
        ("information_slope", "information_bend"),
        ("warm", "warm_slope"),
    ):
        rise = (up[curve] - down[curve]) / (2 * h)
        np.testing.assert_allclose(here[slope], rise, rtol=1e-5, atol=1e-5)


@given(block=st.one_of(graded_blocks(), partial_credit_blocks()), theta=abilities)
def test_without_guessing_warms_j_is_the_slope_of_information(block, theta):
    # So that Warm's estimate is the mode under Jeffreys' prior (Warm, 1989; Samejima, 1998).
    p, d = np.exp(block.log_probability(theta[:, None])), block.derivatives(theta[:, None])
    slope = expectation.information_slope(p, d)
    np.testing.assert_allclose(expectation.warm(p, d), slope, rtol=1e-9, atol=1e-11)


@given(block=st.one_of(graded_blocks(), partial_credit_blocks()), data=st.data())
def test_more_ability_never_lowers_the_expected_category(block, data):
    pool = engine.ItemPool.of(block)
    lower = data.draw(st.floats(-6, 6))
    higher = data.draw(st.floats(lower, 6))
    score = models.expected_score(pool, [lower, higher])
    assert (score[1] >= score[0] - 1e-12).all()
    assert (models.slope(pool, [lower, higher]) >= 0).all()
    assert pool.rising.all()


@given(pool=mixed_pools(), theta=abilities)
def test_the_slope_of_the_expected_category(pool, theta):
    h = 1e-6
    rise = models.expected_score(pool, theta + h) - models.expected_score(pool, theta - h)
    np.testing.assert_allclose(models.slope(pool, theta), rise / (2 * h), atol=1e-6)


@given(pool=mixed_pools(), data=st.data())
def test_a_pool_in_another_order_has_the_same_curves_in_that_order(pool, data):
    order = np.array(data.draw(st.permutations(range(len(pool)))))
    other, theta = pool.take(order), [-1.0, 0.3, 2.0]
    assert (other.n_categories == pool.n_categories[order]).all()
    for curve in (models.information, models.expected_score, models.slope, models.warm):
        np.testing.assert_array_equal(curve(other, theta), curve(pool, theta)[:, order])
    mine, theirs = models.log_probability(other, theta), models.log_probability(pool, theta)
    np.testing.assert_array_equal(mine, theirs[order])


def test_answers_are_drawn_with_the_models_probabilities():
    pool = engine.ItemPool.of(
        engine.Graded([1.2], [[-1.0, 0.5, 1.0]]),
        engine.Nominal([[0.0, 1.0, -0.5]], [[0.3, 0.0, 0.2]]),
        places=[[1], [0]],
    )
    n, theta = 60_000, 0.4
    items = np.arange(n) % 2
    drawn = models.draw_category(pool, items, np.full(n, theta), np.random.default_rng(3).random(n))
    p = models.category_probability(pool, theta)[:, :, 0]
    for item in range(2):
        share = np.bincount(drawn[items == item], minlength=4) / (n / 2)
        assert (
            np.abs(share - p[item]) < 4 * np.sqrt(p[item] * (1 - p[item]) / (n / 2)) + 1e-12
        ).all()


def test_drawing_gives_each_category_its_part_of_the_unit_interval():
    pool = engine.ItemPool.of(engine.PartialCredit([1.0], [[-0.5, 0.5]]))
    ends = np.cumsum(models.category_probability(pool, 0.2)[0, :, 0])
    u = np.array([0.0, ends[0] - 1e-9, ends[0] + 1e-9, ends[1] - 1e-9, ends[1] + 1e-9, 1 - 1e-16])
    drawn = models.draw_category(pool, np.zeros(6, dtype=np.int64), np.full(6, 0.2), u)
    assert drawn.tolist() == [0, 0, 1, 1, 2, 2]


@given(
    a=st.sampled_from([1e-3, 1.0, 50.0, -2.0]),
    b=st.sampled_from([-40.0, 0.0, 40.0]),
    gap=st.sampled_from([1e-9, 0.1, 10.0]),
    theta=abilities,
)
@settings(max_examples=60)
def test_extreme_items_stay_finite_without_a_warning(a, b, gap, theta):
    steps = b + gap * np.arange(4) * np.sign(a)
    scores = np.arange(5.0)
    blocks = [
        engine.Logistic([a], [b], [0.99], [1.0]),
        engine.Graded([a], [steps]),
        engine.PartialCredit([a], [steps]),
        engine.Nominal([a * scores], [-a * b * scores]),
    ]
    with np.errstate(divide="raise", over="raise", invalid="raise"):
        pool = engine.ItemPool.of(*blocks)
        there = np.arange(5) < pool.n_categories[:, None]
        log_p = models.log_probability(pool, theta)
        assert np.isfinite(log_p[there]).all()
        assert (log_p <= 0).all()
        assert all(np.isfinite(part).all() for part in models.derivatives(pool, theta))
        for curve in (models.information, models.warm, models.expected_score, models.slope):
            assert np.isfinite(curve(pool, theta)).all()
        assert (models.information(pool, theta) >= 0).all()


def test_both_tails_of_graded_items_keep_their_digits():
    # P of the top category is L(a (theta - b_3)) exactly; of the lowest, 1 - L(a (theta - b_1)).
    block = engine.Graded([50.0], [[-40.0, 0.0, 40.0]])
    log_p = block.log_probability(np.array([[0.01]]))[0, 0]
    assert log_p[3] == pytest.approx(log_expit(50 * (0.01 - 40.0)), rel=1e-15)
    assert log_p[0] == pytest.approx(log_expit(-50 * (0.01 + 40.0)), rel=1e-15)


def test_an_almost_certain_category_keeps_the_digits_of_its_logarithm():
    # log P = -log(1 + e^-60) of the likelier of two categories: about -8.8e-27, not 0.
    block = engine.PartialCredit([1.0], [[-60.0]])
    assert block.log_probability(np.array([[0.0]]))[0, 0, 1] == pytest.approx(-np.exp(-60.0))


@pytest.mark.parametrize("family", [engine.Graded, engine.PartialCredit])
def test_thousands_of_categories(family):
    n = 5000
    b = np.linspace(-4.0, 4.0, n)
    block = family([1.2], [b])
    theta = np.array([[-3.0], [0.25]])
    p = np.exp(block.log_probability(theta))
    assert p.shape == (2, 1, n + 1)
    np.testing.assert_allclose(p.sum(axis=-1), 1.0, rtol=1e-11)
    # The finest grading of a logistic response: information a^2 / 3 (Samejima, 1969) for graded.
    assert np.isfinite(block.information(theta)).all()
    if family is engine.Graded:
        assert block.information(theta)[1, 0] == pytest.approx(1.2**2 / 3, rel=1e-2)


def test_negative_slopes_are_scored_but_fall():
    falling = engine.Graded([-1.0], [[1.0, 0.0, -1.0]])
    p = np.exp(falling.log_probability(np.array([[2.0]])))
    np.testing.assert_allclose(p.sum(), 1.0)
    assert not falling.rising.any()
    with pytest.raises(engine.DesignError, match="positive slope"):
        engine.Design(pool=engine.ItemPool.of(falling), stopping=engine.StoppingRule(max_items=1))
