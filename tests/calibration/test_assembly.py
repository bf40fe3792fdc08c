"""Fixed forms: the best there are, parallel, apart, and explained where there are none.

The judge of small pools is a look at every pair of their tests.
"""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from calibration.assembly import Aim, AssemblyError, Goal, Plan, assemble
from engine import models
from engine.constraints import Bound, Enemies, Include, Specification, Status

N = 7
THETA = np.array([-0.5, 0.5])


def pool_of(seed, n_items=N):
    rng = np.random.default_rng(seed)
    return engine.ItemPool.build(a=rng.uniform(0.6, 2.0, n_items), b=rng.normal(0, 1, n_items))


@st.composite
def plans(draw):
    information = models.information(pool_of(draw(st.integers(0, 99))), THETA)
    aim = draw(st.sampled_from(Aim))
    levels = draw(st.sampled_from([[0.6, 0.9], [1.0, 1.0]]))
    ones = np.array(draw(st.lists(st.booleans(), min_size=N, max_size=N)))
    constraints = [Bound(name="marked", coefficients=ones, low=draw(st.integers(0, 2)), high=3)]
    if draw(st.booleans()):
        constraints.append(Enemies(name="rivals", items=[0, 1, 2]))
    if draw(st.booleans()):
        constraints.append(Include(name="must", items=[3]))
    length = draw(st.integers(1, 4))
    return Plan(
        specification=Specification(n_items=N, length=length, constraints=tuple(constraints)),
        information=information,
        goal=Goal(aim=aim, theta=THETA, levels=levels),
        forms=draw(st.integers(1, 2)),
        common=draw(st.integers(0, 2)),
    )


def possible(plan):
    """Every choice of forms that keeps to the plan."""
    low, high = plan.specification.length
    tests = [
        np.array(items, dtype=np.int64)
        for size in range(low, high + 1)
        for items in combinations(range(N), size)
        if not plan.specification.satisfied(items)
    ]
    if plan.forms == 1:
        return [(one,) for one in tests]
    own = [set(test.tolist()) - set(plan.anchor.tolist()) for test in tests]
    return [
        (tests[i], tests[j])
        for i in range(len(tests))
        for j in range(i, len(tests))
        if len(own[i] & own[j]) <= plan.common
    ]


def value(plan, forms):
    return plan.goal.worst(
        np.array([plan.goal.reached(plan.information[:, items].sum(axis=1)) for items in forms])
    )


@settings(max_examples=60, deadline=None)
@given(plans())
def test_the_best_forms_are_found_or_none_exist(plan):
    choices = [value(plan, forms) for forms in possible(plan)]
    found = assemble(plan, time_limit=20)
    if not choices:
        assert found.status == Status.INFEASIBLE
        assert found.forms == ()
        assert found.conflicts
        return
    best = max(choices) if plan.goal.maximise else min(choices)
    assert found.status == Status.OPTIMAL
    assert found.objective == pytest.approx(best, abs=1e-6)
    assert found.objective == pytest.approx(value(plan, found.forms), abs=1e-12)
    assert found.gap == 0.0
    for items in found.forms:
        assert plan.specification.satisfied(items) == ()
    if plan.forms == 2:
        own = [set(items.tolist()) - set(plan.anchor.tolist()) for items in found.forms]
        assert len(own[0] & own[1]) <= plan.common


def larger(forms, *, common=0, together=2_500, n_items=80, length=12, constraints=()):
    return Plan(
        specification=Specification(n_items=n_items, length=length, constraints=constraints),
        information=models.information(pool_of(1, n_items), np.array([-1.0, 0.0, 1.0])),
        goal=Goal(aim=Aim.MINIMUM, theta=[-1, 0, 1], levels=[1, 1, 1]),
        forms=forms,
        common=common,
        together=together,
    )


@pytest.mark.parametrize(("common", "together"), [(0, 0), (3, 0), (0, 2_500)])
def test_parallel_forms_are_near_the_bound_and_near_each_other(common, together):
    plan = larger(4, common=common, together=together)
    found = assemble(plan, time_limit=4, gap=0.01)
    assert len(found.forms) == 4
    assert found.objective <= found.bound
    assert found.gap < 0.05
    least = found.information.min(axis=1)
    assert least.max() / least.min() < 1.1
    shared = [np.intersect1d(*pair).size for pair in combinations(found.forms, 2)]
    assert max(shared) <= common


def test_a_target_met_within_its_tolerance_is_met():
    plan = larger(1)
    goal = Goal(aim=Aim.TARGET, theta=[-1, 0, 1], levels=[2.5, 3, 2.5], tolerance=0.03)
    near = Plan(specification=plan.specification, information=plan.information, goal=goal)
    found = assemble(near, time_limit=10)
    assert found.status == Status.OPTIMAL
    assert found.objective <= 0.03
    np.testing.assert_allclose(found.information[0], [2.5, 3, 2.5], atol=0.03 + 1e-9)


def test_weights_shape_what_is_largest():
    plan = larger(1)
    goal = Goal(aim=Aim.MINIMUM, theta=[-1, 0, 1], levels=[1, 1, 3])
    heavier = Plan(specification=plan.specification, information=plan.information, goal=goal)
    found = assemble(heavier, time_limit=10, gap=0.001)
    assert found.objective == pytest.approx((found.information[0] / [1, 1, 3]).min())
    assert found.information[0, 2] > 2 * found.information[0, 0]


def test_what_is_included_is_the_anchor_of_all_forms():
    found = assemble(larger(3, constraints=(Include(name="link", items=[0, 1]),)), time_limit=3)
    assert all({0, 1} <= set(items.tolist()) for items in found.forms)
    shared = [np.intersect1d(*pair).tolist() for pair in combinations(found.forms, 2)]
    assert shared == [[0, 1]] * 3


def test_forms_that_the_pool_cannot_fill_conflict_with_their_overlap():
    found = assemble(larger(7), time_limit=5)
    assert found.status == Status.INFEASIBLE
    assert [conflict.names for conflict in found.conflicts] == [("length", "overlap")]
    marked = Bound(name="rare", coefficients=np.arange(80) < 3, low=2)
    found = assemble(larger(2, constraints=(marked,)), time_limit=5)
    assert [conflict.names for conflict in found.conflicts] == [("rare", "overlap")]


def test_conflicts_within_a_form_are_told_one_after_another():
    constraints = (
        Bound(name="few", coefficients=np.arange(80) < 20, high=3),
        Bound(name="many", coefficients=np.arange(80) < 20, low=4),
        Bound(name="time", coefficients=np.full(80, 60.0), high=300),
    )
    found = assemble(larger(2, constraints=constraints), time_limit=5)
    assert found.status == Status.INFEASIBLE
    assert [conflict.names for conflict in found.conflicts] == [("length", "time"), ("few", "many")]


def test_impossible_plans_are_refused_with_all_their_faults():
    with pytest.raises(AssemblyError) as error:
        larger(0, common=-1)
    assert [problem.where for problem in error.value.problems] == ["forms", "overlap: max"]
    with pytest.raises(AssemblyError, match="weights"):
        Goal(aim=Aim.MINIMUM, theta=[0, 1], levels=[1])
    with pytest.raises(AssemblyError, match="information_at"):
        Goal(aim=Aim.MINIMUM, theta=[np.nan], levels=[1])
    with pytest.raises(AssemblyError, match="above 0"):
        Goal(aim=Aim.MINIMUM, theta=[0, 1], levels=[1, 0])
