"""Priors on asymptotes against the Beta density of scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from calibration.families import Layout, Priors


def build(**options):
    return Layout.build(["t", "u", "v"], ["2pl", "3pl", "4pl"], [2, 2, 2], **options)


def test_the_default_is_a_beta_density_on_each_free_asymptote():
    layout = build()
    x = layout.flat(np.linspace(-1.0, 1.0, layout.n_free))
    found = dict(zip(layout.names, np.linspace(-1.0, 1.0, layout.n_free), strict=True))
    c = expit([found["u.guess"], found["v.guess"]])
    expected = stats.beta(5, 17).logpdf(c).sum()
    expected += stats.beta(20, 2).logpdf(expit(found["v.slip"]))
    assert Priors.default(layout).log_density(x) == pytest.approx(expected)


def test_guessing_is_most_likely_at_one_in_the_number_of_options():
    layout = Layout.build(["u"], ["3pl"], [2])
    priors = Priors.default(layout, {"u": 4})
    at = [priors.log_density(layout.flat(np.array([1.0, 0.0, logit(c)]))) for c in (0.2, 0.25, 0.3)]
    assert at[1] == max(at)
    assert priors.gradient(layout.flat(np.array([1.0, 0.0, logit(0.25)]))) == pytest.approx(0.0)


def test_derivatives_are_the_slopes_of_the_density():
    layout = build()
    priors = Priors.default(layout)
    x = layout.flat(np.linspace(-2.0, 2.0, layout.n_free))
    for row, step in enumerate(1e-4 * np.eye(x.size)):
        slope = (priors.log_density(x + step) - priors.log_density(x - step)) / 2e-4
        assert priors.gradient(x)[row] == pytest.approx(slope, abs=1e-6)
        bend = (priors.gradient(x + step) - priors.gradient(x - step))[row] / 2e-4
        assert priors.curvature(x)[row] == pytest.approx(bend, abs=1e-6)


def test_fixed_asymptotes_have_no_prior_and_shared_ones_a_single_one():
    fixed = build(fixed={"u": {"c": 0.2}})
    assert len(Priors.default(fixed).rows) == 2
    shared = build(equal=[("c", ("u", "v"))])
    assert len(Priors.default(shared).rows) == 2


def test_without_priors_nothing_is_added():
    layout = build()
    x = layout.flat(np.zeros(layout.n_free))
    assert not Priors.none()
    assert Priors.none().log_density(x) == 0.0
    assert not Priors.none().gradient(x).any()
