"""Abilities and reliabilities against R mirt 1.45.1 (LSAT6, figures: tests/reference/README.md)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from calibration.abilities import estimate_abilities
from calibration.estimation.result import Latent
from calibration.reliability import Precision, measured_well, precision, reliability
from engine import Grid
from tests.calibration.lsat6 import COUNTS
from tests.calibration.results import calibration, item

LSAT6 = json.loads((Path(__file__).parents[1] / "reference" / "mirt_lsat6.json").read_text())


def fitted(model: str, **changes):
    found = LSAT6[model]
    items = [
        item(f"i{place}", a=a, b=b)
        for place, (a, b) in enumerate(zip(found["a"], found["b"], strict=True))
    ]
    sd = found["latent_variance"] ** 0.5
    latent = (Latent(group="all", n_persons=1000, mean=0.0, sd=sd),)
    return calibration(items, latent=latent, grid=Grid(-8, 8, 121), **changes)


@pytest.fixture
def patterns():
    answers = np.array(LSAT6["2pl"]["patterns"], dtype=np.int8)
    assert len(answers) == len(COUNTS)
    return answers


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_abilities_are_mirts(model, patterns):
    found = estimate_abilities(fitted(model), np.array(LSAT6[model]["patterns"], dtype=np.int8))
    np.testing.assert_allclose(found.theta, LSAT6[model]["theta_eap"], rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.se, LSAT6[model]["se_eap"], rtol=0, atol=1e-9)


def test_the_log_likelihood_is_mirts(patterns):
    found = estimate_abilities(fitted("2pl"), patterns)
    # mirt's logLik on the same nodes; its figure has 15 digits.
    assert np.dot(COUNTS, found.log_likelihood) == pytest.approx(-2466.65337739808, abs=1e-6)


def test_reliabilities_are_mirts(patterns):
    fit = fitted("2pl")
    found = reliability(fit, estimate_abilities(fit, patterns), np.array(COUNTS, dtype=float))
    # mirt: marginal_rxx and empirical_rxx (EAP) of the 2PL on LSAT6.
    assert found.marginal == pytest.approx(0.2989492079769, abs=1e-5)
    assert found.empirical == pytest.approx(0.3010891540806, abs=1e-6)


def test_patterns_with_counts_are_as_good_as_their_persons(patterns):
    fit = fitted("2pl")
    weighted = reliability(fit, estimate_abilities(fit, patterns), np.array(COUNTS, dtype=float))
    persons = np.repeat(patterns, COUNTS, axis=0)
    assert weighted.empirical == pytest.approx(
        reliability(fit, estimate_abilities(fit, persons)).empirical, rel=1e-12
    )


def test_who_answered_nothing_has_no_ability_and_changes_no_reliability(patterns):
    fit = fitted("2pl")
    silent = np.vstack([patterns, np.full((1, 5), -1, dtype=np.int8)])
    found = estimate_abilities(fit, silent)
    assert np.isnan(found.theta[-1])
    assert np.isnan(found.se[-1])
    assert found.log_likelihood[-1] == 0.0
    without = reliability(fit, estimate_abilities(fit, patterns))
    assert reliability(fit, found).empirical == without.empirical


def test_a_group_is_scored_under_its_own_density():
    latent = (
        Latent(group="low", n_persons=10, mean=-1.0, sd=1.0),
        Latent(group="high", n_persons=10, mean=1.0, sd=1.0),
    )
    fit = calibration([item("i1", a=1.0, b=0.0)], latent=latent)
    answers = np.ones((2, 1), dtype=np.int8)
    found = estimate_abilities(fit, answers, np.array([0, 1], dtype=np.int32))
    alone = [
        estimate_abilities(calibration([item("i1", a=1.0, b=0.0)], latent=[each]), answers[:1])
        for each in latent
    ]
    np.testing.assert_allclose(found.theta, [each.theta[0] for each in alone], rtol=0, atol=1e-12)
    # The means are 2 apart; the same answer brings the two nearer, and does not make them one.
    assert 1.0 < found.theta[1] - found.theta[0] < 2.0


def test_an_estimated_histogram_counts_as_it_is():
    grid = Grid(-1.0, 1.0, 3)
    latent = [
        Latent(group="all", n_persons=9, mean=0.0, sd=0.7, density=np.array([0.25, 0.5, 0.25]))
    ]
    fit = calibration([item("i1", a=1e-9, b=0.0)], latent=latent, grid=grid)
    found = estimate_abilities(fit, np.ones((1, 1), dtype=np.int8))
    # An item that says nothing leaves the histogram: mean 0, variance 0.25 + 0.25.
    assert found.theta[0] == pytest.approx(0.0, abs=1e-8)
    assert found.se[0] == pytest.approx(0.5**0.5, abs=1e-8)


def test_the_standard_error_is_one_over_the_root_of_the_information():
    found = precision(calibration([item("i1", a=2.0, b=0.0), item("i2", a=2.0, b=0.0)]), [0.0])
    # Two items of slope 2 at their difficulty: 2 * a^2 * 0.25.
    assert found.information[0] == pytest.approx(2.0)
    assert found.se[0] == pytest.approx(0.5**0.5)


def test_the_stretch_measured_well_is_the_widest_one():
    theta = np.arange(8.0)
    se = np.array([0.2, 0.9, 0.3, 0.3, 0.3, 0.9, 0.2, 0.2])
    found = Precision(theta=theta, information=1 / se**2, se=se)
    assert measured_well(found, largest_se=0.5) == (2.0, 4.0)
    assert measured_well(found, largest_se=0.1) is None
