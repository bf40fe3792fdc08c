"""Observed information against numerical differentiation of a marginal likelihood written anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit, logsumexp

from calibration.estimation.encoding import Encoding
from calibration.estimation.errors import published_errors, standard_errors
from calibration.estimation.latent import Normal
from calibration.estimation.metric import Assembly
from calibration.estimation.target import Target
from calibration.families import Layout, Priors

NODES = np.linspace(-5.0, 5.0, 41)
N = 250


def target_of(layout, answers, *, group=None, weight=None, free=((False, False),), priors=None):
    """A target on answers whose columns stand in the order of the layout's blocks."""
    order = np.concatenate([block.items for block in layout.blocks])
    sizes = np.concatenate([np.full(b.items.size, b.n_categories) for b in layout.blocks])
    categories = np.tile(np.arange(-1, 127), (order.size, 1))
    density = (answers >= 0).mean()
    encoding = Encoding(
        items=order,
        sizes=sizes,
        categories=categories,
        gaps=(answers[:, order] < 0).any(axis=0),
        listed=density < 0.5,
    )
    return Target(
        layout=layout,
        assembly=Assembly.of(layout),
        latent=Normal(np.array(free)),
        priors=priors or Priors.none(),
        encoding=encoding,
        parts=list(encoding.parts(answers.astype(np.int8), group, weight)),
        nodes=NODES,
        threads=1,
    )


def curves(model, parameters):
    """Category probabilities of one item by the textbook, shape (K, Q)."""
    p = list(parameters.values())
    if model in ("rasch", "1pl", "2pl", "3pl", "4pl"):
        a, b, c, d = (*p, 0.0, 1.0)[:4] if len(p) == 2 else p
        right = c + (d - c) * expit(a * (NODES - b))
        return np.stack([1.0 - right, right])
    if model == "grm":
        least = [np.ones_like(NODES), *(expit(p[0] * (NODES - b)) for b in p[1:])]
        return -np.diff(np.stack([*least, np.zeros_like(NODES)]), axis=0)
    if model == "nominal":
        half = len(p) // 2
        line = np.outer([0.0, *p[:half]], NODES) + np.array([0.0, *p[half:]])[:, None]
    else:
        line = np.cumsum([0.0 * NODES, *(p[0] * (NODES - b) for b in p[1:])], axis=0)
    return np.exp(line - logsumexp(line, axis=0))


def log_likelihoods(z, layout, answers, group, free):
    """Log of each person's integral, shape (n,), with nothing of the package but `published`."""
    phi, y = z[: layout.n_free], z[layout.n_free :]
    moments = np.zeros((len(free), 2))
    moments[np.array(free)] = y
    total = np.zeros((len(answers), NODES.size))
    for item, (model, parameters) in enumerate(
        zip(layout.models, layout.published(phi), strict=True)
    ):
        table = np.log(curves(model, parameters))
        given = answers[:, item] >= 0
        total[given] += table[answers[given, item]]
    density = -0.5 * ((NODES - moments[:, :1]) / np.exp(moments[:, 1:])) ** 2
    density -= logsumexp(density, axis=1, keepdims=True)
    return logsumexp(total + density[group], axis=1)


def numerical_hessian(function, z, h=2e-3):
    """Central differences, extrapolated once (Richardson), so that the error is of order h^4."""

    def at(h):
        n = z.size
        square = np.empty((n, n))
        steps = h * np.eye(n)
        for i in range(n):
            for j in range(i + 1):
                ahead = function(z + steps[i] + steps[j]) + function(z - steps[i] - steps[j])
                aside = function(z + steps[i] - steps[j]) + function(z - steps[i] + steps[j])
                square[i, j] = square[j, i] = (ahead - aside) / (4.0 * h * h)
        return square

    return (4.0 * at(h) - at(2 * h)) / 3.0


CASES = {
    "rasch": (["rasch"] * 4, [2] * 4, ((False, True),), 0.0),
    "1pl": (["1pl"] * 4, [2] * 4, ((False, False),), 0.0),
    "2pl": (["2pl"] * 4, [2] * 4, ((False, False),), 0.0),
    "2pl with gaps": (["2pl"] * 4, [2] * 4, ((False, False),), 0.3),
    "2pl as lists": (["2pl"] * 5, [2] * 5, ((False, False),), 0.6),
    "3pl": (["3pl"] * 3, [2] * 3, ((False, False),), 0.0),
    "4pl": (["4pl"] * 3, [2] * 3, ((False, False),), 0.0),
    "grm": (["grm"] * 3, [4, 4, 3], ((False, False),), 0.2),
    "pcm": (["pcm"] * 3, [3, 4, 3], ((False, True),), 0.0),
    "gpcm": (["gpcm"] * 3, [3, 4, 3], ((False, False),), 0.2),
    "rsm": (["rsm"] * 3, [4, 4, 4], ((False, True),), 0.0),
    "nominal": (["nominal"] * 3, [3, 4, 3], ((False, False),), 0.0),
    "mixed": (["grm", "2pl", "gpcm", "3pl"], [3, 2, 3, 2], ((False, False),), 0.2),
    "two groups": (["2pl"] * 3, [2] * 3, ((False, False), (True, True)), 0.1),
    "two groups as lists": (["2pl", "grm"] * 2, [2, 3] * 2, ((False, True), (True, True)), 0.6),
}


def case(name, seed=11):
    models, sizes, free, missing = CASES[name]
    rng = np.random.default_rng(seed)
    layout = Layout.build([f"i{k}" for k in range(len(models))], models, sizes)
    answers = np.stack([rng.integers(0, k, size=N) for k in sizes], axis=1)
    answers[rng.random(answers.shape) < missing] = -1
    answers[:, 0] = np.maximum(answers[:, 0], 0)
    group = rng.integers(0, len(free), size=N).astype(np.int32)
    weight = rng.integers(1, 4, size=N).astype(float)
    z = rng.normal(0.3, 0.5, size=layout.n_free + int(np.sum(free)))
    return layout, answers, group, weight, free, z


@pytest.mark.parametrize("name", CASES)
def test_observed_information_is_minus_the_second_derivative(name):
    """At any parameters, so also where the expected score of the data is far from 0."""
    layout, answers, group, weight, free, z = case(name)
    target = target_of(layout, answers, group=group, weight=weight, free=free)
    found = standard_errors(target, target.evaluate(z)).information
    expected = -numerical_hessian(
        lambda at: weight @ log_likelihoods(at, layout, answers, group, free), z
    )
    scale = np.sqrt(np.abs(np.outer(np.diag(expected), np.diag(expected))))
    assert np.abs((found - expected) / scale).max() < 2e-6


def drawn(layout, phi, theta, rng):
    """Answers of persons with these abilities, from the textbook's curves on the nodes."""
    node = np.abs(NODES - theta[:, None]).argmin(axis=1)
    columns = []
    for model, parameters in zip(layout.models, layout.published(phi), strict=True):
        least = np.cumsum(curves(model, parameters), axis=0)[:-1, node]
        columns.append((rng.random(theta.size) > least).sum(axis=0))
    return np.stack(columns, axis=1)


def two_pl(n_items, rng):
    layout = Layout.build([f"i{k}" for k in range(n_items)], ["2pl"] * n_items, [2] * n_items)
    return layout, np.stack([rng.uniform(0.8, 1.5, n_items), rng.normal(size=n_items)], 1).ravel()


def test_robust_errors_are_the_sandwich_of_the_persons_scores():
    rng = np.random.default_rng(3)
    layout, phi = two_pl(8, rng)
    group = rng.integers(0, 2, size=400).astype(np.int32)
    answers = drawn(layout, phi, rng.normal(0.5 * group, 1.0), rng)
    weight = rng.integers(1, 4, size=400).astype(float)
    free, z = ((False, False), (True, True)), np.concatenate([phi, [0.5, 0.0]])
    target = target_of(layout, answers, group=group, weight=weight, free=free)
    found = standard_errors(target, target.evaluate(z), robust=True)
    scores = numerical_slope(lambda at: log_likelihoods(at, layout, answers, group, free), z).T
    bread = np.linalg.inv(found.information)
    expected = bread @ (scores.T * weight) @ scores @ bread
    np.testing.assert_allclose(found.robust, expected, rtol=1e-5, atol=1e-8)


def numerical_slope(function, z, h=1e-4):
    """Central differences, one row a parameter."""
    steps = h * np.eye(z.size)
    return np.array([(function(z + step) - function(z - step)) / (2.0 * h) for step in steps])


def test_priors_add_their_curvature():
    layout, answers, _, weight, _, z = case("3pl")
    priors = Priors.default(layout)
    bare = target_of(layout, answers, weight=weight)
    held = target_of(layout, answers, weight=weight, priors=priors)
    difference = (
        standard_errors(held, held.evaluate(z)).information
        - standard_errors(bare, bare.evaluate(z)).information
    )
    expected = -layout.M.T.toarray() * priors.curvature(layout.flat(z)) @ layout.M.toarray()
    np.testing.assert_allclose(difference, expected, atol=1e-9)


def test_sums_over_pieces_of_the_data_add_to_those_of_the_whole():
    """More persons than one part holds; as a cluster or a file read in pieces would have them."""
    rng = np.random.default_rng(5)
    layout, phi = two_pl(12, rng)
    answers = drawn(layout, phi, rng.normal(size=3000), rng)
    answers[rng.random(answers.shape) < 0.1] = -1
    pieces = [answers, *np.array_split(answers, 3)]
    targets = [target_of(layout, piece) for piece in pieces]
    assert len(targets[0].parts) > 1
    whole, *apart = (
        standard_errors(target, target.evaluate(phi), robust=True) for target in targets
    )
    total = sum(part.information for part in apart)
    np.testing.assert_allclose(total, whole.information, rtol=1e-7, atol=1e-5)


def test_the_number_of_threads_changes_nothing():
    rng = np.random.default_rng(5)
    layout, phi = two_pl(12, rng)
    target = target_of(layout, drawn(layout, phi, rng.normal(size=3000), rng))
    at = target.evaluate(phi)
    one = standard_errors(target, at, robust=True)
    two = standard_errors(replace(target, threads=2), at, robust=True)
    np.testing.assert_array_equal(one.covariance, two.covariance)
    np.testing.assert_array_equal(one.robust, two.robust)


@pytest.mark.parametrize("missing", [0.0, 0.1, 0.7], ids=["complete", "packed", "listed"])
def test_what_is_fast_for_many_persons_keeps_six_digits(missing):
    rng = np.random.default_rng(6)
    layout, phi = two_pl(20, rng)
    answers = drawn(layout, phi, rng.normal(size=300), rng)
    answers[rng.random(answers.shape) < missing] = -1
    few = target_of(layout, answers)
    many = target_of(layout, answers, weight=np.full(300, 100.0))
    one = standard_errors(few, few.evaluate(phi))
    hundred = standard_errors(many, many.evaluate(phi))
    errors = np.sqrt(np.diag(hundred.covariance) * 100.0)
    np.testing.assert_allclose(errors, np.sqrt(np.diag(one.covariance)), rtol=2e-6)


def test_what_the_data_do_not_tell_has_no_standard_error_and_is_named():
    """Items that only members of the second group answered, whose scale nothing holds."""
    rng = np.random.default_rng(7)
    layout, phi = two_pl(8, rng)
    group = np.repeat([0, 1], 500).astype(np.int32)
    answers = drawn(layout, phi, rng.normal(size=1000), rng)
    answers[group == 0, 4:] = -1
    answers[group == 1, :4] = -1
    target = target_of(layout, answers, group=group, free=((False, False), (True, True)))
    found = standard_errors(target, target.evaluate(np.concatenate([phi, [0.0, 0.0]])))
    assert set(found.unidentified) == set(range(8, 18))
    assert np.isnan(found.covariance[8:, 8:]).all()
    assert np.isfinite(found.covariance[:8, :8]).all()


def test_published_errors_follow_from_the_covariance_by_the_delta_method():
    layout = Layout.build(
        ["i", "j", "k"], ["2pl", "rasch", "3pl"], [2, 2, 2], fixed={"k": {"c": 0.2}}
    )
    root = np.random.default_rng(8).normal(size=(layout.n_free, layout.n_free))
    covariance = root @ root.T / 100.0
    phi = np.array([1.2, 0.6, -0.5, 0.9, 0.3])
    assert layout.names == ("i.a", "i.intercept", "j.intercept", "k.a", "k.intercept")
    found = published_errors(layout, phi, covariance)
    slope = np.array([0.6 / 1.2**2, -1.0 / 1.2])
    assert found[0] == pytest.approx(
        {"a": covariance[0, 0] ** 0.5, "b": (slope @ covariance[:2, :2] @ slope) ** 0.5}
    )
    assert found[1] == pytest.approx({"b": covariance[2, 2] ** 0.5})
    assert set(found[2]) == {"a", "b"}
