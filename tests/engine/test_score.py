"""What must not matter to an estimate, patterns at the edge, and options that cannot be used."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import models
from engine.ability import METHODS, patterns
from engine.ability.equations import Likelihood, LogPrior, Warm
from engine.ability.interpolation import Tables
from engine.ability.modes import mode
from tests.engine.answered import some_answers, three_pl
from tests.engine.strategies import answers_to, mixed_pools, pools

MODES = {"mle": Likelihood(), "map": LogPrior(engine.NormalPrior()), "wle": Warm()}


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
    # The first time compiled code is loaded, which takes room of its own.
    for n in (60_000, 60_000, 100_000):
        answers = np.zeros((n, 20), dtype=np.int8)
        tracemalloc.start()
        engine.score(pool, answers, method=method)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Two numbers of eight bytes for each further candidate, and room for chance.
    assert peaks[2] - peaks[1] < 40_000 * 2 * 8 + 1_000_000


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
