"""Abilities from tests with missing answers, and items held fixed, agree with R's mirt.

`r/mirt.json` has mirt's figures, with its version and the calls that gave them.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import engine
from calibration.estimation.calibrate import calibrate
from tests.reference.r_data import lsat7

MIRT = json.loads((Path(__file__).parent / "r" / "mirt.json").read_text())
GRID = engine.Grid(-6, 6, 121)
WIDE = engine.Grid(-20, 20, 401)
NORMAL = engine.NormalPrior(0.0, 1.0)
BINARY = ("2pl", "3pl", "4pl")
SEVERAL = {"graded": engine.Graded, "gpcm": engine.PartialCredit}


def case(name):
    """Pool, patterns with -1 for what was not answered, and mirt's scores."""
    if name in BINARY:
        told = MIRT["scores"]
        asymptotes = {"2pl": (), "3pl": ("c",), "4pl": ("c", "d")}[name]
        pool = engine.ItemPool.build(**{key: told[key] for key in ("a", "b", *asymptotes)})
        return pool, patterns(told), told["models"][name]
    told = MIRT["poly_scores"][name]
    p = np.array(told["parameters"])
    return engine.ItemPool.of(SEVERAL[name](p[:, 0], p[:, 1:])), patterns(told), told["scores"]


def patterns(told):
    return np.array([[-1 if x is None else x for x in row] for row in told["patterns"]])


def compared(name, method, **options):
    pool, answers, theirs = case(name)
    score = engine.score(pool, answers, method=method, **options)
    theta, se = np.array(theirs[{"mle": "ML"}.get(method, method.upper())], dtype=float).T
    known = np.isfinite(theta)
    assert known.any()
    return score.theta[known], score.se[known], theta[known], se[known]


@pytest.mark.parametrize("name", [*BINARY, *SEVERAL])
def test_eap_with_missing_answers(name):
    # mirt counts the nodes at the ends whole, the trapezoid rule half: 1.1e-7 at most here (with
    # whole ends the sums agree to 1e-14).
    ours, our_se, theirs, their_se = compared(name, "eap", prior=NORMAL, grid=GRID)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=3e-7)
    np.testing.assert_allclose(our_se, their_se, rtol=0, atol=3e-7)


@pytest.mark.parametrize("name", [*BINARY, *SEVERAL])
def test_map_with_missing_answers(name):
    ours, our_se, theirs, their_se = compared(name, "map", prior=NORMAL, grid=WIDE)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
    if name in ("2pl", "gpcm"):  # elsewhere mirt's error is that of the observed information
        np.testing.assert_allclose(our_se, their_se, rtol=0, atol=5e-5)


@pytest.mark.parametrize("name", [*BINARY, *SEVERAL])
def test_maximum_likelihood_with_missing_answers(name):
    ours, _, theirs, _ = compared(name, "mle", grid=WIDE)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-5)


@pytest.mark.parametrize("name", ["2pl", *SEVERAL])
def test_warms_estimate_with_missing_answers(name):
    """Where c is above 0 mirt's is not Warm's (test_mirt_scores.py)."""
    ours, _, theirs, _ = compared(name, "wle", grid=WIDE)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-5)


def test_items_held_fixed_and_a_free_normal_distribution():
    told = MIRT["fixed"]
    fixed = {
        "Item.1": {"a": 1.2, "b": -1.5 / 1.2},
        "Item.4": {"a": 0.8, "b": -0.4 / 0.8},
    }
    found = calibrate(lsat7(), "2pl", fixed=fixed, free_latent=True, quadrature=(-6, 6, 61))
    latent = found.latent[0]
    assert found.log_likelihood == pytest.approx(told["log_likelihood"], abs=1e-6)
    assert latent.mean == pytest.approx(told["mean"], abs=2e-4)
    assert latent.sd**2 == pytest.approx(told["variance"], abs=2e-4)
    assert latent.se_mean == pytest.approx(told["se_mean"], rel=1e-3)
    assert 2 * latent.sd * latent.se_sd == pytest.approx(told["se_variance"], rel=1e-3)
    for item, a, b, se in zip(found.items, told["a"], told["b"], told["se_a"], strict=True):
        assert item.parameters["a"] == pytest.approx(a, abs=1e-3)
        assert item.parameters["b"] == pytest.approx(b, abs=1e-3)
        if se is not None:
            assert item.errors["a"] == pytest.approx(se, rel=1e-3)
