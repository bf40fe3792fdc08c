"""Calibrations agree with R's mirt and TAM, whose own output is kept as the script wrote it.

`r/NAME.csv` is what `crosscheck.R` wrote, with the packages' versions in each row, of the answers
in `r/answers.json` (made for this) or of LSAT7; README.md beside this file has the settings.
"""

import numpy as np
import pytest

from calibration.crosscheck.comparison import compare
from calibration.crosscheck.folder import write_crosscheck
from calibration.estimation.calibrate import calibrate
from itembank.csvfile import read_table
from tests.reference.r_data import R, lsat7, made_up

POLYTOMOUS = ("grm", "gpcm", "pcm", "rsm", "nominal")


def beside(name, given, found, folder):
    """R's output of this name beside our own result."""
    answers = np.ascontiguousarray(given.answers)
    group = given.group if len(found.latent) > 1 else None
    write_crosscheck(folder, found, answers, group=group, weight=given.weight)
    return compare(R / f"{name}.csv", folder / "ours.csv")


def check(compared, *, estimates=0.005, errors=2e-3):
    """Within so many standard errors, and standard errors to so much of themselves."""
    assert compared.agrees(estimates)
    assert compared.only_ours == compared.only_theirs == ()
    ratios = [each.se_ratio for each in compared.differences if each.package == "mirt"]
    known = [ratio for ratio in ratios if ratio == ratio]
    assert len(known) == sum(each.se > 0 for each in compared.differences if each.package == "mirt")
    np.testing.assert_allclose(known, 1.0, atol=errors)
    for theirs in compared.theirs:
        assert theirs.log_likelihood == pytest.approx(compared.ours.log_likelihood, abs=3e-3)


@pytest.mark.parametrize("model", POLYTOMOUS)
def test_items_of_several_categories_with_missing_answers(model, tmp_path):
    given = made_up()
    found = calibrate(given, model, quadrature=(-6, 6, 61))
    check(beside(f"{model}", given, found, tmp_path))


@pytest.mark.parametrize("model", ["grm", "gpcm"])
def test_two_groups_with_a_free_mean_and_standard_deviation(model, tmp_path):
    given = made_up(groups=True)
    found = calibrate(given, model, quadrature=(-6, 6, 61))
    check(beside(f"{model}_groups", given, found, tmp_path))


@pytest.mark.parametrize("model", ["rasch", "1pl", "2pl", "3pl", "4pl"])
def test_lsat7(model, tmp_path):
    """3PL and 4PL: with Beta priors on c and d, which mirt takes through items of one's own."""
    given = lsat7()
    found = calibrate(given, model)
    check(beside(f"lsat7_{model}", given, found, tmp_path))


def mirts(name):
    """mirt's standard errors by item and parameter."""
    table = read_table(R / f"{name}.csv")
    place = table.columns
    return {
        (row[place["item"]], row[place["parameter"]]): float(row[place["se"]])
        for row in table.rows
        if row[place["item"]] and row[place["se"]]
    }


@pytest.mark.parametrize("model", ["grm", "gpcm", "pcm", "rsm"])
def test_robust_errors_are_mirts_sandwich(model):
    """Of grm and gpcm SE.type = "sandwich.Louis"; of pcm and rsm "sandwich", whose bread is Oakes'.

    With a free variance mirt 1.45.1 says of its Louis matrix that it cannot be inverted.
    """
    found = calibrate(made_up(), model, quadrature=(-6, 6, 61), standard_errors="robust")
    expected = mirts(f"{model}_sandwich")
    assert len(expected) == sum(len(item.robust_errors) for item in found.items)
    for item in found.items:
        for name, error in item.robust_errors.items():
            assert error == pytest.approx(expected[item.item, name], rel=2e-3)
