"""Tests from specifications: what is found is right, and what is refused is rightly explained.

The judge of small pools is a look at every one of their 2^n tests.
"""

from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.constraints import (
    Bound,
    Enemies,
    Exclude,
    Family,
    Include,
    Mean,
    Order,
    Quota,
    SetBound,
    Sets,
    Shares,
    Specification,
    Status,
    Together,
    compile,
    conflict,
    conflicts,
    deviations,
    solve,
)
from engine.errors import DesignError

N = 7
every_test = [
    np.array(items, dtype=np.int64)
    for items in chain.from_iterable(combinations(range(N), size) for size in range(N + 1))
]
positions = st.lists(st.integers(0, N - 1), min_size=1, max_size=3, unique=True)
small = st.lists(st.integers(-2, 3), min_size=N, max_size=N)
memberships = st.lists(st.booleans(), min_size=N, max_size=N)


def bounds(least=-4, most=9, step=1):
    ends = st.tuples(st.integers(least, most), st.integers(least, most))
    return ends.map(lambda pair: {"low": min(pair) / step, "high": max(pair) / step})


@st.composite
def stimuli(draw):
    """The set of each item: numbers without a gap, and -1."""
    raw = np.array(draw(st.lists(st.integers(-1, 2), min_size=N, max_size=N)))
    used = np.unique(raw[raw >= 0])
    return np.where(raw < 0, -1, np.searchsorted(used, raw))


@st.composite
def set_bounds(draw, name, shared):
    stimulus = draw(st.sampled_from([shared, draw(stimuli())]))
    n_sets = int(stimulus.max(initial=-1)) + 1
    values = draw(st.lists(st.integers(-1, 3), min_size=n_sets, max_size=n_sets))
    return SetBound(name=name, stimulus=stimulus, coefficients=values, **draw(bounds(-1, 5)))


@st.composite
def sets(draw, name, shared):
    items, number = draw(bounds(0, 4)), draw(bounds(0, 4))
    return Sets(name=name, stimulus=shared, **items, least=number["low"], most=number["high"])


@st.composite
def constraints(draw, name, shared):
    kind = draw(st.sampled_from(range(12)))
    if kind == 0:
        return Bound(name=name, coefficients=draw(small), **draw(bounds()))
    if kind == 1:
        return Bound(name=name, coefficients=draw(memberships), low=draw(st.integers(0, 5)))
    if kind == 2:
        values = np.array(draw(small)) / 10
        return Mean(name=name, values=values, where=draw(memberships), **draw(bounds(-2, 3, 10)))
    if kind == 3:
        groups = draw(stimuli())
        return Shares(name=name, groups=groups, **draw(bounds(0, 4, 4)))
    if kind == 4:
        return Family(name=name, items=draw(positions), most=draw(st.integers(0, 3)))
    if kind == 5:
        return draw(sets(name, shared))
    if kind == 6:
        return draw(set_bounds(name, shared))
    if kind == 11:
        share = draw(st.integers(0, 6)) / 6
        return Quota(name=name, where=draw(memberships), share=share)
    plain = {7: Enemies, 8: Together, 9: Include, 10: Exclude}[kind]
    return plain(name=name, items=draw(positions))


@st.composite
def specifications(draw):
    shared, number = draw(stimuli()), draw(st.integers(0, 6))
    length = sorted(draw(st.tuples(st.integers(0, N + 1), st.integers(0, N + 1))))
    drawn = tuple(draw(constraints(f"c{place}", shared)) for place in range(number))
    return Specification(n_items=N, length=tuple(length), constraints=drawn)


def satisfying(specification):
    return [items for items in every_test if not specification.satisfied(items)]


@settings(max_examples=300, deadline=None)
@given(specifications(), st.lists(st.integers(-20, 20), min_size=N, max_size=N))
def test_the_best_of_all_tests_is_found_or_none_exists(specification, worth):
    possible = satisfying(specification)
    found = solve(compile(specification), np.array(worth) / 7, time_limit=20)
    if not possible:
        assert found.status == Status.INFEASIBLE
        assert not found.items.size
        return
    assert found.status == Status.OPTIMAL
    assert specification.satisfied(found.items) == ()
    best = max(np.round(np.array(worth) / 7, 9)[items].sum() for items in possible)
    assert found.objective == pytest.approx(best, abs=1e-9)
    assert found.gap == 0.0


@settings(max_examples=300, deadline=None)
@given(specifications())
def test_a_conflict_is_minimal_and_real(specification):
    explained = conflict(specification, time_limit=20)
    if satisfying(specification):
        assert explained.status == Status.FEASIBLE
        assert explained.names == ()
        return
    assert explained.status == Status.INFEASIBLE
    assert explained.minimal
    assert set(explained.names) <= set(specification.names)
    assert not satisfying(specification.only(explained.names))
    for name in explained.names:
        rest = [other for other in explained.names if other != name]
        assert satisfying(specification.only(rest)), f"{name} is not needed"


@settings(max_examples=100, deadline=None)
@given(specifications(), positions, positions)
def test_items_already_given_are_facts(specification, inside, outside):
    outside = [item for item in outside if item not in inside]
    possible = [
        items
        for items in satisfying(specification)
        if set(inside) <= set(items.tolist()) and not set(outside) & set(items.tolist())
    ]
    found = solve(compile(specification), np.ones(N), fixed_in=inside, fixed_out=outside)
    assert (found.status == Status.OPTIMAL) == bool(possible)
    explained = conflict(specification, fixed_in=inside, fixed_out=outside)
    assert (explained.status == Status.INFEASIBLE) == (not possible)


@settings(max_examples=100, deadline=None)
@given(specifications())
def test_once_every_conflict_is_resolved_a_test_exists(specification):
    told = conflicts(specification, time_limit=20)
    names = [name for each in told for name in each.names]
    assert len(names) == len(set(names))
    rest = [name for name in specification.names if name not in names]
    assert satisfying(specification.only(rest))


@settings(max_examples=60, deadline=None)
@given(specifications(), st.lists(st.integers(0, 2), min_size=N, max_size=N))
def test_the_columns_of_a_test_are_what_the_programme_allows(specification, worth):
    programme = compile(specification)
    for items in every_test:
        kept = specification.satisfied(items) == ()
        assert programme.allows(programme.values_of(items)) == kept


def plain(length=2, constraints=(), n_items=6):
    return Specification(n_items=n_items, length=length, constraints=constraints)


def test_of_items_alike_the_first_in_the_pool_are_taken():
    level = np.array([1, 2, 1, 2, 1, 1])
    wanted = (Bound(name="level 1", coefficients=level == 1, low=2, high=2),)
    found = solve(compile(plain(3, wanted)), np.array([1.0, 5, 1, 5, 1, 1]))
    assert found.items.tolist() == [0, 1, 2]
    paired = (Sets(name="texts", stimulus=[-1, 0, 0, 0, 1, 1], low=2, high=2, least=1, most=1),)
    found = solve(compile(plain(2, paired)), np.ones(6))
    assert found.items.tolist()[0] in (1, 4)
    assert found.items.tolist() in ([1, 2], [4, 5])


def test_a_smallest_sum_is_found_too():
    found = solve(compile(plain(2)), np.array([3.0, 1, 2, 5, 4, 6]), maximise=False)
    assert found.items.tolist() == [1, 2]
    assert found.objective == 3.0


def test_a_start_changes_no_result_even_where_it_is_not_allowed():
    programme, worth = compile(plain(2)), np.arange(6.0)
    for start in ([4, 5], [0, 1, 2, 3], []):
        assert solve(programme, worth, start=start).items.tolist() == [4, 5]


def test_a_time_limit_that_is_too_short_is_told():
    # Subset sums of large numbers: nothing but search decides them.
    rng = np.random.default_rng(5)
    n = 60
    weights = rng.integers(10**6, 10**7, (5, n)).astype(float)
    halves = tuple(
        Bound(name=f"sum {row}", coefficients=w, low=w.sum() // 2, high=w.sum() // 2)
        for row, w in enumerate(weights)
    )
    hard = Specification(n_items=n, length=30, constraints=halves)
    found = solve(compile(hard), rng.random(n), time_limit=0.3)
    assert found.status in (Status.UNKNOWN, Status.FEASIBLE)
    explained = conflict(hard, time_limit=0.3)
    assert explained.status in (Status.UNKNOWN, Status.FEASIBLE)
    assert explained.names == ()


def test_a_pool_too_small_conflicts_with_the_length_alone():
    explained = conflict(plain(7))
    assert explained.names == ("length",)
    assert explained.minimal


def test_a_contradiction_that_fractions_would_hide_is_explained():
    pairs = tuple(Together(name=f"pair {k}", items=[2 * k, 2 * k + 1]) for k in range(3))
    explained = conflict(plain(3, pairs))
    assert explained.names == ("length", "pair 0", "pair 1", "pair 2")


@settings(max_examples=150, deadline=None)
@given(specifications(), st.lists(st.permutations(range(N)), min_size=1, max_size=4))
def test_many_tests_are_judged_together_as_each_is_alone(specification, orders):
    order = Order(name="order", values=np.arange(N) % 3)
    specification = replace(specification, constraints=(*specification.constraints, order))
    rows = np.array([[*o[: 2 + n], *[-1] * (N - 2 - n)] for n, o in enumerate(orders)])
    for off, row in zip(deviations(specification, rows), rows, strict=True):
        broken = specification.satisfied(row[row >= 0], in_order=True)
        names = {problem.where.rpartition(", ")[0] or problem.where for problem in broken}
        assert {name for name, by in zip(specification.names, off, strict=True) if by} == names


def test_deviations_are_what_a_test_lacks_or_has_too_much():
    half = Quota(name="half", where=np.arange(N) < 3, share=0.5)
    time = Bound(name="time", coefficients=10.0 * np.arange(N), low=30, high=60)
    sets = Sets(name="sets", stimulus=[0, 0, 0, 1, 1, 1, -1], low=2, high=2)
    whole = Specification(n_items=N, length=(3, 4), constraints=(half, time, sets))
    rows = np.array([[4, 5, 6, 3, -1], [0, 1, -1, -1, -1], [0, 4, 3, 1, 6], [0, 1, 2, 3, 5]])
    # Time: 180, 10, 140, 110; of the first three items 0 of 4, 2 of 2, 2 of 5, 3 of 5.
    assert deviations(whole, rows).tolist() == [
        [0.0, -2.0, 120.0, 1.0],
        [-1.0, 1.0, -20.0, 0.0],
        [1.0, 0.0, 80.0, 0.0],
        [1.0, 0.0, 50.0, 1.0],
    ]


@pytest.mark.parametrize(("share", "allowed"), [(1 / 3, {1}), (0.5, {1, 2}), (0.0, {0})])
def test_a_quota_is_the_share_rounded_down_or_up(share, allowed):
    quota = Quota(name="quota", where=np.arange(N) < 4, share=share)
    for length in ((3, 3), (0, 3)):
        whole = Specification(n_items=N, length=length, constraints=(quota,))
        programme = compile(whole)
        three = [items for items in every_test if items.size == 3]
        found = {
            int((items < 4).sum())
            for items in three
            if programme.allows(programme.values_of(items))
        }
        assert found == allowed


def test_measures_say_what_each_constraint_comes_to():
    seconds = np.array([30.0, 60, 90, 10, 20, 40])
    demands = (
        Bound(name="time", coefficients=seconds, high=100),
        Mean(
            name="easy", values=[0.2, 0.4, 0.6, 0.8, 0.9, 1.0], where=[True] * 5 + [False], low=0.5
        ),
        Shares(name="keys", groups=[0, 1, 0, 1, -1, -1], low=0.4, high=0.6),
        Family(name="family", items=[0, 1, 2], most=2),
        Together(name="pair", items=[3, 4]),
        Include(name="must", items=[5]),
        Exclude(name="weak", items=[0]),
        Sets(name="texts", stimulus=[0, 0, 1, 1, -1, -1], low=2, high=2, most=1),
        SetBound(name="words", stimulus=[0, 0, 1, 1, -1, -1], coefficients=[300, 200], high=400),
        Order(name="by time", values=seconds),
    )
    told = plain((2, 4), demands).measures([0, 1, 2, 3])
    values = [(each.name, each.part, each.value, each.holds) for each in told]
    assert values == [
        ("length", "", 4.0, True),
        ("time", "", 190.0, False),
        ("easy", "", 0.5, True),
        ("keys", "group 0", 0.5, True),
        ("keys", "group 1", 0.5, True),
        ("family", "", 3.0, False),
        ("pair", "", 1.0, False),
        ("must", "", 0.0, False),
        ("weak", "", 1.0, False),
        ("texts", "sets", 2.0, False),
        ("texts", "set 0", 2.0, True),
        ("texts", "set 1", 2.0, True),
        ("words", "", 500.0, False),
    ]
    assert len(plain((2, 4), demands).satisfied([0, 1, 2, 3])) == 7


def test_the_order_of_a_test_is_judged_where_it_is_known():
    given_by_level = plain(3, (Order(name="by level", values=[1, 1, 2, 2, 3, 3]),))
    assert given_by_level.satisfied([4, 0, 2]) == ()
    assert given_by_level.satisfied([0, 2, 4], in_order=True) == ()
    assert [problem.where for problem in given_by_level.satisfied([4, 0, 2], in_order=True)] == [
        "by level, falls"
    ]


def test_everything_wrong_with_a_specification_is_said_at_once():
    with pytest.raises(DesignError) as error:
        Specification(
            n_items=4,
            length=(3, 2),
            constraints=(
                Bound(name="short", coefficients=[1, 1], low=0, high=1),
                Bound(name="crossed", coefficients=np.ones(4), low=2, high=1),
                Bound(name="crossed", coefficients=[1, np.nan, 1, 1]),
                Shares(name="shares", groups=[0, 2, -1, 0], low=0.2, high=1.2),
                Family(name="family", items=[3, 4], most=-1),
                Include(name="include", items=[0.5]),
                Sets(name="sets", stimulus=[0, 1, -2, 0], low=3, high=2),
                SetBound(name="words", stimulus=[0, 1, 1, 1], coefficients=[1.0]),
                Mean(name="mean", values=[1, 2, 3, np.inf], where=[True] * 4),
                Order(name="order", values="abcd"),
            ),
        )
    assert [problem.where for problem in error.value.problems] == [
        "length",
        "constraints",
        "short: coefficients",
        "crossed: low",
        "crossed: coefficients[1]",
        "shares: groups",
        "shares: high",
        "family: items[1]",
        "family: most",
        "include: items",
        "sets: stimulus[2]",
        "sets: items of a set: low",
        "words: coefficients",
        "mean: values[3]",
        "order: values",
    ]


def test_an_objective_that_is_none_is_refused():
    with pytest.raises(DesignError) as error:
        solve(compile(plain()), np.ones(5), time_limit=0.0, gap=-1)
    assert [problem.where for problem in error.value.problems] == ["time_limit", "gap", "objective"]
    with pytest.raises(DesignError, match="finite"):
        solve(compile(plain()), [1, 2, np.nan, 4, 5, 6])
