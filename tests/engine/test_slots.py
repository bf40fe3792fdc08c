"""What a design can be given beside a rule: exposure control, and balances that weigh and plan."""

from collections.abc import Iterator

import numpy as np
import pytest

import engine
from engine.explanation import Standing
from engine.selection import AStratified

POOL = engine.ItemPool.build(a=1.0, b=np.linspace(-2, 2, 9), c=0.0)
STOPPING = engine.StoppingRule(max_items=4)


class MiddleLast:
    """A balance that plans to give the items of the middle last, and halves what they are worth."""

    plans_with_all = True

    def problems(self, pool: engine.ItemPool, longest: int) -> Iterator[engine.Problem]:
        yield from ()

    def plan(self, seen: engine.Situation, criterion, larger_wins):
        assert larger_wins
        return seen.n_given[:, None] * 10 + np.array([[3, 5]])

    def weighed(self, seen: engine.Situation, criterion, larger_wins):
        assert (seen.plan[:, 0] == seen.n_given * 10 + 3).all()
        middle = np.isin(np.arange(9), [3, 4, 5])
        return np.where(middle, criterion / 2, criterion), seen.eligible & ~middle


def exposed(**more):
    control = engine.ExposureControl(bounds=(0.0,))
    return engine.Design(pool=POOL, stopping=STOPPING, exposure=control, **more)


def shut(*items, segment):
    admission = np.ones((2, 9))
    admission[segment, list(items)] = 0.0
    return engine.Snapshot(7, admission)


def test_items_are_shut_only_in_their_segment_of_ability():
    # The first estimate is the prior's mean, 0: a bound opens the segment above it.
    design = exposed()
    above, below = shut(4, segment=1), shut(4, segment=0)
    assert engine.next_item(design, engine.start(design, 1, above)).tolist() != [4]
    assert engine.next_item(design, engine.start(design, 1, below)).tolist() == [4]


def test_the_share_of_candidates_an_item_is_open_to_is_its_admission_probability():
    design = exposed()
    admission = np.ones((2, 9))
    admission[:, 4] = 0.3
    state = engine.start(design, np.arange(4000), engine.Snapshot(1, admission))
    share = (engine.next_item(design, state) == 4).mean()
    # Five standard errors of a share of 0.3 among 4,000.
    assert share == pytest.approx(0.3, abs=5 * np.sqrt(0.3 * 0.7 / 4000))


def test_an_item_shut_to_a_candidate_stays_shut_in_the_segment():
    design = exposed()
    admission = np.full((2, 9), 0.5)
    result = engine.simulate(
        design, np.zeros(50), np.arange(50), snapshot=engine.Snapshot(1, admission)
    )
    again = engine.simulate(
        design, np.zeros(50), np.arange(50), snapshot=engine.Snapshot(2, admission)
    )
    np.testing.assert_array_equal(result.items, again.items)


def test_where_nothing_is_open_everything_is():
    design = exposed()
    nothing = engine.Snapshot(1, np.zeros((2, 9)))
    simulation = engine.simulate(design, [0.5], [3], snapshot=nothing)
    free = engine.simulate(engine.Design(pool=POOL, stopping=STOPPING), [0.5], [3])
    np.testing.assert_array_equal(simulation.items, free.items)


def test_an_explanation_says_what_is_held_back_to_spare_it():
    design = exposed()
    told = engine.explain(design, engine.start(design, 1, shut(4, segment=1)))
    assert told.standing[4] is Standing.WITHHELD
    assert not told.eligible[4]


def test_a_session_explained_from_its_start_keeps_its_snapshot():
    design = exposed()
    state = engine.start(design, 1, shut(4, 5, segment=1))
    for _ in range(3):
        state = engine.record(design, state, engine.next_item(design, state), 1)
    told = engine.explain_course(design, state)
    assert [step.chosen for step in told[:3]] == state.items[0, :3].tolist()


@pytest.mark.parametrize(
    "snapshot", [engine.Snapshot.open(1, 9), engine.Snapshot.open(2, 8)], ids=["segments", "items"]
)
def test_a_snapshot_of_another_design_is_refused(snapshot):
    with pytest.raises(engine.AnswerError, match=r"snapshot.*shape \(2, 9\)"):
        engine.start(exposed(), 1, snapshot)


def test_a_snapshot_without_exposure_control_is_refused():
    design = engine.Design(pool=POOL, stopping=STOPPING)
    with pytest.raises(engine.AnswerError, match="controls no exposure"):
        engine.start(design, 1, engine.Snapshot.open(1, 9))


def test_bad_probabilities_and_bounds_are_named_together():
    with pytest.raises(engine.DesignError) as refused:
        engine.Snapshot(-1, [[0.5, 1.5, np.nan]])
    assert [problem.where for problem in refused.value.problems] == [
        "number",
        "admission[0, 1]",
        "admission[0, 2]",
    ]
    with pytest.raises(engine.DesignError, match=r"bounds\[1\]"):
        engine.ExposureControl(bounds=(1.0, 1.0))


def test_a_balance_weighs_what_items_are_worth_and_narrows_the_choice():
    design = engine.Design(pool=POOL, stopping=STOPPING, content=MiddleLast())
    simulation = engine.simulate(design, np.zeros(20), np.arange(20))
    assert not np.isin(simulation.items, [3, 4, 5]).any()
    told = engine.explain(design, engine.start(design, 1))
    assert told.standing[4] is Standing.OUTSIDE_PLAN
    # Information of a 1PL item at its difficulty is a quarter; the balance halves it.
    assert told.criterion[4] == pytest.approx(0.125)


def test_plans_travel_with_the_state_of_those_who_go_on():
    stopping = engine.StoppingRule(max_items=4, standard_error=0.999)
    design = engine.Design(pool=POOL, stopping=stopping, content=MiddleLast())
    state = engine.start(design, [1, 2])
    np.testing.assert_array_equal(state.plan, [[3, 5], [3, 5]])
    over = engine.record(design, state, engine.next_item(design, state), [1, 1])
    np.testing.assert_array_equal(over.plan, [[3, 5], [3, 5]])
    going = engine.Design(pool=POOL, stopping=STOPPING, content=MiddleLast())
    both = engine.start(going, [1, 2])
    moved = engine.record(going, both, engine.next_item(going, both), [1, 0])
    np.testing.assert_array_equal(moved.plan, [[13, 15], [13, 15]])
    np.testing.assert_array_equal(moved.take(1).plan, [[13, 15]])


def test_a_rule_that_sets_items_aside_is_refused_where_all_are_planned_with():
    with pytest.raises(engine.DesignError, match="a-stratified"):
        engine.Design(
            pool=POOL,
            stopping=STOPPING,
            content=MiddleLast(),
            rule=AStratified(2),
        )
