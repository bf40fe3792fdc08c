import numpy as np
import pytest

import engine


def faults(error):
    return {problem.where for problem in error.value.problems}


def test_nodes_include_both_ends_and_end_nodes_count_half():
    grid = engine.Grid(-1.0, 1.0, 5)
    assert grid.nodes.tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert grid.weights.tolist() == [0.25, 0.5, 0.5, 0.5, 0.25]


@pytest.mark.parametrize("cut", [-1.0, -0.6, 0.0, 0.13, 0.9, 1.0])
def test_weights_above_a_cut_integrate_straight_lines_exactly(cut):
    grid = engine.Grid(-1.0, 1.0, 9)
    line = 3.0 + 2.0 * grid.nodes
    # Integral of 3 + 2t from the cut to 1 is 4 - 3 cut - cut^2.
    assert grid.weights_above(cut) @ line == pytest.approx(4 - 3 * cut - cut**2)


def test_grids_are_equal_when_their_bounds_are():
    assert engine.Grid(-6, 6, 121) == engine.Grid()
    assert engine.Grid(-4, 4, 33) != engine.Grid()


def test_every_fault_of_a_grid_is_named():
    with pytest.raises(engine.DesignError) as error:
        engine.Grid(np.nan, np.inf, 2)
    assert faults(error) == {"lo", "hi", "n"}
    with pytest.raises(engine.DesignError) as error:
        engine.Grid(1.0, -1.0, 2.5)
    assert faults(error) == {"hi", "n"}


def test_every_fault_of_a_prior_is_named():
    with pytest.raises(engine.DesignError) as error:
        engine.NormalPrior(np.nan, 0.0)
    assert faults(error) == {"mean", "sd"}
    with pytest.raises(engine.DesignError) as error:
        engine.UniformPrior("low", np.inf)
    assert faults(error) == {"lo", "hi"}
    with pytest.raises(engine.DesignError) as error:
        engine.UniformPrior(2.0, 2.0)
    assert faults(error) == {"hi"}


def test_ends_that_almost_meet_and_nodes_without_number_are_refused():
    for build in (lambda: engine.Grid(0.0, 5e-324), lambda: engine.UniformPrior(0.0, 1e-200)):
        with pytest.raises(engine.DesignError, match="hi"):
            build()
    with pytest.raises(engine.DesignError) as error:
        engine.Grid(n=10**9)
    assert faults(error) == {"n"}
    with pytest.raises(engine.DesignError) as error:
        engine.NormalPrior(0.0, 1e-200)
    assert faults(error) == {"sd"}


def test_shares_of_any_size_are_divided_by_their_sum():
    shares = np.array([1e308, 1e308, 0.0, 1e308])
    prior = engine.HistogramPrior(-1, 1, shares)
    assert prior.mass == pytest.approx((1 / 3, 1 / 3, 0, 1 / 3))
    assert shares[0] == 1e308
