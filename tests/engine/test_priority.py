"""The maximum priority index steers to the bounds, one item ahead (Cheng & Chang, 2009)."""

import numpy as np
import pytest

import engine
from engine.adaptive import next_item, record, start
from engine.constraints import (
    Bound,
    Enemies,
    Exclude,
    Include,
    Mean,
    Sets,
    Specification,
)
from engine.constraints.priority import PriorityIndex
from engine.errors import DesignError
from engine.offer import offer
from engine.selection import RULES

THETA = np.linspace(-2.5, 2.5, 30)
SEEDS = np.arange(30)
UNIT = np.repeat([0, 1, 2], [8, 8, 24])


def pool(n_items=40):
    rng = np.random.default_rng(n_items)
    return engine.ItemPool.build(a=rng.lognormal(0.2, 0.3, n_items), b=rng.normal(0, 1, n_items))


def units(lows, highs):
    return [
        Bound(name=f"unit {u}", coefficients=u == UNIT, low=low, high=high)
        for u, (low, high) in enumerate(zip(lows, highs, strict=True))
    ]


def design(constraints, length=10, rule="mfi", **weights):
    specification = Specification(n_items=40, length=length, constraints=tuple(constraints))
    content = PriorityIndex(specification=specification, weights=weights)
    stopping = engine.StoppingRule(min_items=length, max_items=length)
    return engine.Design(pool=pool(), stopping=stopping, content=content, rule=RULES[rule])


def values(taken, given=()):
    """The plain and the weighed values after these items, and which may come next."""
    state = start(taken, [1])
    for item in given:
        state = record(taken, state, [item], [1])
    offered = offer(taken, state)
    plain = taken.rule.criterion(offered.situation)
    return plain[0], offered.criterion[0], offered.eligible[0]


@pytest.mark.parametrize("rule", ["mfi", "kl", "bopt", "mepv", "proportional"])
def test_bounds_that_part_the_pool_are_kept_by_every_rule(rule):
    constraints = units([2, 3, 1], [4, 4, 5])
    taken = design(constraints, rule=rule)
    for items in engine.simulate(taken, THETA, SEEDS).items:
        assert taken.content.specification.satisfied(items) == ()


def test_without_an_index_the_same_bounds_are_broken():
    taken = design(units([2, 3, 1], [4, 4, 5]))
    plain = engine.Design(pool=taken.pool, stopping=taken.stopping)
    broken = [
        taken.content.specification.satisfied(items)
        for items in engine.simulate(plain, THETA, SEEDS).items
    ]
    assert any(broken)


def test_in_the_first_phase_the_index_is_the_share_of_the_lower_bound_that_is_missing():
    """Unit 0 lacks 1 of 2, unit 1 3 of 3; unit 2 has no lower bound and waits."""
    plain, weighed, eligible = values(design(units([2, 3, 0], [4, 4, 5])), given=[3])
    np.testing.assert_allclose(weighed[UNIT == 0], plain[UNIT == 0] * 1 / 2)
    np.testing.assert_allclose(weighed[UNIT == 1], plain[UNIT == 1] * 3 / 3)
    assert eligible.tolist() == [place < 16 and place != 3 for place in range(40)]


def test_in_the_second_phase_the_index_is_the_room_up_to_the_upper_bound():
    plain, weighed, eligible = values(design(units([1, 1, 0], [4, 2, 5])), given=[3, 9])
    np.testing.assert_allclose(weighed[UNIT == 0], plain[UNIT == 0] * 3 / 4)
    np.testing.assert_allclose(weighed[UNIT == 1], plain[UNIT == 1] * 1 / 2)
    np.testing.assert_allclose(weighed[UNIT == 2], plain[UNIT == 2] * 5 / 5)
    assert eligible.sum() == 38


def test_a_weight_multiplies_the_index_of_the_items_it_counts():
    constraints = units([0, 0, 0], [4, 4, 5])
    _, once, _ = values(design(constraints))
    _, thrice, _ = values(design(constraints, **{"unit 1": 3.0}))
    np.testing.assert_allclose(thrice, np.where(UNIT == 1, 3.0, 1.0) * once)


def test_where_the_smallest_wins_priority_divides():
    plain, weighed, _ = values(design(units([0, 0, 0], [4, 2, 5]), rule="bopt"), given=[9])
    np.testing.assert_allclose(weighed[UNIT == 1], plain[UNIT == 1] * 2)


def test_what_would_break_an_upper_bound_does_not_come():
    seconds = np.where(np.arange(40) < 20, 10.0, 31.0)
    constraints = [
        Bound(name="time", coefficients=seconds, high=50.0),
        Enemies(name="enemies", items=[0, 1, 2]),
        Exclude(name="weak", items=[7]),
    ]
    _, _, eligible = values(design(constraints, length=4), given=[1, 3])
    assert np.flatnonzero(~eligible).tolist() == [0, 1, 2, 3, 7, *range(20, 40)]


def test_items_to_include_come():
    taken = design([Include(name="must", items=[4, 30])])
    for items in engine.simulate(taken, THETA, SEEDS).items:
        assert {4, 30} <= set(items)


def test_where_no_item_keeps_all_bounds_one_that_breaks_the_fewest_comes():
    """After one item of each unit every item breaks its unit's bound; of unit 0 it breaks two."""
    pair = Bound(name="unit 0 again", coefficients=UNIT == 0, high=1)
    taken = design([*units([0, 0, 0], [1, 1, 1]), pair])
    simulated = engine.simulate(taken, THETA, SEEDS)
    assert (simulated.report.n_items == 10).all()
    assert (np.sort(UNIT[simulated.items[:, :3]], axis=1) == [0, 1, 2]).all()
    assert (UNIT[simulated.items[:, 3:]] > 0).all()


def test_simulation_is_the_same_step_by_step_and_in_any_batch():
    taken = design(units([2, 3, 1], [4, 4, 5]))
    together = engine.simulate(taken, THETA, SEEDS)
    apart = engine.simulate(taken, THETA, SEEDS, chunk=1)
    assert np.array_equal(together.items, apart.items)
    state = start(taken, SEEDS)
    for place in range(10):
        assert np.array_equal(next_item(taken, state), together.items[:, place])
        state = record(taken, state, together.items[:, place], together.categories[:, place])


def test_what_an_index_cannot_serve_is_refused_by_name():
    constraints = [
        Mean(name="p", values=np.ones(40), where=np.ones(40, dtype=bool), low=0.5),
        Sets(name="passages", stimulus=np.arange(40) // 4),
        Bound(name="balance", coefficients=np.where(UNIT == 1, -1.0, 1.0), high=2),
    ]
    with pytest.raises(DesignError) as caught:
        design(constraints, unknown=1.0, p=-1.0)
    assert [(problem.where, problem.value) for problem in caught.value.problems] == [
        ("content.specification: p", "Mean"),
        ("content.specification: passages", "Sets"),
        ("content.specification: balance", "coefficients below 0"),
        ("content.weights", "unknown"),
        ("content.weights: p", -1.0),
    ]
