"""Estimates where curves are level to the last bit, and what may be given as answers and options."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.ability.equations import Jeffreys, Likelihood, Warm
from engine.ability.modes import mode
from engine.ability.patterns import Patterns
from tests.engine.answered import some_answers, three_pl
from tests.engine.strategies import extreme_pools

LEVEL_ITEMS = {
    "steep and far below": (50.0, -40.0, 0.0),
    "steep, with guessing": (50.0, 0.0, 0.2),
    "far below, with guessing": (2.0, -20.0, 0.25),
    "steeper than the nodes": (1e6, -5.0, 0.0),
}


@pytest.mark.parametrize("item", LEVEL_ITEMS.values(), ids=LEVEL_ITEMS)
@pytest.mark.parametrize("method", ["mle", "huber"])
def test_all_right_is_the_upper_bound_even_where_the_likelihood_hardly_rises(item, method):
    # P nears 1, and its logarithm 0, but it rises all the way: Lord (1980), all right has no finite
    # maximum likelihood estimate.
    a, b, c = item
    pool = engine.ItemPool.build(a=a, b=[b], c=c)
    assert engine.score(pool, [[1]], method=method).theta[0] == 6


@pytest.mark.parametrize("method", ["mle", "huber"])
def test_all_wrong_is_the_lower_bound_even_where_the_likelihood_hardly_falls(method):
    pool = engine.ItemPool.build(a=[50.0], b=[40.0])
    assert engine.score(pool, [[0]], method=method).theta[0] == -6


@pytest.mark.parametrize(
    "block",
    [
        engine.Graded([50.0], [[-42.0, -40.0]]),
        engine.PartialCredit([50.0], [[-40.0, -42.0]]),
        engine.Nominal([[0.0, 50.0, 100.0]], [[0.0, 2000.0, 4000.0]]),
    ],
    ids=lambda block: type(block).__name__,
)
def test_the_highest_category_of_far_too_easy_items_is_the_upper_bound(block):
    pool = engine.ItemPool.of(block)
    theta = engine.score(pool, [[0], [1], [2]], method="mle").theta
    assert theta.tolist() == [-6, -6, 6]


@pytest.mark.parametrize(("b", "bound"), [(-40.0, -6), (40.0, 6)])
@pytest.mark.parametrize(
    "options", [{"method": "wle"}, {"method": "map", "prior": engine.JeffreysPrior()}]
)
@pytest.mark.parametrize("answer", [0, 1])
def test_warms_estimate_of_one_answer_is_near_its_item_however_far(options, b, bound, answer):
    # One 2PL item: Warm's equation a (x - P) + a (1 - 2 P) / 2 = 0 has P = 1/4 or 3/4, beside b.
    pool = engine.ItemPool.build(a=[50.0], b=[b])
    assert engine.score(pool, [[answer]], **options).theta[0] == bound


@pytest.mark.parametrize(
    "equation", [Likelihood(), Jeffreys(), Warm()], ids=lambda e: type(e).__name__
)
def test_compiled_code_leaves_level_curves_to_numpy(equation):
    pool = engine.ItemPool.build(a=[30.0, 30.0, 1.0], b=[-40.0, 40.0, 0.0])
    rows = np.array([[1, 0, -1], [1, -1, -1], [-1, 0, -1], [1, 0, 1], [1, 0, 0]])
    answered = Patterns.checked(pool, rows)
    compiled = mode(answered, equation, (-6, 6), compiled=True)
    plain = mode(answered, equation, (-6, 6), compiled=False)
    np.testing.assert_allclose(compiled.theta, plain.theta, atol=1e-9)
    np.testing.assert_allclose(compiled.se, plain.se, rtol=1e-6)


@pytest.mark.parametrize("method", ["mle", "wle", "huber", "tukey"])
def test_answers_that_depend_on_no_ability_tell_nothing(method):
    pool = engine.ItemPool.build(a=[0.0, 1.0], b=0.0)
    score = engine.score(pool, [[1, -1], [0, 1]], method=method)
    assert np.isnan([score.theta[0], score.se[0]]).all()
    assert np.isfinite(score.theta[1])


@given(pool=extreme_pools(), data=st.data(), method=st.sampled_from(["eap", "map", "mle", "wle"]))
@settings(max_examples=60)
def test_more_right_answers_never_lower_an_estimate_of_extreme_items(pool, data, method):
    if method == "wle" or (method == "mle" and pool.c.any()):
        # With guessing, or Warm's weight, a likelihood's peaks may change places.
        pool = engine.ItemPool(pool.a, pool.b, np.zeros(len(pool)), np.ones(len(pool)))
    row = np.array([data.draw(st.lists(st.integers(0, 1), min_size=len(pool), max_size=len(pool)))])
    score = engine.score(pool, np.r_[np.zeros_like(row), row, np.ones_like(row)], method=method)
    assert np.isfinite(score.theta).all()
    # All wrong, anything, all right. Steps of a thousandth of a node do not show on a grid.
    low, middle, high = score.theta
    assert low <= middle + 1e-6
    assert middle <= high + 1e-6


@pytest.mark.parametrize(
    "responses",
    [
        [[0.0, 1.0, np.nan]],
        np.array([[0, 1, None]], dtype=object),
        [["0", "1", "1"]],
        [[0, 1], [1]],
        [],
        [0, 1, 1],
        np.zeros((0, 3), dtype=int),
        np.zeros((2, 4), dtype=int),
        [[2**70, 0, 1]],
    ],
    ids=["NaN", "None", "text", "ragged", "nothing", "flat", "nobody", "too wide", "huge"],
)
@pytest.mark.parametrize("method", ["eap", "wle"])
def test_what_is_no_table_of_answers_is_refused_and_told_how_to_leave_one_out(responses, method):
    with pytest.raises(engine.AnswerError, match="-1, not NaN"):
        engine.score(three_pl(3), responses, method=method)


def test_a_number_beyond_64_bits_signed_is_no_category():
    with pytest.raises(engine.AnswerError, match=r"responses\[0, 1\]"):
        engine.score(three_pl(3), np.array([[0, 2**63, 1]], dtype=np.uint64))


@pytest.mark.parametrize("method", ["eap", "map", "wle", "huber"])
@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "uint8", "uint64"])
def test_how_answers_lie_in_memory_does_not_matter(kind, method):
    pool = three_pl(6)
    answers = some_answers(pool, 10, missing=0.0 if kind.startswith("u") else 0.3)
    expected = engine.score(pool, answers, method=method)
    wide = np.repeat(np.repeat(answers.astype(kind), 2, axis=0), 2, axis=1)
    for layout in (np.asfortranarray(answers.astype(kind)), wide[::2, ::2]):
        layout.setflags(write=False)
        score = engine.score(pool, layout, method=method)
        np.testing.assert_allclose(score.theta, expected.theta, rtol=0, atol=1e-12)
        np.testing.assert_allclose(score.se, expected.se, rtol=0, atol=1e-12)


def test_a_prior_that_the_nodes_cannot_follow_is_refused_where_it_is_integrated():
    # On nodes 0.1 apart a standard deviation of 0.01 would come out as 2e-12.
    pool, narrow = three_pl(3), engine.NormalPrior(0.0, 0.01)
    with pytest.raises(engine.DesignError, match=r"prior\.sd"):
        engine.score(pool, [[0, 1, 0]], prior=narrow)
    with pytest.raises(engine.DesignError, match=r"prior\.mean"):
        engine.score(pool, [[0, 1, 0]], prior=engine.NormalPrior(100.0, 1.0))
    score = engine.score(pool, [[0, 1, 0]], prior=narrow, grid=engine.Grid(-1, 1, 2001))
    assert score.se[0] == pytest.approx(0.01, rel=1e-3)
    assert engine.score(pool, [[0, 1, 0]], method="map", prior=narrow).se[0] < 0.01


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"prior": "normal"}, "prior"),
        ({"grid": (-4, 4, 33)}, "grid"),
        ({"method": "mle", "bounds": (0.0, 5e-324)}, "bounds"),
        ({"method": "mle", "bounds": (0.0,)}, "bounds"),
        ({"method": "huber", "tuning": 1e-300}, "tuning"),
        ({"method": "tukey", "tuning": 1e300}, "tuning"),
        ({"method": ["eap"]}, "method"),
    ],
)
def test_impossible_options_are_named(options, where):
    with pytest.raises(engine.DesignError) as error:
        engine.score(three_pl(3), [[0, 1, 0]], **options)
    assert {problem.where for problem in error.value.problems} == {where}
