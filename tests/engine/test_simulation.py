"""Simulated and live exams are one, whatever the batch; and their results are honest."""

import numpy as np
import pytest
from scipy.stats import binomtest

import engine


def same(first, second):
    assert first.items.tolist() == second.items.tolist()
    assert first.categories.tolist() == second.categories.tolist()
    for name in ("theta", "se", "p_above", "level", "n_items", "reason"):
        ours, theirs = getattr(first.report, name), getattr(second.report, name)
        assert ours.tolist() == theirs.tolist(), name


def rows(simulation, index):
    report = {
        name: getattr(simulation.report, name)[index]
        for name in ("theta", "se", "p_above", "level", "n_items", "reason")
    }
    return engine.Simulation(
        theta=simulation.theta[index],
        report=engine.Report(**report),
        items=simulation.items[index],
        categories=simulation.categories[index],
    )


def test_simulated_exams_equal_live_ones_item_by_item(section, candidates):
    theta, seeds = (column[:100] for column in candidates)
    simulation = engine.simulate(section, theta, seeds)
    for who in range(100):
        state = engine.start(section, seeds[who])
        step = 0
        while (item := engine.next_item(section, state))[0] >= 0:
            assert item[0] == simulation.items[who, step]
            category = engine.answer(section, state, item, theta[who : who + 1])
            assert category[0] == simulation.categories[who, step]
            state = engine.record(section, state, item, category)
            step += 1
        assert step == simulation.report.n_items[who]
        # To the last bit, not only to a tolerance: no sum depends on the batch.
        assert state.theta[0] == simulation.report.theta[who]
        assert state.se[0] == simulation.report.se[who]
        assert state.p_above[0].tolist() == simulation.report.p_above[who].tolist()


@pytest.mark.parametrize("chunk", [1, 7, 64, 5000])
def test_a_candidates_course_does_not_depend_on_the_chunk(section, candidates, chunk):
    theta, seeds = (column[:60] for column in candidates)
    same(
        engine.simulate(section, theta, seeds), engine.simulate(section, theta, seeds, chunk=chunk)
    )


def test_a_candidates_course_does_not_depend_on_who_else_sits_or_in_what_order(section, candidates):
    theta, seeds = candidates
    everyone = engine.simulate(section, theta, seeds)
    order = np.random.default_rng(2).permutation(theta.size)[:90]
    same(engine.simulate(section, theta[order], seeds[order]), rows(everyone, order))


def test_a_pool_in_another_order_gives_the_same_exam_with_other_positions(section, candidates):
    order = np.random.default_rng(4).permutation(len(section.pool))
    shuffled = engine.Design(
        pool=section.pool.take(order),
        stopping=section.stopping,
        randomesque=section.randomesque,
        content=engine.ContentTargets(section.content.units[order], section.content.shares),
        decision=section.decision,
    )
    first = engine.simulate(section, *candidates)
    second = engine.simulate(shuffled, *candidates)
    assert np.append(order, -1)[second.items].tolist() == first.items.tolist()
    assert second.report.theta == pytest.approx(first.report.theta, abs=1e-12)


def test_answers_do_not_steer_the_draw_of_items():
    # With one item worth as much as another, the course depends on the seed alone.
    pool = engine.ItemPool.build(a=1.0, b=np.zeros(8))
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=8), randomesque=4)
    able = engine.simulate(design, np.full(50, 3.0), np.arange(50))
    unable = engine.simulate(design, np.full(50, -3.0), np.arange(50))
    assert able.items.tolist() == unable.items.tolist()
    assert able.categories.mean() > 0.9 > 0.1 > unable.categories.mean()


def test_every_fault_of_a_simulation_is_named(section):
    with pytest.raises(engine.AnswerError) as error:
        engine.simulate(section, [0.0, np.nan, np.inf], [1, -2], chunk=0)
    found = {problem.where for problem in error.value.problems}
    assert found == {"theta[1]", "theta[2]", "seeds[1]", "chunk"}
    with pytest.raises(engine.AnswerError, match="one for each ability"):
        engine.simulate(section, [0.0, 1.0], [1, 2, 3])
    with pytest.raises(engine.AnswerError, match="theta"):
        engine.simulate(section, "able", [1])


@pytest.fixture(scope="module")
def crowd(section):
    """Ten thousand candidates drawn from the prior of the section's design."""
    rng = np.random.default_rng(2569)
    theta = section.prior.sample(rng, 10_000)
    return engine.simulate(section, theta, rng.integers(0, 2**64, 10_000, dtype=np.uint64))


def within(values, expected, errors=4):
    """Whether a mean lies within so many of its standard errors of what is expected."""
    return abs(values.mean() - expected) < errors * values.std(ddof=1) / np.sqrt(values.size)


def test_over_the_prior_the_mean_error_is_zero(crowd):
    assert within(crowd.report.theta - crowd.theta, 0.0)


def test_over_the_prior_squared_error_equals_posterior_variance(crowd):
    squared = (crowd.report.theta - crowd.theta) ** 2
    assert within(squared - crowd.report.se**2, 0.0)


def test_among_those_given_one_estimate_the_error_is_still_zero(crowd):
    # An EAP estimate is calibrated: whoever is told a value has it on average.
    for low, high in [(-9, -1), (-1, 0), (0, 1), (1, 9)]:
        told = (crowd.report.theta >= low) & (crowd.report.theta < high)
        assert within((crowd.report.theta - crowd.theta)[told], 0.0)


def test_eap_shrinks_towards_the_prior_mean_at_both_ends(crowd):
    error = crowd.report.theta - crowd.theta
    low, middle, high = crowd.theta < -1, np.abs(crowd.theta) < 0.5, crowd.theta > 1
    assert error[low].mean() > 0.1
    assert error[high].mean() < -0.1
    assert abs(error[middle].mean()) < 0.1


def test_stated_probabilities_come_true(crowd, section):
    # Of the candidates told that P(theta >= cut) is about p, about p are above the cut.
    for place, cut in enumerate(section.cuts):
        p = crowd.report.p_above[:, place]
        for low in np.arange(0.0, 1.0, 0.2):
            told = (p >= low) & (p < low + 0.2)
            above = int((crowd.theta[told] >= cut).sum())
            test = binomtest(above, int(told.sum()), float(np.clip(p[told].mean(), 1e-6, 1 - 1e-6)))
            assert test.pvalue > 1e-4


def test_each_reason_of_ending_is_true_of_those_it_is_given_for(crowd, section):
    report, stopping = crowd.report, section.stopping
    settled = ((report.p_above >= 0.85) | (report.p_above <= 0.15)).all(axis=1)
    decided = report.reason == engine.Reason.DECIDED
    at_length = report.reason == engine.Reason.LENGTH
    assert (decided | at_length).all()
    assert decided.any()
    assert settled[decided].all()
    assert not settled[at_length].any()
    assert (report.n_items[at_length] == stopping.max_items).all()
    assert (report.n_items >= stopping.min_items).all()
