"""The index of a pool never hides an item that could be among the best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine import models
from engine._kernels import compiler
from engine._kernels.choice import choose as compiled_choose
from engine._kernels.gate import Gate
from engine._kernels.hall import Hall
from engine._kernels.plan import plan
from engine.information_index import CELLS, InformationIndex
from engine.rounding import rounded
from engine.selection import choose
from tests.engine.strategies import extreme_pools, pools

GRID = engine.Grid()


def index_of(pool, depth=4):
    return InformationIndex.build(pool, GRID, [np.arange(len(pool))], depth)


@given(pools(max_items=30) | extreme_pools(), st.floats(-6.0, 6.0), st.integers(1, 6))
def test_in_its_cell_no_item_is_worth_more_than_its_bound(pool, theta, depth):
    index = index_of(pool, depth)
    cell = min(int((theta - index.lo) * index.cells_per_theta), len(index.order) - 1)
    information = models.information(pool, [theta])[0]
    assert (information[index.order[cell]] <= index.bound[cell]).all()
    others = np.setdiff1d(np.arange(len(pool)), index.order[cell])
    assert (information[others] <= index.beyond[cell, 0]).all()


@given(pools(max_items=30))
def test_bounds_fall_and_are_hardly_above_the_information(pool):
    index = index_of(pool, 30)
    assert (np.diff(index.bound, axis=1) <= 0).all()
    middle = index.lo + (np.arange(len(index.order)) + 0.5) / index.cells_per_theta
    exact = np.take_along_axis(models.information(pool, middle), index.order, axis=1)
    assert (index.bound <= 1.05 * exact + 1e-12).all()


@given(pools(max_items=30) | extreme_pools(), st.floats(-6.0, 6.0), st.integers(1, 6))
def test_an_item_that_is_alone_has_its_place_in_the_order_of_exact_values(pool, theta, depth):
    index = index_of(pool, depth)
    cell = min(int((theta - index.lo) * index.cells_per_theta), len(index.order) - 1)
    worth = rounded(models.information(pool, [theta])[0])
    exact = np.lexsort((np.arange(len(pool)), -worth))[: index.order.shape[1]]
    alone = index.alone[cell]
    assert index.order[cell][alone].tolist() == exact[alone].tolist()


def test_over_a_usual_bank_most_of_the_best_are_alone():
    rng = np.random.default_rng(7)
    pool = engine.ItemPool.build(a=np.exp(rng.normal(0.25, 0.3, 500)), b=rng.normal(size=500))
    middle = slice(CELLS // 3, -CELLS // 3)
    assert index_of(pool, 20).alone[middle].mean() > 0.8


def test_twins_are_alone_in_the_order_of_the_file():
    pool = engine.ItemPool.build(a=1.2, b=[1.0, -1.0, 1.0, -1.0, 1.0])
    index = index_of(pool, 5)
    assert index.order[-1].tolist() == [0, 2, 4, 1, 3]
    assert index.alone[-1].all()


@compiler.entry
def choices(arrays, theta, u, given_rows, in_unit, hall, into):
    for row in range(theta.size):
        gate = Gate(given_rows[row], hall.admission[0], hall.numbers[0], hall.seed[0])
        n_given = in_unit[row].sum()
        into[row], _ = compiled_choose(
            arrays, theta[row], 0.0, u[row], gate, in_unit[row], n_given, hall.room
        )


@pytest.mark.parametrize("n_items", [40, 500, 6000])
@pytest.mark.parametrize("among", [1, 5])
def test_the_choice_is_that_of_the_exact_criterion_for_ten_thousand_candidates(n_items, among):
    rng = np.random.default_rng(n_items + among)
    pool = engine.ItemPool.build(
        a=np.exp(rng.normal(0.25, 0.3, n_items)),
        b=rng.normal(0.0, 1.2, n_items),
        c=rng.uniform(0.1, 0.25, n_items),
    )
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=30), randomesque=among)
    n = 10_000 if n_items <= 500 else 1000
    theta, u = np.clip(rng.normal(0.0, 1.5, n), -6, 6), rng.random(n)
    # Given are those that the candidate would have been given: the best at abilities nearby.
    given_rows = np.zeros((n, n_items), dtype=bool)
    near = models.information(pool, theta + rng.normal(0.0, 0.2, n)).argsort(axis=1)
    np.put_along_axis(given_rows, near[:, -rng.integers(1, 25) :], True, axis=1)
    in_unit = given_rows.sum(axis=1)[:, None]
    arrays = plan(design)
    found = np.zeros(n, dtype=np.int64)
    choices(arrays, theta, u, given_rows, in_unit, Hall.clear(arrays), found)
    exact = choose(models.information(pool, theta), ~given_rows, among=among, u=u)
    assert found.tolist() == exact.tolist()
