import numpy as np
import pytest

import engine


def faults(error):
    return {problem.where for problem in error.value.problems}


def test_build_spreads_single_numbers_over_the_items():
    pool = engine.ItemPool.build(a=1.5, b=[-1.0, 0.0, 2.0], c=[0.1, 0.2, 0.3])
    assert len(pool) == 3
    assert pool.a.tolist() == [1.5, 1.5, 1.5]
    assert pool.c.tolist() == [0.1, 0.2, 0.3]
    assert pool.d.tolist() == [1.0, 1.0, 1.0]


def test_a_pool_in_the_normal_ogive_metric_is_converted_on_the_way_in():
    # Haley (1952): the logistic curve with slope 1.702 a follows the normal ogive with slope a.
    pool = engine.ItemPool.build(a=[1.0, 2.0], b=0.5, metric=1.702)
    assert pool.a.tolist() == [1.702, 3.404]
    assert pool.b.tolist() == [0.5, 0.5]


def test_every_impossible_parameter_is_named_at_once():
    with pytest.raises(engine.PoolError) as error:
        engine.ItemPool(
            a=[np.nan, 1, 1, 1, 1],
            b=[0, np.inf, 0, 0, 0],
            c=[0, 0, -0.1, 0.6, 1.2],
            d=[1, 1, 1.1, 0.5, 0],
        )
    assert faults(error) == {"a[0]", "b[1]", "c[2]", "c[4]", "d[2]", "d[3]", "d[4]"}


def test_every_misshapen_column_is_named_at_once():
    with pytest.raises(engine.PoolError) as error:
        engine.ItemPool(a=[1.0, 1.0, 1.0], b=["x", "y", "z"], c=[[0.0]], d=[1.0])
    assert faults(error) == {"b", "c", "d"}


@pytest.mark.parametrize("nothing", [[], ()])
def test_an_empty_pool_is_refused(nothing):
    with pytest.raises(engine.PoolError, match="at least one item"):
        engine.ItemPool(nothing, nothing, nothing, nothing)


@pytest.mark.parametrize("metric", [0.0, -1.0, np.nan, "1.7"])
def test_a_senseless_metric_is_refused(metric):
    with pytest.raises(engine.PoolError, match="metric"):
        engine.ItemPool.build(a=1.0, b=0.0, metric=metric)


def test_a_pool_is_a_copy_that_nobody_can_change():
    slopes = np.ones(2)
    pool = engine.ItemPool(slopes, np.zeros(2), np.zeros(2), np.ones(2))
    slopes[0] = 9.0
    assert pool.a[0] == 1.0
    with pytest.raises(ValueError, match="read-only"):
        pool.a[0] = 9.0


def test_take_keeps_the_order_asked_for():
    pool = engine.ItemPool.build(a=[1.0, 2.0, 3.0], b=[-1.0, 0.0, 1.0])
    taken = pool.take([2, 0])
    assert taken.a.tolist() == [3.0, 1.0]
    assert taken.b.tolist() == [1.0, -1.0]


@pytest.mark.parametrize("items", [[True, False, True], [0.5], [-1], [3], ["a"], [[0, 1]], [2**70]])
def test_what_is_no_position_in_the_pool_is_refused(items):
    # A mask or a fraction read as positions would give a pool of other items in silence.
    pool = engine.ItemPool.build(a=[1.0, 1.2, 0.8], b=0.0)
    with pytest.raises(engine.PoolError, match="from 0 to 2"):
        pool.take(items)
    assert pool.take([2, 0]).a.tolist() == [0.8, 1.0]


def test_a_pool_is_made_of_blocks_and_not_of_pools():
    pool = engine.ItemPool.build(a=[1.0], b=0.0)
    for stranger in (pool, "2pl"):
        with pytest.raises(engine.PoolError, match="one family each"):
            engine.ItemPool.of(stranger)
