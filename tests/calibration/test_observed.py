"""Observed answers beside expected ones, where both can be counted or simulated."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from calibration.abilities import estimate_abilities
from calibration.observed import ability_groups, observed_and_expected, wilson
from tests.calibration.results import calibration, item


def drawn(items, n, seed=1):
    """Answers of n standard normal persons who answer as the model says."""
    fit = calibration(items)
    generator = np.random.default_rng(seed)
    theta = generator.standard_normal(n)
    table = np.exp(engine.models.log_probability(fit.pool(), theta))  # item, category, person
    draws = generator.random((len(items), 1, n))
    answers = (draws > np.cumsum(table, axis=1)).sum(axis=1).T.astype(np.int8)
    return fit, answers


ITEMS = [item(f"i{k}", a=1.2, b=b) for k, b in enumerate(np.linspace(-1.5, 1.5, 12))]
ITEMS += [item("graded", "grm", a=1.5, b1=-1.0, b2=0.8)]


def test_where_the_model_is_true_residuals_are_those_of_chance():
    residuals = []
    for seed in range(8):
        fit, answers = drawn(ITEMS, 3000, seed)
        found = observed_and_expected(fit, answers)
        assert found.theta.shape == (13, 10)
        assert found.proportion.shape == (13, 3, 10)
        residuals.append(found.residual[:12, 1])  # right answers to twelve items in ten groups
        assert np.nanmax(np.abs(found.residual[12])) < 4.0
    # 960 of them: a standard deviation has a standard error of 0.023, a little more as persons
    # answer several items.
    assert np.std(residuals) == pytest.approx(1.0, abs=0.1)
    assert np.abs(residuals).max() < 4.5


def test_three_items_are_enough():
    fit, answers = drawn(ITEMS[4:7], 6000)
    residual = observed_and_expected(fit, answers).residual[:, 1]
    assert residual.shape == (3, 3)  # of two other items of one slope, none, one or two are right
    assert np.abs(residual).max() < 4.0


def test_a_curve_that_is_not_the_items_shows():
    _, answers = drawn(ITEMS, 3000)
    other = calibration([item("i0", a=1.2, b=0.0), *ITEMS[1:]])  # in truth b = -1.5
    found = observed_and_expected(other, answers)
    assert np.abs(found.residual[0, 1]).max() > 8.0
    assert np.abs(found.residual[4, 1]).max() < 5.0


def test_proportions_are_those_of_the_answers_that_were_given():
    fit, answers = drawn(ITEMS, 900)
    answers[::2, 3] = -1
    found = observed_and_expected(fit, answers)
    given = answers[1::2]
    assert found.n[3].sum() == 450
    # Groups by the other answers: as if the item had never been asked.
    others = np.delete(np.arange(13), 3)
    alone = calibration([ITEMS[place] for place in others])
    band = ability_groups(estimate_abilities(alone, given[:, others]).theta, np.ones(450))
    for place in range(10):
        assert found.proportion[3, 1, place] == pytest.approx(given[band == place, 3].mean())
    np.testing.assert_allclose(found.proportion[:12, :2].sum(axis=1), 1.0)
    np.testing.assert_allclose(found.expected.sum(axis=1), 1.0)


def test_a_weight_counts_as_so_many_persons():
    fit, answers = drawn(ITEMS, 300)
    weight = np.where(np.arange(300) < 100, 3.0, 1.0)
    one = observed_and_expected(fit, answers, weight=weight)
    two = observed_and_expected(fit, np.repeat(answers, weight.astype(int), axis=0))
    np.testing.assert_allclose(one.n, two.n)
    np.testing.assert_allclose(one.expected, two.expected, atol=1e-12)
    np.testing.assert_allclose(one.low, two.low, atol=1e-12)


def test_of_very_many_persons_some_are_taken(monkeypatch):
    fit, answers = drawn(ITEMS, 900)
    monkeypatch.setattr("calibration.observed.MOST_PERSONS", 300)
    every_third = observed_and_expected(fit, answers[::3])
    np.testing.assert_array_equal(observed_and_expected(fit, answers).n, every_third.n)


def test_groups_are_of_like_size_ascending_and_keep_equals_together():
    theta = np.random.default_rng(1).standard_normal(1000)
    groups = ability_groups(theta, np.ones(1000))
    assert np.bincount(groups).tolist() == [100] * 10
    assert all(theta[groups == k].max() < theta[groups == k + 1].min() for k in range(9))
    few = ability_groups(np.repeat([0.0, 1.0, 2.0], 100), np.ones(300))
    assert few.tolist() == [0] * 100 + [1] * 100 + [2] * 100
    assert set(ability_groups(theta[:60], np.ones(60))) == {0, 1}  # thirty in each
    assert ability_groups(np.array([np.nan, 0.5]), np.ones(2)).tolist() == [-1, 0]


def test_wilsons_interval_is_the_published_one():
    # Newcombe (1998, table I): 81 of 263, 0.2553 to 0.3662; 0 of 20, 0 to 0.1611.
    low, high = wilson(np.array([81 / 263, 0.0]), np.array([263.0, 20.0]))
    np.testing.assert_allclose(low, [0.2553, 0.0], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1611], atol=5e-5)
