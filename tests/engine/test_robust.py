"""Robust estimates of ability."""

import numpy as np
import pytest
from scipy.special import expit

import engine
from tests.engine.answered import some_answers, three_pl

DICHOTOMOUS_ONLY = ("huber", "tukey")


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
