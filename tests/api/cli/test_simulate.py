"""`samatthana simulate`: what it prints, writes and refuses."""

import json

import pytest
from typer.testing import CliRunner

from api.cli.main import app

ITEMS = "item,a,b,c\n" + "\n".join(f"i{n},1.2,{(n - 10) / 5},0.2" for n in range(20))
DESIGN = "{pool: items.csv, persons: {n: 50}, stop: {max: 5}, cuts: [0], second_sitting: none}"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "items.csv").write_text(ITEMS, encoding="utf-8")
    (tmp_path / "design.yaml").write_text(DESIGN, encoding="utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["simulate", *map(str, arguments)])


def test_json_has_the_promised_keys_and_nothing_else_is_printed(folder):
    done = run(folder / "design.yaml", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    promised = {
        *("n", "bias", "rmse", "mean_se", "mean_length", "max_exposure", "overlap"),
        "classification_accuracy",
    }
    assert promised <= set(found)
    assert (found["n"], found["mean_length"]) == (50, 5.0)


def test_tables_are_printed_in_the_language_asked_for(folder):
    assert "Highest exposure" in run(folder / "design.yaml").stdout
    assert "การเปิดเผยสูงสุด" in run(folder / "design.yaml", "--lang", "th").stdout


def test_at_a_terminal_a_bar_says_how_far_it_is(folder, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # by which Rich takes what is captured for a terminal
    done = run(folder / "design.yaml")
    assert done.exit_code == 0
    assert "50 of 50" in done.stderr
    assert "50 of" not in run(folder / "design.yaml", "--json").stderr


def test_a_folder_takes_the_report_and_every_candidate(folder):
    done = run(folder / "design.yaml", "--out", folder / "out", "--workers", "1")
    assert done.exit_code == 0
    names = {path.name for path in (folder / "out").iterdir()}
    assert names == {"report.html", "figures.json", "items.csv", "candidates.csv"}
    lines = (folder / "out" / "candidates.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 51


def test_faults_are_all_named_with_their_place(folder):
    (folder / "bad.yaml").write_text(
        "{pool: items.csv, persons: {n: 0}, stop: {max: 5}, selekt: {}}", encoding="utf-8"
    )
    done = run(folder / "bad.yaml", "--json")
    assert done.exit_code == 3
    problems = json.loads(done.stdout)["error"]["problems"]
    assert {problem["where"] for problem in problems} == {"persons.n", "selekt"}


def test_a_missing_file_and_a_folder_that_cannot_be_made_are_bad_input(folder):
    assert run(folder / "nothing.yaml").exit_code == 3
    taken = folder / "items.csv" / "out"
    done = run(folder / "design.yaml", "--out", taken)
    assert done.exit_code == 3
    assert "a folder that can be written" in done.stderr


def test_a_study_that_fails_leaves_no_half_written_file(folder):
    (folder / "bad.yaml").write_text("{pool: no.csv, stop: {max: 5}}", encoding="utf-8")
    assert run(folder / "bad.yaml", "--out", folder / "out").exit_code == 3
    assert list((folder / "out").iterdir()) == []
