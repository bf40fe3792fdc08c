"""Asymptotes at 0 and 1, and likelihoods without a maximum: what is said, and that it is so."""

import numpy as np
import pytest

from calibration.estimation.calibrate import calibrate
from tests.calibration.estimation_cases import log_likelihood, responses, right_or_wrong

QUICK = {"standard_errors": "none", "priors": False}
MOST_LIKELY = "most likely at c = 0"


@pytest.fixture(scope="module")
def answers():
    """Items nobody guesses at, so that the greatest likelihood of some lies beyond c = 0."""
    return right_or_wrong(5000, 12, seed=51)[0]


@pytest.fixture(scope="module")
def found(answers):
    return calibrate(responses(answers), "3pl", priors=False)


def at_zero(found):
    return [item for item in found.items if MOST_LIKELY in item.flags]


def likelihood_at(answers, found, change):
    """By the definition, with the c of some items set by name."""
    nodes, density = found.quadrature.nodes, found.latent[0].density
    right = []
    for item in found.items:
        a, b, c = (item.parameters[name] for name in "abc")
        c = change.get(item.item, c)
        right.append(c + (1.0 - c) / (1.0 + np.exp(-a * (nodes - b))))
    table = np.stack([1.0 - np.stack(right), np.stack(right)], axis=1)
    return log_likelihood(answers, table, density)


def test_an_asymptote_that_would_be_negative_is_zero_and_has_no_standard_error(found):
    assert found.converged
    assert 0 < len(at_zero(found)) < 12
    for item in found.items:
        if item in at_zero(found):
            assert item.parameters["c"] == 0.0
            assert set(item.errors) == {"a", "b"}
        else:
            assert item.parameters["c"] > 0.0
            assert item.errors["c"] > 0.0
        assert all(0.0 < item.errors[name] < 1.0 for name in "ab")


def test_there_the_likelihood_falls_with_the_asymptote_and_elsewhere_it_does_not_rise(
    answers, found
):
    best = likelihood_at(answers, found, {})
    assert best == pytest.approx(found.log_likelihood, rel=1e-10)
    for item in found.items:
        c = item.parameters["c"]
        assert likelihood_at(answers, found, {item.item: c + 0.01}) < best
        if item not in at_zero(found):
            assert likelihood_at(answers, found, {item.item: 0.99 * c}) < best


def test_it_counts_as_estimated(found):
    assert found.n_parameters == 36


def test_every_parameter_is_at_the_maximum_without_standard_errors_too(answers, found):
    quick = calibrate(responses(answers), "3pl", **QUICK)
    best = calibrate(responses(answers), "3pl", priors=False, tolerance=1e-6)
    assert [item.flags for item in quick.items] == [item.flags for item in best.items]
    for item, expected in zip(quick.items, best.items, strict=True):
        for name, value in item.parameters.items():
            error = expected.errors.get(name, 0.0)
            assert abs(value - expected.parameters[name]) <= 0.05 * error


def test_a_ridge_towards_an_end_is_climbed_to_the_top():
    """Newton's whole step loses there: one c is next to 0, and the likelihood hardly tells."""
    answers = right_or_wrong(4000, 8, seed=52)[0]
    found = calibrate(responses(answers), "3pl", priors=False)
    assert found.converged
    assert at_zero(found)
    best = likelihood_at(answers, found, {})
    for item in found.items:
        assert likelihood_at(answers, found, {item.item: item.parameters["c"] + 0.003}) < best


def test_an_upper_asymptote_ends_at_one():
    answers = right_or_wrong(4000, 8, seed=52)[0]
    given = {f"i{k}": {"c": 0.0} for k in range(8)}
    found = calibrate(responses(answers), "4pl", fixed=given, **QUICK)
    ended = [item for item in found.items if "most likely at d = 1" in item.flags]
    assert ended
    assert all(item.parameters["d"] == 1.0 for item in ended)
    assert not any(MOST_LIKELY in item.flags for item in found.items)


def test_priors_keep_asymptotes_inside(answers):
    found = calibrate(responses(answers), "3pl", standard_errors="none")
    assert not at_zero(found)
    assert min(item.parameters["c"] for item in found.items) > 0.0


@pytest.mark.parametrize("model", ["2pl", "grm", "gpcm", "nominal"])
def test_a_perfect_scale_has_no_maximum_and_its_items_are_named(model):
    """Each person is right in what the one before was right in, and in one item more."""
    found = calibrate(responses(np.tril(np.ones((5, 4)), -1)), model, **QUICK)
    assert not found.converged
    flagged = [item.item for item in found.items if "the steeper, the likelier" in item.flags]
    assert flagged
    assert (
        f"the likelihood has no maximum: the steeper, the likelier are {', '.join(flagged)}"
        in found.messages
    )


def test_three_persons_are_not_called_converged():
    found = calibrate(responses(right_or_wrong(3, 10, seed=2)[0]))
    assert not found.converged
    assert any(message.startswith("the likelihood has no maximum") for message in found.messages)


def test_a_steep_item_that_has_a_maximum_is_an_estimate():
    """Slope 12 in the middle of the abilities: twice as steep would fit markedly worse."""
    rng = np.random.default_rng(53)
    theta, a, b = rng.standard_normal((20_000, 1)), np.ones(12), rng.normal(0.0, 1.0, 12)
    a[0], b[0] = 12.0, 0.0
    answers = rng.random((20_000, 12)) < 1.0 / (1.0 + np.exp(-a * (theta - b)))
    found = calibrate(responses(answers), standard_errors="none", quadrature=(-6.0, 6.0, 241))
    assert found.converged
    assert 10.0 < found.items[0].parameters["a"] < 15.0
    assert not found.items[0].flags


@pytest.mark.parametrize("standard_errors", ["observed", "robust", "none"])
@pytest.mark.parametrize("free", [False, True])
def test_where_everything_is_fixed_the_likelihood_still_comes_out(standard_errors, free):
    answers = right_or_wrong(300, 5, seed=55)[0]
    known = {f"i{k}": {"a": 1.0, "b": 0.2 * k} for k in range(5)}
    found = calibrate(
        responses(answers), fixed=known, free_latent=free, standard_errors=standard_errors
    )
    nodes, latent = found.quadrature.nodes, found.latent[0]
    right = np.stack([1.0 / (1.0 + np.exp(-(nodes - 0.2 * k))) for k in range(5)])
    expected = log_likelihood(answers, np.stack([1.0 - right, right], axis=1), latent.density)
    assert found.converged
    assert found.log_likelihood == pytest.approx(expected, rel=1e-10)
    assert found.n_parameters == (2 if free else 0)
    assert (latent.mean != 0.0) == free
    assert [item.parameters for item in found.items] == [
        pytest.approx(values) for values in known.values()
    ]
