"""A file that is read in pieces brings the results of the same file read whole."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from calibration.estimation.calibrate import calibrate
from calibration.report.files import files_of, summary
from calibration.report.findings import findings
from calibration.report.report import write_report
from calibration.report.results import gather
from calibration.report.summary_text import summary_lines
from calibration.responses import InPieces, pieces, read_responses

N = 2000


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Persons of two schools; of `rare`, eight come to category 2."""
    generator = np.random.default_rng(6)
    theta = generator.standard_normal(N) + np.repeat([0.0, 0.5], N // 2)
    drawn = theta[:, None] + generator.logistic(size=(N, 6))
    answers = (drawn > np.linspace(-1, 1, 6)).astype(int).astype(str)
    answers[generator.random(answers.shape) < 0.1] = ""
    rare = (theta + generator.logistic(size=N) > 0).astype(int)
    rare[:: N // 8] = 2
    lines = [
        f"p{row},{'ab'[row >= N // 2]},{','.join(cells)},{last}"
        for row, (cells, last) in enumerate(zip(answers.tolist(), rare.tolist(), strict=True))
    ]
    file = tmp_path_factory.mktemp("answers") / "answers.csv"
    file.write_text("\n".join(["person,school,i1,i2,i3,i4,i5,i6,rare", *lines]) + "\n")
    return file


OPTIONS = {"group": "school"}


@pytest.fixture(scope="module")
def whole(path):
    responses = read_responses(path, **OPTIONS)
    return gather(responses, calibrate(responses, "gpcm"), name="whole")


def in_pieces(path, size=300):
    source = InPieces(path=path, size=size, options=OPTIONS)
    return gather(source, calibrate(source, "gpcm"), name="whole")


def test_all_that_is_found_is_the_same(path, whole):
    found = in_pieces(path)
    one, other = summary(whole), summary(found)
    assert found.calibration.record.data_hash == whole.calibration.record.data_hash
    assert other["log_likelihood"] == pytest.approx(one["log_likelihood"], abs=1e-8)
    for ours, theirs in zip(one["items"], other["items"], strict=True):
        assert ours.keys() == theirs.keys()
        for name, value in ours.items():
            close = pytest.approx(value, abs=1e-7) if isinstance(value, float) else value
            assert theirs[name] == close, (ours["item"], name)
    assert other["groups"][1]["mean"] == pytest.approx(one["groups"][1]["mean"], abs=1e-7)
    assert other["reliability"] == pytest.approx(one["reliability"], abs=1e-7)
    assert found.missing == whole.missing == pytest.approx(0.1 * 6 / 7, abs=0.01)


def test_everyone_has_an_ability_though_a_sample_is_looked_at(path, whole, monkeypatch, tmp_path):
    monkeypatch.setattr(pieces, "SAMPLE", 400)
    found = in_pieces(path)
    assert found.sampled == found.responses.n_rows == 400
    write_report(tmp_path, found, language="en")
    told = list(csv.DictReader(io.StringIO((tmp_path / "abilities.csv").read_text())))
    expected = list(csv.DictReader(io.StringIO(files_of(whole)["abilities.csv"].decode())))
    for name in ("person", "group", "n_answers"):
        assert [row[name] for row in told] == [row[name] for row in expected]
    for name in ("theta", "se"):
        numbers = [float(row[name] or "nan") for row in told]
        assert numbers == pytest.approx([float(row[name] or "nan") for row in expected], abs=1e-6)
    assert "400 persons drawn at random" in (tmp_path / "report.html").read_text()
    assert "in the folder of this report" in (tmp_path / "report.html").read_text()


def test_a_category_is_rare_among_all_and_not_among_those_looked_at(path, whole, monkeypatch):
    """The eight of category 2 may all be outside the sample: categories are those of all."""
    monkeypatch.setattr(pieces, "SAMPLE", 50)
    found = in_pieces(path)
    assert "rare_category" in findings(found).of("rare")
    assert found.counts.sum(axis=1).tolist() == [each.n_answers for each in found.calibration.items]
    np.testing.assert_array_equal(found.counts, whole.counts)
    assert found.counts[6, 2] == 8


def test_persons_without_names_are_numbered_through_the_file(tmp_path):
    generator = np.random.default_rng(1)
    rows = (generator.random((90, 3)) < 0.5).astype(int).tolist()
    file = tmp_path / "nameless.csv"
    file.write_text("\n".join(["x,y,z", *(",".join(map(str, row)) for row in rows)]) + "\n")
    source = InPieces(path=file, size=40)
    table = b"".join(files_of(gather(source, calibrate(source, "rasch")))["abilities.csv"])
    persons = [row["person"] for row in csv.DictReader(io.StringIO(table.decode()))]
    assert persons == [str(number) for number in range(1, 91)]


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_summary_says_what_comes_from_a_sample(path, language):
    found = in_pieces(path)
    said = "\n".join(summary_lines(found, findings(found), language))
    assert ("2,000 persons drawn at random" if language == "en" else "2,000 คนที่สุ่มมา") in said
