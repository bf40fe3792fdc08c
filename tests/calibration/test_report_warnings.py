"""What the report says first when the data cannot tell what was asked of them; nothing left over."""

import json
from pathlib import Path

import numpy as np
import pytest

from calibration.estimation.calibrate import calibrate
from calibration.report.files import record
from calibration.report.findings import findings
from calibration.report.report import write_report
from calibration.report.results import gather
from calibration.report.summary_text import summary_lines
from tests.calibration.estimation_cases import responses, right_or_wrong


def summary(answers, language="en", model="2pl", **more):
    given = responses(answers, **more)
    results = gather(given, calibrate(given, model))
    return [*summary_lines(results, findings(results), language)], results


@pytest.mark.parametrize(
    ("language", "flag", "message"),
    [
        ("en", "The answers do not tell", "the answers do not tell"),
        ("th", "คำตอบไม่พอจะบอก", "คำตอบไม่พอจะบอก"),
    ],
)
def test_two_items_of_two_slopes_are_not_called_fine(language, flag, message):
    """Three free shares of patterns for four parameters."""
    lines, results = summary(right_or_wrong(300, 2, seed=2)[0], language)
    assert findings(results).of("i0")[0] == "unidentified"
    assert lines[2].startswith(message)  # after the data and the verdict
    assert any(line.startswith(f"  - {flag}") for line in lines)


def test_too_few_persons_is_said_right_after_the_verdict():
    lines, _ = summary(right_or_wrong(3, 8, seed=1)[0])
    assert lines[2].startswith("3 persons for ")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "group one: 1 person is too few for its mean and standard deviation"),
        ("th", "กลุ่ม one: ผู้ตอบ 1 คน น้อยเกินไปสำหรับค่าเฉลี่ยและส่วนเบี่ยงเบนมาตรฐานของกลุ่ม"),
    ],
)
def test_a_group_of_one_person_is_named(language, said):
    answers = right_or_wrong(200, 8, seed=3)[0]
    group = np.zeros(200, dtype=np.int32)
    group[0] = 1
    lines, _ = summary(answers, language, group=group, groups=("many", "one"))
    assert said in lines


def test_files_of_another_run_do_not_stay_beside_those_of_this_one(tmp_path):
    _, results = summary(right_or_wrong(200, 6, seed=4)[0])
    (tmp_path / "options.csv").write_text("of a run with a key")
    (tmp_path / "notes.txt").write_text("mine")
    write_report(tmp_path, results)
    assert not (tmp_path / "options.csv").exists()
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_record_says_how_the_answers_were_read(tmp_path):
    given = responses(right_or_wrong(200, 6, seed=4)[0])
    reading = {"file": "a.csv", "missing_codes": ["", "9"]}
    results = gather(given, calibrate(given), reading=reading)
    assert record(results)["reading"] == reading
    write_report(tmp_path, results, language="en")
    assert json.loads((tmp_path / "record.json").read_bytes())["reading"] == reading
    assert "missing_codes" in Path(tmp_path / "report.html").read_text()


def test_what_holds_of_every_item_is_said_once_and_kept_in_the_file(tmp_path):
    lines, results = summary(right_or_wrong(150, 6, seed=4)[0])
    found = findings(results)
    assert "few_answers" in found.common
    assert "All 6 items ask for a look:" in lines
    assert not any(line.startswith("Look at ") for line in lines)
    write_report(tmp_path, results, language="en")
    page = (tmp_path / "report.html").read_text()
    assert page.count("few answers") == 1
    assert "since it holds of every item: few answers" in page
    assert (tmp_path / "items.csv").read_text().count("few_answers") == 6
    one = findings(summary(right_or_wrong(150, 2, seed=4)[0])[1])
    assert set(one.of("i0")) - set(one.common) == set(one.own("i0"))


@pytest.mark.parametrize(
    ("language", "yes", "no", "empty"),
    [("en", "yes", "no", "(empty cell), 9"), ("th", "ใช่", "ไม่", "(ช่องว่าง), 9")],
)
def test_the_record_speaks_to_people(tmp_path, language, yes, no, empty):
    given = responses(right_or_wrong(200, 4, seed=4)[0])
    reading = {"missing_codes": ["", "9"], "trailing_not_reached": False}
    results = gather(given, calibrate(given), reading=reading)
    write_report(tmp_path, results, language=language)
    page = (tmp_path / "report.html").read_text()
    for shown in (yes, no, empty, "\N{MINUS SIGN}6"):
        assert shown in page
    cells = page.partition("missing_codes</th>")[2]
    assert f"<td>{empty}</td>" in cells
    assert f"<td>{no}</td>" in cells
    assert f"<td>{yes}</td>" in cells
    assert "<td>True</td>" not in page
    assert "<td>False</td>" not in page
