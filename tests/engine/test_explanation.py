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
