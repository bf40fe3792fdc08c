"""Rules that draw by chance or keep part of the pool for later."""

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

import engine
from engine.randomness import Stream, uniform, uniform_each
from engine.selection import RULES, AStratified, Progressive, Proportional

POOL = engine.ItemPool.build(a=[0.8, 1.0, 1.2, 1.4, 1.6, 1.1], b=[-0.8, 0.3, 0.0, 0.6, -0.3, 1.0])
SEEDS = np.random.default_rng(8).integers(0, 2**64, 20_000, dtype=np.uint64)


def design(rule, pool=POOL, **options):
    stopping = engine.StoppingRule(max_items=options.pop("max_items", len(pool)))
    return engine.Design(pool=pool, stopping=stopping, rule=rule, grid=engine.Grid(n=31), **options)


def after(an_exam, answers, seeds=SEEDS):
    """Everyone in the same place: the same items answered the same."""
    state = engine.start(an_exam, seeds)
    for item, category in answers:
        everyone = np.full(len(seeds), item)
        state = engine.record(an_exam, state, everyone, np.full(len(seeds), category))
    return state


def test_each_item_has_uniform_numbers_of_its_own():
    u = uniform_each(SEEDS, 3, Stream.RANDOM, 4)
    assert u.shape == (20_000, 4)
    assert (u[:, 0] == uniform(SEEDS, 3, Stream.RANDOM)).all()
    for column in u.T:
        assert kstest(column, "uniform").pvalue > 1e-3
    correlation = np.corrcoef(u.T) - np.eye(4)
    assert np.abs(correlation).max() < 4 / np.sqrt(20_000)
    other = uniform_each(SEEDS, 3, Stream.PROGRESSIVE, 4)
    assert np.abs(np.corrcoef(u[:, 1], other[:, 1])[0, 1]) < 4 / np.sqrt(20_000)


@pytest.mark.parametrize("name", ["random", "progressive", "proportional"])
def test_the_first_item_is_any_item_alike(name):
    first = engine.next_item(design(RULES[name]), engine.start(design(RULES[name]), SEEDS))
    assert chisquare(np.bincount(first, minlength=6)).pvalue > 1e-3


def test_a_random_item_is_any_that_is_left():
    an_exam = design(RULES["random"])
    chosen = engine.next_item(an_exam, after(an_exam, [(2, 1), (0, 0)]))
    counts = np.bincount(chosen, minlength=6)
    assert counts[[0, 2]].tolist() == [0, 0]
    assert chisquare(counts[[1, 3, 4, 5]]).pvalue > 1e-3


@pytest.mark.parametrize("acceleration", [0.5, 1.0, 2.0])
def test_proportional_draws_in_proportion_to_a_power_of_information(acceleration):
    # Barrada, Olea, Ponsoda & Abad (2008): with 2 of 6 items given the power is
    # 6 (1 + 2^k) / (1 + 2^k + ... + 5^k).
    an_exam = design(Proportional(acceleration))
    state = after(an_exam, [(2, 1), (0, 0)])
    ranks = np.arange(1, 6) ** acceleration
    power = 6 * ranks[:2].sum() / ranks.sum()
    left = [1, 3, 4, 5]
    weight = engine.models.information(POOL, state.theta[0])[0, left] ** power
    counts = np.bincount(engine.next_item(an_exam, state), minlength=6)
    assert counts[left].sum() == len(SEEDS)
    assert chisquare(counts[left], len(SEEDS) * weight / weight.sum()).pvalue > 1e-3


def test_progressive_weighs_chance_and_information():
    # Revuelta & Ponsoda (1998): (1 - s) R + s I, R uniform up to the largest information left.
    an_exam = design(Progressive())
    state = after(an_exam, [(2, 1), (0, 0)])
    s = (1 + 2) / (1 + 2 + 3 + 4 + 5)
    information = engine.models.information(POOL, state.theta[:1])[0]
    largest = information[[1, 3, 4, 5]].max()
    told = engine.explain(an_exam, state.take(0))
    u = uniform_each(SEEDS[:1], 2, Stream.PROGRESSIVE, 6)[0]
    np.testing.assert_allclose(told.criterion, (1 - s) * u * largest + s * information)


@pytest.mark.parametrize("rule", [Progressive(), Progressive(4.0)])
def test_the_last_item_is_the_most_informative_left(rule):
    an_exam = design(rule, max_items=4)
    state = after(an_exam, [(2, 1), (0, 0), (1, 1)])
    information = engine.models.information(POOL, state.theta[0])[0]
    best = max((3, 4, 5), key=lambda item: information[item])
    assert set(engine.next_item(an_exam, state)) == {best}


def test_chance_depends_on_seed_and_step_alone():
    for name in ("random", "progressive", "proportional"):
        an_exam = design(RULES[name])
        state = after(an_exam, [(2, 1)], SEEDS[:200])
        again = after(an_exam, [(2, 1)], SEEDS[:200][::-1])
        chosen = engine.next_item(an_exam, state)
        assert chosen.tolist() == engine.next_item(an_exam, again)[::-1].tolist()
        assert len(set(chosen.tolist())) == 5


@pytest.mark.parametrize("rule", [Progressive, Proportional])
@pytest.mark.parametrize("acceleration", [-1.0, np.nan, "fast"])
def test_an_impossible_acceleration_is_refused(rule, acceleration):
    with pytest.raises(engine.DesignError, match="acceleration"):
        rule(acceleration)


def test_strata_are_cut_from_the_pool_in_the_order_of_its_slopes():
    # Chang & Ying (1999). Eleven items in four strata: 2, 2, 2 and, as in catR, the other 5.
    a = np.array([1.1, 0.3, 2.0, 0.5, 1.7, 0.9, 0.4, 1.3, 0.6, 1.9, 0.8])
    stratum = AStratified(4).stratum_of(a)
    assert np.bincount(stratum).tolist() == [2, 2, 2, 5]
    order = np.argsort(a)
    assert stratum[order].tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 3, 3, 3]
    assert AStratified(9).stratum_of(a[:3]).tolist() == [1, 0, 2]


def test_slopes_rise_with_the_exam_and_difficulty_follows_the_estimate():
    rng = np.random.default_rng(2)
    pool = engine.ItemPool.build(a=rng.uniform(0.5, 2.5, 60), b=rng.normal(size=60))
    rule = AStratified(3)
    an_exam = design(rule, pool, max_items=12)
    stratum = rule.stratum_of(pool.a)
    state = engine.start(an_exam, 4)
    for place in range(12):
        told = engine.explain(an_exam, state)
        item = told.chosen
        assert stratum[item] == place // 4
        same = [j for j in np.flatnonzero(stratum == place // 4) if told.eligible[j]]
        assert item == min(same, key=lambda j: abs(pool.b[j] - told.theta))
        aside = told.standing.count(engine.Standing.SET_ASIDE)
        assert aside == 60 - place - len(same)
        state = engine.record(an_exam, state, item, place % 2)


def test_an_empty_stratum_gives_way_to_the_nearest():
    pool = engine.ItemPool.build(a=[0.5, 0.6, 1.0, 1.1, 2.0, 2.1], b=0.0)
    units = np.array([0, 0, 1, 1, 0, 0])
    content = engine.ContentTargets(units, [0.5, 0.5])
    an_exam = design(AStratified(3), pool, content=content)
    state = engine.start(an_exam, 1)
    order = []
    for _ in range(6):
        item = engine.next_item(an_exam, state)
        order.append(int(item[0]))
        state = engine.record(an_exam, state, item, 1)
    # Units alternate while both have items; each takes what it has nearest to the stratum due.
    assert sorted(order) == list(range(6))
    assert order[:4] == [0, 2, 1, 3]


def test_impossible_strata_are_refused():
    with pytest.raises(engine.DesignError, match="strata"):
        AStratified(0)
