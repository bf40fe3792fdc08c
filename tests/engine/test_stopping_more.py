"""Exams that stop on a stable estimate, on time, and when nothing more is to be learned."""

from itertools import pairwise

import numpy as np
import pytest

import engine
from engine import Reason
from tests.engine.test_stopping import faults, reasons

POOL = engine.ItemPool.build(a=[1.0, 1.5, 0.8, 1.2, 0.7], b=[-1.0, 0.0, 0.5, 1.0, 3.0])


def design(pool=POOL, **stopping):
    rule = engine.StoppingRule(**{"max_items": len(pool), **stopping})
    return engine.Design(pool=pool, stopping=rule)


def sit(an_exam, answer=1, seconds=0.0):
    states = [engine.start(an_exam, 1)]
    while (item := engine.next_item(an_exam, states[-1])[0]) >= 0:
        states.append(engine.record(an_exam, states[-1], item, answer, seconds=seconds))
    return states


def codes(rule, **seen):
    nobody = {"p_above": np.zeros((1, 0)), "classification": None, "se": np.array([0.5])}
    counts = {"n_given": np.array([5]), "n_left": np.array([9])}
    return Reason(rule.reasons(**{**nobody, **counts, **seen})[0])


@pytest.mark.parametrize(
    ("moved", "expected"),
    [(0.06, Reason.GOING_ON), (0.05, Reason.STABLE), (0.0, Reason.STABLE)],
)
def test_a_stable_estimate_stops(moved, expected):
    rule = engine.StoppingRule(max_items=9, change=0.05)
    assert codes(rule, moved=np.array([moved])) is expected
    before = engine.StoppingRule(min_items=6, max_items=9, change=0.05)
    assert codes(before, moved=np.array([moved])) is Reason.GOING_ON


def test_the_change_is_that_of_the_last_answer():
    an_exam = design(change=0.3)
    states = sit(an_exam)
    assert np.isinf(states[0].moved[0])
    for before, then in pairwise(states):
        assert then.moved[0] == abs(then.theta[0] - before.theta[0])
    assert states[-1].reason[0] == Reason.STABLE
    assert all(state.moved[0] > 0.3 for state in states[:-1])


def test_time_stops_whatever_the_result():
    an_exam = design(seconds=60, min_items=5)
    states = sit(an_exam, seconds=25.0)
    assert [state.seconds[0] for state in states] == [0, 25, 50, 75]
    assert states[-1].reason[0] == Reason.TIME
    assert engine.report(an_exam, states[-1]).n_items[0] == 3


def test_time_is_counted_for_each_candidate():
    an_exam = design(seconds=60)
    state = engine.start(an_exam, [1, 2, 3])
    state = engine.record(an_exam, state, [1, 1, 1], [0, 1, 0], seconds=[10, 59.9, 60])
    assert state.reason.tolist() == [Reason.GOING_ON, Reason.GOING_ON, Reason.TIME]
    assert state.take([2, 0]).seconds.tolist() == [60, 10]
    state = engine.record(an_exam, state, [0, 0, -1], [1, 1, -1], seconds=1.0)
    assert state.seconds.tolist() == [11, 60.9, 60]


@pytest.mark.parametrize("seconds", [[1, -1, 2], [1, np.nan, 2], [1, 2], "long", [1, np.inf, 0]])
def test_impossible_times_are_refused(seconds):
    state = engine.start(design(), [1, 2, 3])
    with pytest.raises(engine.AnswerError, match="seconds"):
        engine.record(design(), state, [0, 1, 2], [1, 1, 1], seconds=seconds)


def test_an_exam_ends_when_no_item_tells_more_than_the_bound():
    an_exam = design(information=0.1)
    states = sit(an_exam, answer=0)
    final = states[-1]
    left = [item for item in range(5) if item not in final.items[0]]
    assert final.reason[0] == Reason.UNINFORMATIVE
    assert engine.models.information(POOL, final.theta[0])[0, left].max() <= 0.1
    for state in states[:-1]:
        left = [item for item in range(5) if item not in state.items[0]]
        assert engine.models.information(POOL, state.theta[0])[0, left].max() > 0.1


def test_only_items_that_could_come_next_keep_an_exam_going():
    # The second unit is due, and its only item says next to nothing here.
    pool = engine.ItemPool.build(a=[1.5, 1.5, 1.5], b=[0.0, 0.2, 40.0])
    content = engine.ContentTargets([0, 0, 1], [0.5, 0.5])
    rule = engine.StoppingRule(max_items=3, information=0.01)
    an_exam = engine.Design(pool=pool, stopping=rule, content=content)
    state = engine.record(an_exam, engine.start(an_exam, 1), 0, 1)
    assert state.reason[0] == Reason.UNINFORMATIVE
    free = engine.Design(pool=pool, stopping=rule)
    assert engine.record(free, engine.start(free, 1), 0, 1).reason[0] == Reason.GOING_ON


def test_an_empty_pool_is_named_before_one_that_tells_nothing():
    rule = engine.StoppingRule(max_items=9, information=0.1)
    nothing = {"information": np.array([-np.inf]), "n_left": np.array([0])}
    assert codes(rule, **nothing) is Reason.EXHAUSTED
    assert codes(rule, information=np.array([0.1])) is Reason.UNINFORMATIVE


def test_all_waits_for_every_criterion_and_any_for_one():
    met = {"se": np.array([0.2]), "moved": np.array([0.01])}
    unmet = {"se": np.array([0.2]), "moved": np.array([0.2])}
    both = {"max_items": 9, "standard_error": 0.3, "change": 0.05}
    assert codes(engine.StoppingRule(**both, require="all"), **unmet) is Reason.GOING_ON
    assert codes(engine.StoppingRule(**both, require="all"), **met) is Reason.PRECISE
    assert codes(engine.StoppingRule(**both), **unmet) is Reason.PRECISE
    assert codes(engine.StoppingRule(**both), **{**met, "se": np.array([0.4])}) is Reason.STABLE


def test_limits_do_not_wait_for_all():
    rule = engine.StoppingRule(
        max_items=5, standard_error=0.1, change=0.01, seconds=60, require="all"
    )
    assert codes(rule, moved=np.array([1.0])) is Reason.LENGTH
    longer = engine.StoppingRule(max_items=6, standard_error=0.1, seconds=60, require="all")
    assert codes(longer, seconds=np.array([61.0])) is Reason.TIME


def test_every_new_fault_is_named():
    with pytest.raises(engine.DesignError) as error:
        engine.StoppingRule(max_items=5, change=-1, information=np.nan, seconds=0, settled="yes")
    assert faults(error) == {"change", "information", "seconds", "settled"}
    with pytest.raises(engine.DesignError, match="not both"):
        engine.StoppingRule(max_items=5, settled=True, decision=0.9)


def test_a_rule_that_waits_for_a_test_needs_one():
    with pytest.raises(engine.DesignError, match=r"decision\.test"):
        design(settled=True)


def test_what_was_before_is_as_it_was():
    # A rule without the new bounds does not look at them.
    rule = engine.StoppingRule(max_items=9)
    assert reasons(rule) is Reason.GOING_ON
    nothing = {"moved": np.array([0.0]), "seconds": np.array([1e9]), "information": np.array([0.0])}
    assert codes(rule, **nothing) is Reason.GOING_ON
