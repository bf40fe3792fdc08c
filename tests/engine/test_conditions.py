"""Simulations of real answers, of items that cannot be given, and of time."""

import numpy as np
import pytest
from scipy.stats import norm

import engine
from engine.constraints import Bound, Specification
from engine.constraints.shadow import ShadowTest


@pytest.fixture
def short(section, candidates):
    """The section, with 40 candidates."""
    theta, seeds = candidates
    return section, theta[:40], seeds[:40]


def test_real_answers_are_given_instead_of_drawn_ones(short):
    design, theta, seeds = short
    answers = np.random.default_rng(1).integers(0, 2, (40, 15))
    sat = engine.simulate(design, theta, seeds, conditions=engine.Conditions(answers=answers))
    for who in range(40):
        n = sat.report.n_items[who]
        items = sat.items[who, :n]
        assert sat.categories[who, :n].tolist() == answers[who, items].tolist()


def test_complete_answers_that_were_drawn_give_the_drawn_exam(short):
    design, theta, seeds = short
    drawn = engine.simulate(design, theta, seeds)
    answers = np.zeros((40, 15), dtype=np.int64)
    rows, places = np.nonzero(drawn.items >= 0)
    answers[rows, drawn.items[rows, places]] = drawn.categories[rows, places]
    real = engine.simulate(design, theta, seeds, conditions=engine.Conditions(answers=answers))
    assert real.items.tolist() == drawn.items.tolist()
    assert real.report.theta.tolist() == drawn.report.theta.tolist()


def test_items_without_an_answer_cannot_be_given_and_the_exam_ends_when_none_is_left(short):
    design, theta, seeds = short
    answers = np.random.default_rng(3).integers(0, 2, (40, 15))
    answers[:, ::2] = -1
    answers[7, 3:] = -1
    answers[8] = -1
    sat = engine.simulate(design, theta, seeds, conditions=engine.Conditions(answers=answers))
    given = sat.items[sat.items >= 0]
    assert not (given % 2 == 0).any()
    # Seven items have answers, and the exam needs at least five; the eighth person has one left.
    assert sat.report.n_items[7] == 1
    assert sat.report.n_items[8] == 0
    assert sat.report.reason[[7, 8]].tolist() == [engine.Reason.EXHAUSTED] * 2
    assert sat.report.n_items.max() == 7


@pytest.mark.parametrize("kept", ["content", "exposure", "none"])
def test_closed_items_stay_closed_under_every_kind_of_design(short, kept):
    section, theta, seeds = short
    design = engine.Design(
        pool=section.pool,
        stopping=engine.StoppingRule(max_items=5),
        content=section.content if kept == "content" else None,
        exposure=engine.ExposureControl() if kept == "exposure" else None,
    )
    snapshot = engine.Snapshot(1, np.full((1, 15), 0.2)) if kept == "exposure" else None
    barred = np.random.default_rng(4).uniform(size=(40, 15)) < 0.6
    barred[:, :5] = False
    sat = engine.simulate(
        design, theta, seeds, snapshot=snapshot, conditions=engine.Conditions(barred=barred)
    )
    assert (sat.report.n_items == 5).all()
    assert not np.take_along_axis(barred, sat.items, axis=1).any()


def test_items_are_closed_to_candidates_whatever_their_seeds(short):
    design, _, _ = short
    barred = np.zeros((2, 15), dtype=bool)
    barred[0, :8], barred[1, 8:] = True, True
    sat = engine.simulate(design, [0.0, 0.0], [5, 5], conditions=engine.Conditions(barred=barred))
    assert (sat.items[0] >= 8).sum() == sat.report.n_items[0] > 4
    assert sat.items[1].max() < 8


def test_a_shadow_test_that_cannot_be_filled_still_gives_no_closed_item(short):
    section, theta, seeds = short
    bounds = [
        Bound(name="low", coefficients=np.arange(15) < 5, low=3, high=3),
        Bound(name="high", coefficients=np.arange(15) >= 5, low=3, high=3),
    ]
    specification = Specification(n_items=15, length=6, constraints=tuple(bounds))
    design = engine.Design(
        pool=section.pool,
        stopping=engine.StoppingRule(min_items=6, max_items=6),
        content=ShadowTest(specification=specification),
    )
    barred = np.zeros((40, 15), dtype=bool)
    barred[::2, :3] = True  # two of the first five are left, and three are demanded
    barred[1::2, 12:] = True
    sat = engine.simulate(design, theta, seeds, conditions=engine.Conditions(barred=barred))
    assert not np.take_along_axis(barred, sat.items, axis=1).any()
    assert (sat.report.n_items == 6).all()
    assert ((sat.items[1::2] < 5).sum(axis=1) == 3).all()


def test_content_is_balanced_over_what_can_be_given(short):
    section, theta, seeds = short
    design = engine.Design(
        pool=section.pool, stopping=engine.StoppingRule(max_items=6), content=section.content
    )
    barred = np.zeros((40, 15), dtype=bool)
    barred[:, 0] = True
    sat = engine.simulate(design, theta, seeds, conditions=engine.Conditions(barred=barred))
    units = np.sort(sat.items % 3, axis=1)
    assert (units == [0, 0, 1, 1, 2, 2]).all()


def test_nothing_closed_is_as_if_nothing_had_been_said(short):
    design, theta, seeds = short
    nothing = engine.Conditions(barred=np.zeros((40, 15), dtype=bool))
    plain = engine.simulate(design, theta, seeds)
    sat = engine.simulate(design, theta, seeds, conditions=nothing, chunk=7)
    assert sat.items.tolist() == plain.items.tolist()
    assert sat.report.theta.tolist() == plain.report.theta.tolist()


def times(n_items, intensity=4.0, discrimination=2.0):
    return engine.ResponseTimes(
        intensity=np.full(n_items, intensity), discrimination=np.full(n_items, discrimination)
    )


def test_logarithms_of_times_are_normal_around_intensity_minus_speed():
    seeds = np.arange(20000, dtype=np.uint64)
    speed = np.where(np.arange(20000) < 10000, 0.0, 0.7)
    step = np.full(20000, 3)
    log_times = np.log(times(2).seconds(seeds, step, np.ones(20000, dtype=int), speed))
    for rows, mean in ((slice(0, 10000), 4.0), (slice(10000, None), 3.3)):
        # Four standard errors of a mean and of a standard deviation of 10,000.
        assert log_times[rows].mean() == pytest.approx(mean, abs=4 * 0.5 / 100)
        assert log_times[rows].std() == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(20000))
    share = (log_times[:10000] < 4.5).mean()
    assert share == pytest.approx(norm.cdf(1.0), abs=0.015)


def test_times_do_not_change_answers_and_whole_exams_take_the_sum(short):
    design, theta, seeds = short
    conditions = engine.Conditions(times=times(15))
    timed = engine.simulate(design, theta, seeds, conditions=conditions)
    plain = engine.simulate(design, theta, seeds)
    assert timed.items.tolist() == plain.items.tolist()
    assert (plain.seconds == 0).all()
    first = sum(
        times(15).seconds(seeds[:1], np.array([n]), timed.items[:1, n], np.zeros(1))[0]
        for n in range(timed.report.n_items[0])
    )
    assert timed.seconds[0] == pytest.approx(first)


def test_an_exam_ends_when_its_time_is_over(short):
    section, theta, seeds = short
    design = engine.Design(
        pool=section.pool, stopping=engine.StoppingRule(max_items=12, seconds=300.0)
    )
    sat = engine.simulate(design, theta, seeds, conditions=engine.Conditions(times=times(15)))
    over = sat.report.reason == engine.Reason.TIME
    assert 0.2 < over.mean() <= 1.0
    assert (sat.seconds[over] >= 300.0).all()
    assert (sat.seconds[~over] < 300.0).all()


def test_what_does_not_fit_is_named(short):
    design, theta, seeds = short
    conditions = engine.Conditions(
        answers=np.full((40, 15), 2), barred=np.zeros((3, 15), bool), times=times(4)
    )
    with pytest.raises(engine.AnswerError) as refused:
        engine.simulate(design, theta, seeds, conditions=conditions)
    named = {problem.where for problem in refused.value.problems}
    assert {"conditions.barred", "conditions.times", "conditions.answers[:, 0]"} <= named
    with pytest.raises(engine.DesignError, match=r"discrimination\[1\]"):
        engine.ResponseTimes(intensity=np.zeros(2), discrimination=np.array([1.0, 0.0]))
