"""Formulas of the families against the engine's own and against numerical differentiation."""

from __future__ import annotations

import numpy as np
import pytest

from calibration import families

NODES = np.linspace(-5.0, 5.0, 11)
HARD = np.array([-40.0, 0.0, 40.0])

BLOCKS = {
    "logistic": (families.Logistic(), [[1.2, 0.4], [-0.7, 1.5], [0.0, -2.0], [3.5, -4.0]]),
    "3pl": (families.Asymptotes(), [[1.1, -0.5, -1.4, np.inf], [2.2, 1.0, -3.0, np.inf]]),
    "4pl": (families.Asymptotes(), [[1.1, -0.5, -1.4, 3.0], [-0.8, 0.3, -np.inf, 2.0]]),
    "graded 2": (families.Graded(), [[1.3, 0.2], [-0.4, 1.0]]),
    "graded 4": (families.Graded(), [[1.3, 2.0, 0.3, -1.5], [-0.9, 0.5, -3.0, 1.0]]),
    "partial credit 2": (families.PartialCredit(), [[1.3, 0.2], [-0.4, 1.0]]),
    "partial credit 4": (families.PartialCredit(), [[0.8, 1.0, -2.0, 0.5], [-1.1, 0.0, 0.3, 0.4]]),
    "nominal": (families.Nominal(), [[0.5, -1.0, 1.2, -0.3], [1.5, 2.0, 0.0, 0.7]]),
}


@pytest.fixture(params=BLOCKS)
def block(request):
    family, x = BLOCKS[request.param]
    return family, np.array(x)


def moved(x, parameter, by):
    step = np.zeros_like(x)
    step[:, parameter] = by
    return x + step


def slope(function, x, parameter):
    """Central differences of fourth order."""
    h = 1e-3
    near = function(moved(x, parameter, h)) - function(moved(x, parameter, -h))
    far = function(moved(x, parameter, 2 * h)) - function(moved(x, parameter, -2 * h))
    return (8.0 * near - far) / (12.0 * h)


def test_probabilities_are_those_of_the_engine(block):
    family, x = block
    x = x[x[:, 0] != 0.0]
    expected = family.items(x).log_probability(NODES[:, None]).transpose(1, 2, 0)
    np.testing.assert_allclose(family.log_probability(x, NODES), expected, atol=1e-12)


def test_probabilities_add_to_one(block):
    family, x = block
    for nodes in (NODES, HARD):
        total = np.exp(family.log_probability(x, nodes)).sum(axis=1)
        np.testing.assert_allclose(total, 1.0, rtol=1e-13)


def test_gradient_is_the_slope_of_the_log_probability(block):
    family, x = block
    gradient = family.gradient(x, NODES)
    for p in range(x.shape[1]):
        expected = slope(lambda y: family.log_probability(y, NODES), x, p)
        np.testing.assert_allclose(gradient[:, p], expected, atol=1e-9)


def test_sums_are_the_gradient_and_its_slope_weighted_by_counts(block):
    family, x = block
    shape = family.log_probability(x, NODES).shape
    counts = np.random.default_rng(3).uniform(0.0, 5.0, size=shape)
    total = family.expected_gradient(x, NODES, counts)
    expected = np.einsum("jpkq,jkq->jp", family.gradient(x, NODES), counts)
    np.testing.assert_allclose(total, expected, rtol=1e-11, atol=1e-11)
    hessian = family.expected_hessian(x, NODES, counts)
    for p in range(x.shape[1]):
        bend = slope(lambda y: family.expected_gradient(y, NODES, counts), x, p)
        np.testing.assert_allclose(hessian[:, p], bend, rtol=1e-8, atol=1e-7)


def test_information_is_the_expected_square_of_the_gradient(block):
    family, x = block
    persons = np.random.default_rng(4).uniform(0.5, 2.0, size=(len(x), NODES.size))
    found = families.information(family, x, NODES, persons)
    p = np.exp(family.log_probability(x, NODES))
    gradient = family.gradient(x, NODES)
    expected = np.einsum("jpkq,jskq,jkq,jq->jps", gradient, gradient, p, persons)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11)


def test_derivatives_stay_finite_far_in_the_tails(block):
    family, x = block
    shape = family.log_probability(x, HARD).shape
    assert np.isfinite(family.gradient(x, HARD)).all()
    assert np.isfinite(family.expected_hessian(x, HARD, np.ones(shape))).all()


def test_published_parameters_lead_back(block):
    family, x = block
    x = x[x[:, 0] != 0.0]
    n_categories = family.log_probability(x, NODES).shape[1]
    published = family.published(x)
    assert published.shape[1] == len(family.published_names(n_categories))
    assert x.shape[1] == len(family.working_names(n_categories))
    np.testing.assert_allclose(family.working(published), x, rtol=1e-12)


def test_published_jacobian_is_the_slope_of_the_published(block):
    family, x = block
    x = x[x[:, 0] != 0.0]
    jacobian = family.published_jacobian(x)
    for p in range(x.shape[1]):
        expected = slope(family.published, x, p)
        np.testing.assert_allclose(jacobian[:, :, p], expected, rtol=1e-8, atol=1e-8)


def test_a_slope_of_zero_has_no_difficulty_and_warns_of_nothing():
    x = np.array([[0.0, 1.0]])
    assert np.isinf(families.Logistic().published(x)[0, 1])
    assert np.isinf(families.PartialCredit().published(x)[0, 1])


TRUE = {
    "logistic": (families.Logistic(), [[1.2, 0.4], [-0.7, 1.5], [0.6, -2.0]]),
    "asymptotes": (families.Asymptotes(), [[1.1, -0.5, -1.8, 3.5], [1.6, 0.5, -1.5, 3.5]]),
    "graded": (families.Graded(), [[1.3, 1.5, 0.3, 0.1], [-0.9, 0.5, 0.4, -0.5]]),
    "partial credit": (families.PartialCredit(), [[0.8, 1.0, -0.5, 0.0], [-0.6, 0.0, 0.3, 0.4]]),
    "nominal": (families.Nominal(), [[0.5, -1.0, 1.2, -0.3], [1.0, 1.5, 0.0, 0.7]]),
}


@pytest.mark.parametrize("name", TRUE)
def test_starts_lie_near_the_truth_when_the_score_is_the_ability(name):
    family, rows = TRUE[name]
    x = np.array(rows)
    nodes = np.linspace(-5.0, 5.0, 101)
    weight = np.exp(-(nodes**2) / 2.0)
    joint = np.exp(family.log_probability(x, nodes)) * weight / weight.sum()
    proportions = joint.sum(axis=2)
    start = family.start(proportions, (joint @ nodes) / proportions)
    at_centre = family.log_probability(start, np.zeros(1)) - family.log_probability(x, np.zeros(1))
    assert np.abs(at_centre).max() < 0.8
    n_slopes = x.shape[1] // 2 if name == "nominal" else 1
    np.testing.assert_allclose(start[:, :n_slopes], x[:, :n_slopes], atol=0.6)
    assert (np.sign(start[:, :n_slopes]) == np.sign(x[:, :n_slopes]))[x[:, :n_slopes] != 0].all()
