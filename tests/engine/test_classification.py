"""Deciding cuts: by interval, by likelihood ratios, by posterior probability; and at the limit."""

import numpy as np
import pytest
from scipy.stats import binom, norm

import engine
from engine import Outcome, Reason, Side
from engine.cut_tests import sides
from engine.decision_errors import decision_errors
from engine.offer import situation

RNG = np.random.default_rng(20)
ENDLESS = engine.ItemPool.build(a=RNG.uniform(0.8, 2.0, 400), b=RNG.normal(0.2, 0.8, 400), c=0.15)
"""So many items that hardly an exam here sees the end of them."""
POLYTOMOUS = engine.ItemPool.of(
    engine.Graded(RNG.uniform(0.8, 1.6, 150), np.sort(RNG.normal(size=(150, 3)), axis=1)),
    engine.PartialCredit(RNG.uniform(0.5, 1.2, 150), RNG.normal(size=(150, 2))),
)


def design(test, cuts=(0.2,), pool=ENDLESS, forced=False, **options):
    options = {"max_items": len(pool), "settled": True, **options}
    return engine.Design(
        pool=pool,
        rule=engine.RULES["cut"],
        grid=engine.Grid(-5, 5, 51),
        stopping=engine.StoppingRule(**options),
        decision=engine.DecisionRule(cuts, 0.5, test=test, forced=forced),
    )


def sit(an_exam, theta, n, seed=1):
    seeds = np.random.default_rng(seed).integers(0, 2**64, n, dtype=np.uint64)
    return engine.simulate(an_exam, np.full(n, theta), seeds)


def at_most(count, n, nominal):
    """Whether so many errors of n go with an error rate of at most the nominal one (1 in 1000)."""
    return count <= binom.ppf(0.999, n, nominal)


CASES = [
    (engine.SequentialRatio(delta=0.35), ENDLESS),
    (engine.SequentialRatio(delta=0.35, alpha=0.1, beta=0.02), ENDLESS),
    (engine.SequentialRatio(delta=0.35), POLYTOMOUS),
    (engine.GeneralisedRatio(delta=0.35), ENDLESS),
    (engine.GeneralisedRatio(delta=0.25, alpha=0.1, beta=0.1), ENDLESS),
    (engine.GeneralisedRatio(delta=0.35), POLYTOMOUS),
]


@pytest.mark.parametrize(("test", "pool"), CASES)
def test_without_a_limit_errors_at_the_edges_are_at_most_nominal(test, pool):
    # Wald (1947). At cut - delta the error is to be found above, at cut + delta below.
    n = 700
    an_exam = design(test, pool=pool)
    for edge, wrong, nominal in ((-test.delta, 1, test.alpha), (test.delta, 0, test.beta)):
        result = sit(an_exam, 0.2 + edge, n)
        # The few who come to the end of even this pool are counted against the test.
        undecided = (result.report.reason != Reason.DECIDED).sum()
        assert undecided <= 0.01 * n
        assert at_most((result.report.level == wrong).sum() + undecided, n, nominal)


def test_walds_bounds_alone_are_not_enough_for_the_generalised_ratio():
    # Thompson (2009) takes Wald's bounds for the GLR. At the edge it then errs more than nominally,
    # which is why bounds are moved outwards by default.
    test = engine.GeneralisedRatio(delta=0.3, margin=0.0)
    pool = engine.ItemPool.build(a=ENDLESS.a, b=ENDLESS.b)
    n = 1500
    wrong = (sit(design(test, pool=pool), -0.1, n).report.level == 1).sum()
    assert binom.sf(wrong - 1, n, test.alpha) < 1e-3


def test_the_bounds_are_walds():
    # Wald (1947), chapter 3: log(0.95 / 0.05) = 2.944.
    lower, upper = engine.SequentialRatio(delta=0.3).bounds()
    assert (lower, upper) == pytest.approx((-2.944439, 2.944439), abs=1e-6)
    lower, upper = engine.SequentialRatio(delta=0.3, alpha=0.01, beta=0.2).bounds()
    assert (lower, upper) == pytest.approx((np.log(0.2 / 0.99), np.log(0.8 / 0.01)))
    assert engine.GeneralisedRatio(delta=0.3, margin=0.5).bounds() == pytest.approx(
        (-3.444439, 3.444439), abs=1e-6
    )


def small(test, cuts=(0.0, 0.8)):
    pool = engine.ItemPool.build(a=[1.0, 1.5, 2.0], b=[0.0, 0.5, 1.0], c=[0.2, 0.0, 0.1])
    an_exam = design(test, cuts=cuts, pool=pool)
    state = engine.start(an_exam, 1)
    for item, category in ((0, 1), (2, 0)):
        state = engine.record(an_exam, state, item, category)
    return pool, situation(an_exam, state)


def log_likelihood(pool, theta):
    p = engine.models.probability(pool, theta)
    return np.log(p[:, 0]) + np.log(1 - p[:, 2])


def test_the_sequential_ratio_compares_the_edges():
    pool, seen = small(engine.SequentialRatio(delta=0.25))
    at = {x: log_likelihood(pool, x)[0] for x in (-0.25, 0.25, 0.55, 1.05)}
    expected = [[at[0.25] - at[-0.25], at[1.05] - at[0.55]]]
    np.testing.assert_allclose(engine.SequentialRatio(delta=0.25).evidence(seen), expected)


def test_the_generalised_ratio_compares_the_best_of_either_side():
    pool, seen = small(engine.GeneralisedRatio(delta=0.25))
    fine = np.linspace(-5, 5, 100_001)
    values = log_likelihood(pool, fine)
    expected = [
        values[fine >= cut + 0.25].max() - values[fine <= cut - 0.25].max() for cut in (0.0, 0.8)
    ]
    found = engine.GeneralisedRatio(delta=0.25).evidence(seen)[0]
    np.testing.assert_allclose(found, expected, atol=5e-4)


def test_a_peak_counts_for_the_side_it_is_on_wherever_the_nodes_are():
    # An edge moved past the top of the likelihood in steps much finer than the grid's. Counted by
    # its node instead, the top would be missed or taken for the wrong side.
    b = np.linspace(-1, 1, 12)
    pool = engine.ItemPool.build(a=2.0, b=b)
    test, answers = engine.GeneralisedRatio(delta=0.25), (b < 0.1).astype(int)
    fine = np.linspace(-3, 3, 60_001)
    p = engine.models.probability(pool, fine)
    values = np.log(np.where(answers, p, 1 - p)).sum(axis=1)
    top = fine[values.argmax()]
    for away in np.linspace(-0.15, 0.15, 31):
        cut = top - 0.25 + away
        question = engine.Question(
            rule=engine.RULES["mfi"],
            prior=engine.NormalPrior(),
            grid=engine.Grid(-5, 5, 101),
            decision=engine.DecisionRule((cut,), 0.5, test=test),
        )
        seen = engine.advise(pool, range(12), answers, question).situation
        above, below = values[fine >= cut + 0.25].max(), values[fine <= cut - 0.25].max()
        assert test.evidence(seen)[0, 0] == pytest.approx(above - below, abs=1e-3)


def test_before_any_answer_nothing_speaks_for_either_side():
    for test in (engine.SequentialRatio(delta=0.3), engine.GeneralisedRatio(delta=0.3)):
        an_exam = design(test)
        state = engine.start(an_exam, 1)
        assert test.evidence(situation(an_exam, state)).tolist() == [[0.0]]
        assert state.reason[0] == Reason.GOING_ON


def test_an_interval_that_leaves_the_cut_outside_settles_it():
    test = engine.ConfidenceInterval(confidence=0.9)
    z = norm.ppf(0.95)
    assert test.bounds() == pytest.approx((-z, z))
    _, seen = small(test)
    theta, se = seen.theta[0], seen.se[0]
    for cut, side in (
        (theta - 1.01 * z * se, Side.ABOVE),
        (theta - 0.99 * z * se, Side.OPEN),
        (theta + 0.99 * z * se, Side.OPEN),
        (theta + 1.01 * z * se, Side.BELOW),
    ):
        put = engine.Situation(
            **{
                name: getattr(seen, name)
                for name in seen.__dataclass_fields__
                if name != "decision"
            },
            decision=engine.DecisionRule((cut,), 0.5, test=test),
        )
        assert sides(test, put).tolist() == [[side]]


def test_several_cuts_are_each_settled_and_the_highest_shown_counts():
    an_exam = design(engine.SequentialRatio(delta=0.4), cuts=(-0.8, 0.2, 1.2))
    for theta, level in ((-2.2, 0), (-0.3, 1), (0.7, 2), (2.5, 3)):
        result = sit(an_exam, theta, 60)
        assert (result.report.reason == Reason.DECIDED).all()
        assert np.median(result.report.level) == level
        shown = result.report.outcome == Outcome.SHOWN
        assert (shown.sum(axis=1) == result.report.level).all()
        assert np.isin(result.report.outcome, (Outcome.SHOWN, Outcome.NOT_SHOWN)).all()


@pytest.mark.parametrize("forced", [False, True])
def test_what_happens_at_the_limit_is_stated(forced):
    test = engine.SequentialRatio(delta=0.2)
    an_exam = design(test, cuts=(0.0, 0.4), max_items=12, forced=forced)
    result = sit(an_exam, 0.3, 200)
    outcome, report = result.report.outcome, result.report
    ended = report.reason == Reason.LENGTH
    assert ended.any()
    assert not (outcome == Outcome.OPEN).any()
    by_force = np.isin(outcome, (Outcome.FORCED_SHOWN, Outcome.FORCED_NOT_SHOWN))
    not_yet = outcome == Outcome.NOT_YET_SHOWN
    assert by_force.any() == forced
    assert not_yet.any() == (not forced)
    assert not (by_force | not_yet)[~ended].any()
    # The side of a forced decision is the one the evidence speaks for.
    if forced:
        state = played_again(an_exam, result, int(np.flatnonzero(by_force.any(axis=1))[0]))
        evidence = test.evidence(situation(an_exam, state))
        row = engine.report(an_exam, state).outcome
        assert (row == Outcome.FORCED_SHOWN).tolist() == (
            (evidence >= 0) & np.isin(row, (Outcome.FORCED_SHOWN, Outcome.FORCED_NOT_SHOWN))
        ).tolist()


def played_again(an_exam, result, candidate):
    state = engine.start(an_exam, 1)
    for item, category in zip(result.items[candidate], result.categories[candidate], strict=True):
        if item >= 0:
            state = engine.record(an_exam, state, item, category)
    return state


def test_while_an_exam_goes_on_cuts_are_open():
    an_exam = design(engine.SequentialRatio(delta=0.3), cuts=(0.0, 1.0))
    assert engine.report(an_exam, engine.start(an_exam, 1)).outcome.tolist() == [[0, 0]]


def test_errors_of_settled_and_of_forced_decisions_are_told_apart():
    # Nearly at the cut a short exam settles few, and what it forces is little better than chance;
    # the settled ones keep to the nominal error, roughly.
    an_exam = design(engine.SequentialRatio(delta=0.3), max_items=15, forced=True)
    n = 1500
    told = decision_errors(sit(an_exam, -0.1, n), (0.2,))
    assert told.settled + told.forced == pytest.approx(1.0)
    assert told.undecided.tolist() == [0.0]
    assert 0.2 < told.forced[0] < 0.95
    assert told.settled_wrongly[0] * told.settled[0] <= binom.ppf(0.999, n, 0.05) / n
    assert told.forced_wrongly[0] > 2 * told.settled_wrongly[0]
    kept = decision_errors(
        sit(design(engine.SequentialRatio(delta=0.3), max_items=15), -0.1, n), (0.2,)
    )
    assert kept.undecided == pytest.approx(told.forced)
    assert np.isnan(kept.forced_wrongly[0])
    with pytest.raises(engine.AnswerError, match="cuts"):
        decision_errors(sit(an_exam, -0.1, 2), (0.2, 0.3))


POSTERIOR = [
    # P(theta >= cut), with p* = 2/3 and confidence 0.9; the exam over or not; without and by force.
    (0.95, True, Outcome.SHOWN, Outcome.SHOWN),
    (0.70, True, Outcome.SHOWN, Outcome.SHOWN),
    (0.60, True, Outcome.NOT_YET_SHOWN, Outcome.FORCED_NOT_SHOWN),
    (0.05, True, Outcome.NOT_SHOWN, Outcome.NOT_SHOWN),
    (0.60, False, Outcome.OPEN, Outcome.OPEN),
    (0.05, False, Outcome.NOT_SHOWN, Outcome.NOT_SHOWN),
]


@pytest.mark.parametrize(("p", "over", "kept", "forced"), POSTERIOR)
def test_by_posterior_probability_what_reaches_p_star_is_shown(p, over, kept, forced):
    p_above, ended = np.array([[p]]), np.array([over])
    rule = engine.DecisionRule((0.0,), 2 / 3)
    assert rule.posterior_outcome(p_above, 0.9, ended).tolist() == [[kept]]
    by_force = engine.DecisionRule((0.0,), 2 / 3, forced=True)
    assert by_force.posterior_outcome(p_above, 0.9, ended).tolist() == [[forced]]


@pytest.mark.parametrize("n", [80, 600])
def test_outcomes_agree_with_the_level(section, n):
    # Many candidates are simulated by compiled code, few are not.
    seeds = np.random.default_rng(n).integers(0, 2**64, n, dtype=np.uint64)
    report = engine.simulate(section, np.linspace(-2, 2, n), seeds).report
    shown = report.outcome == Outcome.SHOWN
    assert (shown.sum(axis=1) == report.level).all()
    assert report.outcome.shape == (n, 3)
    assert not (report.outcome == Outcome.OPEN).any()


@pytest.mark.parametrize(
    "build",
    [
        lambda: engine.SequentialRatio(delta=0.0),
        lambda: engine.SequentialRatio(delta=0.3, alpha=0.5),
        lambda: engine.GeneralisedRatio(delta=0.3, beta=0.0),
        lambda: engine.GeneralisedRatio(delta=0.3, margin=-1.0),
        lambda: engine.ConfidenceInterval(confidence=1.0),
    ],
)
def test_impossible_tests_are_refused(build):
    with pytest.raises(engine.DesignError):
        build()


def test_an_indifference_region_lies_on_the_grid():
    with pytest.raises(engine.DesignError, match=r"0\.5 on either side"):
        design(engine.SequentialRatio(delta=0.5), cuts=(0.0, 4.8))


def test_an_ability_known_without_error_settles_every_cut():
    # Items so steep that the whole density is at one node: no division by the error of 0.
    pool = engine.ItemPool.build(a=1e6, b=[-0.05, 0.05, 0.0])
    an_exam = engine.Design(
        pool=pool,
        stopping=engine.StoppingRule(min_items=3, max_items=3, settled=True),
        decision=engine.DecisionRule((-5.5, 5.5), 0.8, test=engine.ConfidenceInterval()),
    )
    state = engine.start(an_exam, 1)
    for item, category in ((0, 1), (1, 0)):
        state = engine.record(an_exam, state, item, category)
    assert state.se[0] == 0
    assert situation(an_exam, state).sides.tolist() == [[Side.ABOVE, Side.BELOW]]


def test_the_smallest_errors_and_the_largest_confidence_have_finite_bounds():
    # log((1 - beta) / alpha) = 320 log 10; the quotient itself would overflow.
    lower, upper = engine.SequentialRatio(delta=0.1, alpha=1e-320, beta=1e-320).bounds()
    assert (lower, upper) == pytest.approx((-736.83, 736.83), abs=0.01)
    lower, upper = engine.ConfidenceInterval(confidence=1 - 2**-53).bounds()
    assert upper == pytest.approx(-norm.ppf(2.0**-54))
    assert lower == -upper
