"""What the report finds in published data, as docs/calibration.md tells it; from file to report.

Sources: SAT12, shipped with R's mirt (TESTFACT manual); TIMSS 2011, IEA, shipped with TAM; SPISA,
shipped with psychotree; ability, shipped with psychTools; Fatigue, shipped with TestDesign.
"""

from __future__ import annotations

import csv
from itertools import zip_longest
from pathlib import Path

import numpy as np
import pytest

from calibration.estimation.calibrate import calibrate
from calibration.report.findings import findings
from calibration.report.opinions import largest_difference
from calibration.report.report import write_report
from calibration.report.results import gather
from calibration.responses import NOT_REACHED, OMITTED, Responses, parse_key, read_responses
from tests.calibration.pages import Reader
from tests.tools import shared_file

SAT12_KEY = parse_key("1 4 5 2 3 1 2 1 3 1 2 4 2 1 5 3 4 4 1 4 3 3 4 1 3 5 1 3 1 5 4 5")


def reported(responses, model, folder, second=False):
    """Results and findings, with the report written and read again."""
    fitted = calibrate(responses, model)
    other = calibrate(responses, model, engine="girth") if second else None
    results = gather(responses, fitted, name="real", second=other)
    assert fitted.converged
    text = write_report(folder, results, language="en")[0].read_text()
    return results, dict(findings(results).by_kind()), Reader(text).text


def errors(results, item):
    return next(each for each in results.calibration.items if each.item == item)


def test_sat12_has_a_key_to_check_and_weak_items(tmp_path):
    path = shared_file("data", "responses", "sat12.csv")
    responses = read_responses(path, key=SAT12_KEY, omit_codes=["8"])
    results, kinds, text = reported(responses, "2pl", tmp_path, second=True)
    assert kinds["wrong_key"] == ("Item.32",)
    (suspect,) = [each for each in results.screen.suspect_keys if each.p_value < 0.05]
    assert (suspect.key, suspect.option) == ("5", "3")
    assert set(kinds["flat"]) == {"Item.12", "Item.32"}
    assert set(kinds["extreme"]) == {"Item.9", "Item.21", "Item.32"}
    assert results.reliability.marginal == pytest.approx(0.836, abs=0.002)
    assert results.calibration.log_likelihood == pytest.approx(-9488.955, abs=0.01)
    worst = largest_difference(results)
    assert (worst.item, worst.parameter) == ("Item.32", "a")
    assert worst.theirs > 0.2 > worst.ours  # girth looks from 0.2 upwards
    assert "Item.32: key 5, option 3" in text


def test_spisa_has_an_item_of_negative_slope_that_girth_cannot_find(tmp_path):
    columns = ["gender", "age", "semester", "elite", "spon"]
    path = shared_file("data", "responses", "spisa.csv")
    results, kinds, text = reported(
        read_responses(path, ignore=columns), "2pl", tmp_path, second=True
    )
    assert kinds["negative_slope"] == ("q23",)
    item = errors(results, "q23")
    assert item.parameters["a"] == pytest.approx(-0.217, abs=0.005)
    assert item.errors["a"] == pytest.approx(0.07, abs=0.01)
    worst = largest_difference(results)
    assert (worst.item, worst.parameter) == ("q23", "a")
    assert worst.in_se == pytest.approx(6.0, abs=0.3)
    assert "slope at girth's bound of 0.2" in text


def test_ability_counts_persons_without_answers(tmp_path):
    path = shared_file("data", "responses", "ability.csv")
    results, kinds, text = reported(read_responses(path), "2pl", tmp_path, second=True)
    assert results.calibration.n_persons == 1525
    assert results.calibration.n_empty == pytest.approx(16)
    assert not kinds
    assert "16 persons answered no estimated item" in text
    # Difficulties solved from shares of answers are near the maximum, and not at it.
    assert abs(largest_difference(results).in_se) < 0.3
    with (tmp_path / "abilities.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert sum(row["theta"] == "" for row in rows) == 16


def timss_models(responses):
    return {
        name: "2pl" if n == 2 else "gpcm"
        for name, n in zip(responses.items, responses.n_categories, strict=True)
    }


def test_timss_is_a_mixed_test_of_two_groups(tmp_path):
    path = shared_file("data", "responses", "timssaustwn_scored.csv")
    responses = read_responses(path, ignore=["ITSEX", "IDBOOK"], group="IDCNTRY")
    results, kinds, _ = reported(responses, timss_models(responses), tmp_path)
    australia, taiwan = results.calibration.latent
    assert (australia.group, taiwan.group) == ("36", "158")
    assert taiwan.mean == pytest.approx(1.535, abs=0.01)
    assert taiwan.se_mean == pytest.approx(0.076, abs=0.005)
    assert taiwan.sd == pytest.approx(1.195, abs=0.01)
    assert set(kinds["disordered"]) == {"M032757", "M032760A", "M032692"}
    assert kinds["misfit"] == ("M032760B",)


POINTS = {"10": 1, "11": 1, "20": 2, "21": 2, "70": 0, "71": 0, "79": 0}
NONE = {"": -1, "NA": -1, "9": OMITTED, "99": OMITTED, "6": NOT_REACHED, "96": NOT_REACHED}
TIMSS_KEY = {"M032166": "2", "M032721": "2", "M032626": "4", "M032595": "3", "M032673": "3"}


def timss_raw(path: Path) -> Responses:
    """The raw codes of TIMSS as categories, omitted, not reached and not given."""
    header, *rows = csv.reader(path.read_text().splitlines())
    answers = np.full((len(rows), 11), -1, dtype=np.int8)
    for place, name in enumerate(header[:11]):
        for row, cells in enumerate(rows):
            code = cells[place]
            if code in NONE:
                answers[row, place] = NONE[code]
            elif name in TIMSS_KEY:
                answers[row, place] = code == TIMSS_KEY[name]
            else:
                answers[row, place] = POINTS[code]
    group = np.array([row[11] == "158" for row in rows], dtype=np.int32)
    return Responses(items=tuple(header[:11]), answers=answers, group=group, groups=("36", "158"))


def test_timss_from_its_raw_codes_tells_omitted_from_not_reached():
    raw = timss_raw(shared_file("data", "responses", "timssaustwn.csv"))
    assert raw.n_persons == 1773
    assert (raw.answers == OMITTED).sum() == 1768
    assert (raw.answers == NOT_REACHED).sum() == 84
    path = shared_file("data", "responses", "timssaustwn_scored.csv")
    scored = read_responses(path, ignore=["ITSEX", "IDBOOK"], group="IDCNTRY")
    models = timss_models(scored)
    without = calibrate(raw, models, omitted="wrong", standard_errors="none")
    wrong = calibrate(raw, models, omitted="wrong", not_reached="wrong", standard_errors="none")
    as_scored = calibrate(scored, models, standard_errors="none")
    assert without.n_empty == wrong.n_empty == pytest.approx(4)
    # All counted as wrong, the raw file is the scored one.
    assert wrong.log_likelihood == pytest.approx(as_scored.log_likelihood, abs=0.01)
    moved = [
        abs(value - other.parameters[name])
        for one, other in zip_longest(without.items, as_scored.items)
        for name, value in one.parameters.items()
    ]
    assert 0.005 < max(moved) < 0.04


def test_fatigue_is_too_small_for_its_parameters_and_the_report_says_so(tmp_path):
    path = shared_file("data", "testdesign", "resp_fatigue_95.csv")
    results, kinds, text = reported(read_responses(path), "grm", tmp_path)
    assert len(results.calibration.items) == 95
    # The loop's own model of the ridge stops at -7410.689; the observed information goes on.
    assert results.calibration.log_likelihood == pytest.approx(-7410.6812, abs=2e-4)
    assert "100 persons for 459 parameters: too few" in text
    assert len(kinds["few_answers"]) == 95
    assert len(kinds["steep"]) > 60  # the likelihood is flat: which ones, the last digits decide
    assert results.calibration.quadrature.n > 200
    assert results.calibration.quadrature_check is None
