"""Models and estimators agree with catR 3.17 (figures and settings: README.md beside this file)."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

import engine
from engine import models
from engine.families import expectation

CATR = json.loads((Path(__file__).parent / "catr_models.json").read_text())
BANKS = ("4PL", "2PL", "GRM", "GPCM")
DICHOTOMOUS = ("4PL", "2PL")
CATR_GRID = engine.Grid(-4, 4, 33)
UNIROOT = 1.3e-4
"""catR solves its equations with R's uniroot and its default tolerance, .Machine$double.eps^0.25."""

ESTIMATES = [(bank, place) for bank in BANKS for place in range(len(CATR[bank]["estimates"]))]
MODES = [
    (bank, place, method)
    for bank, place in ESTIMATES
    for method in ("mle", "map", "wle", "jeffreys")
    if method in CATR[bank]["estimates"][place]
]


def pool_of(bank):
    parameters = np.array(CATR[bank]["parameters"], dtype=float)
    if bank in DICHOTOMOUS:
        return engine.ItemPool(*parameters.T)
    family = engine.Graded if bank == "GRM" else engine.PartialCredit
    return engine.ItemPool.of(family(parameters[:, 0], parameters[:, 1:]))


def on_scale(bank):
    """Probabilities and derivatives with categories last, shape (n_theta, n_items, n_categories)."""
    pool, theta = pool_of(bank), CATR[bank]["theta"]
    tables = [models.category_probability(pool, theta), *models.derivatives(pool, theta)]
    p, first, second, third = (np.moveaxis(table, -1, 0) for table in tables)
    return p, engine.families.Derivatives(first, second, third)


def catr_shape(bank, values):
    """catR gives the right answer's curve for two categories, all of them for more."""
    return values[..., 1] if bank in DICHOTOMOUS else values


def row_of(bank, case):
    row = np.full((1, len(CATR[bank]["parameters"])), -1)
    row[0, np.array(case["items"]) - 1] = case["answers"]
    return row


@pytest.mark.parametrize("bank", BANKS)
def test_probabilities_and_three_derivatives_equal_catr(bank):
    p, d = on_scale(bank)
    derivatives = {
        "p": p,
        "p_first": p * d.first,
        "p_second": p * (d.second + d.first**2),
        "p_third": p * (d.third + 3 * d.first * d.second + d.first**3),
    }
    for name, ours in derivatives.items():
        expected = CATR[bank][name]
        np.testing.assert_allclose(catr_shape(bank, ours), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("bank", BANKS)
def test_information_and_its_derivatives_equal_catr(bank):
    p, d = on_scale(bank)
    ours = {
        "information": models.information(pool_of(bank), CATR[bank]["theta"]),
        "information_slope": expectation.information_slope(p, d),
        "information_bend": expectation.information_bend(p, d),
    }
    for name, values in ours.items():
        np.testing.assert_allclose(values, CATR[bank][name], rtol=0, atol=1e-12)


@pytest.mark.parametrize("bank", DICHOTOMOUS)
def test_warms_j_and_its_derivative_equal_catr(bank):
    p, d = on_scale(bank)
    j = models.warm(pool_of(bank), CATR[bank]["theta"])
    np.testing.assert_allclose(j, CATR[bank]["warm"], rtol=0, atol=1e-12)
    slope = expectation.warm_slope(p, d)
    np.testing.assert_allclose(slope, CATR[bank]["warm_slope"], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("bank", "place"), ESTIMATES)
def test_eap_equals_catr(bank, place):
    case = CATR[bank]["estimates"][place]
    score = engine.score(pool_of(bank), row_of(bank, case), grid=CATR_GRID)
    assert [score.theta[0], score.se[0]] == pytest.approx(case["eap"], abs=1e-11)


@pytest.mark.parametrize(("bank", "place", "method"), MODES)
def test_modes_equal_catr_as_closely_as_it_solves_for_them(bank, place, method):
    case = CATR[bank]["estimates"][place]
    score = score_by(method, bank, case)
    assert score.theta[0] == pytest.approx(case[method][0], abs=UNIROOT)
    assert score.se[0] == pytest.approx(case[method][1], abs=UNIROOT)


@pytest.mark.parametrize(("bank", "place", "method"), MODES)
def test_modes_solve_the_equation_to_the_last_digits(bank, place, method):
    # The same equation written out from catR's definitions, and solved by scipy's brentq.
    case = CATR[bank]["estimates"][place]
    pool, row = pool_of(bank), row_of(bank, case)
    items = np.flatnonzero(row[0] >= 0)

    def equation(theta):
        p = np.moveaxis(models.category_probability(pool, theta), -1, 0)[0, items]
        d = [np.moveaxis(part, -1, 0)[0, items] for part in models.derivatives(pool, theta)]
        likelihood = sum(d[0][np.arange(items.size), row[0, items]])
        information = (p * d[0] ** 2).sum()
        extra = {
            "mle": 0.0,
            "map": -theta,
            "wle": (p * d[0] * (d[1] + d[0] ** 2)).sum() / (2 * information),
            "jeffreys": (p * (2 * d[0] * d[1] + d[0] ** 3)).sum() / (2 * information),
        }
        return likelihood + extra[method]

    ours = score_by(method, bank, case).theta[0]
    if abs(ours) == 4:
        assert np.sign(equation(ours)) == np.sign(ours)
    else:
        assert ours == pytest.approx(
            brentq(equation, max(ours - 0.1, -4), min(ours + 0.1, 4), xtol=1e-13), abs=2e-9
        )


@pytest.mark.parametrize(("bank", "place", "method"), MODES)
def test_standard_errors_are_catrs_formulas_at_catrs_own_estimate(bank, place, method):
    # Expected information throughout: 1/sqrt(I), 1/sqrt(I + 1), 1/sqrt(I - (log I)'' / 2).
    case = CATR[bank]["estimates"][place]
    theta, se = case[method]
    block = pool_of(bank).take(np.array(case["items"]) - 1).blocks[0]
    p = np.exp(block.log_probability(np.array([[theta]])))
    d = block.derivatives(np.array([[theta]]))
    i = expectation.information(p, d).sum()
    first = expectation.information_slope(p, d).sum()
    second = expectation.information_bend(p, d).sum()
    jeffreys = i - 0.5 * (second / i - (first / i) ** 2)
    precision = {"mle": i, "wle": i, "map": i + 1.0, "jeffreys": jeffreys}[method]
    assert 1 / np.sqrt(precision) == pytest.approx(se, abs=1e-11)


def score_by(method, bank, case):
    pool, row = pool_of(bank), row_of(bank, case)
    if method == "jeffreys":
        return engine.score(pool, row, method="map", prior=engine.JeffreysPrior(), grid=CATR_GRID)
    return engine.score(pool, row, method=method, grid=CATR_GRID)
