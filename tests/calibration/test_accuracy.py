"""The accuracy study tells the truth about designs whose truth is known."""

import numpy as np
import pytest
from scipy.stats import norm

import engine
from calibration import accuracy


def faults(error):
    return {problem.where for problem in error.value.problems}


@pytest.fixture(scope="module")
def design():
    rng = np.random.default_rng(31)
    return engine.Design(
        pool=engine.ItemPool.build(a=rng.uniform(0.8, 2.0, 60), b=rng.normal(0.0, 1.2, 60), c=0.2),
        stopping=engine.StoppingRule(min_items=5, max_items=20, decision=0.9),
        randomesque=4,
        decision=engine.DecisionRule((-0.5, 0.5), 0.6),
    )


@pytest.fixture(scope="module")
def study(design):
    return accuracy(design, n=10_000, seed=8)


def test_under_its_own_prior_an_exam_is_honest(study):
    assert abs(study.mean_error) < 4 * study.mean_error_se
    assert abs(study.variance_ratio - 1) < 4 * study.variance_ratio_se
    assert study.variance_ratio_se < 0.03
    # Normal intervals around a slightly skew posterior: near, not at, 95 %.
    assert study.coverage == pytest.approx(0.95, abs=0.015)


def test_bands_show_the_shrinkage_of_eap_and_add_up(study):
    assert [(band.low, band.high) for band in study.bands[1:-1]] == [
        (-2, -1),
        (-1, 0),
        (0, 1),
        (1, 2),
    ]
    assert sum(band.n for band in study.bands) == study.n
    assert study.bands[0].bias > 4 * study.bands[0].bias_se
    assert study.bands[-1].bias < -4 * study.bands[-1].bias_se
    mean_error = sum(band.n * band.bias for band in study.bands) / study.n
    assert mean_error == pytest.approx(study.mean_error)
    mean_square = sum(band.n * band.rmse**2 for band in study.bands) / study.n
    assert mean_square == pytest.approx(study.rmse**2)


def test_reasons_and_levels_count_everyone_once(study):
    assert sum(study.reasons.values()) == study.n
    assert study.reasons[engine.Reason.GOING_ON] == 0
    assert study.levels.sum() == study.n
    # True levels follow the prior: P(theta < -0.5), between the cuts, and above 0.5.
    expected = np.diff([0, norm.cdf(-0.5), norm.cdf(0.5), 1]) * study.n
    assert study.levels.sum(axis=1) == pytest.approx(expected, abs=4 * np.sqrt(study.n) / 2)
    assert np.trace(study.levels) > 0.7 * study.n


def test_an_exam_that_tells_nothing_reports_the_prior():
    # Items without discrimination leave the prior N(0.5, 0.8): estimate 0.5 for all, RMSE its sd.
    design = engine.Design(
        pool=engine.ItemPool.build(a=1e-9, b=np.zeros(3)),
        prior=engine.NormalPrior(0.5, 0.8),
        stopping=engine.StoppingRule(max_items=3),
    )
    study = accuracy(design, n=4000, seed=2)
    assert study.mean_se == pytest.approx(0.8, abs=1e-6)
    assert study.rmse == pytest.approx(0.8, abs=4 * 0.8 / np.sqrt(2 * 4000))
    assert study.mean_length == 3
    assert study.reasons[engine.Reason.LENGTH] == 4000
    assert study.levels is None


def test_a_prior_that_is_wrong_about_the_candidates_shows_in_the_ratio(design):
    # The study draws from the design's own prior; candidates of another spread must break it.
    theta = np.random.default_rng(1).normal(0.0, 2.0, 3000)
    simulation = engine.simulate(design, theta, np.arange(3000))
    squared = (simulation.report.theta - theta) ** 2
    assert squared.mean() / (simulation.report.se**2).mean() > 1.3


def test_the_seed_decides_everything(design):
    first, again, other = (accuracy(design, n=200, seed=seed) for seed in (5, 5, 6))
    assert first.as_text() == again.as_text()
    assert first.rmse != other.rmse


def test_the_text_shows_what_the_study_found(study):
    text = study.as_text()
    assert f"{study.rmse:.4f}" in text
    assert f"{study.bands[0].bias:+.3f}" in text
    assert "below -2" in text
    assert "2 and above" in text
    assert "decided" in text
    assert "true level 2" in text
    assert "going on" not in text


def test_a_band_without_candidates_is_empty_and_not_an_error(design):
    study = accuracy(design, n=50, seed=1, edges=(-50.0, 50.0))
    assert [band.n for band in study.bands] == [0, 50, 0]
    assert np.isnan(study.bands[0].bias)
    assert "nan" in study.as_text()


def test_every_fault_is_named(design):
    with pytest.raises(engine.InputError) as error:
        accuracy(design, n=1, seed=-3, edges=(1.0, 0.0))
    assert faults(error) == {"n", "seed", "edges"}
