import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chisquare

import engine
from engine.selection import choose

EVERY = np.ones((1, 4), dtype=bool)


def test_the_largest_or_the_smallest_value_wins():
    values = np.array([[0.2, 0.9, 0.5, 0.1]])
    assert choose(values, EVERY).tolist() == [1]
    assert choose(values, EVERY, better="min").tolist() == [3]


def test_values_equal_to_nine_decimals_tie_and_the_first_in_the_pool_wins():
    values = np.array([[0.1, 0.5, 0.5 + 4e-10, 0.5 - 4e-10]])
    assert choose(values, EVERY).tolist() == [1]
    assert choose(-values, EVERY, better="min").tolist() == [1]
    values[0, 2] += 2e-9
    assert choose(values, EVERY).tolist() == [2]


def test_without_an_eligible_item_nothing_is_chosen():
    values = np.array([[0.2, 0.9, 0.5, 0.1]] * 2)
    eligible = np.array([[False] * 4, [True, False, True, False]])
    assert choose(values, eligible).tolist() == [-1, 2]
    assert choose(values, eligible, among=3, u=np.array([0.9, 0.9])).tolist() == [-1, 0]


@given(
    values=arrays(np.float64, (1, 6), elements=st.floats(0, 2)),
    eligible=arrays(np.bool_, (1, 6)),
    among=st.integers(1, 9),
    u=st.floats(0, 1, exclude_max=True),
)
def test_randomesque_takes_the_ranked_item_its_draw_points_at(values, eligible, among, u):
    # The rule written out for one candidate with Python's stable sort.
    allowed = [item for item in range(6) if eligible[0, item]]
    best = sorted(allowed, key=lambda item: -round(values[0, item], 9))[:among]
    expected = best[int(u * len(best))] if best else -1
    assert choose(values, eligible, among=among, u=np.array([u]))[0] == expected


@pytest.mark.parametrize("among", [2, 3, 5])
def test_randomesque_gives_each_of_the_best_equally_often(among):
    pool = engine.ItemPool.build(a=[1.0, 1.2, 0.8, 1.1, 0.9, 1.3, 0.7], b=0.0)
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=2), randomesque=among)
    seeds = np.random.default_rng(among).integers(0, 2**64, 6000, dtype=np.uint64)
    state = engine.start(design, seeds)
    first = engine.next_item(design, state)
    best = np.argsort(-pool.a)[:among]
    assert set(first) == set(best)
    assert chisquare(np.bincount(first, minlength=7)[best]).pvalue > 1e-3
    # The second draw is a fresh one: again even, and not tied to the first.
    second = engine.next_item(design, engine.record(design, state, first, first * 0))
    table = np.zeros((7, 7))
    np.add.at(table, (first, second), 1)
    for item in best:
        row = table[item][table[item] > 0]
        assert row.size == among
        assert chisquare(row).pvalue > 1e-4


def test_a_rule_of_ones_own_runs_in_the_same_exam():
    class NearestDifficulty:
        name = "bopt"
        better = "min"

        def criterion(self, situation):
            return np.abs(situation.tables.pool.b - situation.theta[:, None])

    pool = engine.ItemPool.build(a=[3.0, 0.5, 3.0], b=[-1.0, 0.1, 1.0])
    stopping = engine.StoppingRule(max_items=3)
    nearest = engine.Design(pool=pool, stopping=stopping, rule=NearestDifficulty())
    assert engine.next_item(nearest, engine.start(nearest, 1)).tolist() == [1]
    informed = engine.Design(pool=pool, stopping=stopping)
    assert engine.next_item(informed, engine.start(informed, 1)).tolist() == [0]
