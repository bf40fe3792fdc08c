"""The compiled search for tests finds what a look at every test finds, and what HiGHS finds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.constraints import (
    Bound,
    Enemies,
    Family,
    Mean,
    Sets,
    Shares,
    Specification,
    Status,
    compile,
    search,
    solve,
)
from tests.engine.test_constraints import N, positions, satisfying, specifications

NONE = np.zeros(0, dtype=np.int64)
worths = st.lists(st.integers(-20, 20), min_size=N, max_size=N)


def best(specification, worth, *, fixed_in=NONE, fixed_out=NONE, **options):
    ground = search.ground(compile(specification))
    return search.best(ground, worth, fixed_in=fixed_in, fixed_out=fixed_out, **options)


@settings(max_examples=300, deadline=None)
@given(specifications(), worths, positions, positions, st.booleans())
def test_the_best_of_all_tests_is_found_or_none_exists(
    specification, worth, inside, outside, starts
):
    worth = np.array(worth) / 7
    possible = [
        items
        for items in satisfying(specification)
        if set(inside) <= set(items) and not set(outside) & set(items)
    ]
    known = possible[0] if possible and starts else None
    answer = best(
        specification, worth, fixed_in=np.array(inside), fixed_out=np.array(outside), known=known
    )
    assert answer.proven
    if not possible:
        assert answer.items is None
        return
    assert specification.satisfied(answer.items) == ()
    assert {tuple(answer.items)} <= {tuple(items) for items in possible}
    assert worth[answer.items].sum() == pytest.approx(
        max(worth[items].sum() for items in possible), abs=1e-8
    )


def drawn(seed):
    """A specification of every kind of constraint over 80 items, and what they are worth."""
    rng = np.random.default_rng(seed)
    n = 80
    unit, key, stimulus = rng.integers(0, 5, n), rng.integers(0, 4, n), rng.integers(-1, 9, n)
    seconds = rng.lognormal(4.0, 0.5, n)
    sets = np.unique(stimulus[stimulus >= 0], return_inverse=True)[1]
    stimulus[stimulus >= 0] = sets
    length = 14
    constraints = [
        *(
            Bound(name=f"unit {u}", coefficients=unit == u, low=rng.integers(0, 4), high=4)
            for u in range(5)
        ),
        Shares(name="keys", groups=key, low=0.15, high=0.4),
        Bound(
            name="time", coefficients=seconds, high=length * np.exp(4.0 + rng.uniform(-0.2, 0.4))
        ),
        Mean(name="mean", values=seconds, where=unit > 2, low=40.0, high=75.0),
        Family(name="family", items=rng.choice(n, 12, replace=False), most=2),
        *(Enemies(name=f"enemies {e}", items=rng.choice(n, 2, replace=False)) for e in range(15)),
    ]
    if seed % 2:
        constraints.append(Sets(name="sets", stimulus=stimulus, low=2, high=4, least=1, most=3))
    worth = rng.lognormal(0.0, 0.7, n) if seed % 3 else rng.integers(0, 5, n) / 3
    return Specification(n_items=n, length=length, constraints=tuple(constraints)), worth


@pytest.mark.parametrize("seed", range(24))
def test_the_objective_is_that_of_an_exact_solver(seed):
    specification, worth = drawn(seed)
    exact = solve(compile(specification), worth, time_limit=60)
    answer = best(specification, worth, effort=400_000)
    assert answer.proven
    if exact.status is Status.INFEASIBLE:
        assert answer.items is None
        return
    assert specification.satisfied(answer.items) == ()
    assert worth[answer.items].sum() == pytest.approx(exact.objective, abs=1e-6)


def test_what_is_known_saves_work_and_changes_nothing():
    specification, worth = drawn(1)
    alone = best(specification, worth, effort=400_000)
    warm = best(specification, worth, effort=400_000, known=alone.items)
    assert np.array_equal(alone.items, warm.items)
    assert warm.iterations < alone.iterations


def test_a_search_that_is_cut_short_keeps_the_test_it_knows():
    specification, worth = drawn(1)
    known = solve(compile(specification), np.zeros(worth.size)).items
    answer = best(specification, worth, effort=1, known=known)
    assert not answer.proven
    assert answer.iterations == 1
    assert np.array_equal(answer.items, known)


def test_a_search_that_is_cut_short_and_knows_nothing_finds_nothing_false():
    specification, worth = drawn(1)
    answer = best(specification, worth, effort=1)
    assert answer.items is None
    assert not answer.proven


def test_a_known_test_that_breaks_the_specification_is_of_no_use():
    specification, worth = drawn(1)
    answer = best(specification, worth, effort=1, known=np.arange(14))
    assert specification.satisfied(np.arange(14))
    assert answer.items is None


def test_of_equal_items_the_first_are_taken():
    constraint = Bound(name="odd", coefficients=np.arange(40) % 2, low=3, high=3)
    specification = Specification(n_items=40, length=10, constraints=(constraint,))
    assert best(specification, np.ones(40)).items.tolist() == [0, 1, 2, 3, 4, 5, 6, 8, 10, 12]
