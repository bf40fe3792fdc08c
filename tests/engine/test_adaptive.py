"""The exam as a state machine."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import Reason
from tests.engine.strategies import extreme_pools


def faults(error):
    return {problem.where for problem in error.value.problems}


def sit(design, seed, answer):
    """One live exam: `answer` says the category for an item; every state on the way comes back."""
    states = [engine.start(design, seed)]
    while (item := engine.next_item(design, states[-1])[0]) >= 0:
        states.append(engine.record(design, states[-1], item, answer(item)))
    return states


@pytest.fixture
def small():
    pool = engine.ItemPool.build(a=[1.0, 1.5, 0.8, 1.2], b=[-1.0, 0.0, 0.5, 1.0])
    return engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=3))


def test_an_exam_begins_at_the_prior_with_the_item_most_informative_there(small):
    state = engine.start(small, 1)
    report = engine.report(small, state)
    assert report.theta[0] == pytest.approx(0.0, abs=1e-12)
    assert report.se[0] == pytest.approx(1.0, abs=1e-6)
    assert engine.next_item(small, state).tolist() == [1]
    assert engine.finished(small, state).tolist() == [Reason.GOING_ON]


def test_every_state_holds_the_estimate_of_the_answers_so_far(section):
    states = sit(section, 11, lambda item: int(item % 2))
    answers = np.full((1, len(section.pool)), -1)
    for state in states[1:]:
        place = state.n_given[0] - 1
        answers[0, state.items[0, place]] = state.categories[0, place]
        expected = engine.eap(section.pool, answers)
        assert state.theta[0] == pytest.approx(expected.theta[0], abs=1e-11)
        assert state.se[0] == pytest.approx(expected.se[0], abs=1e-11)


def test_no_item_comes_twice_and_the_report_counts_them(section):
    final = sit(section, 5, lambda item: 1)[-1]
    given_items = final.items[0][final.items[0] >= 0]
    assert len(set(given_items)) == len(given_items) == engine.report(section, final).n_items[0]


def test_right_answers_show_the_highest_level_and_wrong_ones_none(section):
    able = engine.report(section, sit(section, 5, lambda item: 1)[-1])
    unable = engine.report(section, sit(section, 5, lambda item: 0)[-1])
    assert able.level[0] == 3
    assert unable.level[0] == 0
    assert able.p_above.shape == (1, 3)
    assert able.reason[0] != Reason.GOING_ON


def test_without_a_decision_rule_no_level_is_reported(small):
    report = engine.report(small, engine.start(small, [1, 2]))
    assert report.p_above.shape == (2, 0)
    assert report.level.tolist() == [0, 0]


def test_recording_leaves_the_state_before_as_it_was(small):
    state = engine.start(small, 1)
    before = copy.deepcopy(state)
    engine.record(small, state, 1, 1)
    for name in ("items", "categories", "n_given", "theta", "se", "reason"):
        assert np.array_equal(getattr(state, name), getattr(before, name))
    with pytest.raises(ValueError, match="read-only"):
        state.items[0, 0] = 3


def test_a_state_survives_a_journey(section):
    middle = sit(section, 3, lambda item: 1)[4]
    arrived = pickle.loads(pickle.dumps(middle))
    assert engine.next_item(section, arrived) == engine.next_item(section, middle)
    assert arrived.theta == middle.theta


@pytest.mark.parametrize("seed", [0, 1, 2**63, 2**64 - 1])
def test_the_same_seed_and_answers_give_the_same_exam(section, seed):
    first, second = (sit(section, seed, lambda item: int(item < 7))[-1] for _ in range(2))
    assert first.items.tolist() == second.items.tolist()
    assert first.theta == second.theta


def test_other_seeds_give_other_exams(section):
    exams = {tuple(sit(section, seed, lambda item: 1)[-1].items[0]) for seed in range(20)}
    assert len(exams) > 10


def test_a_pool_that_runs_out_ends_the_exam_and_says_so():
    pool = engine.ItemPool.build(a=1.0, b=[-1.0, 0.0, 1.0])
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(min_items=5, max_items=10))
    final = sit(design, 1, lambda item: 1)[-1]
    assert engine.report(design, final).n_items.tolist() == [3]
    assert engine.finished(design, final).tolist() == [Reason.EXHAUSTED]


def test_a_pool_of_one_item_makes_an_exam_of_one_item():
    design = engine.Design(
        pool=engine.ItemPool.build(a=1.0, b=0.0),
        stopping=engine.StoppingRule(max_items=1),
        randomesque=5,
    )
    final = sit(design, 1, lambda item: 0)[-1]
    assert final.items.tolist() == [[0]]
    assert engine.finished(design, final).tolist() == [Reason.LENGTH]


def test_every_answer_that_does_not_fit_is_named_and_nothing_is_recorded(small):
    state = engine.start(small, [1, 2, 3, 4, 5])
    state = engine.record(small, state, [0, 1, 2, 3, 0], [0, 1, 0, 1, 1])
    with pytest.raises(engine.AnswerError) as error:
        engine.record(small, state, [0, 4, -1, 2, -7], [0, 1, 0, 2, -1])
    assert faults(error) == {"items[0]", "items[1]", "items[2]", "items[4]"} | {
        "categories[3]",
        "categories[4]",
    }
    assert state.n_given.tolist() == [1] * 5


def test_a_finished_candidate_can_answer_no_more(small):
    state = sit(small, 9, lambda item: 1)[-1]
    left = int(np.flatnonzero(~state.given(4)[0])[0])
    with pytest.raises(engine.AnswerError, match="exam is over"):
        engine.record(small, state, left, 1)
    assert engine.next_item(small, state).tolist() == [-1]
    unmoved = engine.record(small, state, -1, -1)
    assert unmoved.items.tolist() == state.items.tolist()


def test_in_a_batch_the_finished_stay_and_the_others_go_on(section, candidates):
    theta, seeds = candidates
    state = engine.start(section, seeds[:40])
    ended = {}
    while (items := engine.next_item(section, state)).max() >= 0:
        for who in np.flatnonzero(items < 0):
            ended.setdefault(who, (state.n_given[who], state.theta[who]))
        answers = engine.answer(section, state, items, theta[:40])
        state = engine.record(section, state, items, answers)
    assert 0 < len(ended) < 40  # some ended before the last round, or the test shows nothing
    for who, (n_given, estimate) in ended.items():
        assert state.n_given[who] == n_given
        assert state.theta[who] == estimate


@pytest.mark.parametrize(
    ("items", "categories", "wrong"),
    [
        ([1], [1, 0], {"items"}),
        ([1, 2], 1, {"categories"}),
        ([1.0, 2.0], [[1], [0]], {"items", "categories"}),
        (["a", "b"], [None, 1], {"items", "categories"}),
    ],
)
def test_columns_that_do_not_fit_the_batch_are_refused(small, items, categories, wrong):
    state = engine.start(small, [1, 2])
    with pytest.raises(engine.AnswerError) as error:
        engine.record(small, state, items, categories)
    assert faults(error) == wrong


def test_every_bad_seed_is_named(small):
    with pytest.raises(engine.AnswerError) as error:
        engine.start(small, [1, -1, 2**64, 1.5, True, 2**64 - 1])
    assert faults(error) == {"seeds[1]", "seeds[2]", "seeds[3]", "seeds[4]"}
    with pytest.raises(engine.AnswerError, match="one seed for each candidate"):
        engine.start(small, [])


def test_every_contradiction_of_a_design_is_named():
    with pytest.raises(engine.DesignError) as error:
        engine.Design(
            pool=engine.ItemPool.build(a=[1.0, -0.5, 0.0], b=0.0),
            grid=engine.Grid(-2, 2, 9),
            prior=engine.NormalPrior(3.0, 0.1),
            stopping=engine.StoppingRule(max_items=3, decision=0.9),
            randomesque=0,
            content=engine.ContentTargets([0], [1.0]),
        )
    assert faults(error) == {
        *("pool.a[1]", "pool.a[2]", "prior.mean", "prior.sd"),
        *("randomesque", "content.units", "decision"),
    }


def test_cuts_lie_inside_the_grid():
    with pytest.raises(engine.DesignError) as error:
        engine.Design(
            pool=engine.ItemPool.build(a=1.0, b=0.0),
            stopping=engine.StoppingRule(max_items=1),
            decision=engine.DecisionRule((-6.0, 0.0, 9.0), 0.5),
        )
    assert faults(error) == {"decision.cuts[0]", "decision.cuts[2]"}


@given(pool=extreme_pools(), answers=st.lists(st.integers(0, 1), min_size=6, max_size=6))
@settings(max_examples=60)
def test_exams_of_extreme_items_stay_finite(pool, answers):
    design = engine.Design(
        pool=pool,
        stopping=engine.StoppingRule(max_items=6),
        decision=engine.DecisionRule((-1.0, 1.0), 0.6),
    )
    for state in sit(design, 1, lambda item: answers[item]):
        assert -6 <= state.theta[0] <= 6
        assert 0 <= state.se[0] <= 12
        assert ((state.p_above >= 0) & (state.p_above <= 1)).all()
    assert state.n_given[0] == len(pool)
