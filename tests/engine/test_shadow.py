"""Shadow tests: what candidates are given keeps to the specification, whatever they answer."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import engine
from engine import models
from engine.adaptive import next_item, record, start
from engine.constraints import (
    Bound,
    Enemies,
    Exclude,
    Order,
    Quota,
    Sets,
    Specification,
    compile,
    solve,
)
from engine.constraints.shadow import ShadowTest
from engine.errors import DesignError
from engine.explanation import Standing, explain
from engine.exposure import ExposureControl, Snapshot
from engine.selection import RULES
from engine.simulation import answer
from engine.stopping import Reason
from tests.engine.test_constraints import N, satisfying, specifications

THETA = np.array([-2.0, -0.5, 0.0, 0.9, 2.5])
SEEDS = np.arange(5) + 11


def pool(n_items):
    rng = np.random.default_rng(n_items)
    return engine.ItemPool.build(
        a=rng.lognormal(0.2, 0.3, n_items),
        b=rng.normal(0.0, 1.2, n_items),
        c=rng.uniform(0.1, 0.25, n_items),
    )


def design(specification, **options):
    longest = specification.length[1]
    return engine.Design(
        pool=options.pop("pool", pool(specification.n_items)),
        stopping=engine.StoppingRule(min_items=longest, max_items=longest),
        content=ShadowTest(specification=specification),
        **options,
    )


def blueprint(**others):
    """Twelve of 60 items: three units, two levels, enemies, time; by ascending level."""
    rng = np.random.default_rng(3)
    unit, level = rng.integers(0, 3, 60), rng.integers(0, 2, 60)
    constraints = [
        *(Bound(name=f"unit {u}", coefficients=unit == u, low=3, high=5) for u in range(3)),
        Bound(name="level 1", coefficients=level, low=6, high=6),
        Bound(name="time", coefficients=rng.lognormal(4.0, 0.4, 60), high=660.0),
        Enemies(name="enemies", items=np.arange(0, 60, 7)),
        Exclude(name="weak", items=[5, 9]),
        Order(name="by level", values=level),
    ]
    return Specification(n_items=60, length=12, constraints=tuple(constraints), **others)


def passages():
    """Twelve of 60 items: three of eight passages with three or four items each, and items alone."""
    stimulus = np.repeat([0, 1, 2, 3, 4, 5, 6, 7, -1], [6, 6, 6, 6, 6, 6, 6, 6, 12])
    sets = Sets(name="passages", stimulus=stimulus, low=3, high=4, least=3, most=3)
    alone = Bound(name="alone", coefficients=stimulus < 0, low=1, high=3)
    return Specification(n_items=60, length=12, constraints=(sets, alone)), stimulus


@settings(max_examples=40, deadline=None)
@given(specifications(), st.integers(1, N), st.integers(0, 5), st.integers(1, 3))
def test_every_test_satisfies_the_specification_or_the_design_is_refused(
    specification, length, seed, among
):
    low, high = specification.length
    assume(low <= length <= high)
    stopping = engine.StoppingRule(min_items=length, max_items=length)
    content = ShadowTest(specification=specification)
    grouped = [each for each in specification.constraints if isinstance(each, Sets)]
    assume(all(np.array_equal(each.stimulus, grouped[0].stimulus) for each in grouped))
    possible = [items for items in satisfying(specification) if len(items) == length]
    parts = {"pool": pool(N), "stopping": stopping, "content": content, "randomesque": among}
    if not possible:
        with pytest.raises(DesignError, match="satisfy together"):
            engine.Design(**parts)
        return
    simulated = engine.simulate(engine.Design(**parts), THETA, SEEDS + seed)
    assert (simulated.report.n_items == length).all()
    for items in simulated.items:
        assert specification.satisfied(items) == ()


@pytest.mark.parametrize("among", [1, 4])
@pytest.mark.parametrize("rule", ["mfi", "mlwi", "kl", "bopt", "progressive", "random"])
def test_rules_of_every_kind_keep_to_the_specification(rule, among):
    specification = blueprint()
    rules = RULES[rule]
    simulated = engine.simulate(design(specification, rule=rules, randomesque=among), THETA, SEEDS)
    for items in simulated.items:
        assert specification.satisfied(items, in_order=True) == ()


def test_the_planned_test_is_the_best_there_is_at_every_step():
    specification = blueprint()
    programme = compile(specification)
    taken = design(specification)
    state = start(taken, [7])
    level = specification.order.values
    while state.reason[0] == 0:
        information = models.information(taken.pool, state.theta)[0]
        given = state.items[0, : state.n_given[0]]
        passed = np.flatnonzero(level < level[given].max(initial=0))
        exact = solve(
            programme,
            information,
            fixed_in=given,
            fixed_out=np.setdiff1d(passed, given),
        )
        assert set(given) <= set(state.plan[0])
        assert information[state.plan[0]].sum() == pytest.approx(exact.objective, abs=1e-6)
        free = np.setdiff1d(state.plan[0], given)
        first = free[level[free] == level[free].min()]
        item = next_item(taken, state)
        assert item[0] == first[np.round(information[first], 9).argmax()]
        state = record(taken, state, item, [int(item[0]) % 2])


def test_where_the_smallest_wins_the_sum_is_the_smallest():
    specification = blueprint()
    taken = design(specification, rule=RULES["bopt"])
    distance = np.abs(taken.pool.b)
    smallest = solve(compile(specification), distance, maximise=False)
    assert distance[start(taken, [1]).plan[0]].sum() == pytest.approx(smallest.objective, abs=1e-6)


def test_a_passage_that_is_begun_is_finished_before_another_and_never_comes_back():
    specification, stimulus = passages()
    simulated = engine.simulate(design(specification, randomesque=3), THETA, SEEDS)
    for items in simulated.items:
        assert specification.satisfied(items) == ()
        of_item = stimulus[items]
        starts = np.flatnonzero(np.diff(of_item, prepend=-2) != 0)
        begun = of_item[starts][of_item[starts] >= 0]
        assert len(begun) == 3 == len(set(begun))


def test_simulation_is_the_same_step_by_step_and_in_any_batch():
    taken = design(blueprint(), randomesque=2)
    together = engine.simulate(taken, THETA, SEEDS)
    assert np.array_equal(together.items, engine.simulate(taken, THETA, SEEDS, chunk=2).items)
    for row, (theta, seed) in enumerate(zip(THETA, SEEDS, strict=True)):
        state = start(taken, [seed])
        while (item := next_item(taken, state))[0] >= 0:
            assert np.array_equal(item, next_item(taken, state))
            state = record(taken, state, item, answer(taken, state, item, np.array([theta])))
        assert np.array_equal(state.items[0], together.items[row])
        assert np.array_equal(state.categories[0], together.categories[row])


def test_another_design_of_the_same_parts_plans_the_same():
    first, second = design(blueprint()), design(blueprint())
    engine.simulate(first, THETA, SEEDS)
    assert np.array_equal(
        engine.simulate(first, THETA, SEEDS).items, engine.simulate(second, THETA, SEEDS).items
    )


def test_items_held_back_stay_out_while_a_test_can_do_without_them():
    specification = blueprint()
    taken = design(specification, exposure=ExposureControl())
    free = engine.simulate(taken, THETA, SEEDS)
    popular = np.unique(free.items)[::2]
    shut = np.ones((1, 60))
    shut[0, popular] = 0.0
    held = engine.simulate(taken, THETA, SEEDS, snapshot=Snapshot(1, shut))
    assert not np.isin(held.items, popular).any()
    for items in held.items:
        assert specification.satisfied(items, in_order=True) == ()


def test_where_nothing_is_left_for_a_unit_what_is_held_back_is_open_again():
    specification = blueprint()
    unit = specification.constraints[0].coefficients > 0
    taken = design(specification, exposure=ExposureControl())
    shut = np.where(unit, 0.0, 1.0)[None, :]
    simulated = engine.simulate(taken, THETA, SEEDS, snapshot=Snapshot(1, shut))
    for items in simulated.items:
        assert specification.satisfied(items, in_order=True) == ()
        assert unit[items].sum() >= 3


def test_answers_that_were_never_planned_do_not_stop_an_exam():
    """Five of one unit and then a sixth: no test can hold them, and the exam goes on."""
    specification = blueprint()
    taken = design(specification)
    unit = np.flatnonzero(specification.constraints[0].coefficients)[:6]
    state = start(taken, [1])
    for item in unit:
        state = record(taken, state, [item], [1])
    assert (state.plan == -1).all()
    while (item := next_item(taken, state))[0] >= 0:
        state = record(taken, state, item, [0])
    assert state.n_given[0] == 12


def test_a_search_that_is_cut_short_still_keeps_to_the_specification():
    specification = blueprint()
    content = ShadowTest(specification=specification, effort=1)
    stopping = engine.StoppingRule(min_items=12, max_items=12)
    taken = engine.Design(pool=pool(60), stopping=stopping, content=content)
    for items in engine.simulate(taken, THETA, SEEDS).items:
        assert specification.satisfied(items, in_order=True) == ()


def test_an_item_outside_of_the_plan_is_explained_as_such():
    taken = design(blueprint())
    state = start(taken, [1])
    told = explain(taken, state)
    outside = np.setdiff1d(np.arange(60), state.plan[0])
    assert {told.standing[item] for item in outside} == {Standing.OUTSIDE_PLAN}
    assert told.standing[told.chosen] is Standing.ELIGIBLE


def refusal(specification, **options):
    with pytest.raises(DesignError) as caught:
        design(specification, **options)
    return [(problem.where, str(problem.value)) for problem in caught.value.problems]


def test_an_impossible_specification_is_refused_with_its_smallest_conflict():
    easy = Bound(name="easy", coefficients=np.arange(20) < 5, low=6)
    fine = Bound(name="fine", coefficients=np.arange(20) % 2, low=1)
    specification = Specification(n_items=20, length=8, constraints=(fine, easy))
    assert refusal(specification) == [("content.specification", "'easy'")]


def test_an_exam_of_another_length_is_refused():
    specification = Specification(n_items=20, length=8)
    with pytest.raises(DesignError, match="most items, 10"):
        engine.Design(
            pool=pool(20),
            stopping=engine.StoppingRule(max_items=10),
            content=ShadowTest(specification=specification),
        )


def test_a_specification_for_another_pool_is_refused():
    specification = Specification(n_items=20, length=8)
    assert refusal(specification, pool=pool(21)) == [("content.specification", "20 items")]


def test_sets_that_cross_and_sets_out_of_order_are_refused_together():
    sets = Sets(name="passages", stimulus=np.arange(20) // 5, high=5)
    others = Sets(name="scenes", stimulus=np.arange(20) % 4, high=5)
    order = Order(name="by level", values=np.arange(20) // 7)
    specification = Specification(n_items=20, length=8, constraints=(sets, others, order))
    where = [place for place, _ in refusal(specification)]
    assert where == [
        "content.specification: scenes",
        "content.specification: by level",
        "content.specification: by level",
    ]


def early(length, **stopping):
    """Sixty items in three units and two levels; an exam may end between the ends of `length`."""
    unit, level = np.arange(60) % 3, np.arange(60) % 2
    constraints = (
        *(Quota(name=f"unit {u}", where=unit == u, share=1 / 3) for u in range(3)),
        Bound(name="level 1", coefficients=level, low=4, high=10),
        Enemies(name="enemies", items=np.arange(0, 60, 7)),
    )
    specification = Specification(n_items=60, length=length, constraints=constraints)
    return engine.Design(
        pool=pool(60),
        stopping=engine.StoppingRule(max_items=length[1], **stopping),
        content=ShadowTest(specification=specification),
        decision=engine.DecisionRule((0.0,), 2 / 3),
    )


@pytest.mark.parametrize(
    "stopping",
    [
        {"standard_error": 0.5},
        {"decision": 0.8},
        {"standard_error": 0.6, "decision": 0.8, "require": "all", "min_items": 6},
        {"standard_error": 0.45, "change": 0.02, "require": "any", "min_items": 3},
        {"information": 0.6, "min_items": 9},
    ],
)
def test_exams_that_may_end_early_end_only_when_they_keep_everything(stopping):
    taken = early((7, 20), **stopping)
    specification = taken.content.specification
    theta = np.linspace(-2, 2, 12)
    sat = engine.simulate(taken, theta, np.arange(12))
    lengths = sat.report.n_items
    assert lengths.min() < 20
    assert lengths.min() >= max(7, taken.stopping.min_items)
    for items, n in zip(sat.items, lengths, strict=True):
        assert specification.satisfied(items[:n]) == ()
    ended = sat.report.reason[lengths < 20]
    good = {Reason.PRECISE, Reason.DECIDED, Reason.PRECISE_AND_DECIDED, Reason.STABLE}
    assert set(ended.tolist()) <= {*good, Reason.UNINFORMATIVE}


def test_an_exam_goes_on_while_it_lacks_what_is_demanded():
    """With nothing to wait for but the blueprint, an exam ends about as soon as a test can have it."""
    taken = early((4, 20), change=10.0, min_items=2)
    sat = engine.simulate(taken, np.linspace(-2, 2, 12), np.arange(12))
    # Four items of level 1, and of three units one or two each: four items can have all of that,
    # where the planned test of twenty has four such.
    assert set(sat.report.n_items.tolist()) <= {4, 5}


def test_a_length_that_cannot_differ_refuses_to_end_early():
    with pytest.raises(DesignError, match="20 items of every exam"):
        early((20, 20), standard_error=0.3)
    assert early((20, 20)).longest == 20


def test_answers_that_were_never_planned_let_an_exam_end_early():
    taken = early((7, 20), change=10.0)
    state = start(taken, [1])
    for item in (0, 7, 14):  # enemies
        state = record(taken, state, [item], [1])
    assert state.reason[0] == Reason.STABLE
