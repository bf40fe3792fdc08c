"""Weighted deviations steer to the bounds, one item ahead (Stocking & Swanson, 1993)."""

import numpy as np
import pytest

import engine
from engine.adaptive import next_item, record, start
from engine.constraints import Bound, Exclude, Specification, Together
from engine.constraints.penalties import WeightedDeviations
from engine.errors import DesignError
from engine.offer import offer
from engine.selection import RULES

THETA = np.linspace(-2.5, 2.5, 30)
SEEDS = np.arange(30)
UNIT = np.repeat([0, 1], [10, 30])


def pool(n_items=40):
    rng = np.random.default_rng(n_items)
    return engine.ItemPool.build(a=rng.lognormal(0.2, 0.3, n_items), b=rng.normal(0, 1, n_items))


def design(constraints, length=10, rule="mfi", items=None, **options):
    items = items or pool()
    specification = Specification(n_items=len(items), length=length, constraints=tuple(constraints))
    content = WeightedDeviations(specification=specification, **options)
    stopping = engine.StoppingRule(min_items=length, max_items=length)
    return engine.Design(pool=items, stopping=stopping, content=content, rule=RULES[rule])


def half():
    return [Bound(name="half", coefficients=UNIT == 0, low=5, high=5)]


def share(constraints, **options):
    """The mean number of items of unit 0."""
    taken = design(constraints, **options)
    return (UNIT[engine.simulate(taken, THETA, SEEDS).items] == 0).sum(axis=1).mean()


def test_the_penalty_is_the_deviation_foreseen():
    """By hand: four items, one of which counts; two to give, at least one shall count.

    After an item that does not count, one of the other three does: 1/3 is foreseen, 2/3 lacks.
    """
    constraint = Bound(name="one", coefficients=[1, 0, 0, 0], low=1)
    same = engine.ItemPool.build(a=np.ones(4), b=np.zeros(4))
    taken = design([constraint], length=2, items=same, weights={"one": 3.0})
    weighed = offer(taken, start(taken, [1])).criterion[0]
    np.testing.assert_allclose(weighed, [0.0, -2.0, -2.0, -2.0], atol=1e-12)


def test_deviations_are_counted_in_items():
    """The same bound in seconds, sixty an item."""
    counted = offer(design(half()), start(design(half()), [1])).criterion
    minutes = [Bound(name="half", coefficients=60.0 * (UNIT == 0), low=300, high=300)]
    timed = offer(design(minutes), start(design(minutes), [1])).criterion
    np.testing.assert_allclose(counted, timed, atol=1e-12)


@pytest.mark.parametrize("rule", ["mfi", "kl", "bopt", "mepv"])
def test_the_heavier_the_weight_the_nearer_the_bound(rule):
    light, heavy = ({"half": weight} for weight in (0.01, 50.0))
    near = share(half(), rule=rule, weights=heavy)
    assert near == pytest.approx(5.0, abs=0.1)
    assert abs(share(half(), rule=rule, weights=light) - 5.0) > abs(near - 5.0) + 0.5


def test_without_constraints_the_rule_alone_decides():
    taken = design([])
    plain = engine.Design(pool=taken.pool, stopping=taken.stopping)
    assert np.array_equal(
        engine.simulate(taken, THETA, SEEDS).items, engine.simulate(plain, THETA, SEEDS).items
    )


def test_excluded_items_come_only_when_nothing_else_is_left():
    taken = design([Exclude(name="weak", items=np.arange(5))], length=37)
    items = engine.simulate(taken, THETA, SEEDS).items
    assert (items[:, :35] >= 5).all()
    assert (items[:, 35:] < 5).all()


def test_simulation_is_the_same_step_by_step_and_in_any_batch():
    taken = design(half())
    together = engine.simulate(taken, THETA, SEEDS)
    assert np.array_equal(together.items, engine.simulate(taken, THETA, SEEDS, chunk=1).items)
    state = start(taken, SEEDS)
    for place in range(10):
        assert np.array_equal(next_item(taken, state), together.items[:, place])
        state = record(taken, state, together.items[:, place], together.categories[:, place])


def test_what_penalties_cannot_serve_is_refused_by_name():
    with pytest.raises(DesignError) as caught:
        design([Together(name="pair", items=[1, 2])], criterion=0.0)
    assert [(problem.where, problem.value) for problem in caught.value.problems] == [
        ("content.criterion", 0.0),
        ("content.specification: pair", "Together"),
    ]
