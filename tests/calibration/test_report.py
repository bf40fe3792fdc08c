"""The report of a calibration: what it says is what was found, in both languages alike."""

from __future__ import annotations

import csv
import io
import json
import re
import string
import subprocess
import sys
from base64 import b64decode
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars
import pytest

from calibration.errors import CalibrationError
from calibration.estimation.calibrate import calibrate
from calibration.report.files import files_of, summary
from calibration.report.findings import WEIGHTS, findings
from calibration.report.folder import write_folder
from calibration.report.numbers import decimal, share, small, whole, with_error
from calibration.report.opinions import pairs
from calibration.report.report import report_page, write_report
from calibration.report.results import gather
from calibration.report.words import word, words
from calibration.responses import OMITTED, Responses
from tests.calibration.pages import Reader

LANGUAGES = ("th", "en")


def answered(n=600, m=8, seed=4):
    """Raw options of n persons to m items; item 2 keyed wrongly, item 5 known to no one."""
    generator = np.random.default_rng(seed)
    theta = generator.standard_normal(n)
    a, b = np.full(m, 1.3), np.linspace(-1.5, 1.5, m)
    a[5] = 0.0
    right = generator.random((n, m)) < 1.0 / (1.0 + np.exp(-a * (theta[:, None] - b)))
    raw = np.where(right, 0, generator.integers(1, 4, (n, m))).astype(np.int16)
    key = ["A"] * m
    key[2] = "B"
    answers = (raw == [ord(k) - ord("A") for k in key]).astype(np.int8)
    answers[:5, 7], raw[:5, 7] = OMITTED, -1
    return Responses(
        items=tuple(f"q{k}" for k in range(m)),
        answers=answers,
        raw=raw,
        options=(("A", "B", "C", "D"),) * m,
        key=tuple(key),
    )


@pytest.fixture(scope="module")
def results():
    responses = answered()
    fitted = calibrate(responses, "2pl")
    second = calibrate(responses, "2pl", engine="girth")
    return gather(responses, fitted, name="ข้อสอบ <ก>", cuts=(0.5, -0.5), second=second)


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request, results):
    found = findings(results)
    return request.param, report_page(results, found, files_of(results, found), request.param)


def test_the_two_languages_have_the_same_words_to_fill_in():
    assert words("th").keys() == words("en").keys()
    for key, text in words("th").items():
        assert _places(text) == _places(words("en")[key]), key
        assert re.search("[\u0e00-\u0e7f]", text) or key in _SAME, key
        assert not re.search("[\u0e00-\u0e7f]", words("en")[key]), key


_SAME = {"fact.aic", "fact.bic", "second.ours", "second.theirs", "summary.excluded_item"}


def _places(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_page_is_well_formed_whole_and_says_its_language(page):
    language, text = page
    reader = Reader(text)
    assert reader.named("html")[0]["lang"] == language
    assert "&lt;ก&gt;" in text
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert "{" not in reader.text
    assert "None" not in reader.text
    assert "nan" not in reader.text.split()


def test_every_drawing_has_a_sentence_and_a_description(page):
    _, text = page
    figures = re.findall(r"<figure>(.*?)</figure>", text, re.DOTALL)
    assert len(figures) == 8 + 8 + 3  # curves, options; precision, map, density
    for each in figures:
        assert re.match(r"<figcaption>[^<]+</figcaption>", each)
        assert re.search(r'<svg role="img" aria-label="[^"]{10,}"', each)


def test_headings_follow_one_another_without_a_gap(page):
    _, text = page
    levels = [int(tag[1]) for tag, _ in Reader(text).elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_summary_names_the_wrong_key_and_the_flat_item(page, results):
    language, text = page
    kinds = dict(findings(results).by_kind())
    assert kinds["wrong_key"] == ("q2",)
    assert "q5" in (*kinds.get("flat", ()), *kinds.get("negative_slope", ()))
    start = Reader(text).text
    assert f"{word(language, 'finding.wrong_key')} q2" in start


def test_numbers_of_the_page_are_those_of_the_calibration(page, results):
    _, text = page
    read = Reader(text).text
    assert decimal(results.calibration.log_likelihood, 3) in read
    assert decimal(results.reliability.empirical, 3) in read
    first = results.calibration.items[0]
    assert with_error(first.parameters["a"], first.errors["a"]) in read
    assert results.calibration.record.data_hash in read


def test_downloads_are_the_files(page, results):
    _, text = page
    files = files_of(results)
    links = {
        each["download"]: each["href"] for each in Reader(text).named("a") if "download" in each
    }
    assert links.keys() == files.keys()
    for name, address in links.items():
        assert b64decode(address.partition("base64,")[2]) == files[name]


def test_csv_json_and_parquet_say_the_same(results):
    files = files_of(results)
    table = list(csv.DictReader(io.StringIO(files["items.csv"].decode())))
    told = json.loads(files["items.json"])["items"]
    frame = polars.read_parquet(io.BytesIO(files["items.parquet"])).to_dicts()
    for one, two, three in zip(table, told, frame, strict=True):
        assert one["item"] == two["item"] == three["item"]
        for name in ("a", "b", "se_a", "se_b"):
            assert float(one[name]) == two[name] == three[name]
        assert one["flags"] == "; ".join(two["flags"]) == three["flags"]
        assert (one["se_c"], two["se_c"], three["se_c"]) == ("", None, None)


def test_json_holds_no_number_that_is_none(results):
    json.loads(json.dumps(summary(results), allow_nan=False, default=str))


def test_abilities_have_a_row_for_everyone(results):
    rows = list(csv.DictReader(io.StringIO(files_of(results)["abilities.csv"].decode())))
    assert [row["person"] for row in rows] == [str(k) for k in range(1, 601)]
    assert float(rows[3]["theta"]) == results.abilities.theta[3]


def test_the_record_repeats_the_run(results):
    kept = json.loads(files_of(results)["record.json"])
    assert kept["data_sha256"] == results.responses.hash
    options = {k: v for k, v in kept["options"].items() if k not in ("quadrature", "equal")}
    again = calibrate(results.responses, quadrature=tuple(kept["nodes"]), **options)
    np.testing.assert_allclose(
        [each.parameters["b"] for each in again.items],
        [each.parameters["b"] for each in results.calibration.items],
        atol=1e-3,
    )


def test_the_second_opinion_is_sorted_by_what_differs_most(results):
    compared = pairs(results)
    assert len(compared) == 16
    sizes = [abs(each.in_se) for each in compared]
    assert sizes == sorted(sizes, reverse=True)


def test_nominal_items_have_no_place_on_the_map_and_all_their_parameters():
    generator = np.random.default_rng(6)
    theta = generator.standard_normal(400)
    lines = theta[:, None, None] * np.array([0.0, 1.0, 2.0]) + generator.gumbel(size=(400, 4, 3))
    responses = Responses(items=tuple("abcd"), answers=lines.argmax(axis=2).astype(np.int8))
    found = gather(responses, calibrate(responses, "nominal"))
    files = files_of(found)
    table = list(csv.DictReader(io.StringIO(files["items.csv"].decode())))
    assert {"a1", "a2", "c1", "c2", "se_a1", "se_c2"} <= table[0].keys()
    assert float(table[0]["a2"]) == found.calibration.items[0].parameters["a2"]
    text = report_page(found, findings(found), files, "en")
    assert word("en", "heading.map") not in Reader(text).text


def test_a_calibration_that_did_not_converge_says_so_first(results):
    stopped = replace(results, calibration=replace(results.calibration, converged=False))
    found = findings(stopped)
    for language in LANGUAGES:
        text = Reader(report_page(stopped, found, files_of(stopped), language)).text
        start = word(language, "summary.not_converged", iterations=0, distance=0)[:20]
        assert start in text
        assert word(language, "summary.converged", iterations=1, distance=1)[:24] not in text


def test_every_finding_has_words_in_both_languages():
    for language in LANGUAGES:
        for kind in WEIGHTS:
            assert word(language, f"finding.{kind}", limit=1)
            assert word(language, f"flag.{kind}")


def test_files_are_written_whole_or_not_at_all(tmp_path):
    folder = tmp_path / "out"
    write_folder(folder, {"a.txt": b"old", "b.txt": b"old"})
    (folder / "mine.txt").write_text("kept")

    class Failing(dict):
        def items(self):
            yield "a.txt", b"new"
            raise OSError("disk full")

    with pytest.raises(CalibrationError, match="disk full"):
        write_folder(folder, Failing({"a.txt": b"new", "b.txt": b"new"}))
    assert {each.name: each.read_text() for each in folder.iterdir()} == {
        "a.txt": "old",
        "b.txt": "old",
        "mine.txt": "kept",
    }


def test_a_new_folder_comes_whole_with_the_rights_of_any_folder(tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()

    def parts():
        yield b"one"
        assert not (tmp_path / "out").exists()
        yield b"two"

    write_folder(tmp_path / "out", {"a.txt": b"a", "b.txt": parts()})
    assert (tmp_path / "out" / "b.txt").read_bytes() == b"onetwo"
    assert (tmp_path / "out").stat().st_mode == plain.stat().st_mode
    assert {each.name for each in tmp_path.iterdir()} == {"plain", "out"}


def test_a_killed_writer_leaves_no_result_and_what_it_left_is_cleared_away(tmp_path):
    """The child is killed in the middle of its second file."""
    killed = """
import os, pathlib, sys
from calibration.report.folder import write_folder
def parts():
    yield b"half"
    os.kill(os.getpid(), 9)
write_folder(pathlib.Path(sys.argv[1]), {"a.txt": b"new", "b.txt": parts()})
"""
    there = tmp_path / "there"
    write_folder(there, {"a.txt": b"old", "b.txt": b"old"})
    for folder, seen in ((tmp_path / "fresh", []), (there, ["a.txt", "b.txt"])):
        ended = subprocess.run([sys.executable, "-c", killed, folder], check=False, cwd=Path.cwd())
        assert ended.returncode == -9
        visible = sorted(each for each in folder.glob("*") if not each.name.startswith("."))
        assert [each.name for each in visible] == seen
        assert {each.read_text() for each in visible} <= {"old"}
        write_folder(folder, {"a.txt": b"a", "b.txt": b"b"})
        assert sorted(each.name for each in folder.iterdir()) == ["a.txt", "b.txt"]
    assert {each.name for each in tmp_path.iterdir()} == {"fresh", "there"}


def test_a_report_is_the_same_each_time(results, tmp_path):
    one, two = (write_report(tmp_path / name, results, language="en")[0] for name in "ab")
    assert one.read_bytes() == two.read_bytes()
    assert one.name == "report.html"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (decimal(-1.005, 2), "\N{MINUS SIGN}1.00"),
        (decimal(-0.001, 2), "0.00"),
        (decimal(-12345.678, 1), "\N{MINUS SIGN}12,345.7"),
        (decimal(float("nan")), "\N{EN DASH}"),
        (with_error(1.0, None), "1.00"),
        (with_error(1.0, 0.256), "1.00 (0.26)"),
        (with_error(None, None), ""),
        (whole(1000.0), "1,000"),
        (whole(12.5), "12.5"),
        (share(0.0471), "4.7 %"),
        (small(0.00001), "<\N{NO-BREAK SPACE}0.0001"),
        (small(0.01234), "0.012"),
        (small(1234.5), "1,234"),
    ],
)
def test_numbers_as_people_write_them(written, expected):
    assert written == expected
