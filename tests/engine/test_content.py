import numpy as np
import pytest

import engine


def faults(error):
    return {problem.where for problem in error.value.problems}


def exam(units, shares, max_items, **options):
    n_items = len(units)
    rng = np.random.default_rng(n_items)
    return engine.Design(
        pool=engine.ItemPool.build(a=rng.uniform(0.7, 2.0, n_items), b=rng.normal(size=n_items)),
        stopping=engine.StoppingRule(max_items=max_items),
        content=engine.ContentTargets(units, shares),
        **options,
    )


def counts(design, simulation):
    """Items of each unit in each exam, shape (n, n_units)."""
    n_units = design.content.shares.size
    units = np.append(design.content.units, n_units)[simulation.items]
    return (units[:, :, None] == np.arange(n_units)).sum(axis=1)


@pytest.mark.parametrize(
    "shares", [[0.25, 0.25, 0.25, 0.25], [0.5, 0.3, 0.2, 0.0], [0.07, 0.13, 0.3, 0.5]]
)
def test_every_exam_has_its_shares_to_within_one_item(shares):
    design = exam(np.arange(80) % 4, shares, 20, randomesque=4)
    simulation = engine.simulate(design, np.linspace(-3, 3, 50), np.arange(50))
    assert (np.abs(counts(design, simulation) - 20 * np.array(shares)) < 1).all()


def test_units_come_in_the_order_of_their_deficit():
    # Shares 1/2, 1/3, 1/6. Worked by hand, largest share * (n + 1) - given first, ties to the first:
    # (1/2 1/3 1/6) -> 0, (0 2/3 1/3) -> 1, (1/2 0 1/2) -> 0, (0 1/3 2/3) -> 2, then as at first
    # (1/2 2/3 -1/6) -> 1, (1 0 0) -> 0.
    units = np.array([0, 1, 2] * 6)
    design = exam(units, [1 / 2, 1 / 3, 1 / 6], 6)
    simulation = engine.simulate(design, [0.0], [1])
    assert units[simulation.items[0]].tolist() == [0, 1, 0, 2, 1, 0]


def test_a_unit_that_runs_dry_leaves_its_turn_to_the_others():
    design = exam(np.array([0, 1, 1, 1, 1, 1]), [0.5, 0.5], 5)
    simulation = engine.simulate(design, [0.0, 1.0], [1, 2])
    assert counts(design, simulation).tolist() == [[1, 4], [1, 4]]
    assert (simulation.report.reason == engine.Reason.LENGTH).all()


def test_a_unit_without_a_share_is_asked_only_when_nothing_else_is_left():
    design = exam(np.array([0, 0, 1, 1]), [1.0, 0.0], 4)
    items = engine.simulate(design, [0.0], [3]).items[0]
    assert set(items[:2]) == {0, 1}
    assert set(items[2:]) == {2, 3}


def test_every_fault_is_named():
    with pytest.raises(engine.DesignError) as error:
        engine.ContentTargets([0, 1, 5, -1], [0.5, -0.1, 0.4])
    assert faults(error) == {"units[2]", "units[3]", "shares[1]", "shares[2]", "shares"}
    with pytest.raises(engine.DesignError) as error:
        engine.ContentTargets([0.5, 1.0], "equal")
    assert faults(error) == {"units", "shares"}


def test_units_must_match_the_pool():
    with pytest.raises(engine.DesignError, match=r"content\.units"):
        engine.Design(
            pool=engine.ItemPool.build(a=1.0, b=[0.0, 1.0]),
            stopping=engine.StoppingRule(max_items=1),
            content=engine.ContentTargets([0, 0, 0], [1.0]),
        )
