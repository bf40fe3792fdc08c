"""girth behind our call: where both agree, where it is not the maximum, and what it cannot do."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import girth
import numpy as np
import pytest

from calibration.errors import CalibrationError
from calibration.estimation.calibrate import calibrate
from calibration.responses import Responses
from tests.calibration.lsat6 import COUNTS

REFERENCE = Path(__file__).parents[1] / "reference"
LSAT6 = json.loads((REFERENCE / "mirt_lsat6.json").read_text())


def lsat6():
    return Responses(
        items=("i1", "i2", "i3", "i4", "i5"),
        answers=np.array(LSAT6["2pl"]["patterns"], dtype=np.int8),
        weight=np.array(COUNTS, dtype=float),
    )


def simulated(n=1500, m=12, seed=3, slope=None):
    generator = np.random.default_rng(seed)
    a = generator.lognormal(0.0, 0.3, m) if slope is None else np.full(m, slope)
    b = generator.normal(0.0, 1.0, m)
    theta = generator.standard_normal(n)
    p = 1.0 / (1.0 + np.exp(-a * (theta[:, None] - b)))
    answers = (generator.random((n, m)) < p).astype(np.int8)
    return Responses(items=tuple(f"i{k}" for k in range(m)), answers=answers)


def parameters(found, name):
    return [each.parameters[name] for each in found.items]


def distances(ours, theirs):
    """Differences of all parameters that were estimated, in our standard errors."""
    return np.array(
        [
            abs(own.parameters[name] - other.parameters[name]) / own.errors[name]
            for own, other in zip(ours.items, theirs.items, strict=True)
            for name in own.errors
        ]
    )


@pytest.mark.parametrize("model", ["rasch", "2pl"])
def test_girth_on_lsat6_is_what_mirt_found(model):
    # R mirt 1.45.1 with 121 nodes from -8 to 8; girth stops once no slope moves by 0.001.
    found = calibrate(lsat6(), model, engine="girth")
    assert found.engine == "girth"
    np.testing.assert_allclose(parameters(found, "a"), LSAT6[model]["a"], atol=1e-3)
    np.testing.assert_allclose(parameters(found, "b"), LSAT6[model]["b"], atol=1e-3)
    assert found.latent[0].sd ** 2 == pytest.approx(LSAT6[model]["latent_variance"], abs=1e-3)
    assert found.converged
    assert found.largest_change < 0.01


def test_a_common_slope_with_variance_one_is_slope_one_with_that_deviation():
    one, rasch = (calibrate(lsat6(), model, engine="girth") for model in ("1pl", "rasch"))
    slope = one.items[0].parameters["a"]
    assert rasch.latent[0].sd == pytest.approx(slope)
    np.testing.assert_allclose(np.array(parameters(one, "b")) * slope, parameters(rasch, "b"))
    assert one.log_likelihood == pytest.approx(rasch.log_likelihood, abs=1e-6)


def test_girth_has_our_types_and_no_standard_errors():
    responses = simulated()
    ours, theirs = calibrate(responses, "2pl"), calibrate(responses, "2pl", engine="girth")
    assert [each.item for each in theirs.items] == [each.item for each in ours.items]
    assert all(each.errors == {} for each in theirs.items)
    assert theirs.n_parameters == ours.n_parameters == 24
    assert theirs.record.data_hash == ours.record.data_hash
    assert theirs.record.versions["girth"] == version("girth")
    assert theirs.log_likelihood <= ours.log_likelihood + 1e-3
    assert theirs.log_likelihood == pytest.approx(ours.log_likelihood, abs=0.5)


def test_it_is_given_more_iterations_than_its_default(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "girth.twopl_mml", lambda data, options: asked.append(options) or _stub(data)
    )
    calibrate(lsat6(), "2pl", engine="girth")
    assert (
        asked[0]["max_iteration"] > 25
    )  # girth's own default, which it does not report to have met


def _stub(data):
    return {"Discrimination": np.ones(len(data)), "Difficulty": np.zeros(len(data))}


def test_a_negative_slope_is_beyond_girth_and_it_says_so():
    responses = simulated()
    answers = responses.answers.copy()
    answers[:, 3] = 1 - answers[:, 3]
    turned = Responses(items=responses.items, answers=answers)
    ours, theirs = calibrate(turned, "2pl"), calibrate(turned, "2pl", engine="girth")
    assert ours.items[3].parameters["a"] < -0.5
    assert theirs.items[3].parameters["a"] == pytest.approx(0.2, abs=1e-3)
    assert theirs.items[3].flags == ("slope at girth's bound of 0.2",)
    assert not theirs.converged
    assert theirs.log_likelihood < ours.log_likelihood - 50.0


def test_answers_not_given_are_no_answers_to_girth_either():
    responses = simulated(n=2500)
    answers = responses.answers.copy()
    answers[np.random.default_rng(4).random(answers.shape) < 0.3] = -1
    answers[0] = -1
    holes = Responses(items=responses.items, answers=answers)
    ours, theirs = calibrate(holes, "2pl"), calibrate(holes, "2pl", engine="girth")
    assert theirs.n_empty == pytest.approx(ours.n_empty)
    assert theirs.n_empty == pytest.approx((answers < 0).all(axis=1).sum())
    # Difficulties are solved from the share of right answers, a little off the maximum.
    np.testing.assert_allclose(parameters(theirs, "a"), parameters(ours, "a"), atol=0.05)
    np.testing.assert_allclose(parameters(theirs, "b"), parameters(ours, "b"), atol=0.05)


@pytest.mark.parametrize("model", ["grm", "gpcm"])
def test_items_of_several_categories(model):
    generator = np.random.default_rng(5)
    theta = generator.standard_normal(1500)
    b = generator.normal(0.0, 0.5, 6)[:, None] + np.array([-1.0, 1.0])
    draws = generator.logistic(size=(1500, 6, 1)) / 1.5
    answers = (theta[:, None, None] + draws > b).sum(axis=2).astype(np.int8)
    answers[:, 5] = np.minimum(answers[:, 5], 1)  # one item of two categories among them
    responses = Responses(items=tuple(f"i{k}" for k in range(6)), answers=answers)
    ours, theirs = calibrate(responses, model), calibrate(responses, model, engine="girth")
    assert list(theirs.items[5].parameters) == ["a", "b1"]
    assert list(theirs.items[0].parameters) == ["a", "b1", "b2"]
    assert ours.log_likelihood - 0.5 < theirs.log_likelihood <= ours.log_likelihood + 1e-3
    for name in ("a", "b1"):
        np.testing.assert_allclose(parameters(theirs, name), parameters(ours, name), atol=0.1)


@pytest.mark.parametrize("model", ["3pl", "4pl", "pcm", "rsm", "nominal"])
def test_a_model_that_girth_cannot_do_is_refused_with_the_reason(model):
    with pytest.raises(CalibrationError) as caught:
        calibrate(lsat6(), model, engine="girth")
    (problem,) = caught.value.problems
    assert (problem.where, problem.value) == ("model", model)
    assert "rasch, 1pl, 2pl, grm, gpcm" in problem.expected


def test_everything_else_it_cannot_do_is_named_at_once():
    responses = simulated(n=100)
    odd = Responses(
        items=responses.items,
        answers=responses.answers,
        group=np.arange(100, dtype=np.int32) % 2,
        groups=("a", "b"),
        weight=np.full(100, 0.5),
    )
    options = {"latent": "empirical", "fixed": {"i1": {"a": 1.0}}, "equal": [("a", ("i2", "i3"))]}
    with pytest.raises(CalibrationError) as caught:
        calibrate(
            odd,
            {name: "2pl" if name == "i1" else "grm" for name in odd.items},
            engine="girth",
            **options,
        )
    wrong = [problem.where for problem in caught.value.problems]
    assert wrong == ["model", "group", "weight", "latent", "fixed", "equal"]


def test_items_that_say_nothing_are_left_out_as_by_our_own_engine():
    responses = simulated(n=300)
    answers = responses.answers.copy()
    answers[:, 0] = 1
    found = calibrate(Responses(items=responses.items, answers=answers), "2pl", engine="girth")
    assert [each.item for each in found.excluded] == ["i0"]
    assert [each.item for each in found.items] == list(responses.items[1:])


def test_its_three_parameter_model_still_fails_or_our_table_is_out_of_date():
    with pytest.raises(ValueError, match="sequence"):
        girth.threepl_mml(simulated(n=200).answers.T.astype(int))
