"""Modes agree with R mirt 1.45.1 on LSAT6 and Science (settings: README.md beside this file).

mirt's optimiser stops at about 1e-6 of the estimate, which sets the tolerance. Its standard errors
come from the curvature of what it maximises, so they use the observed information; ours use the
expected one, as catR's. The two are the same where the answers do not enter the curvature: 2PL and
partial credit. For graded items and guessing they differ.
"""

import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import models

MIRT = json.loads((Path(__file__).parent / "mirt_scores.json").read_text())
WIDE = engine.Grid(-20, 20, 401)
LSAT6 = ("lsat6_rasch", "lsat6_2pl", "lsat6_3pl")
SCIENCE = ("science_graded", "science_gpcm")
SAME_INFORMATION = ("lsat6_rasch", "lsat6_2pl", "science_gpcm")
SEVERAL_ANSWERS = {"science_graded": engine.Graded, "science_gpcm": engine.PartialCredit}


def pool_of(name):
    parameters = np.array(MIRT[name]["parameters"])
    if name in LSAT6:
        return engine.ItemPool(*parameters.T)
    return engine.ItemPool.of(SEVERAL_ANSWERS[name](parameters[:, 0], parameters[:, 1:]))


def figures(name, method):
    return np.array(MIRT[name][method], dtype=float).T


def scored(name, method, prior=None, grid=WIDE):
    return engine.score(
        pool_of(name), MIRT[name]["patterns"], method=method, prior=prior, grid=grid
    )


def prior_of(name):
    return engine.NormalPrior(0.0, sqrt(MIRT[name].get("latent_variance", 1.0)))


@pytest.mark.parametrize("name", SCIENCE)
def test_eap_on_mirts_own_quadrature(name):
    theta, se = figures(name, "eap")
    score = scored(name, "eap", grid=engine.Grid(-6, 6, 121))
    np.testing.assert_allclose(score.theta, theta, rtol=0, atol=1e-10)
    np.testing.assert_allclose(score.se, se, rtol=0, atol=1e-10)


@pytest.mark.parametrize("name", [*LSAT6, *SCIENCE])
def test_map(name):
    theta, se = figures(name, "map")
    score = scored(name, "map", prior_of(name))
    np.testing.assert_allclose(score.theta, theta, rtol=0, atol=5e-6)
    if name in SAME_INFORMATION:
        np.testing.assert_allclose(score.se, se, rtol=0, atol=2e-5)


def test_mirts_standard_errors_of_graded_items_are_those_of_the_observed_information():
    name = "science_graded"
    patterns = np.array(MIRT[name]["patterns"])
    theta = scored(name, "map", prior_of(name)).theta
    observed = models.observed_information(pool_of(name), theta)
    of_answers = observed[np.arange(4), patterns, np.arange(len(theta))[:, None]].sum(axis=1)
    np.testing.assert_allclose(1 / np.sqrt(of_answers + 1), figures(name, "map")[1], atol=2e-5)


@pytest.mark.parametrize("name", [*LSAT6, *SCIENCE])
def test_mle_and_its_bounds_where_mirt_says_infinite(name):
    theta, se = figures(name, "mle")
    score = scored(name, "mle")
    known = ~np.isnan(theta)
    np.testing.assert_allclose(score.theta[known], theta[known], rtol=0, atol=1e-5)
    assert (np.abs(score.theta[~known]) == 20).all()
    if name in SAME_INFORMATION:
        np.testing.assert_allclose(score.se[known], se[known], rtol=0, atol=5e-5)


@pytest.mark.parametrize("name", [*LSAT6, *SCIENCE])
def test_mirts_wle_is_the_mode_under_jeffreys_prior(name):
    score = scored(name, "map", engine.JeffreysPrior())
    np.testing.assert_allclose(score.theta, figures(name, "wle")[0], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["lsat6_rasch", "lsat6_2pl", *SCIENCE])
def test_warms_estimate_is_mirts_where_there_is_no_guessing(name):
    np.testing.assert_allclose(scored(name, "wle").theta, figures(name, "wle")[0], atol=1e-5)


def test_with_guessing_mirts_wle_is_not_warms():
    # Warm (1989) adds J / (2 I) to the likelihood's slope, mirt I' / (2 I). For c > 0 J is not I',
    # and Warm's is right: it takes the bias of order 1/n out (tests/engine/test_ability.py shows it).
    away = np.abs(scored("lsat6_3pl", "wle").theta - figures("lsat6_3pl", "wle")[0])
    assert away.max() > 0.1
