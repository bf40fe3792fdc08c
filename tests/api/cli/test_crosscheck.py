"""`samatthana crosscheck`."""

from __future__ import annotations

import csv

import numpy as np
import pytest


@pytest.fixture
def answers(write):
    generator = np.random.default_rng(5)
    theta = generator.standard_normal(400)
    given = (theta[:, None] + generator.logistic(size=(400, 5)) > np.linspace(-1, 1, 5)).astype(int)
    lines = [",".join(map(str, row)) for row in given.tolist()]
    return write("answers.csv", "q1,q2,q3,q4,q5", *lines)


def r_output(folder, change=lambda row: row):
    """What R would write if it found our own result, changed here and there."""
    with (folder / "ours.csv").open() as file:
        rows = [change(row | {"package": "mirt"}) for row in csv.DictReader(file)]
    with (folder / "r_output.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder / "r_output.csv"


def test_there_and_back(run, answers, tmp_path):
    written = run("crosscheck", answers, "--out", tmp_path / "r", "--json").json()
    names = [name.rpartition("/")[2] for name in written["files"]]
    assert names == ["responses.csv", "persons.csv", "settings.csv", "ours.csv", "crosscheck.R"]
    found = run("crosscheck", "--compare", r_output(tmp_path / "r"), "--json")
    assert found.code == 0
    told = found.json()
    assert told["agrees"] is True
    assert told["largest"] == 0
    assert len(told["differences"]) == 5 * 2 + 2  # a and b, mean and standard deviation
    assert told["theirs"][0]["converged"] is True


def test_a_difference_beyond_the_tolerance_is_a_failed_check(run, answers, tmp_path):
    run("crosscheck", answers, "--out", tmp_path / "r")

    def moved(row):
        if (row["item"], row["parameter"]) == ("q3", "b"):
            row["estimate"] = str(float(row["estimate"]) + 0.5 * float(row["se"]))
        return row

    path = r_output(tmp_path / "r", moved)
    found = run("crosscheck", "--compare", path)
    assert found.code == 1
    assert "do NOT agree" in found.out
    first = next(
        line for line in found.out.splitlines() if line.startswith("mirt  ") and "q" in line
    )
    assert first.split()[:2] == ["mirt", "q3.b"]
    assert run("crosscheck", "--compare", path, "--tolerance", "0.6").code == 0


def test_people_are_told_what_to_do_next(run, answers, tmp_path):
    found = run("crosscheck", answers, "--model", "rasch", "--out", tmp_path / "r")
    assert "Rscript" in found.out
    assert "--compare" in found.out


@pytest.mark.parametrize("arguments", [(), ("--tolerance", "1")])
def test_neither_answers_nor_a_result_is_a_usage_error(run, arguments):
    assert run("crosscheck", *arguments).code == 2


def test_both_at_once_or_no_folder_is_a_usage_error(run, answers, tmp_path):
    assert run("crosscheck", answers, "--compare", tmp_path / "x.csv").code == 2
    assert run("crosscheck", answers).code == 2


def test_a_result_that_is_not_there_is_bad_input(run, tmp_path):
    found = run("crosscheck", "--compare", tmp_path / "none.csv", "--json")
    assert found.code == 3
    assert "none.csv" in found.json()["error"]["message"]
