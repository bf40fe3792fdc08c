"""Which way the scale points, and that "converged" is said of the maximum alone."""

import numpy as np
import pytest

from calibration.estimation import calibrate as calibrating
from calibration.estimation.calibrate import calibrate
from tests.calibration.estimation_cases import partial_credit, responses, right_or_wrong

QUICK = {"standard_errors": "none"}


def slopes(found):
    return [item.parameters["a"] for item in found.items]


@pytest.mark.parametrize("n_persons", [3, 4, 6])
@pytest.mark.parametrize("seed", range(4))
def test_with_very_few_persons_right_answers_still_mean_more(n_persons, seed):
    answers = right_or_wrong(n_persons, 10, seed=seed)[0]
    found = slopes(calibrate(responses(answers), **QUICK))
    assert sum(a < -0.1 for a in found) <= len(found) / 2


@pytest.mark.parametrize("seed", range(4))
def test_with_two_items_right_answers_still_mean_more(seed):
    answers = right_or_wrong(300, 2, seed=seed)[0]
    positive = np.corrcoef(answers.T)[0, 1] > 0.0
    assert sum(a > 0.0 for a in slopes(calibrate(responses(answers), **QUICK))) == (
        2 if positive else 1
    )


def reflected(monkeypatch, answers, model, options=QUICK, **more):
    """Calibrate from starting values that point the wrong way, and as usual."""
    usual = calibrate(responses(answers, **more), model, **options)
    right_way = calibrating.starting_values

    def wrong_way(layout, screened, persons):
        x = layout.working(right_way(layout, screened, persons))
        for block, part in zip(layout.blocks, x, strict=True):
            n_slopes = part.shape[1] // 2 if block.family.name == "nominal" else 1
            part[:, :n_slopes] *= -1.0
        return layout.free_of(x)

    monkeypatch.setattr(calibrating, "starting_values", wrong_way)
    return calibrate(responses(answers, **more), model, **options), usual


@pytest.mark.parametrize("model", ["1pl", "2pl", "3pl", "grm", "gpcm", "nominal"])
def test_a_scale_that_came_out_reflected_is_turned_in_every_family(monkeypatch, model):
    if model in ("1pl", "2pl", "3pl"):
        answers = right_or_wrong(1500, 8, seed=41)[0]
    else:
        answers = partial_credit(1500, 6, 3, seed=42)[0]
    found, usual = reflected(monkeypatch, answers, model)
    assert found.log_likelihood == pytest.approx(usual.log_likelihood, abs=0.01)
    for item, expected in zip(found.items, usual.items, strict=True):
        assert item.parameters == pytest.approx(expected.parameters, abs=0.03)
        assert not item.flags


def test_means_of_groups_are_turned_with_the_scale(monkeypatch):
    low, high = (right_or_wrong(1500, 10, seed=43, mean=mean)[0] for mean in (0.0, 1.5))
    answers = np.concatenate([low, high])
    group = np.repeat(np.arange(2, dtype=np.int32), 1500)
    found, usual = reflected(monkeypatch, answers, "2pl", group=group, groups=("low", "high"))
    assert found.latent[1].mean == pytest.approx(usual.latent[1].mean, abs=0.02)
    assert found.latent[1].mean > 1.0
    assert found.log_likelihood == pytest.approx(usual.log_likelihood, abs=0.01)


def test_one_item_against_the_others_stays_negative():
    answers = right_or_wrong(1500, 8, seed=44)[0]
    answers[:, 2] = 1 - answers[:, 2]
    signs = [a > 0.0 for a in slopes(calibrate(responses(answers), **QUICK))]
    assert signs == [True, True, False, True, True, True, True, True]


def test_a_fixed_slope_says_which_way_the_scale_points(monkeypatch):
    answers = right_or_wrong(1500, 6, seed=45)[0]
    found, _ = reflected(monkeypatch, answers, "2pl", options={"fixed": {"i0": {"a": -1.0}}})
    assert all(a < 0.0 for a in slopes(found))


def few_persons_many_parameters():
    """80 persons on 30 steep items of five categories: a likelihood with a ridge."""
    rng = np.random.default_rng(1)
    theta = rng.standard_normal((80, 1))
    b = rng.normal(0.3, 0.5, (30, 1)) + np.array([-0.8, 0.4, 1.2, 2.0])
    a = rng.lognormal(1.2, 0.3, (30, 1))
    p = 1.0 / (1.0 + np.exp(-a * (theta[:, None] - b)))
    return (rng.random((80, 30, 1)) < p).sum(axis=2).astype(np.int8)


def test_converged_is_said_where_the_observed_information_agrees():
    """The distance told is that of Newton's step, whatever the loop believed when it stopped."""
    answers = responses(few_persons_many_parameters())
    found = calibrate(answers, "grm", tolerance=1e-3)
    best = calibrate(answers, "grm", tolerance=1e-5, likelihood_tolerance=1e-8, max_iterations=2000)
    assert found.converged
    # A distance d from the maximum costs d^2 / 2 of the log-likelihood; d is 1e-3 a parameter.
    allowed = 0.5 * found.n_parameters * 1e-3**2
    assert found.log_likelihood >= best.log_likelihood - 1.5 * allowed
    assert np.abs(found.phi - best.phi).max() < 0.01


def test_slopes_that_grow_without_end_are_not_called_converged():
    """Five persons in a perfect scale: the likelihood has no maximum."""
    answers = responses(np.tril(np.ones((5, 4)), -1))
    found = calibrate(answers)
    assert not found.converged or found.messages
