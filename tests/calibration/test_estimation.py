"""Calibration of simulated answers: truth, the likelihood written out, and what must not matter."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from calibration.estimation import calibrate as module
from calibration.estimation.calibrate import calibrate
from calibration.estimation.comparison import compare
from calibration.responses import InPieces
from engine import models
from tests.calibration import estimation_cases as cases
from tests.calibration.estimation_cases import partial_credit, responses, right_or_wrong

QUICK = {"standard_errors": "none"}
PLAIN = {"standard_errors": "none", "priors": False}


def column(found, name):
    return np.array([item.parameters[name] for item in found.items])


def same(one, other, tolerance=1e-9):
    """Whether two calibrations give the same numbers."""
    assert one.log_likelihood == pytest.approx(other.log_likelihood, rel=tolerance)
    for mine, theirs in zip(one.items, other.items, strict=True):
        for name, value in mine.parameters.items():
            assert value == pytest.approx(theirs.parameters[name], abs=tolerance)


@pytest.mark.parametrize("model", ["rasch", "1pl", "2pl", "3pl", "4pl"])
def test_log_likelihood_is_the_sum_over_persons_of_right_or_wrong_items(model):
    answers, _, _ = right_or_wrong(300, 8, seed=1)
    answers[np.random.default_rng(2).random(answers.shape) < 0.2] = -1
    found = calibrate(responses(answers), model, **QUICK)
    assert_likelihood(found, answers)


@pytest.mark.parametrize("model", ["grm", "pcm", "gpcm", "rsm", "nominal"])
def test_log_likelihood_is_the_sum_over_persons_of_graded_items(model):
    answers, _, _ = partial_credit(300, 6, 4, seed=3)
    assert_likelihood(calibrate(responses(answers), model, **QUICK), answers)


def assert_likelihood(found, answers):
    """The engine's formulas, through the published parameters, give the same likelihood."""
    nodes, latent = found.quadrature.nodes, found.latent[0]
    probability = np.exp(models.log_probability(found.pool(), nodes))
    density = cases.normal_density(nodes, latent.mean, latent.sd)
    expected = cases.log_likelihood(answers, probability, density)
    assert found.log_likelihood == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("model", ["2pl", "3pl", "grm"])
def test_no_nearby_parameters_are_more_likely(model):
    """A step of a tenth of a standard error in any direction loses, whatever the loop believes."""
    answers, _, _ = right_or_wrong(2000, 10, seed=4, c=0.2 if model == "3pl" else 0.0)
    found = calibrate(responses(answers), model, priors=False, tolerance=1e-4)
    nodes = found.quadrature.nodes
    density = cases.normal_density(nodes)
    patterns, counts = np.unique(answers, axis=0, return_counts=True)
    best = np.exp(models.log_probability(found.pool(), nodes))
    top = cases.log_likelihood(patterns, best, density, counts)
    for place in (0, 4, 9):
        item = found.items[place]
        for name, error in item.errors.items():
            if not np.isfinite(error) or (name == "c" and item.parameters["c"] < error):
                continue  # a guessing parameter at 0 has no room below
            for sign in (-1.0, 1.0):
                moved = moved_item(found, place, name, sign * 0.1 * error)
                curve = np.exp(models.log_probability(moved, nodes))
                assert cases.log_likelihood(patterns, curve, density, counts) < top + 1e-7


def moved_item(found, place, name, by):
    item = found.items[place]
    parameters = {**item.parameters, name: item.parameters[name] + by}
    items = list(found.items)
    items[place] = replace(item, parameters=parameters)
    return replace(found, items=tuple(items)).pool()


def test_truth_is_recovered():
    answers, a, b = right_or_wrong(20_000, 30, seed=5)
    found = calibrate(responses(answers))
    errors = np.array([[item.errors[name] for item in found.items] for name in "ab"])
    z = (np.stack([column(found, "a"), column(found, "b")]) - [a, b]) / errors
    # 60 estimates: their squared errors in standard errors average 1, give or take 0.18.
    assert 0.6 < (z**2).mean() < 1.5
    assert found.converged
    assert found.quadrature_check is None


def test_groups_have_their_own_mean_and_spread():
    pieces = [right_or_wrong(4000, 25, 6, mean=m, sd=s)[0] for m, s in ((0, 1), (0.8, 1.5))]
    group = np.repeat(np.array([0, 1], dtype=np.int32), 4000)
    answers = responses(np.concatenate(pieces), group=group, groups=("first", "second"))
    first, second = calibrate(answers).latent
    assert (first.mean, first.sd, first.se_mean, first.se_sd) == (0.0, 1.0, None, None)
    assert second.mean == pytest.approx(0.8, abs=4 * second.se_mean)
    assert second.sd == pytest.approx(1.5, abs=4 * second.se_sd)


def test_an_empirical_density_finds_two_kinds_of_persons():
    rng = np.random.default_rng(7)
    _, a, b = right_or_wrong(1, 40, seed=8)
    theta = rng.choice([-0.9, 0.9], (4000, 1)) + 0.435 * rng.standard_normal((4000, 1))
    answers = responses(rng.random((4000, 40)) < 1 / (1 + np.exp(-a * (theta - b))))
    normal = calibrate(answers, **QUICK)
    found = calibrate(answers, latent="empirical", **QUICK)
    assert found.log_likelihood > normal.log_likelihood + 50
    assert found.latent[0].mean == pytest.approx(0.0, abs=1e-9)
    assert found.latent[0].sd == pytest.approx(1.0, abs=1e-9)
    density = np.interp([-0.9, 0.0, 0.9], found.quadrature.nodes, found.latent[0].density)
    assert density[1] < 0.6 * min(density[0], density[2])


def test_normal_persons_have_a_normal_empirical_density():
    answers = responses(right_or_wrong(4000, 20, seed=9)[0])
    normal, free = (
        calibrate(answers, latent=latent, **QUICK) for latent in ("normal", "empirical")
    )
    np.testing.assert_allclose(column(free, "a"), column(normal, "a"), atol=0.08)
    assert -1.0 < free.log_likelihood - normal.log_likelihood < 15.0


@pytest.fixture(scope="module")
def many():
    answers, _, _ = right_or_wrong(16_000, 20, seed=10)
    answers[np.random.default_rng(11).random(answers.shape) < 0.1] = -1
    return answers


def test_threads_do_not_change_results(many):
    one, two = (calibrate(responses(many), threads=n, **QUICK) for n in (1, 2))
    assert one.log_likelihood == two.log_likelihood
    np.testing.assert_array_equal(one.phi, two.phi)


def test_pieces_of_any_size_give_the_same_result(many):
    tight = {**QUICK, "tolerance": 1e-5}
    whole = calibrate(responses(many), **tight)
    pieces = [responses(many[start : start + 3500]) for start in range(0, len(many), 3500)]
    same(calibrate(pieces, **tight), whole, 1e-6)
    assert calibrate(pieces, **tight).log_likelihood == pytest.approx(
        whole.log_likelihood, rel=1e-13
    )


def test_the_order_of_persons_does_not_matter(many):
    order = np.random.default_rng(12).permutation(len(many))
    tight = {**QUICK, "tolerance": 1e-5}
    same(calibrate(responses(many[order]), **tight), calibrate(responses(many), **tight), 1e-6)


def test_weights_count_as_persons():
    answers, _, _ = right_or_wrong(2000, 6, seed=13)
    patterns, counts = np.unique(answers, axis=0, return_counts=True)
    tight = {"tolerance": 1e-6}
    weighted = calibrate(responses(patterns, weight=counts.astype(float)), **tight)
    plain = calibrate(responses(answers), **tight)
    same(weighted, plain, 1e-5)
    assert weighted.items[0].errors["a"] == pytest.approx(plain.items[0].errors["a"], rel=1e-5)
    assert weighted.n_persons == 2000


def test_lists_of_answers_give_the_same_as_packed_ones(many, monkeypatch):
    tight = {**QUICK, "tolerance": 1e-5}
    packed = calibrate(responses(many), **tight)
    monkeypatch.setattr(module, "SPARSE", 2.0)
    same(calibrate(responses(many), **tight), packed, 1e-6)


def test_no_step_loses_likelihood(many):
    seen = []
    calibrate(responses(many), "3pl", progress=lambda *now: seen.append(now), **PLAIN)
    values = np.array([log_likelihood for _, log_likelihood, _ in seen])
    assert (np.diff(values) > -1e-8 * np.abs(values[1:])).all()


def test_out_of_steps_is_said_and_raises_nothing(many):
    found = calibrate(responses(many), max_iterations=1, **QUICK)
    assert not found.converged
    assert found.iterations == 1


def test_3pl_without_priors_converges():
    answers, _, _ = right_or_wrong(5000, 30, seed=14, c=0.2)
    assert calibrate(responses(answers), "3pl", **PLAIN).converged


def test_likelihood_ratio_of_models_within_each_other():
    answers = responses(right_or_wrong(3000, 10, seed=15)[0])
    small, large = (calibrate(answers, model, **QUICK) for model in ("1pl", "2pl"))
    found = compare(large, small)
    assert (found.smaller, found.larger, found.df) == ("1pl", "2pl", 9)
    assert found.statistic == pytest.approx(2 * (large.log_likelihood - small.log_likelihood))
    assert found.p < 1e-6  # slopes were drawn with a spread of 0.3
    assert found.aic == pytest.approx(large.aic - small.aic)


def test_rasch_and_1pl_are_one_model_on_two_scales():
    answers = responses(right_or_wrong(3000, 10, seed=16)[0])
    tight = {**QUICK, "tolerance": 1e-5}
    rasch, common = (calibrate(answers, model, **tight) for model in ("rasch", "1pl"))
    assert rasch.log_likelihood == pytest.approx(common.log_likelihood, abs=1e-4)
    slope = column(common, "a")[0]
    assert rasch.latent[0].sd == pytest.approx(slope, abs=1e-4)
    np.testing.assert_allclose(column(rasch, "b"), slope * column(common, "b"), atol=1e-3)


def test_a_parquet_file_in_pieces_gives_the_same_as_the_whole(many, tmp_path):
    columns = {f"i{item}": many[:, item] for item in range(many.shape[1])}
    frame = pl.DataFrame(columns).with_columns(pl.all().replace(-1, None))
    frame.write_parquet(tmp_path / "answers.parquet")
    tight = {**QUICK, "tolerance": 1e-5}
    in_pieces = calibrate(InPieces(path=tmp_path / "answers.parquet", size=3000), **tight)
    same(in_pieces, calibrate(responses(many), **tight), 1e-6)
