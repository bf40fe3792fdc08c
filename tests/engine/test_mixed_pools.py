"""Pools of several families: how they are put together, and what is refused."""

import numpy as np
import pytest

import engine

NAN = np.nan


def faults(error):
    return {problem.where for problem in error.value.problems}


def mixed():
    return engine.ItemPool.of(
        engine.Logistic([1.2, 0.8], [0.0, 1.0], [0.2, 0.0], [1.0, 1.0]),
        engine.Graded([1.1], [[-1.0, 0.0, 1.0]]),
        places=[[0, 2], [1]],
    )


def test_blocks_stand_where_they_are_placed():
    pool = mixed()
    assert len(pool) == 3
    assert pool.n_categories.tolist() == [2, 4, 2]
    assert not pool.dichotomous
    p = engine.models.category_probability(pool, 0.0)[:, :, 0]
    assert p[0, 1] == pytest.approx(0.2 + 0.8 * 0.5)
    assert p[1].tolist() == pytest.approx(p[1, ::-1].tolist())
    assert p[2, 2:].tolist() == [0.0, 0.0]


def test_without_places_blocks_follow_one_another():
    pool = engine.ItemPool.of(
        engine.PartialCredit(1.0, [[0.0, 1.0]]), engine.Nominal([[0.0, 1.0]], [[0.0, 0.5]])
    )
    assert pool.n_categories.tolist() == [3, 2]


def test_blocks_of_right_or_wrong_items_have_common_columns():
    one = engine.Logistic([1.0, 2.0], [0.0, 1.0], [0.0, 0.1], [1.0, 1.0])
    other = engine.Logistic([3.0], [2.0], [0.2], [0.9])
    pool = engine.ItemPool.of(one, other, places=[[2, 0], [1]])
    assert pool.dichotomous
    assert pool.a.tolist() == [2.0, 3.0, 1.0]
    assert pool.d.tolist() == [1.0, 0.9, 1.0]
    alone = engine.ItemPool.of(one, places=[[1, 0]])
    assert alone.b.tolist() == [1.0, 0.0]


def test_other_pools_have_no_common_columns():
    with pytest.raises(engine.PoolError, match=r"pool\.blocks"):
        mixed().a  # noqa: B018
    with pytest.raises(engine.PoolError, match="category_probability"):
        engine.models.probability(mixed(), 0.0)


def test_split_gives_each_family_its_items_in_the_order_asked_for():
    pool = mixed()
    items = np.array([2, 1, 0, 2])
    parts = {type(block).__name__: (block, rows) for block, rows in pool.split(items)}
    block, rows = parts["Logistic"]
    assert rows.tolist() == [0, 2, 3]
    assert block.b.tolist() == [1.0, 0.0, 1.0]
    assert parts["Graded"][1].tolist() == [1]


@pytest.mark.parametrize(
    "places", [[[0, 1], [1]], [[0, 1], [3]], [[0, 1]], [[0], [1, 2]], [[0.5, 1], [2]]]
)
def test_places_that_do_not_fit_are_refused(places):
    blocks = mixed().blocks
    with pytest.raises(engine.PoolError, match="places"):
        engine.ItemPool.of(*blocks, places=places)


def test_a_pool_without_blocks_is_refused():
    with pytest.raises(engine.PoolError, match="at least one item"):
        engine.ItemPool.of()


def test_every_impossible_graded_item_is_named_at_once():
    with pytest.raises(engine.PoolError) as error:
        engine.Graded(
            a=[1.0, NAN, 1.0, 0.0, -1.0, 1.0],
            b=[[0, 1], [0, 1], [1, 0], [0, 1], [0, 1], [NAN, 1]],
        )
    assert faults(error) == {"a[1]", "b[2, 1]", "b[3, 1]", "b[4, 1]", "b[5, 0]"}


def test_every_impossible_partial_credit_item_is_named_at_once():
    with pytest.raises(engine.PoolError) as error:
        engine.PartialCredit(a=[1.0, np.inf], b=[[NAN, NAN], [0.0, np.inf]])
    assert faults(error) == {"b[0]", "a[1]", "b[1, 1]"}


def test_every_impossible_nominal_item_is_named_at_once():
    with pytest.raises(engine.PoolError) as error:
        engine.Nominal([[0, 1], [0, NAN]], [[0, NAN], [0, NAN]])
    assert faults(error) == {"intercepts[0, 1]", "slopes[1]"}
    with pytest.raises(engine.PoolError, match="intercepts"):
        engine.Nominal([[0, 1, 2]], [[0, 1]])


@pytest.mark.parametrize("b", [[], [[]], 1.0, "abc", [["x"]], [1.0, 2.0]])
def test_thresholds_of_another_shape_are_refused(b):
    for family in (engine.Graded, engine.PartialCredit):
        with pytest.raises(engine.PoolError):
            family(1.0, b)


@pytest.mark.parametrize("b", [[[0.0], [0.0, 1.0]], [[0.0, NAN], [0.0, 1.0]]])
def test_rows_of_different_lengths(b):
    assert engine.Graded(1.0, b).n_categories.tolist() == [2, 3]
    assert engine.PartialCredit(1.0, b).n_categories.tolist() == [2, 3]


def test_blocks_are_copies_that_nobody_can_change():
    b = np.array([[0.0, 1.0]])
    block = engine.Graded(1.0, b)
    b[0, 0] = 9.0
    assert block.b[0, 0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        block.b[0, 0] = 9.0


# --- From the columns of a file ---


def test_columns_become_blocks_in_the_order_of_the_rows():
    pool = engine.pool_from_columns(
        ["3PL", "grm", "gpcm", "pcm", "2pl"],
        a=[1.0, 1.2, 0.8, NAN, 2.0],
        b=[[0.0, NAN], [0.0, 1.0], [1.0, 0.5], [0.0, NAN], [1.0, NAN]],
        c=[0.2, NAN, NAN, NAN, NAN],
        metric=1.702,
    )
    assert pool.n_categories.tolist() == [2, 3, 3, 2, 2]
    logistic, graded, partial = pool.blocks
    assert logistic.a.tolist() == [1.702, 3.404]
    assert logistic.c.tolist() == [0.2, 0.0]
    assert graded.b.tolist() == [[0.0, 1.0]]
    assert partial.a.tolist() == pytest.approx([0.8 * 1.702, 1.702])


def test_nominal_columns_are_slopes_and_intercepts_against_category_0():
    pool = engine.pool_from_columns(
        ["nominal", "2pl", "nominal"],
        a=[NAN, 1.0, NAN],
        b=[[NAN], [0.5], [NAN]],
        slopes=[[1.0, 2.0], [NAN, NAN], [-0.5, NAN]],
        intercepts=[[0.1, 0.2], [NAN, NAN], [0.0, NAN]],
        metric=2.0,
    )
    assert pool.n_categories.tolist() == [3, 2, 2]
    nominal = pool.blocks[1]
    np.testing.assert_array_equal(nominal.slopes, [[0, 2, 4], [0, -1, NAN]])
    np.testing.assert_array_equal(nominal.intercepts, [[0, 0.1, 0.2], [0, 0, NAN]])
    with pytest.raises(engine.PoolError) as error:
        engine.pool_from_columns(["2pl", "nominal"], a=1.0, b=[[0.0], [NAN]])
    assert faults(error) == {"slopes[1]"}


def test_what_is_wrong_is_named_by_its_row_of_the_file():
    with pytest.raises(engine.PoolError) as error:
        engine.pool_from_columns(
            ["grm", "2pl", "grm", "2pl"],
            a=[1.0, 1.0, 1.0, NAN],
            b=[[0.0, 1.0], [0.0, NAN], [1.0, 0.0], [0.0, NAN]],
        )
    assert faults(error) == {"b[2, 1]", "a[3]"}


@pytest.mark.parametrize(
    ("columns", "where"),
    [
        ({"model": ["5pl", "2pl"], "a": 1.0, "b": [[0.0], [0.0]]}, "model[0]"),
        ({"model": ["2pl", "2pl"], "a": [1.0], "b": [[0.0], [0.0]]}, "a"),
        ({"model": ["2pl", "2pl"], "a": 1.0, "b": [0.0, 0.0]}, "b"),
        ({"model": ["2pl", "2pl"], "a": 1.0, "b": [[0.0, 1.0], [0.0, NAN]]}, "b[0, 1]"),
        ({"model": [], "a": [], "b": np.zeros((0, 1))}, "pool"),
        ({"model": ["2pl"], "a": 1.0, "b": [[0.0]], "metric": 0}, "metric"),
        ({"model": ["2pl"], "a": 1.0, "b": [[0.0]], "slopes": [1.0]}, "slopes"),
    ],
)
def test_columns_that_make_no_pool_are_refused(columns, where):
    with pytest.raises(engine.PoolError) as error:
        engine.pool_from_columns(columns.pop("model"), **columns)
    assert where in faults(error)


def test_slopes_of_a_rating_scale_that_are_no_numbers_are_named():
    with pytest.raises(engine.PoolError, match="a: found 'x'"):
        engine.PartialCredit.rating_scale([0.0, 1.0], [-1.0, 1.0], a="x")
