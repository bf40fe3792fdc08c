"""Every rule of selection: its definition, and what is true of all of them."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine.offer import offer
from engine.selection import RULES, AStratified, GlobalDiscrimination, in_full, worth
from engine.selection.cut_information import cut_in_question
from tests.engine.strategies import extreme_pools, mixed_pools, pools

DECISION = engine.DecisionRule((-0.7, 0.4), 2 / 3)
CHANCE = {"progressive", "proportional", "random"}
GRID = engine.Grid(-6, 6, 61)


def design(pool, rule, *, max_items=None, decision=DECISION, **options):
    stopping = engine.StoppingRule(max_items=max_items or len(pool))
    return engine.Design(
        pool=pool, stopping=stopping, rule=rule, grid=GRID, decision=decision, **options
    )


def sit(an_exam, n_answers, seeds, answer=lambda items: items % 2):
    """The state after some answers by whatever rule."""
    state = engine.start(an_exam, seeds)
    for _ in range(n_answers):
        items = engine.next_item(an_exam, state)
        state = engine.record(an_exam, state, items, np.where(items < 0, -1, answer(items)))
    return state


def in_full_at(an_exam, state):
    """The criterion of every item in full, shape (n, n_items)."""
    seen = offer(an_exam, state).situation
    return in_full(an_exam.rule, seen, worth(an_exam.rule, seen))


@pytest.fixture(scope="module")
def mixed():
    return engine.ItemPool.of(
        engine.Logistic([1.2, 0.8, 1.7], [-0.5, 0.4, 1.0], [0.2, 0.0, 0.15], [1.0, 1.0, 0.97]),
        engine.Graded([1.1, 1.6], [[-1.0, 0.2, 1.1], [-0.3, 0.8, np.nan]]),
        engine.PartialCredit([0.9], [[-0.4, 0.7]]),
        engine.Nominal([[0.0, 1.3, 0.4]], [[0.0, 0.3, -0.2]]),
        places=[[0, 2, 4], [1, 6], [3], [5]],
    )


@pytest.fixture(scope="module")
def midway(mixed):
    """Items 0, 1 and 3 of the mixed pool answered, by an exam of its own order."""
    an_exam = design(mixed, RULES["mfi"])
    state = engine.start(an_exam, 1)
    for item, category in ((0, 1), (1, 2), (3, 0)):
        state = engine.record(an_exam, state, item, category)
    return state


def by_definition(pool, state):
    """Nodes, weights, likelihood, prior, and the answers' probabilities, from scratch."""
    t = np.linspace(-6, 6, 61)
    w = np.full(61, 0.2)
    w[[0, -1]] = 0.1
    p = engine.models.category_probability(pool, t)
    likelihood = np.ones(61)
    for item, category in zip(state.items[0], state.categories[0], strict=True):
        if item >= 0:
            likelihood = likelihood * p[item, category]
    prior = np.exp(-t * t / 2) / np.sqrt(2 * np.pi)
    here = engine.models.category_probability(pool, state.theta)[:, :, 0]
    return t, w, likelihood, prior, p, here


@pytest.mark.parametrize(("name", "with_prior"), [("mlwi", False), ("mpwi", True)])
def test_weighted_information_is_its_integral(mixed, midway, name, with_prior):
    t, w, likelihood, prior, _, _ = by_definition(mixed, midway)
    weight = w * likelihood * (prior if with_prior else 1.0)
    expected = weight @ engine.models.information(mixed, t)
    value = in_full_at(design(mixed, RULES[name]), midway)[0]
    np.testing.assert_allclose(value, expected, rtol=1e-11)


@pytest.mark.parametrize(("name", "with_prior"), [("kl", False), ("klp", True)])
def test_kullback_leibler_is_its_integral(mixed, midway, name, with_prior):
    _, w, likelihood, prior, p, here = by_definition(mixed, midway)
    weight = w * likelihood * (prior if with_prior else 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = here[:, :, None] * np.log(here[:, :, None] / p)
    expected = np.nansum(terms, axis=1) @ weight
    value = in_full_at(design(mixed, RULES[name]), midway)[0]
    np.testing.assert_allclose(value, expected, rtol=1e-10)


@pytest.mark.parametrize(("name", "with_prior"), [("gdi", False), ("gdip", True)])
def test_global_discrimination_is_its_variance(mixed, midway, name, with_prior):
    _, _, likelihood, prior, p, _ = by_definition(mixed, midway)
    share = likelihood * (prior if with_prior else 1.0)
    share = share / share.sum()
    mean = p @ share
    variance = ((p - mean[:, :, None]) ** 2) @ share
    value = in_full_at(design(mixed, RULES[name]), midway)[0]
    np.testing.assert_allclose(value, variance.sum(axis=1) / 2, rtol=1e-10)
    # Right or wrong: the variance of the probability of a right answer, as published.
    for item in (0, 2, 4):
        assert value[item] == pytest.approx(variance[item, 1], rel=1e-10)


def test_a_right_or_wrong_item_is_worth_the_same_in_every_family():
    twins = engine.ItemPool.of(
        engine.Logistic([1.3], [0.4], [0.0], [1.0]),
        engine.Graded([1.3], [[0.4]]),
        engine.PartialCredit([1.3], [[0.4]]),
        engine.Nominal([[0.0, 1.3]], [[0.0, -0.52]]),
    )
    for name in set(RULES) - CHANCE:
        an_exam = design(twins, RULES[name])
        value = in_full_at(an_exam, engine.start(an_exam, 1))[0]
        np.testing.assert_allclose(value, value[0], rtol=1e-9, atol=1e-12, err_msg=name)


def test_expected_variance_is_its_sum_over_answers(mixed, midway):
    t, w, likelihood, prior, p, here = by_definition(mixed, midway)
    expected = np.zeros(len(mixed))
    for item in range(len(mixed)):
        for category in range(mixed.n_categories[item]):
            after = w * likelihood * prior * p[item, category]
            after = after / after.sum()
            mean = after @ t
            expected[item] += here[item, category] * (after @ (t - mean) ** 2)
    value = in_full_at(design(mixed, RULES["mepv"]), midway)[0]
    np.testing.assert_allclose(value, expected, rtol=1e-10)


def test_expected_variance_of_answers_that_hardly_ever_come():
    # An estimate far from the posterior, as maximum likelihood gives: the answer is likely there,
    # and all but impossible where the posterior lies.
    pool = engine.ItemPool.build(a=[1.0, 6.0], b=[0.0, 5.0])
    an_exam = design(pool, RULES["mepv"])
    seen = offer(an_exam, engine.start(an_exam, 1)).situation
    far = engine.Situation(
        **{name: getattr(seen, name) for name in seen.__dataclass_fields__ if name != "theta"},
        theta=np.array([5.0]),
    )
    t = np.linspace(-6, 6, 61)
    after = GRID.weights * np.exp(-t * t / 2) * engine.models.category_probability(pool, t)[1]
    after = after / after.sum(axis=1, keepdims=True)
    mean = after @ t
    variance = (after * (t - mean[:, None]) ** 2).sum(axis=1)
    assert worth(an_exam.rule, far)[0, 1] == pytest.approx(0.5 * variance.sum(), rel=1e-10)


def test_expected_loss_is_its_sum_over_answers(mixed, midway):
    # Straight lines between the nodes, as P(theta >= cut) is defined.
    _, w, likelihood, prior, p, _ = by_definition(mixed, midway)
    p_star, loss = DECISION.p_star, np.zeros(len(mixed))
    for item in range(len(mixed)):
        for category in range(mixed.n_categories[item]):
            density = likelihood * prior * p[item, category]
            share = (w @ density) / (w @ (likelihood * prior))
            above = engine.Posterior(GRID, np.log(density)[None]).probability_above(DECISION.cuts)
            for q in above[0]:
                loss[item] += share * min((1 - q) * p_star, q * (1 - p_star))
    value = in_full_at(design(mixed, RULES["loss"]), midway)[0]
    np.testing.assert_allclose(value, loss, rtol=1e-9)


def test_the_loss_of_an_answer_never_exceeds_what_is_lost_without_it(mixed, midway):
    q = midway.p_above[0]
    now = np.minimum((1 - q) * DECISION.p_star, q * (1 - DECISION.p_star)).sum()
    value = in_full_at(design(mixed, RULES["loss"]), midway)[0]
    assert (value <= now + 1e-12).all()


def test_information_at_the_cut_in_question(mixed):
    an_exam = design(mixed, RULES["cut"])
    state = engine.start(an_exam, 1)
    # P(theta >= -0.7) = 0.76 and P(theta >= 0.4) = 0.34; p* = 0.67 is nearer to the first in odds.
    expected = engine.models.information(mixed, DECISION.cuts[0])
    np.testing.assert_allclose(in_full_at(an_exam, state), expected)


@pytest.mark.parametrize(
    ("p_above", "expected"),
    [((0.95, 0.30), 1), ((0.70, 0.05), 0), ((0.98, 0.94), 1), ((0.97, 0.02), 0)],
)
def test_the_cut_in_question_is_the_unsettled_one_nearest_in_odds(mixed, p_above, expected):
    # With a confidence of 0.9 a probability of 0.95 is settled; with both settled both count again.
    stopping = engine.StoppingRule(max_items=5, decision=0.9)
    an_exam = engine.Design(pool=mixed, stopping=stopping, rule=RULES["cut"], decision=DECISION)
    seen = offer(an_exam, engine.start(an_exam, 1)).situation
    put = engine.Situation(
        **{name: getattr(seen, name) for name in seen.__dataclass_fields__ if name != "p_above"},
        p_above=np.array([p_above]),
    )
    assert cut_in_question(put).tolist() == [expected]


def test_difficulties_and_peaks_of_every_family(mixed):
    an_exam = design(mixed, RULES["bopt"])
    state = engine.start(an_exam, 1)
    theta = state.theta[0]
    value = in_full_at(an_exam, state)[0]
    # The mean of a graded item's thresholds, of a partial credit item's steps; for the nominal item
    # where the categories of slopes 0 and 1.3 cross: 1.3 theta + 0.3 = 0.
    location = [-0.5, 0.1, 0.4, 0.15, 1.0, -0.3 / 1.3, 0.25]
    np.testing.assert_allclose(value, np.abs(np.array(location) - theta), atol=1e-12)
    peak = design(mixed, RULES["thopt"]).tables.most_informative
    fine = np.linspace(-6, 6, 24001)
    highest = fine[engine.models.information(mixed, fine).argmax(axis=0)]
    np.testing.assert_allclose(peak, highest, atol=5e-4)


@given(pool=pools())
def test_the_peak_of_a_three_parameter_item_is_birnbaums(pool):
    # Birnbaum (1968), chapter 20.
    three = engine.ItemPool.build(a=pool.a, b=pool.b, c=pool.c)
    expected = three.b + np.log((1 + np.sqrt(1 + 8 * three.c)) / 2) / three.a
    peak = design(three, RULES["thopt"]).tables.most_informative
    np.testing.assert_allclose(peak, expected, atol=1e-9)


@given(pool=mixed_pools(), name=st.sampled_from(sorted(set(RULES) - CHANCE)), data=st.data())
@settings(max_examples=60)
def test_permuting_a_pool_permutes_the_criteria(pool, name, data):
    order = np.array(data.draw(st.permutations(range(len(pool)))))
    plain, turned = design(pool, RULES[name]), design(pool.take(order), RULES[name])
    place = np.argsort(order)
    states = engine.start(plain, 1), engine.start(turned, 1)
    for item in range(min(2, len(pool) - 1)):
        states = (
            engine.record(plain, states[0], item, 1),
            engine.record(turned, states[1], place[item], 1),
        )
    values = [in_full_at(plain, states[0])[0, order], in_full_at(turned, states[1])[0]]
    np.testing.assert_allclose(values[1], values[0], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", sorted(RULES))
def test_one_at_a_time_equals_a_batch_to_the_last_bit(mixed, name):
    an_exam = design(mixed, RULES[name])
    together = sit(an_exam, 3, np.arange(40, dtype=np.uint64))
    values = in_full_at(an_exam, together)
    alone = np.concatenate([in_full_at(an_exam, together.take(row)) for row in range(40)])
    if name == "mei":  # polynomials between nodes; see docs/selection.md
        np.testing.assert_allclose(values, alone, rtol=1e-10)
    else:
        assert (values == alone).all()
    assert (engine.next_item(an_exam, together) >= 0).all()


@pytest.mark.parametrize("name", sorted(RULES))
def test_values_do_not_depend_on_how_many_are_worked_on_together(mixed, name, monkeypatch):
    an_exam = design(mixed, RULES[name])
    together = sit(an_exam, 2, np.arange(30, dtype=np.uint64))
    whole = in_full_at(an_exam, together)
    monkeypatch.setattr("engine.selection.rule.CELLS", 7 * len(mixed) * 4)
    np.testing.assert_allclose(in_full_at(an_exam, together), whole, rtol=1e-10)


@pytest.mark.parametrize("name", sorted(RULES))
def test_items_equal_on_paper_tie_and_the_first_is_taken(name):
    if name in CHANCE:
        pytest.skip("chance tells equal items apart")
    pool = engine.ItemPool.build(a=np.full(9, 1.3), b=0.2, c=0.2)
    an_exam = design(pool, RULES[name], max_items=9)
    final = sit(an_exam, 9, np.arange(20, dtype=np.uint64))
    stratum = AStratified().stratum_of(pool.a)
    if name == "a-stratified":
        assert (np.diff(stratum[final.items], axis=1) >= 0).all()
    else:
        assert (final.items == np.arange(9)).all()


@pytest.mark.parametrize("name", sorted(RULES))
def test_an_exam_by_any_rule_gives_each_item_once_and_ends(mixed, name):
    an_exam = design(mixed, RULES[name])
    final = sit(an_exam, len(mixed), np.arange(12, dtype=np.uint64))
    assert (np.sort(final.items, axis=1) == np.arange(len(mixed))).all()
    assert engine.next_item(an_exam, final).tolist() == [-1] * 12


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_pool_of_one_item(name):
    an_exam = design(engine.ItemPool.build(a=1.0, b=0.0), RULES[name])
    state = engine.start(an_exam, 5)
    assert engine.next_item(an_exam, state).tolist() == [0]
    final = engine.record(an_exam, state, 0, 1)
    assert engine.next_item(an_exam, final).tolist() == [-1]
    assert np.isfinite(in_full_at(an_exam, final)).all()


@given(pool=extreme_pools(), name=st.sampled_from(sorted(RULES)), category=st.integers(0, 1))
@settings(max_examples=150)
def test_extreme_parameters_give_finite_values_and_no_warning(pool, name, category):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        an_exam = design(pool, RULES[name])
        state = engine.start(an_exam, 3)
        for item in range(len(pool)):
            values = in_full_at(an_exam, state)
            assert np.isfinite(values).all()
            assert engine.next_item(an_exam, state)[0] >= 0
            state = engine.record(an_exam, state, item, category)


def test_a_long_exam_does_not_sink_below_the_rounding():
    # After 300 answers the likelihood is about 1e-80: in full all values round to 0, and the best
    # item is found all the same.
    pool = engine.ItemPool.build(a=1.0, b=np.append(np.zeros(300), [3.0, 0.1, -3.0]))
    for name in ("mlwi", "mpwi", "kl", "klp"):
        an_exam = design(pool, RULES[name])
        state = engine.start(an_exam, 1)
        for item in range(300):
            state = engine.record(an_exam, state, item, item % 2)
        assert in_full_at(an_exam, state).max() < 1e-60
        assert engine.next_item(an_exam, state).tolist() == [301]


def test_rules_that_need_cuts_say_so():
    pool = engine.ItemPool.build(a=1.0, b=[0.0, 1.0])
    for name in ("cut", "loss"):
        with pytest.raises(engine.DesignError, match="cut scores"):
            design(pool, RULES[name], decision=None)


def test_expected_information_needs_a_prior_with_a_mode():
    prior = engine.HistogramPrior(-4, 4, (1.0, 2.0, 1.0))
    pool = engine.ItemPool.build(a=1.0, b=[0.0, 1.0])
    with pytest.raises(engine.DesignError, match="as mei needs"):
        design(pool, RULES["mei"], prior=prior)


def test_global_discrimination_names_itself_by_its_weight():
    assert [GlobalDiscrimination(over).name for over in ("likelihood", "posterior")] == [
        "gdi",
        "gdip",
    ]
    assert all(rule.name == name for name, rule in RULES.items())


def test_the_guides_example_of_a_rule_runs():
    guide = (Path(__file__).parents[2] / "docs" / "selection.md").read_text(encoding="utf-8")
    example = guide.split("```python\n")[1].split("```")[0]
    names = {"pool": engine.ItemPool.build(a=1.0, b=[-1.0, 0.0, 2.0])}
    exec(example, names)
    an_exam = names["design"]
    assert engine.next_item(an_exam, engine.start(an_exam, 1)).tolist() == [1]


@pytest.mark.parametrize("name", ["mlwi", "kl", "gdi"])
def test_the_likelihood_is_known_where_a_histogram_says_nobody_is(mixed, name):
    # These rules weigh by the likelihood alone: whatever the prior, their values are the same.
    shares = np.where(np.abs(GRID.nodes) < 2, 1.0, 0.0)
    values = []
    for prior in (engine.UniformPrior(-6, 6), engine.HistogramPrior(-6, 6, tuple(shares))):
        an_exam = design(mixed, RULES[name], prior=prior)
        state = engine.start(an_exam, 1)
        for item, category in ((0, 1), (1, 2), (3, 0)):
            state = engine.record(an_exam, state, item, category)
        seen = offer(an_exam, state).situation
        at = replace(seen, theta=np.array([0.3]))
        values.append(in_full(an_exam.rule, at, worth(an_exam.rule, at)))
    np.testing.assert_allclose(values[1], values[0], rtol=1e-9, atol=1e-12)
