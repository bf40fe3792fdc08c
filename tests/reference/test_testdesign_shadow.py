"""Shadow tests on TestDesign's three pools keep to their specifications (testdesign.py)."""

from functools import cache

import numpy as np
import pytest

import engine
from engine import models
from engine.adaptive import next_item, record, start
from engine.constraints import compile, solve
from engine.constraints.shadow import ShadowTest
from engine.simulation import answer
from tests.reference.testdesign import NAMES, load, needs_files, stimuli

THETA = np.linspace(-3.0, 3.0, 9)
SEEDS = np.arange(9) + 5

pytestmark = needs_files


@cache
def exam(name):
    """The pool's blueprint, a design of shadow tests, and candidates over the ability range."""
    blueprint = load(name)
    longest = blueprint.specification.length[1]
    design = engine.Design(
        pool=blueprint.pool,
        stopping=engine.StoppingRule(min_items=longest, max_items=longest),
        content=ShadowTest(specification=blueprint.specification),
    )
    return blueprint, design, engine.simulate(design, THETA, SEEDS)


@pytest.mark.parametrize("name", NAMES)
def test_every_test_satisfies_every_constraint(name):
    blueprint, _, simulated = exam(name)
    assert (simulated.report.n_items == blueprint.specification.length[1]).all()
    for items in simulated.items:
        assert blueprint.specification.satisfied(items, in_order=True) == ()


@pytest.mark.parametrize("name", NAMES)
def test_without_shadow_tests_constraints_are_broken(name):
    """The judge can say no: tests of most information alone break the specifications."""
    blueprint, design, _ = exam(name)
    plain = engine.Design(pool=design.pool, stopping=design.stopping)
    for items in engine.simulate(plain, THETA, SEEDS).items:
        assert blueprint.specification.satisfied(items)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("candidate", [0, 3, 8])
def test_the_objective_is_that_of_an_exact_solver_at_a_sample_of_steps(name, candidate):
    blueprint, design, simulated = exam(name)
    programme = compile(blueprint.specification)
    state = start(design, SEEDS[candidate])
    while state.reason[0] == 0:
        given = state.items[0, : state.n_given[0]]
        if given.size % 5 == 0:
            worth = np.round(models.information(design.pool, state.theta)[0], 9)
            # What the test before rules out is ruled out here: turns and passages that are over.
            over = passed(blueprint, given)
            exact = solve(programme, worth, fixed_in=given, fixed_out=over, start=state.plan[0])
            assert worth[state.plan[0]].sum() == pytest.approx(exact.objective, abs=1e-6)
        item = next_item(design, state)
        theta = THETA[[candidate]]
        state = record(design, state, item, answer(design, state, item, theta))
    assert np.array_equal(state.items[0], simulated.items[candidate])


def passed(blueprint, given):
    """Items that can come no more: before the turn that has come, and of passages left behind."""
    over = np.zeros(len(blueprint.pool), dtype=bool)
    order = blueprint.specification.order
    if order is not None and given.size:
        over |= order.values < order.values[given].max()
    if "STID" in blueprint.attributes and given.size:
        of_item = stimuli(blueprint.attributes)
        over |= np.isin(of_item, np.setdiff1d(of_item[given], of_item[given[-1]]))
    over[given] = False
    return np.flatnonzero(over)


def test_passages_stay_whole_and_in_one_piece():
    blueprint, _, simulated = exam("reading")
    of_item = stimuli(blueprint.attributes)
    for items in simulated.items:
        passages = of_item[items]
        pieces = np.flatnonzero(np.diff(passages) != 0).size + 1
        assert pieces == np.unique(passages).size == 6
        assert set(np.bincount(passages)) <= {0, 4, 5, 6}


def test_levels_of_science_come_in_order():
    blueprint, _, simulated = exam("science")
    levels = blueprint.attributes["LEVEL"].astype(int)
    for items in simulated.items:
        assert levels[items].tolist() == [3] * 10 + [4] * 10 + [5] * 10


def test_abilities_are_recovered_under_all_constraints():
    """Thirty items at the right place leave a standard error of about 0.3 at most."""
    for name in ("science", "reading"):
        _, _, simulated = exam(name)
        middle = np.abs(THETA) <= 2.0
        error = simulated.report.theta - THETA
        assert np.sqrt((error[middle] ** 2).mean()) < 0.6
