from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.integrate import quad
from scipy.special import expit
from scipy.stats import norm

import engine
from tests.engine.strategies import pools


def posterior_by_hand(pool, answers, theta):
    """Prior times likelihood at one ability, written out once more, with no code of the engine."""
    p = pool.c + (pool.d - pool.c) * expit(pool.a * (theta - pool.b))
    return norm.pdf(theta) * np.prod(np.where(answers == 1, p, 1 - p))


@given(pool=pools(min_items=3), data=st.data())
@settings(max_examples=25)
def test_eap_is_the_mean_of_the_posterior(pool, data):
    answers = data.draw(arrays(np.int64, len(pool), elements=st.integers(0, 1)))

    def moment(power, about=0.0):
        def integrand(theta):
            return (theta - about) ** power * posterior_by_hand(pool, answers, theta)

        return quad(integrand, -6, 6, epsabs=0, epsrel=1e-10, limit=200)[0]

    score = engine.eap(pool, answers[None, :])
    mean = moment(1) / moment(0)
    # The trapezoid rule on 121 nodes against adaptive quadrature of the same integrals.
    assert score.theta[0] == pytest.approx(mean, abs=1e-5)
    assert score.se[0] == pytest.approx(np.sqrt(moment(2, mean) / moment(0)), abs=1e-5)


densities = arrays(np.float64, 9, elements=st.floats(-30, 0))


@given(log_density=densities, cut=st.floats(-2.0, 2.0))
def test_probability_above_integrates_the_piecewise_linear_density(log_density, cut):
    grid = engine.Grid(-2.0, 2.0, 9)
    posterior = engine.Posterior(grid, log_density[None, :])

    def density(theta):
        return np.interp(theta, grid.nodes, np.exp(log_density))

    ends = [cut, *grid.nodes[grid.nodes > cut]]
    pieces = [quad(density, lo, hi)[0] for lo, hi in pairwise(ends)]
    whole = quad(density, -2.0, 2.0, points=grid.nodes[1:-1])[0]
    above = posterior.probability_above([cut])[0, 0]
    assert above == pytest.approx(sum(pieces) / whole, abs=1e-9)


@pytest.mark.parametrize(("cut", "expected"), [(-7.0, 1.0), (-6.0, 1.0), (6.0, 0.0), (7.0, 0.0)])
def test_everything_lies_above_the_lower_end_and_nothing_above_the_upper(cut, expected):
    posterior = engine.Posterior.prior(engine.Grid(), engine.NormalPrior())
    assert posterior.probability_above([cut])[0, 0] == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize("cut", [-1.0, -0.33, 0.0, 0.05, 1.96])
def test_before_any_answer_the_probability_is_the_priors(cut):
    # Euler-Maclaurin: the trapezoid rule up to a cut misses h^2 / 12 times the slope there; with
    # h = 0.1 and the normal curve's steepest slope, 0.242, that is 2.02e-4.
    posterior = engine.Posterior.prior(engine.Grid(), engine.NormalPrior())
    assert posterior.probability_above([cut])[0, 0] == pytest.approx(norm.sf(cut), abs=2.03e-4)


def test_a_conjugate_posterior_is_recovered():
    # A normal likelihood of variance 1/4 around 1 and a standard normal prior have the posterior
    # N(4/5, 1/5) (Gelman et al., 2013, section 2.5).
    grid = engine.Grid()
    observation = norm.logpdf(grid.nodes, loc=1.0, scale=0.5)[None, :]
    score = engine.Posterior.prior(grid, engine.NormalPrior()).after(observation).score()
    assert score.theta[0] == pytest.approx(0.8, abs=1e-9)
    assert score.se[0] == pytest.approx(np.sqrt(0.2), abs=1e-9)


def test_the_order_of_answers_does_not_matter():
    grid = engine.Grid()
    rows = np.random.default_rng(3).normal(size=(4, 1, grid.n))
    prior = engine.Posterior.prior(grid, engine.NormalPrior())
    forth, back = prior, prior
    for row in rows:
        forth = forth.after(row)
    for row in rows[::-1]:
        back = back.after(row)
    np.testing.assert_allclose(forth.score().theta, back.score().theta, rtol=0, atol=1e-12)


def test_a_uniform_priors_bounds_replace_the_ends_of_the_grid():
    posterior = engine.Posterior.prior(engine.Grid(-6, 6, 121), engine.UniformPrior(-2, 3))
    assert posterior.grid == engine.Grid(-2, 3, 121)
    # Mean and standard deviation of U(-2, 3): 1/2 and 5 / sqrt(12).
    assert posterior.score().theta[0] == pytest.approx(0.5)
    assert posterior.score().se[0] == pytest.approx(5 / np.sqrt(12), rel=1e-4)


@given(pool=pools(min_items=2), data=st.data())
@settings(max_examples=40)
def test_one_pattern_at_a_time_scores_as_a_batch_does(pool, data):
    shape = (4, len(pool))
    answers = data.draw(arrays(np.int64, shape, elements=st.integers(-1, 1)))
    batch = engine.eap(pool, answers)
    for row, pattern in enumerate(answers):
        alone = engine.eap(pool, pattern[None, :])
        assert alone.theta[0] == pytest.approx(batch.theta[row], abs=1e-12)
        assert alone.se[0] == pytest.approx(batch.se[row], abs=1e-12)


def test_patterns_beyond_one_chunk_are_all_scored():
    pool = engine.ItemPool.build(a=1.0, b=[-1.0, 1.0])
    answers = np.tile([[0, 0], [1, 0], [1, 1]], (1500, 1))
    score = engine.eap(pool, answers)
    first = score.theta[:3]
    assert first[0] < first[1] < first[2]
    np.testing.assert_allclose(score.theta, np.tile(first, 1500), rtol=0, atol=1e-12)


def test_every_answer_that_is_no_category_is_named():
    pool = engine.ItemPool.build(a=1.0, b=[-1.0, 1.0])
    with pytest.raises(engine.AnswerError) as error:
        engine.eap(pool, [[0, 2], [-2, 1]])
    assert {p.where for p in error.value.problems} == {"responses[0, 1]", "responses[1, 0]"}


@pytest.mark.parametrize("responses", [[[0, 1, 1]], [0, 1], [[0.5, 1.0]], np.zeros((0, 2), int)])
def test_responses_of_another_shape_are_refused(responses):
    with pytest.raises(engine.AnswerError, match="responses"):
        engine.eap(engine.ItemPool.build(a=1.0, b=[-1.0, 1.0]), responses)
