"""Sympson-Hetter parameters: known values where they can be worked out, and rates that hold."""

import numpy as np
import pytest

import engine


def design(pool, length, bounds=(), **more):
    return engine.Design(
        pool=pool,
        stopping=engine.StoppingRule(max_items=length),
        exposure=engine.ExposureControl(bounds=bounds),
        **more,
    )


def test_parameters_converge_to_those_worked_out_by_hand():
    """Four equal items, one to be given, rate 1/4; ties go to the first in the file.

    The first is always selected: 1/4. The second where the first was passed over, 3/4 of the time:
    (1/4) / (3/4) = 1/3. The third half of the time: 1/2. The last must have what is left: 1.
    """
    pool = engine.ItemPool.build(a=1.0, b=np.zeros(4))
    found = engine.sympson_hetter(
        design(pool, 1), 0.25, seed=3, candidates=2000, rounds=40, checked_on=20000
    )
    assert found.settled
    expected = [1 / 4, 1 / 3, 1 / 2, 1.0]
    # 2,000 candidates a round, the last quarter of 40 rounds weighing most: se below 0.01.
    assert found.snapshot.admission[0] == pytest.approx(expected, abs=0.03)
    assert found.rates[0] == pytest.approx([0.25] * 4, abs=0.03)


def test_parameters_hold_the_rate_at_every_level_of_ability():
    rng = np.random.default_rng(8)
    pool = engine.ItemPool.build(a=np.exp(rng.normal(0.2, 0.3, 80)), b=rng.normal(0, 1.2, 80))
    exam = design(pool, 6, bounds=(-0.7, 0.7))
    found = engine.sympson_hetter(exam, 0.25, seed=1, checked_on=1500)
    assert found.settled
    assert found.rates.max() <= 0.25 + 4 * found.rate_se.max()
    assert found.rate_se == pytest.approx(np.sqrt(0.25 * 0.75 / 1500))
    # As many items as an exam needs are open to everybody of a level.
    assert ((found.snapshot.admission == 1.0).sum(axis=1) >= 6).all()
    # Conditional: an item is spared where it is wanted, not everywhere.
    assert (np.ptp(found.snapshot.admission, axis=0) > 0.3).any()
    # Moves shrink from window to window.
    assert found.moved[-1] < found.moved[0] / 2


def test_the_seed_decides_and_threads_do_not():
    pool = engine.ItemPool.build(a=1.0, b=np.linspace(-1, 1, 12))
    exam = design(pool, 2)
    options = {"candidates": 40, "rounds": 10, "checked_on": 40}
    first = engine.sympson_hetter(exam, 0.3, seed=5, **options)
    again = engine.sympson_hetter(exam, 0.3, seed=5, threads=2, **options)
    other = engine.sympson_hetter(exam, 0.3, seed=6, **options)
    assert (first.snapshot.admission == again.snapshot.admission).all()
    assert (first.snapshot.admission != other.snapshot.admission).any()


def test_a_rate_that_nothing_can_hold_is_not_called_settled():
    pool = engine.ItemPool.build(a=1.0, b=np.linspace(-1, 1, 5))
    found = engine.sympson_hetter(design(pool, 4), 0.2, seed=1, candidates=50, rounds=20)
    # Four of five items for everybody: rates of 0.8 on average.
    assert not found.settled
    assert found.rates.mean() == pytest.approx(0.8)


def test_everything_wrong_is_named_at_once():
    pool = engine.ItemPool.build(a=1.0, b=np.zeros(4))
    with pytest.raises(engine.DesignError) as refused:
        engine.sympson_hetter(
            design(pool, 1, bounds=(9.0,)), 1.2, seed=-1, candidates=0, tolerance=0.0
        )
    assert {problem.where for problem in refused.value.problems} == {
        "exposure.bounds[0]",
        "rate",
        "seed",
        "candidates",
        "tolerance",
    }
