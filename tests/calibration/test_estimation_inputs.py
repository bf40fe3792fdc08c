"""Answers that say little or nothing, and options that contradict them: named, and the rest goes on."""

import numpy as np
import pytest

from calibration.errors import CalibrationError
from calibration.estimation.calibrate import calibrate
from calibration.estimation.options import CalibrationOptions
from engine.grid import Grid
from tests.calibration.estimation_cases import partial_credit, responses, right_or_wrong

QUICK = {"standard_errors": "none"}


@pytest.fixture
def answers():
    return right_or_wrong(2000, 8, seed=21)[0]


def test_items_without_information_are_named_and_the_rest_is_estimated(answers):
    answers[:, 1], answers[:, 2], answers[:, 3] = 1, 0, -1
    found = calibrate(responses(answers), **QUICK)
    assert {out.item: out.reason for out in found.excluded} == {
        "i1": "everyone who answered it is in category 1 (all right)",
        "i2": "everyone who answered it is in category 0 (all wrong)",
        "i3": "nobody answered it",
    }
    alone = calibrate(responses(answers[:, [0, 4, 5, 6, 7]]), **QUICK)
    assert found.n_items == 5
    assert found.log_likelihood == pytest.approx(alone.log_likelihood, rel=1e-12)


def test_nothing_to_estimate_names_every_item():
    with pytest.raises(CalibrationError) as caught:
        calibrate(responses(np.ones((5, 2))))
    assert [problem.where for problem in caught.value.problems] == ["i0", "i1"]


def test_a_group_that_shares_no_item_is_left_out_by_name(answers):
    group = (np.arange(2000) >= 1000).astype(np.int32)
    answers[:1000, 6:] = -1
    answers[1000:, :6] = -1
    found = calibrate(responses(answers, group=group, groups=("one", "two")), **QUICK)
    reason = "only two answered it, who share no item with one"
    assert [(out.item, out.reason) for out in found.excluded] == [("i6", reason), ("i7", reason)]
    assert found.n_empty == 1000
    assert found.n_parameters == 12


def test_groups_linked_through_a_third_are_estimated(answers):
    group = np.repeat(np.arange(3, dtype=np.int32), [700, 700, 600])
    answers[group == 0, 4:] = -1
    answers[group == 1, :2] = -1
    answers[group == 2, :4] = -1
    found = calibrate(responses(answers, group=group, groups=("a", "b", "c")), **QUICK)
    assert not found.excluded
    assert found.converged


def test_categories_nobody_gave_are_closed_up_and_said():
    graded = partial_credit(2000, 6, 4, seed=22)[0]
    gap = graded.copy()
    gap[:, 0] = np.array([0, 1, 3, 4], dtype=np.int8)[graded[:, 0]]
    found, plain = (calibrate(responses(each), "gpcm", **QUICK) for each in (gap, graded))
    assert found.items[0].flags == ("nobody in category 2: the categories above move down",)
    assert found.items[0].n_categories == 4
    assert found.log_likelihood == pytest.approx(plain.log_likelihood, rel=1e-12)


def test_negative_slopes_are_estimated_and_flagged(answers):
    turned = answers.copy()
    turned[:, 0] = 1 - turned[:, 0]
    found, plain = (calibrate(responses(each), **QUICK) for each in (turned, answers))
    assert found.items[0].flags == ("negative slope",)
    assert found.items[0].parameters["a"] == pytest.approx(
        -plain.items[0].parameters["a"], abs=0.01
    )
    assert found.items[0].parameters["b"] == pytest.approx(plain.items[0].parameters["b"], abs=0.01)


def test_persons_without_answers_add_nothing_and_are_counted(answers):
    nobody = np.full((50, 8), -1, dtype=np.int8)
    found = calibrate(responses(np.concatenate([nobody, answers])), **QUICK)
    plain = calibrate(responses(answers), **QUICK)
    assert (found.n_persons, found.n_empty) == (2050, 50)
    assert found.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-4)
    assert found.bic == pytest.approx(plain.bic, abs=1e-3)


def test_three_persons_give_an_answer_that_says_so(answers):
    found = calibrate(responses(answers[:3]), **QUICK)
    assert found.messages[0].startswith("3 persons for ")
    assert np.isfinite(found.log_likelihood)


def test_two_items_do(answers):
    assert calibrate(responses(answers[:, :2]), "rasch", **QUICK).converged


def test_models_may_differ_by_item(answers):
    graded = partial_credit(2000, 3, 3, seed=23)[0]
    both = responses(np.concatenate([answers, graded], axis=1))
    chosen = dict(
        zip(both.items, ["2pl"] * 4 + ["3pl"] * 4 + ["grm", "gpcm", "nominal"], strict=True)
    )
    found = calibrate(both, chosen, **QUICK)
    assert found.model == "mixed"
    assert [item.model for item in found.items] == list(chosen.values())
    assert list(found.pool().n_categories) == [2] * 8 + [3] * 3


def test_fixed_and_equal_parameters_are_kept(answers):
    found = calibrate(
        responses(answers),
        fixed={"i0": {"a": 1.25, "b": -0.5}, "i1": {"a": 0.75}},
        equal=[("a", ("i2", "i3"))],
        **QUICK,
    )
    first, second, third, fourth, *_ = (item.parameters for item in found.items)
    assert (first["a"], second["a"]) == (1.25, 0.75)
    assert first["b"] == pytest.approx(-0.5, abs=1e-12)
    assert third["a"] == fourth["a"]
    assert found.n_parameters == 12


def test_fixed_items_let_the_distribution_go_free():
    answers, a, b = right_or_wrong(4000, 10, seed=24, mean=0.5, sd=1.3)
    fixed = {f"i{i}": {"a": float(a[i]), "b": float(b[i])} for i in range(9)}
    latent = calibrate(responses(answers), fixed=fixed, free_latent=True).latent[0]
    assert latent.mean == pytest.approx(0.5, abs=4 * latent.se_mean)
    assert latent.sd == pytest.approx(1.3, abs=4 * latent.se_sd)


def test_persons_on_known_items_alone_have_a_mean_and_a_standard_deviation():
    answers, a, b = right_or_wrong(3000, 12, seed=27, mean=0.5, sd=1.3)
    fixed = {f"i{i}": {"a": float(a[i]), "b": float(b[i])} for i in range(12)}
    found = calibrate(responses(answers), fixed=fixed, free_latent=True)
    assert found.converged
    assert found.n_parameters == 2
    # Four standard errors of a mean and a standard deviation from 3,000 persons and 12 answers.
    assert found.latent[0].mean == pytest.approx(0.5, abs=0.15)
    assert found.latent[0].sd == pytest.approx(1.3, abs=0.15)
    held = calibrate(responses(answers), fixed=fixed)
    assert (held.n_parameters, held.converged) == (0, True)
    assert held.log_likelihood < found.log_likelihood


def test_priors_hold_guessing_where_the_data_say_little():
    answers = responses(right_or_wrong(1000, 10, seed=25, c=0.2)[0])
    free, held = (calibrate(answers, "3pl", priors=on, **QUICK) for on in (False, True))
    assert free.log_posterior == free.log_likelihood
    assert held.log_posterior != held.log_likelihood < free.log_likelihood
    guessing = [item.parameters["c"] for item in held.items]
    assert 0.1 < min(guessing) < max(guessing) < 0.35


def test_too_few_nodes_are_noticed(answers):
    found = calibrate(responses(answers), quadrature=(-6, 6, 9), **QUICK)
    assert "the nodes are 1.5 apart" in found.quadrature_check
    narrow = calibrate(responses(answers), quadrature=Grid(-1.0, 1.0, 21), **QUICK)
    assert "lie at the ends of the nodes" in narrow.quadrature_check


def test_long_tests_get_more_nodes_by_themselves():
    found = calibrate(responses(right_or_wrong(500, 400, seed=26)[0]), "rasch", **QUICK)
    assert found.quadrature.n > 61
    assert found.quadrature_check is None


def test_everything_wrong_with_the_options_is_said_at_once():
    with pytest.raises(CalibrationError) as caught:
        CalibrationOptions(
            model="5pl",
            quadrature=(3, -3, 2),
            latent="t",
            tolerance=0,
            standard_errors="all",
            fixed={"i1": {"a": float("nan")}},
            equal=[("a", ("i1",))],
        )
    where = {problem.where.split("[")[0] for problem in caught.value.problems}
    assert where == {
        *("model", "latent", "standard_errors", "tolerance"),
        *("quadrature hi", "quadrature n", "fixed", "equal"),
    }


def test_options_about_unknown_items_name_them(answers):
    with pytest.raises(CalibrationError) as caught:
        calibrate(responses(answers), fixed={"x": {"a": 1.0}}, equal=[("a", ("i0", "y"))])
    assert [problem.value for problem in caught.value.problems] == ["x", "y"]


def test_pieces_that_end_after_one_pass_are_refused(answers):
    with pytest.raises(CalibrationError, match="gone through again"):
        calibrate(iter([responses(answers)]))


def test_pieces_must_have_the_same_items(answers):
    with pytest.raises(CalibrationError, match="as in the first piece"):
        calibrate([responses(answers), responses(answers[:, :5])])


def test_the_record_names_data_options_and_versions(answers):
    once, again = (calibrate(responses(answers), **QUICK) for _ in range(2))
    assert once.record == again.record
    assert once.record.data_hash == responses(answers).hash
    assert set(once.record.versions) == {"samatthana", "numpy", "scipy", "numba", "python"}
    np.testing.assert_array_equal(once.phi, again.phi)
