"""Exposure from block to block: rates held, counts that add up, and nothing that hangs on order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engine
from engine.exposure import draws
from engine.exposure.draws import draws_of

BOUNDS = (-1.0, 0.0, 1.0)
N_ITEMS = 60


def pool(n=N_ITEMS, seed=5):
    rng = np.random.default_rng(seed)
    return engine.ItemPool.build(
        a=np.exp(rng.normal(0.2, 0.3, n)), b=rng.normal(0.0, 1.2, n), c=0.2
    )


def exposed_design(bounds=BOUNDS, **more):
    options = {
        "pool": pool(),
        "stopping": engine.StoppingRule(max_items=6),
        "exposure": engine.ExposureControl(bounds=bounds),
    }
    return engine.Design(**options | more)


def crowd(n, seed=11):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.integers(0, 2**64, n, dtype=np.uint64)


def rates_of(simulation, rows, n_items=N_ITEMS):
    items = simulation.items[rows]
    return np.bincount(items[items >= 0], minlength=n_items) / rows.sum()


@pytest.fixture(scope="module")
def eligible():
    """6,000 candidates under eligibility at 0.3, in blocks of 100."""
    theta, seeds = crowd(6000)
    rule = engine.Eligibility(rate=0.3)
    return engine.simulate_exposed(exposed_design(), theta, seeds, rule, block=100)


def test_eligibility_holds_its_rate_overall_and_in_every_segment(eligible):
    settled = np.arange(6000) >= 1500
    where = engine.segment(BOUNDS, eligible.simulation.report.theta)
    assert rates_of(eligible.simulation, settled).max() <= 0.3
    for place in range(4):
        rows = settled & (where == place)
        # The largest of 60 rates at the limit is some 2.5 standard errors above it; the estimates
        # that the admissions rest on have chance in them too, so that the bound is 5.
        bound = 0.3 + 5 * np.sqrt(0.3 * 0.7 / rows.sum())
        assert rates_of(eligible.simulation, rows).max() <= bound


def test_without_control_the_same_exam_passes_the_rate_by_far():
    theta, seeds = crowd(500)
    free = engine.simulate(exposed_design(exposure=None), theta, seeds)
    assert rates_of(free, np.ones(500, bool)).max() == 1.0


def test_eligibility_holds_a_rate_of_its_own_in_each_segment():
    theta, seeds = crowd(5000)
    rule = engine.Eligibility(rate=(0.5, 0.25, 0.5, 0.5))
    design = exposed_design()
    result = engine.simulate_exposed(design, theta, seeds, rule, block=100)
    where = engine.segment(BOUNDS, result.simulation.report.theta)
    rows = (where == 1) & (np.arange(5000) >= 1500)
    assert rates_of(result.simulation, rows).max() <= 0.25 + 5 * np.sqrt(0.1875 / rows.sum())


def test_a_maximum_rate_is_passed_by_no_more_than_one_block():
    theta, seeds = crowd(2000)
    design, rule = exposed_design(bounds=()), engine.MaximumRate(rate=0.3)
    n, given = 0, np.zeros(N_ITEMS)
    for part in engine.exposed_blocks(design, theta, seeds, rule, block=50):
        n += part.simulation.theta.size
        given += np.bincount(part.simulation.items.ravel(), minlength=N_ITEMS)
        # An item still open had at most 0.3 (n - 50); then all of one block may get it.
        assert given.max() <= 0.3 * (n - 50) + 50


@pytest.mark.parametrize("target", [0.15, 0.25])
def test_the_overlap_limit_holds_average_overlap(target):
    theta, seeds = crowd(5000)
    design = exposed_design()
    rule = engine.OverlapLimit(overlap=target)
    result = engine.simulate_exposed(design, theta, seeds, rule, block=100)
    late = result.simulation.items[2000:]
    given = np.bincount(late.ravel(), minlength=N_ITEMS)
    # Half a percent below the target is aimed at; the standard error of the overlap of 3,000
    # candidates is about 0.001.
    assert 0.98 * target <= engine.average_overlap(given, 3000) <= target + 0.003
    free = engine.simulate(exposed_design(exposure=None), theta[:500], seeds[:500]).items
    assert engine.average_overlap(np.bincount(free.ravel(), minlength=N_ITEMS), 500) > 0.3


def test_average_overlap_is_the_mean_over_all_pairs():
    rng = np.random.default_rng(3)
    exams = [set(rng.choice(12, rng.integers(3, 6), replace=False).tolist()) for _ in range(9)]
    pairs = [len(a & b) for i, a in enumerate(exams) for b in exams[:i]]
    mean_length = np.mean([len(exam) for exam in exams])
    given = np.bincount([item for exam in exams for item in exam], minlength=12)
    expected = np.mean(pairs) / mean_length
    assert engine.average_overlap(given, 9) == pytest.approx(expected, abs=1e-12)
    # Chen, Ankenmann & Spray (2003), one length L: overlap = (N sum r^2) / (L (N-1)) - 1 / (N-1).
    same = np.array([4, 4, 4, 3, 3, 3, 3, 3])
    rates = same / 9
    closed = 9 * (rates**2).sum() / (3 * 8) - 1 / 8
    assert engine.average_overlap(same, 9) == pytest.approx(closed, abs=1e-12)
    assert np.isnan(engine.average_overlap(same, 1))


def tallied(design, theta, seeds, snapshot):
    sat = engine.simulate(design, theta, seeds, snapshot=snapshot)
    return engine.tallied(design, snapshot, seeds, sat)


def equal_tallies(one, other):
    return all(
        (getattr(one, name) == getattr(other, name)).all()
        for name in ("candidates", "given", "forced", "open")
    )


@given(first=st.integers(1, 39), seed=st.integers(0, 2**32))
def test_tallies_of_parts_in_any_order_add_up_to_the_whole(first, seed):
    design = exposed_design()
    theta, seeds = crowd(40, seed=1)
    rng = np.random.default_rng(seed)
    snapshot = engine.Snapshot(3, np.tile(rng.uniform(size=N_ITEMS), (4, 1)))
    order = rng.permutation(40)
    parts = [
        tallied(design, theta[rows], seeds[rows], snapshot)
        for rows in (order[:first], order[first:])
    ]
    whole = tallied(design, theta, seeds, snapshot)
    assert equal_tallies(parts[0] + parts[1], whole)
    assert equal_tallies(whole + engine.Tally.none(4, N_ITEMS), whole)


def test_a_tally_counts_every_item_under_both_its_segments():
    design = exposed_design()
    theta, seeds = crowd(50)
    snapshot = engine.Snapshot.open(4, N_ITEMS)
    sat = engine.simulate(design, theta, seeds, snapshot=snapshot)
    counted = engine.tallied(design, snapshot, seeds, sat)
    expected = np.zeros((4, 4, N_ITEMS))
    for who in range(50):
        state = engine.start(design, seeds[who])
        end = engine.segment(BOUNDS, sat.report.theta[who : who + 1])[0]
        for item, category in zip(sat.items[who], sat.categories[who], strict=True):
            expected[engine.segment(BOUNDS, state.theta)[0], end, item] += 1
            state = engine.record(design, state, item, category)
    np.testing.assert_array_equal(counted.given, expected)
    assert counted.candidates.sum() == 50


def test_the_order_within_a_block_and_the_threads_change_nothing():
    theta, seeds = crowd(300)
    design, rule = exposed_design(), engine.Eligibility(rate=0.3)
    straight = engine.simulate_exposed(design, theta, seeds, rule, block=100)
    rng = np.random.default_rng(2)
    order = np.concatenate([rng.permutation(100) + first for first in (0, 100, 200)])
    mixed = engine.simulate_exposed(design, theta[order], seeds[order], rule, block=100, threads=2)
    np.testing.assert_array_equal(mixed.simulation.items, straight.simulation.items[order])
    assert (mixed.ledger.snapshot.admission == straight.ledger.snapshot.admission).all()
    assert mixed.ledger.snapshot.number == 3


def test_a_study_goes_on_where_another_ended():
    theta, seeds = crowd(400)
    design, rule = exposed_design(), engine.Eligibility(rate=0.3)
    whole = engine.simulate_exposed(design, theta, seeds, rule, block=100)
    first = engine.simulate_exposed(design, theta[:200], seeds[:200], rule, block=100)
    second = engine.simulate_exposed(
        design, theta[200:], seeds[200:], rule, block=100, ledger=first.ledger
    )
    np.testing.assert_array_equal(second.simulation.items, whole.simulation.items[200:])
    assert (second.ledger.open == whole.ledger.open).all()


def test_candidates_of_a_block_do_not_see_each_other():
    theta, seeds = crowd(100)
    design, rule = exposed_design(), engine.Eligibility(rate=0.1)
    blocked = engine.simulate_exposed(design, theta, seeds, rule, block=100)
    free = engine.simulate(design, theta, seeds)
    np.testing.assert_array_equal(blocked.simulation.items, free.items)
    assert blocked.ledger.snapshot.admission.min() < 0.2


def test_items_given_since_nothing_else_was_open_are_counted_as_forced():
    small = pool(3)
    design = exposed_design(bounds=(), pool=small, stopping=engine.StoppingRule(max_items=3))
    theta, seeds = crowd(2000)
    snapshot = engine.Snapshot(1, np.full((1, 3), 0.4))
    sat = engine.simulate(design, theta, seeds, snapshot=snapshot)
    counted = engine.tallied(design, snapshot, seeds, sat)
    # Everybody gets all three items; each is shut to 60 percent.
    assert (counted.given.sum(axis=(0, 1)) == 2000).all()
    shut = draws(seeds, 3) >= 0.4
    np.testing.assert_array_equal(counted.forced.sum(axis=(0, 1)), shut.sum(axis=0))


def test_a_rate_that_cannot_be_held_closes_no_item_for_good():
    # Six items, all of which everybody gets: the rate is 1 whatever the admissions.
    design = exposed_design(pool=pool(6))
    theta, seeds = crowd(1000)
    rule = engine.Eligibility(rate=0.3)
    result = engine.simulate_exposed(design, theta, seeds, rule, block=100)
    assert (result.simulation.report.n_items == 6).all()
    assert (result.ledger.snapshot.admission > 0).all()


def test_infeasible_draws_are_paid_for_by_fewer_admissions():
    """One segment, one item: P(given) = P(open) q + P(forced) is to be the rate."""
    open_counts = np.array([[[600.0]]])
    common = {
        "snapshot": engine.Snapshot(1, [[0.6]]),
        "candidates": np.array([1000.0]),
        "open": open_counts,
    }
    free = engine.Ledger(given=np.array([[[480.0]]]), forced=np.array([[[0.0]]]), **common)
    forced = engine.Ledger(given=np.array([[[580.0]]]), forced=np.array([[[100.0]]]), **common)
    rule = engine.Eligibility(rate=0.4)
    # Given to 480 of 600 to whom it was open: q = 0.8, and 0.4 / 0.8 = 0.5 (r epsilon / alpha).
    assert rule.admission(free)[0, 0] == pytest.approx(0.5)
    # A tenth gets it by force: (0.4 - 0.1) / 0.8.
    assert rule.admission(forced)[0, 0] == pytest.approx(0.375)


def test_numbers_of_some_items_are_those_of_all():
    _, seeds = crowd(20)
    whole = draws(seeds, 30)
    items = np.array([[3, 29, -1], [0, 7, 11]] * 10)
    some = draws_of(seeds, items)
    expected = np.take_along_axis(whole, np.maximum(items, 0), axis=1)
    assert (some == expected)[items >= 0].all()
    np.testing.assert_array_equal(draws(seeds[[4, 2]], 30), whole[[4, 2]])
    np.testing.assert_array_equal(draws(seeds, 40)[:, :30], whole)


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: engine.Eligibility(rate=0.0), "rate"),
        (lambda: engine.Eligibility(rate=(0.2, 1.5)), r"rate\[1\]"),
        (lambda: engine.Eligibility(rate=()), "rate"),
        (lambda: engine.Eligibility(rate=0.2, fading=1.01), "fading"),
        (lambda: engine.MaximumRate(rate=-0.1), "rate"),
        (lambda: engine.OverlapLimit(overlap=2.0), "overlap"),
    ],
)
def test_impossible_rules_are_refused_by_name(build, named):
    with pytest.raises(engine.DesignError, match=named):
        build()


def test_exposed_exams_need_exposure_control_and_candidates():
    rule = engine.Eligibility(rate=0.2)
    with pytest.raises(engine.DesignError, match="exposure"):
        engine.simulate_exposed(exposed_design(exposure=None), [0.0], [1], rule)
    with pytest.raises(engine.AnswerError, match="2 abilities and 1 seeds"):
        engine.simulate_exposed(exposed_design(), [0.0, 1.0], [1], rule)
