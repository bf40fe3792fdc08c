import numpy as np
import pytest

import engine
from engine import Standing


def test_an_explanation_shows_the_choice_that_the_exam_makes(section):
    state = engine.start(section, 21)
    for _ in range(4):
        told = engine.explain(section, state)
        chosen = engine.next_item(section, state)[0]
        assert told.chosen == chosen
        assert told.rule == "mfi"
        expected = engine.models.information(section.pool, state.theta)[0]
        assert told.criterion.tolist() == expected.tolist()
        state = engine.record(section, state, chosen, 1)


def test_the_chosen_item_is_among_the_best_eligible_ones(section):
    told = engine.explain(section, engine.start(section, 22))
    eligible = np.flatnonzero(told.eligible)
    best = eligible[np.argsort(-told.criterion[eligible])][: told.among]
    assert told.chosen == best[int(told.u * told.among)]


def test_each_item_is_told_what_stands_in_its_way(section):
    state = engine.start(section, 23)
    first = engine.next_item(section, state)[0]
    state = engine.record(section, state, first, 0)
    told = engine.explain(section, state)
    assert told.standing[first] is Standing.GIVEN
    assert told.standing[told.chosen] is Standing.ELIGIBLE
    for item, standing in enumerate(told.standing):
        in_unit = section.content.units[item] == told.unit
        assert told.eligible[item] == (in_unit and item != first)
        if not in_unit and item != first:
            assert standing is Standing.OTHER_UNIT


def test_a_finished_exam_has_no_eligible_item_and_a_reason():
    pool = engine.ItemPool.build(a=1.0, b=[0.0, 1.0])
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=1))
    told = engine.explain(design, engine.record(design, engine.start(design, 1), 0, 1))
    assert told.chosen is None
    assert told.reason is engine.Reason.LENGTH
    assert told.standing == (Standing.GIVEN, Standing.FINISHED)
    assert not told.eligible.any()


def test_one_candidate_is_explained_at_a_time(section):
    state = engine.start(section, [1, 2])
    with pytest.raises(engine.AnswerError, match=r"state\.take"):
        engine.explain(section, state)
    assert engine.explain(section, state.take(1)).chosen is not None


def test_every_step_of_a_course_is_explained(section):
    state = engine.start(section, 31)
    chosen = []
    for place in range(6):
        chosen.append(int(engine.next_item(section, state)[0]))
        state = engine.record(section, state, chosen[-1], place % 2)
    course = engine.explain_course(section, state)
    assert len(course) == 7
    assert [step.chosen for step in course[:-1]] == chosen
    for given, step in enumerate(course):
        assert step.standing.count(Standing.GIVEN) == given
        assert step.eligible[step.chosen]
    assert course[-1].theta == state.theta[0]


def test_values_are_told_as_their_formula_has_them():
    # A likelihood after one answer: the integral itself, not the mean that is compared.
    pool = engine.ItemPool.build(a=[1.0, 1.5], b=[0.0, 1.0])
    rule = engine.RULES["mlwi"]
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=2), rule=rule)
    state = engine.record(design, engine.start(design, 1), 0, 1)
    t, w = design.grid.nodes, design.grid.weights
    likelihood = engine.models.probability(pool, t)[:, 0]
    expected = (w * likelihood) @ engine.models.information(pool, t)
    assert engine.explain(design, state).criterion == pytest.approx(expected, rel=1e-12)


def test_an_item_that_the_rule_keeps_for_later_is_set_aside():
    pool = engine.ItemPool.build(a=[0.5, 2.0], b=0.0)
    rule = engine.selection.AStratified(2)
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=2), rule=rule)
    told = engine.explain(design, engine.start(design, 1))
    assert told.standing == (Standing.ELIGIBLE, Standing.SET_ASIDE)


def test_how_far_each_end_is_away():
    pool = engine.ItemPool.build(a=[1.0, 1.5, 2.0], b=[0.0, 0.5, 1.0])
    stopping = engine.StoppingRule(
        max_items=2, standard_error=0.5, change=0.01, information=0.2, seconds=60, decision=0.9
    )
    cuts = engine.DecisionRule((-3.0, 0.0), 0.5)
    design = engine.Design(pool=pool, stopping=stopping, decision=cuts)
    state = engine.record(design, engine.start(design, 1), 1, 1, seconds=12)
    grounds = {ground.name: ground for ground in engine.explain(design, state).grounds}
    assert (grounds["max_items"].value, grounds["max_items"].bound) == (1, 2)
    assert grounds["items left"].value == 2
    assert grounds["standard_error"].value == state.se[0]
    assert grounds["change"].value == pytest.approx(state.theta[0], abs=1e-9)
    assert grounds["seconds"].value == 12
    left = engine.models.information(pool, state.theta[0])[0, [0, 2]].max()
    assert grounds["information"].value == left
    assert (grounds["decision"].value, grounds["decision"].bound) == (1, 2)
    assert not any(ground.met for ground in grounds.values())


def test_the_end_that_was_reached_is_met():
    pool = engine.ItemPool.build(a=1.0, b=[0.0, 1.0])
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=1))
    told = engine.explain(design, engine.record(design, engine.start(design, 1), 0, 1))
    assert {ground.name: ground.met for ground in told.grounds} == {
        "max_items": True,
        "items left": False,
    }
