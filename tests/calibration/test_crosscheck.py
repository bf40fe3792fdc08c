"""What R found beside what we found: figures of R mirt 1.45.1, and made-up ones for every fault."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
from itertools import pairwise

import numpy as np
import pytest

from calibration.crosscheck.comparison import compare
from calibration.crosscheck.folder import SCRIPT, write_crosscheck
from calibration.errors import CalibrationError
from calibration.estimation.calibrate import calibrate
from calibration.estimation.result import Latent
from calibration.families.layout import Layout
from calibration.responses.model import Responses
from itembank.csvfile import TableError
from tests.calibration.results import calibration, item
from tests.tools import shared_file

HEAD = "package,group,item,parameter,estimate,se\n"
OURS = HEAD + (
    "samatthana,,i1,a,1.0,0.1\nsamatthana,,i1,b,0.5,0.2\nsamatthana,,i2,a,1.0,\n"
    "samatthana,,,log_likelihood,-100.0,\nsamatthana,,,converged,1,\n"
)


def written(folder, theirs, ours=OURS):
    (folder / "ours.csv").write_text(ours)
    (folder / "r_output.csv").write_text(HEAD + theirs)
    return folder / "r_output.csv"


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_differences_are_in_our_standard_errors_and_the_largest_comes_first(tmp_path):
    theirs = "mirt,,i1,a,1.01,0.11\nmirt,,i1,b,0.4,0.2\nmirt,,,log_likelihood,-100.5,\n"
    found = compare(written(tmp_path, theirs + "mirt,,,converged,1,\n"))
    first, second = found.differences
    assert (first.item, first.parameter) == ("i1", "b")
    assert first.difference == pytest.approx(-0.1)
    assert first.in_se == pytest.approx(-0.5)
    assert second.in_se == pytest.approx(0.1)
    assert second.se_ratio == pytest.approx(1.1)
    assert found.largest == pytest.approx(0.5)
    assert found.agrees(0.6)
    assert not found.agrees(0.4)
    assert found.theirs[0].log_likelihood == -100.5
    assert found.theirs[0].converged is True
    assert found.only_ours == ("i2.a",)


def test_a_fixed_parameter_must_be_the_same(tmp_path):
    same = compare(written(tmp_path, "mirt,,i2,a,1.0,\n"))
    assert same.agrees(0.1)
    other = compare(written(tmp_path, "mirt,,i2,a,1.1,\n"))
    assert np.isnan(other.differences[0].in_se)
    assert not other.agrees(0.1)


def test_packages_are_compared_apart(tmp_path):
    found = compare(written(tmp_path, "mirt,,i1,a,1.0,\nTAM,,i1,a,1.2,\nTAM,,i9,a,1,\n"))
    assert [(each.package, round(each.in_se, 6)) for each in found.differences] == [
        ("TAM", 2.0),
        ("mirt", 0.0),
    ]
    assert found.only_theirs == ("i9.a",)
    assert [each.package for each in found.theirs] == ["mirt", "TAM"]
    assert found.theirs[0].converged is None


def test_a_program_that_stands_elsewhere_is_named(tmp_path):
    """Before parameters: which of the two found the likelier place, and whether it stood still."""
    same = "mirt,,i1,a,1.0,\nmirt,,,log_likelihood,-100.001,\nmirt,,,converged,1,\n"
    assert compare(written(tmp_path, same)).advice == ()
    short = same.replace("-100.001", "-100.5").replace("converged,1", "converged,0")
    stopped, lower = compare(written(tmp_path, short)).advice
    assert "mirt did not converge" in stopped
    assert "0.50 below ours" in lower
    (higher,) = compare(written(tmp_path, same.replace("-100.001", "-99.5"))).advice
    assert "0.50 above ours" in higher


def test_versions_that_r_wrote_are_told(tmp_path):
    (tmp_path / "ours.csv").write_text(OURS)
    path = tmp_path / "r_output.csv"
    path.write_text("version," + HEAD + '"mirt 1.45.1, R 4.2.2",mirt,,i1,a,1.0,\n')
    assert compare(path).theirs[0].version == "mirt 1.45.1, R 4.2.2"


def rscript_with_mirt():
    """Path of Rscript; the test is skipped, and says so, where R or its package mirt is not there."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("R is not installed: the script for R is NOT run here")
    asked = subprocess.run([rscript, "-e", "library(mirt)"], capture_output=True, check=False)
    if asked.returncode:
        pytest.skip("R has no package mirt: the script for R is NOT run here")
    return rscript


@pytest.mark.parametrize(
    "models", [("2pl", "2pl", "2pl", "2pl", "gpcm"), ("3pl", "2pl", "1pl", "1pl", "grm")]
)
def test_r_runs_the_script_and_finds_what_we_found(models, tmp_path):
    """Two groups, weights, missing answers, a prior on c, and names that mean something in R."""
    rscript = rscript_with_mirt()
    rng = np.random.default_rng(3)
    theta = rng.normal(size=500)
    steps = np.array([[-1.0, 9], [-0.5, 9], [0.0, 9], [0.5, 9], [-0.5, 0.6]])
    drawn = theta[:, None, None] + rng.logistic(size=(500, 5, 1)) > steps
    answers = drawn.sum(axis=2).astype(np.int8)
    answers[:, :4] = np.minimum(answers[:, :4], 1)
    answers[rng.random(answers.shape) < 0.1] = -1
    items = ("NA", "ข้อ 2", "q,3", "it's", "if")
    given = Responses(
        items=items,
        answers=answers,
        group=rng.integers(0, 2, size=500).astype(np.int32),
        groups=("NA", "ก"),
        weight=rng.integers(1, 4, size=500).astype(float),
    )
    found = calibrate(given, dict(zip(items, models, strict=True)))
    write_crosscheck(tmp_path, found, answers, group=given.group, weight=given.weight)
    ran = subprocess.run([rscript, tmp_path / SCRIPT.name], capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    compared = compare(tmp_path / "r_output.csv")
    assert compared.agrees(0.01)
    assert compared.only_ours == compared.only_theirs == compared.advice == ()
    assert compared.theirs[0].version.startswith("mirt ")


def test_nothing_in_common_is_no_agreement(tmp_path):
    assert not compare(written(tmp_path, "mirt,,i9,a,1.0,\n")).agrees(1.0)


def test_everything_wrong_with_a_file_is_named_by_row_and_column(tmp_path):
    path = written(tmp_path, "mirt,,i1,a,much,0.1\nmirt,,i1,b,0.5,?\nmirt,,i1,b,0.6,0.1\n")
    with pytest.raises(TableError) as caught:
        compare(path)
    assert [problem.where for problem in caught.value.problems] == [
        "row 2, column estimate",
        "row 3, column se",
        "row 4, column parameter",
    ]


def test_a_table_of_something_else_is_refused(tmp_path):
    path = tmp_path / "r_output.csv"
    path.write_text("item,a\ni1,1\n")
    with pytest.raises(TableError, match="a column package"):
        compare(path, path)


def fitted(**changes):
    items = [item("i1", a=1.0, b=0.25), item("ข้อ 2", "grm", a=1.5, b1=-1.0, b2=1 / 3)]
    return calibration(items, **changes)


def test_the_folder_holds_answers_persons_settings_result_and_script(tmp_path):
    answers = np.array([[1, 2], [-1, -1], [0, -1]], dtype=np.int8)
    write_crosscheck(tmp_path / "r", fitted(), answers, weight=np.array([1.0, 2.0, 3.5]))
    assert (tmp_path / "r" / "responses.csv").read_text() == "i1,ข้อ 2\n1,2\n0,NA\n"
    assert (tmp_path / "r" / "persons.csv").read_text() == "group,weight\nall,1.0\nall,3.5\n"
    settings = rows(tmp_path / "r" / "settings.csv")
    assert [(each["model"], each["n_categories"]) for each in settings] == [
        ("2pl", "2"),
        ("grm", "3"),
    ]
    assert settings[0]["free_variance"] == "0"
    ours = {(row["item"], row["parameter"]): row for row in rows(tmp_path / "r" / "ours.csv")}
    assert float(ours["ข้อ 2", "b2"]["estimate"]) == 1 / 3
    assert ours["ข้อ 2", "b2"]["se"] == "0.1"
    assert (tmp_path / "r" / "crosscheck.R").read_bytes() == SCRIPT.read_bytes()
    assert sorted(each.name for each in (tmp_path / "r").iterdir()) == [
        *("crosscheck.R", "ours.csv", "persons.csv", "responses.csv", "settings.csv"),
    ]


def test_the_reference_group_stands_first_for_r(tmp_path):
    latent = (
        Latent(group="b", n_persons=1, mean=0.0, sd=1.0),
        Latent(group="a", n_persons=1, mean=0.5, sd=1.2, se_mean=0.1, se_sd=0.2),
    )
    answers = np.array([[0, 0], [1, 1]], dtype=np.int8)
    write_crosscheck(
        tmp_path, fitted(latent=latent), answers, group=np.array([1, 0], dtype=np.int32)
    )
    assert (tmp_path / "persons.csv").read_text() == "group,weight\nb,1.0\na,1.0\n"
    assert (tmp_path / "responses.csv").read_text().splitlines()[1:] == ["1,1", "0,0"]


def test_priors_on_guessing_go_to_r_as_they_were(tmp_path):
    layout = Layout.build(["i1", "i2", "i3"], ["3pl", "2pl", "4pl"], [2, 2, 2])
    items = [
        *(item("i1", "3pl", a=1.0, b=0.0, c=0.2), item("i2", a=1.0, b=0.0)),
        item("i3", "4pl", a=1.0, b=0.0, c=0.2, d=0.9),
    ]
    found = calibration(items, layout=layout)
    write_crosscheck(tmp_path / "with", found, np.zeros((1, 3), dtype=np.int8))
    one, two, three = rows(tmp_path / "with" / "settings.csv")
    # Beta(20 m + 1, 20 (1 - m) + 1), greatest at m = 0.2 for c and 0.95 for d.
    assert (one["c_alpha"], one["c_beta"], one["d_alpha"]) == ("5.0", "17.0", "")
    assert (two["c_alpha"], two["d_alpha"]) == ("", "")
    both = [float(three[name]) for name in ("c_alpha", "c_beta", "d_alpha", "d_beta")]
    assert both == pytest.approx([5.0, 17.0, 20.0, 2.0])
    without = calibration(items, layout=layout, options={"priors": False})
    write_crosscheck(tmp_path / "without", without, np.zeros((1, 3), dtype=np.int8))
    assert {row["c_alpha"] for row in rows(tmp_path / "without" / "settings.csv")} == {""}


def test_ours_against_ourselves_is_no_difference(tmp_path):
    write_crosscheck(tmp_path, fitted(), np.zeros((1, 2), dtype=np.int8))
    own = (tmp_path / "ours.csv").read_text().replace("samatthana", "mirt")
    (tmp_path / "r_output.csv").write_text(own)
    found = compare(tmp_path / "r_output.csv")
    assert len(found.differences) == 5 + 2
    assert found.largest == 0.0
    assert found.only_ours == found.only_theirs == ()


def test_what_the_script_cannot_ask_for_is_refused_by_name(tmp_path):
    odd = fitted(options={"latent": "empirical", "fixed": {"i1": {"a": 1.0}}})
    with pytest.raises(CalibrationError) as caught:
        write_crosscheck(tmp_path / "r", odd, np.zeros((1, 2), dtype=np.int8))
    assert [problem.where for problem in caught.value.problems] == ["latent", "fixed"]
    assert not (tmp_path / "r").exists()


def test_the_script_reads_only_columns_that_are_written(tmp_path):
    write_crosscheck(tmp_path, fitted(), np.zeros((1, 2), dtype=np.int8))
    head = (tmp_path / "settings.csv").read_text().splitlines()[0].split(",")
    used = set(re.findall(r"settings\$(\w+)", SCRIPT.read_text()))
    assert used <= set(head)
    assert set(head) <= used | {"item", "model"}


def test_brackets_of_the_script_match():
    """R is not needed to see that no bracket or quote was left open."""
    closing = {")": "(", "]": "[", "}": "{"}
    opened: list[str] = []
    for line in SCRIPT.read_text().splitlines():
        code = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line).partition("#")[0]
        assert code.count('"') % 2 == 0, line
        for character in code:
            if character in "([{":
                opened.append(character)
            elif character in closing:
                assert opened.pop() == closing[character], line
    assert not opened


def mirts_table(found, names):
    """What the script would write of mirt's own figures, as kept in the reference files."""
    lines = []
    for values, errors in zip(found["coef_abcd"], found["SE_abcd"], strict=True):
        for theirs, ours in names.items():
            se = errors[theirs]
            lines.append(
                f"mirt,,{values['_row']},{ours},{values[theirs]},{'' if se is None else se}"
            )
    lines += [
        f"mirt,,,log_likelihood,{found['logLik']},",
        f"mirt,,,converged,{int(found['conv'])},",
    ]
    return "\n".join(lines) + "\n"


def test_mirts_figures_of_lsat6_are_read_as_the_script_writes_them(tmp_path):
    found = json.loads(shared_file("reference", "mirt_lsat6.json").read_text())["2PL"]
    items = [
        item(each["_row"], a=each["a"], b=each["b"])  # errors of 0.1
        for each in found["coef_abcd"]
    ]
    write_crosscheck(tmp_path, calibration(items), np.zeros((1, 5), dtype=np.int8))
    (tmp_path / "r_output.csv").write_text(HEAD + mirts_table(found, {"a": "a", "b": "b"}))
    compared = compare(tmp_path / "r_output.csv")
    assert compared.agrees(1e-9)
    assert compared.theirs[0].log_likelihood == pytest.approx(-2466.65337739808)
    ratios = {(each.item, each.parameter): each.se_ratio for each in compared.differences}
    assert ratios["Item.1", "b"] == pytest.approx(8.664721011285)
    assert all(
        first >= second for first, second in pairwise([abs(d.in_se) for d in compared.differences])
    )


def test_what_r_found_of_earlier_answers_is_taken_away(tmp_path):
    earlier = tmp_path / "r_output.csv"
    earlier.write_text(HEAD)
    found, answers = fitted(), np.zeros((1, len(fitted().items)), dtype=np.int8)
    write_crosscheck(tmp_path, found, answers)
    assert not earlier.exists()
