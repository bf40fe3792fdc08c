"""Compiled exams are numpy's exams: every item, answer, reason and level, whatever the threads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import randomness
from engine._kernels import compiler, crowd, exam, philox, plan
from engine._kernels.hall import Hall
from engine.simulation import simulate_in_parts
from tests.engine.strategies import extreme_pools, pools

FIELDS = ("items", "categories", "segments")
RESULTS = ("level", "n_items", "reason")
ESTIMATES = ("theta", "se", "p_above")


@compiler.entry
def kernel_uniforms(seeds, steps, stream, column, into):
    for place in range(seeds.size):
        into[place] = philox.uniform(seeds[place], steps[place], stream, column)


def bank(n_items, seed=1):
    rng = np.random.default_rng(seed)
    return engine.ItemPool.build(
        a=np.exp(rng.normal(0.25, 0.3, n_items)),
        b=rng.normal(0.0, 1.2, n_items),
        c=rng.uniform(0.0, 0.3, n_items),
        d=rng.uniform(0.9, 1.0, n_items),
    )


def crowd_of(n, seed=3):
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.integers(0, 2**64, n, dtype=np.uint64)


def assert_same(design, theta, seeds, snapshot=None):
    by_numpy = engine.simulate(design, theta, seeds, snapshot=snapshot, compiled=False)
    compiled = engine.simulate(design, theta, seeds, snapshot=snapshot, compiled=True)
    for name in FIELDS:
        assert np.array_equal(getattr(by_numpy, name), getattr(compiled, name)), name
    for name in RESULTS:
        assert np.array_equal(getattr(by_numpy.report, name), getattr(compiled.report, name)), name
    for name in ESTIMATES:
        ours, theirs = getattr(compiled.report, name), getattr(by_numpy.report, name)
        assert ours == pytest.approx(theirs, abs=1e-9), name
    return compiled


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=8), st.integers(0, 2**32 - 1))
def test_compiled_random_numbers_are_numpys_to_the_last_bit(seeds, step):
    words = np.array(seeds, dtype=np.uint64)
    steps = np.full(words.size, step)
    for stream in engine.Stream:
        into = np.empty(words.size)
        kernel_uniforms(words, steps, int(stream), 0, into)
        assert into.tolist() == randomness.uniform(words, step, stream).tolist()
        kernel_uniforms(words, steps, int(stream), 7, into)
        assert into.tolist() == randomness.uniform_each(words, step, stream, 8)[:, 7].tolist()


CUTS = engine.DecisionRule((-1.0, 0.0, 1.0), 2 / 3)
THIRDS = np.full(3, 1 / 3)
RULES = {
    "one best": {"stopping": engine.StoppingRule(max_items=12)},
    "of five": {"stopping": engine.StoppingRule(max_items=12), "randomesque": 5},
    "precise": {
        "stopping": engine.StoppingRule(min_items=3, max_items=20, standard_error=0.4),
        "randomesque": 2,
        "decision": CUTS,
    },
    "decided": {
        "stopping": engine.StoppingRule(min_items=4, max_items=14, decision=0.9),
        "content": engine.ContentTargets(np.arange(90) % 3, THIRDS),
        "decision": CUTS,
        "randomesque": 3,
    },
    "either": {
        "stopping": engine.StoppingRule(max_items=14, decision=0.8, standard_error=0.45),
        "decision": CUTS,
    },
    "both": {
        "stopping": engine.StoppingRule(
            max_items=16, decision=0.8, standard_error=0.45, require="all"
        ),
        "decision": CUTS,
        "content": engine.ContentTargets(np.arange(90) % 3, np.array([0.6, 0.4, 0.0])),
    },
    "uniform prior": {
        "stopping": engine.StoppingRule(max_items=10),
        "prior": engine.UniformPrior(-3.0, 3.0),
        "grid": engine.Grid(-4.0, 4.0, 41),
    },
    "whole pool": {"stopping": engine.StoppingRule(max_items=200), "randomesque": 100},
}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES.keys())
def test_compiled_exams_are_numpys_item_by_item(rules):
    design = engine.Design(pool=bank(90), **rules)
    assert_same(design, *crowd_of(400))


ADMISSIONS = {
    "most are open": (0.7, 1.3),
    "most are held back": (0.0, 0.3),
    "hardly any is open": (0.0, 0.04),
    "none is open": (0.0, 0.0),
}


@pytest.mark.parametrize("span", ADMISSIONS.values(), ids=ADMISSIONS.keys())
@pytest.mark.parametrize("bounds", [(), (-1.0, 0.0, 0.5)], ids=["one segment", "four"])
@pytest.mark.parametrize("rules", ["of five", "decided"])
def test_compiled_exams_that_spare_items_are_numpys(rules, bounds, span):
    # The first estimate is 0 but for the last bits, and 0 is a bound.
    control = engine.ExposureControl(bounds=bounds)
    design = engine.Design(pool=bank(90), exposure=control, **RULES[rules])
    rng = np.random.default_rng(8)
    admission = np.minimum(rng.uniform(*span, (control.n_segments, 90)), 1.0)
    snapshot = engine.Snapshot(3, admission)
    assert_same(design, *crowd_of(250), snapshot)
    assert crowd.sit_all(design, *crowd_of(500), snapshot=snapshot).sure.mean() > 0.99


def test_compiled_exams_refuse_a_snapshot_that_does_not_fit():
    design = engine.Design(pool=bank(90), **RULES["of five"])
    with pytest.raises(engine.AnswerError, match="controls no exposure"):
        engine.simulate(design, [0.0], [1], snapshot=engine.Snapshot.open(1, 90), compiled=True)
    spared = engine.Design(pool=bank(90), exposure=engine.ExposureControl(), **RULES["of five"])
    with pytest.raises(engine.AnswerError, match=r"shape \(1, 90\)"):
        engine.simulate(spared, [0.0], [1], snapshot=engine.Snapshot.open(2, 90), compiled=True)
    assert_same(spared, *crowd_of(20))


def test_compiled_exams_of_a_section_are_numpys(section, candidates):
    assert_same(section, *candidates)


@given(pools(max_items=20), st.integers(1, 4))
@settings(max_examples=25)
def test_compiled_exams_are_numpys_over_any_pool(pool, among):
    design = engine.Design(
        pool=pool, stopping=engine.StoppingRule(max_items=8), randomesque=among, decision=CUTS
    )
    assert_same(design, *crowd_of(12))


@given(extreme_pools())
@settings(max_examples=25)
def test_compiled_exams_are_numpys_over_extreme_pools(pool):
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=6), randomesque=2)
    assert_same(design, *crowd_of(12))


def test_where_items_tie_the_compiled_choice_is_numpys():
    # Equal on paper but for the last bits: mirror images at an estimate of 0, and true twins.
    pool = engine.ItemPool.build(a=1.1, b=np.repeat([0.5, -0.5, 1.0, -1.0, 0.0], 6))
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=9), randomesque=3)
    assert_same(design, *crowd_of(500))


def test_twins_do_not_make_a_choice_unsure():
    pool = engine.ItemPool.build(a=1.2, b=np.repeat([-1.0, 0.0, 1.0], 10), c=0.2)
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=10), randomesque=3)
    sheet = crowd.sit_all(design, *crowd_of(2000))
    assert sheet.sure.mean() > 0.9


def test_over_a_usual_bank_hardly_anybody_is_left_to_numpy():
    design = engine.Design(
        pool=bank(500), stopping=engine.StoppingRule(max_items=30), randomesque=5
    )
    assert crowd.sit_all(design, *crowd_of(5000)).sure.mean() > 0.999


def test_a_probability_at_the_edge_of_a_decision_is_left_to_numpy():
    # Before any answer P(theta >= 0) is 0.5 on paper, which is p* here.
    design = engine.Design(
        pool=engine.ItemPool.build(a=1e-6, b=np.zeros(2)),
        stopping=engine.StoppingRule(max_items=1),
        decision=engine.DecisionRule((0.0,), 0.5),
    )
    sheet = crowd.sit_all(design, *crowd_of(4))
    exact = np.abs(sheet.p_above[:, 0] - 0.5) < 1e-9
    assert not sheet.sure[exact].any()


def test_live_steps_one_by_one_are_the_same_exam():
    design = engine.Design(
        pool=bank(60),
        stopping=engine.StoppingRule(max_items=20),
        content=engine.ContentTargets(np.arange(60) % 3, THIRDS),
        randomesque=4,
    )
    seed = np.uint64(2026)
    arrays = plan.plan(design)
    hall = Hall.clear(arrays, n_seats=1)
    state = engine.start(design, seed)
    item = exam.first_item(arrays, seed, hall)
    for n in range(1, 20):
        assert item == engine.next_item(design, state)[0]
        state = engine.record(design, state, item, n % 2)
        item = exam.step(arrays, n % 2, hall)
        assert hall.theta[0] == pytest.approx(state.theta[0], abs=1e-12)
        assert hall.se[0] == pytest.approx(state.se[0], abs=1e-12)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_nothing_depends_on_threads_or_order(section, threads):
    theta, seeds = crowd_of(1500)
    whole = engine.simulate(section, theta, seeds, compiled=True, threads=threads)
    order = np.random.default_rng(5).permutation(theta.size)
    other = engine.simulate(section, theta[order], seeds[order], compiled=True, threads=1)
    assert np.array_equal(whole.items[order], other.items)
    for name in ESTIMATES:
        assert np.array_equal(getattr(whole.report, name)[order], getattr(other.report, name))


def test_parts_put_together_are_the_whole(section):
    theta, seeds = crowd_of(700)
    parts = list(simulate_in_parts(section, theta, seeds, part=300))
    assert [part.theta.size for part in parts] == [300, 300, 100]
    whole = engine.simulate(section, theta, seeds)
    assert np.array_equal(np.concatenate([part.items for part in parts]), whole.items)


def test_a_design_the_compiled_loop_does_not_know_is_refused_by_name():
    mixed = engine.ItemPool.of(
        engine.Logistic([1.0], [0.0], [0.0], [1.0]), engine.Graded([1.0], [[-1.0, 0.0, 1.0]])
    )
    design = engine.Design(pool=mixed, stopping=engine.StoppingRule(max_items=2))
    assert not plan.understood(design)
    with pytest.raises(engine.AnswerError, match="compiled"):
        engine.simulate(design, [0.0], [1], compiled=True)
    assert engine.simulate(design, np.zeros(3000), np.arange(3000)).items.shape == (3000, 2)
