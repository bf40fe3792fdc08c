"""The engine agrees with R mirt 1.45.1 on LSAT6 (figures and settings: README.md beside this file)."""

import json
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

import engine

LSAT6 = json.loads((Path(__file__).parent / "mirt_lsat6.json").read_text())
MIRT_GRID = engine.Grid(-8, 8, 121)


def scores(model, grid):
    pool = engine.ItemPool.build(a=LSAT6[model]["a"], b=LSAT6[model]["b"])
    prior = engine.NormalPrior(0.0, sqrt(LSAT6[model]["latent_variance"]))
    return engine.eap(pool, LSAT6[model]["patterns"], grid=grid, prior=prior)


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_eap_on_mirts_own_quadrature_agrees_to_its_printed_digits(model):
    score = scores(model, MIRT_GRID)
    np.testing.assert_allclose(score.theta, LSAT6[model]["theta_eap"], rtol=0, atol=1e-11)
    np.testing.assert_allclose(score.se, LSAT6[model]["se_eap"], rtol=0, atol=1e-11)


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_eap_on_the_default_grid_loses_only_the_tails(model):
    # The default grid ends at +-6: the mass that mirt counts between 6 and 8 moves the sixth digit.
    score = scores(model, engine.Grid())
    np.testing.assert_allclose(score.theta, LSAT6[model]["theta_eap"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(score.se, LSAT6[model]["se_eap"], rtol=0, atol=1e-5)
