"""`samatthana calibrate`."""

from __future__ import annotations

import csv
import itertools
import json

import numpy as np
import polars as pl
import polars.testing
import pytest

from calibration.responses import size
from itembank.item_files import read_item_file

LSAT6 = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3,
    "00111": 4, "01000": 1, "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15,
    "10000": 10, "10001": 29, "10010": 14, "10011": 81, "10100": 3, "10101": 28, "10110": 15,
    "10111": 80, "11000": 16, "11001": 56, "11010": 21, "11011": 173, "11100": 11, "11101": 61,
    "11110": 28, "11111": 298,
}  # fmt: skip
"""Persons with each pattern of answers (Bock & Lieberman, 1970)."""


@pytest.fixture
def lsat6(write):
    lines = [f"{','.join(pattern)},{count}" for pattern, count in LSAT6.items()]
    return write("lsat6.csv", "i1,i2,i3,i4,i5,count", *lines)


@pytest.fixture
def graded(write):
    """Answers of 300 persons to four items of three categories and one of two."""
    generator = np.random.default_rng(8)
    theta = generator.standard_normal(300)
    draws = generator.logistic(size=(300, 5, 1)) / 1.4
    answers = (theta[:, None, None] + draws > np.array([-0.8, 0.8])).sum(axis=2)
    answers[:, 4] = np.minimum(answers[:, 4], 1)
    lines = [",".join(map(str, row)) for row in answers.tolist()]
    return write("graded.csv", "g1,g2,g3,g4,g5", *lines)


def test_json_has_the_keys_it_promises(run, lsat6):
    told = run("calibrate", lsat6, "--weight", "count", "--json").json()
    assert told["model"] == "2pl"
    assert told["n_persons"] == 1000
    assert told["n_items"] == 5
    assert told["converged"] is True
    assert told["iterations"] >= 1
    assert told["latent"]["mean"] == 0
    assert told["latent"]["sd"] == 1
    assert [each["item"] for each in told["items"]] == ["i1", "i2", "i3", "i4", "i5"]
    assert {"item", "a", "b", "c", "se_a", "se_b", "se_c"} <= told["items"][0].keys()
    assert told["items"][0]["c"] == 0
    assert told["items"][0]["se_c"] is None
    # R mirt 1.45.1, 2PL on these data: logLik, and item 1 with Oakes standard errors.
    assert told["log_likelihood"] == pytest.approx(-2466.65338, abs=1e-4)
    assert told["items"][0]["a"] == pytest.approx(0.82566, abs=5e-4)
    assert told["items"][0]["b"] == pytest.approx(-3.35881, abs=2e-3)
    assert told["items"][0]["se_a"] == pytest.approx(0.25811, abs=5e-4)
    assert told["items"][0]["se_b"] == pytest.approx(0.86647, abs=3e-3)


def test_rasch_estimates_the_variance(run, lsat6):
    told = run("calibrate", lsat6, "--weight", "count", "--model", "rasch", "--json").json()
    assert {each["a"] for each in told["items"]} == {1}
    # R mirt 1.45.1, Rasch: COV_11 = 0.57024.
    assert told["latent"]["sd"] ** 2 == pytest.approx(0.57024, abs=1e-3)


def test_a_polytomous_model_gives_thresholds_also_on_an_item_of_two(run, graded):
    told = run("calibrate", graded, "--model", "grm", "--json").json()
    assert {"a", "b1", "b2", "se_b1", "se_b2"} <= told["items"][0].keys()
    assert "b1" in told["items"][4]
    assert not {"b", "b2", "c"} & told["items"][4].keys()


def test_the_folder_has_report_and_files_that_other_commands_read(run, lsat6, tmp_path):
    out = tmp_path / "out"
    found = run("calibrate", lsat6, "--weight", "count", "--out", out, "--lang", "en")
    assert found.code == 0
    names = [
        "abilities.csv",
        "items.csv",
        "items.json",
        "items.parquet",
        "record.json",
        "report.html",
    ]
    assert sorted(each.name for each in out.iterdir()) == names
    assert all(str(out / name) in found.out for name in names)
    bank = read_item_file(out / "items.csv")
    told = json.loads((out / "items.json").read_text())
    assert bank.pool.a.tolist() == [each["a"] for each in told["items"]]
    scored = run("score", lsat6, "--items", out / "items.csv", "--ignore", "count", "--json").json()
    with (out / "abilities.csv").open() as file:
        abilities = [float(row["theta"]) for row in csv.DictReader(file)]
    assert [each["theta"] for each in scored["scores"]] == pytest.approx(abilities, abs=1e-5)


def test_the_same_run_writes_the_same_bytes(run, lsat6, tmp_path):
    for name in ("one", "two"):
        run("calibrate", lsat6, "--weight", "count", "--out", tmp_path / name)
    for each in (tmp_path / "one").iterdir():
        assert each.read_bytes() == (tmp_path / "two" / each.name).read_bytes(), each.name


def test_the_record_has_all_that_repeats_the_run(run, lsat6, tmp_path):
    """Answers, how they were read, and options."""
    out = tmp_path / "o"
    run(
        "calibrate",
        lsat6,
        "--weight",
        "count",
        "--omit-codes",
        "9,8",
        "--tol",
        "0.0001",
        "--out",
        out,
    )
    kept = json.loads((out / "record.json").read_text())
    assert kept["reading"]["file"] == "lsat6.csv"
    assert (kept["reading"]["weight"], kept["reading"]["omit_codes"]) == ("count", ["9", "8"])
    assert kept["options"]["tolerance"] == 0.0001
    assert len(kept["data_sha256"]) == 64


@pytest.mark.parametrize(("lang", "word"), [("th", "ความเที่ยง"), ("en", "Reliability")])
def test_the_report_and_the_summary_speak_the_language_asked_for(run, lsat6, tmp_path, lang, word):
    arguments = ("calibrate", lsat6, "--weight", "count", "--out", tmp_path / "o", "--lang", lang)
    found = run(*arguments)
    report = (tmp_path / "o" / "report.html").read_text()
    assert f'<html lang="{lang}">' in report
    assert word in report
    assert word in found.out


def test_options_with_a_key(run, write):
    generator = np.random.default_rng(2)
    right = generator.random((200, 4)) < np.linspace(0.2, 0.9, 200)[:, None]
    options = np.where(right, list("ABCD"), list("BCDA"))
    options[0, 0] = "-"
    lines = [",".join(row) for row in options.tolist()]
    path = write("raw.csv", "q1,q2,q3,q4", *lines)
    told = run("calibrate", path, "--key", "ABCD", "--omit-codes", "-", "--json").json()
    assert told["items"][0]["n"] == 200  # an omission counts as wrong where there is a key
    missing = run(
        "calibrate", path, "--key", "ABCD", "--omit-codes", "-", "--omitted", "missing", "--json"
    ).json()
    assert missing["items"][0]["n"] == 199


def test_a_file_of_models_makes_a_mixed_test(run, graded, write, tmp_path):
    models = write("models.csv", "item,model", "g1,grm", "g2,gpcm", "g3,pcm", "g4,grm", "g5,2pl")
    told = run("calibrate", graded, "--model", models, "--json", "--out", tmp_path / "o").json()
    assert told["model"] == "mixed"
    assert [each["model"] for each in told["items"]] == ["grm", "gpcm", "pcm", "grm", "2pl"]
    assert len(read_item_file(tmp_path / "o" / "items.csv").names) == 5


def test_groups_have_their_own_mean(run, write):
    generator = np.random.default_rng(3)
    theta = np.concatenate([generator.normal(0, 1, 400), generator.normal(1, 1, 400)])
    answers = (theta[:, None] + generator.logistic(size=(800, 8)) > 0).astype(int)
    lines = [
        f"{'ab'[k // 400]},{','.join(map(str, row))}" for k, row in enumerate(answers.tolist())
    ]
    path = write("two.csv", "school," + ",".join(f"i{k}" for k in range(8)), *lines)
    told = run("calibrate", path, "--group", "school", "--json").json()
    assert [each["group"] for each in told["groups"]] == ["a", "b"]
    assert told["groups"][1]["mean"] == pytest.approx(1.0, abs=0.3)
    assert told["groups"][1]["se_mean"] > 0


@pytest.fixture
def linked(write):
    """Known items c1-c8 and new ones n1-n4, answered by persons of mean 1 and SD 0.7."""
    generator = np.random.default_rng(14)
    a, b = generator.uniform(0.8, 1.8, 12), np.linspace(-1.0, 2.5, 12)[generator.permutation(12)]
    theta = 1.0 + 0.7 * generator.standard_normal((3000, 1))
    answers = (generator.random((3000, 12)) < 1 / (1 + np.exp(-a * (theta - b)))).astype(int)
    names = [*(f"c{k}" for k in range(1, 9)), *(f"n{k}" for k in range(1, 5))]
    told = write("new.csv", ",".join(names), *(",".join(map(str, row)) for row in answers.tolist()))
    known = [f"c{k + 1},{a[k]},{b[k]}" for k in range(8)]
    bank = write("bank.csv", "item,a,b", *known, "elsewhere,1.0,0.0")
    return told, bank, dict(zip(names, zip(a, b, strict=True), strict=True))


def test_new_items_are_put_on_the_scale_of_known_ones(run, linked):
    answers, bank, truth = linked
    told = run("calibrate", answers, "--fixed", bank, "--json").json()
    latent = told["latent"]
    assert abs(latent["mean"] - 1.0) < 4 * latent["se_mean"]
    assert abs(latent["sd"] - 0.7) < 4 * latent["se_sd"]
    for each in told["items"]:
        a, b = truth[each["item"]]
        if each["item"].startswith("c"):
            assert (each["a"], each["b"]) == pytest.approx((a, b), abs=1e-9)
            assert each["se_a"] is each["se_b"] is None
        else:
            assert abs(each["a"] - a) < 4 * each["se_a"]
            assert abs(each["b"] - b) < 4 * each["se_b"]


def test_people_see_the_mean_that_was_estimated(run, linked):
    answers, bank, _ = linked
    out = run("calibrate", answers, "--fixed", bank, "--lang", "en").out
    assert out.splitlines()[-3].split() == ["group", "mean", "sd"]


def test_known_items_of_several_models_keep_theirs(run, graded, write, tmp_path):
    bank = write("bank.csv", "item,model,a,b1,b2", "g1,grm,1.5,-1,1", "g2,gpcm,1.2,-0.5,0.75")
    told = run("calibrate", graded, "--model", "gpcm", "--fixed", bank, "--json").json()
    found = {each["item"]: each for each in told["items"]}
    assert [found[name]["model"] for name in ("g1", "g2")] == ["grm", "gpcm"]
    kept = [[found[name][key] for key in ("a", "b1", "b2")] for name in ("g1", "g2")]
    np.testing.assert_allclose(kept, [[1.5, -1.0, 1.0], [1.2, -0.5, 0.75]], rtol=1e-14)
    assert found["g3"]["model"] == "gpcm"
    assert found["g3"]["se_a"] > 0


def test_nominal_items_come_back_from_the_file_they_were_written_to(run, graded, tmp_path):
    out = tmp_path / "out"
    first = run("calibrate", graded, "--model", "nominal", "--out", out, "--json").json()
    told = run("score", graded, "--items", out / "items.csv", "--json").json()["scores"]
    abilities = (out / "abilities.csv").read_text().splitlines()[1:]
    expected = [[float(cell) for cell in line.split(",")[1:3]] for line in abilities]
    found = [[each["theta"], each["se"]] for each in told]
    np.testing.assert_allclose(found, expected, atol=1e-5)  # their nodes are others
    again = run(
        "calibrate", graded, "--model", "nominal", "--fixed", out / "items.csv", "--json"
    ).json()
    assert again["log_likelihood"] == pytest.approx(first["log_likelihood"], abs=1e-3)
    assert again["items"][0]["a1"] == pytest.approx(first["items"][0]["a1"], rel=1e-12)


def test_known_items_that_nobody_was_asked_hold_no_scale(run, graded, write):
    bank = write("bank.csv", "item,a,b", "x1,1.0,0.0")
    found = run("calibrate", graded, "--model", "grm", "--fixed", bank)
    assert found.code == 3
    assert "at least one item of the file of known ones" in found.err


def test_slopes_of_the_normal_metric(run, lsat6, tmp_path):
    plain = run("calibrate", lsat6, "--weight", "count", "--json").json()["items"][0]
    arguments = ("--metric", "1.702", "--json", "--out", tmp_path / "o")
    normal = run("calibrate", lsat6, "--weight", "count", *arguments).json()["items"][0]
    assert normal["a"] == pytest.approx(plain["a"] / 1.702)
    assert normal["se_a"] == pytest.approx(plain["se_a"] / 1.702)
    assert normal["b"] == plain["b"]
    bank = read_item_file(tmp_path / "o" / "items.csv", metric=1.702)
    assert bank.pool.a[0] == pytest.approx(plain["a"])


def test_girth_alone_and_beside(run, lsat6, tmp_path):
    alone = run("calibrate", lsat6, "--weight", "count", "--engine", "girth", "--json").json()
    assert alone["engine"] == "girth"
    assert alone["items"][0]["se_a"] is None
    out = tmp_path / "both"
    beside = run("calibrate", lsat6, "--weight", "count", "--second-opinion", "girth", "--out", out)
    assert "girth" in beside.out
    assert "ความเห็นที่สอง" in (out / "report.html").read_text()


def test_what_girth_cannot_do_is_bad_input(run, lsat6):
    found = run("calibrate", lsat6, "--weight", "count", "--engine", "girth", "--model", "3pl")
    assert found.code == 3
    assert "threepl_mml" in found.err


@pytest.mark.parametrize("command", ["calibrate", "crosscheck"])
def test_a_folder_that_cannot_be_written_is_bad_input_before_anything_is_done(
    run, lsat6, tmp_path, command
):
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "below"):
        found = run(command, lsat6, "--weight", "count", "--out", out)
        assert found.code == 3
        assert "a folder that can be written to" in found.err
    assert (tmp_path / "file").read_text() == "mine"


def test_non_convergence_exits_with_1_and_still_prints(run, lsat6):
    arguments = ("--max-iterations", "1", "--tol", "1e-9", "--json")
    found = run(
        "calibrate", lsat6, "--weight", "count", "--model", "3pl", "--no-priors", *arguments
    )
    assert found.code == 1
    assert found.json()["converged"] is False
    assert len(found.json()["items"]) == 5


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        (("--quadrature", "5"), "--quadrature"),
        (("--model", "5pl"), "--model"),
        (("--metric", "0"), "--metric"),
        (("--tol", "0"), "tolerance"),
        (("--omitted", "perhaps"), "omitted"),
    ],
)
def test_options_that_make_no_sense_are_named(run, lsat6, arguments, where):
    found = run("calibrate", lsat6, "--weight", "count", *arguments, "--json")
    assert found.code == 3
    assert where in [each["where"] for each in found.json()["error"]["problems"]]


def test_a_text_cell_and_a_negative_score_are_named_by_row_and_column(run, write):
    path = write("odd.csv", "i1,i2", "1,0", "0,yes", "-4,1", "1,1")
    told = run("calibrate", path, "--json")
    assert told.code == 3
    where = [each["where"] for each in told.json()["error"]["problems"]]
    assert where == ["row 3, column i2", "row 4, column i1"]


def test_nothing_is_left_behind_when_nothing_can_be_estimated(run, write, tmp_path):
    path = write("same.csv", "i1,i2", *["1,1"] * 5)
    found = run("calibrate", path, "--out", tmp_path / "none", "--json")
    assert found.code == 3
    assert len(found.json()["error"]["problems"]) == 2
    assert not (tmp_path / "none").exists()


def test_an_item_that_says_nothing_is_named_and_the_rest_goes_on(run, graded, tmp_path, write):
    lines = graded.read_text().splitlines()
    path = write("one.csv", lines[0] + ",dull", *(f"{line},1" for line in lines[1:]))
    told = run("calibrate", path, "--model", "grm", "--json").json()
    assert [each["item"] for each in told["excluded"]] == ["dull"]
    assert "all right" in told["excluded"][0]["reason"]
    assert told["n_items"] == 5
    thai = run("calibrate", path, "--model", "grm")
    assert "dull: ผู้ตอบทุกคนได้ 1 (ถูกทั้งหมด)" in thai.out


def test_a_file_in_pieces_gives_the_result_of_the_whole(run, write, tmp_path):
    generator = np.random.default_rng(9)
    theta = generator.standard_normal((500, 1))
    given = (theta + generator.logistic(size=(500, 5)) > np.linspace(-1, 1, 5)).astype(int)
    lines = [f"p{row},{','.join(map(str, cells))}" for row, cells in enumerate(given.tolist())]
    path = write("answers.csv", "person,a,b,c,d,e", *lines)
    whole = run("calibrate", path, "--json", "--out", tmp_path / "whole").json()
    parts = run("calibrate", path, "--pieces", "90", "--json", "--out", tmp_path / "parts").json()
    assert parts["log_likelihood"] == pytest.approx(whole["log_likelihood"], abs=1e-8)
    for one, other in zip(whole["items"], parts["items"], strict=True):
        for name in ("a", "b", "se_a", "se_b"):
            assert other[name] == pytest.approx(one[name], abs=1e-7), (one["item"], name)
    assert (whole["sampled"], parts["sampled"]) == (None, 500)
    assert parts["record"]["reading"]["pieces"] == 90
    tables = [pl.read_csv(tmp_path / name / "abilities.csv") for name in ("whole", "parts")]
    polars.testing.assert_frame_equal(*tables, abs_tol=1e-7)


def test_a_large_file_is_read_in_pieces_unasked(run, graded, monkeypatch):
    monkeypatch.setattr(size, "LARGE", 1000)  # 300 persons and 5 items
    arguments = ("calibrate", graded, "--model", "grm", "--lang", "en")
    assert "read in pieces" in run(*arguments).out
    assert "read in pieces" not in run(*arguments, "--pieces", "0").out


def test_what_cannot_be_done_in_pieces_is_bad_input(run, write, lsat6):
    long = write("long.csv", "person,item,response", "p,i,1", "p,j,0", "q,i,0", "q,j,1")
    found = run("calibrate", long, "--pieces", "10", "--json")
    assert found.problems["row 1"]["value"] == "a long file"
    second = ("--second-opinion", "girth", "--pieces", "10")
    found = run("calibrate", lsat6, "--weight", "count", *second, "--json")
    assert "--pieces 0" in found.problems["engine"]["expected"]
    assert run("calibrate", lsat6, "--pieces", "-1").code == 2


def test_equal_parameters_from_a_line_and_from_a_file(run, lsat6, write):
    """Constrained all alike the 2PL is the 1PL, whose maximum is known."""
    one = run("calibrate", lsat6, "--weight", "count", "--model", "1pl", "--json").json()
    table = write("equal.csv", "item,a", *(f"i{k},same" for k in range(1, 6)))
    for equal in ("a: *", "a: i1, i2,i3,i4,i5", table):
        told = run("calibrate", lsat6, "--weight", "count", "--equal", equal, "--json").json()
        assert told["log_likelihood"] == pytest.approx(one["log_likelihood"], abs=1e-4)
        assert len({each["a"] for each in told["items"]}) == 1
        assert told["n_parameters"] == 6
    some = ("--equal", "a: i1,i2", "--equal", "a: i4,i5")
    told = run("calibrate", lsat6, "--weight", "count", *some, "--json").json()
    a = [each["a"] for each in told["items"]]
    assert (a[0], a[3]) == (a[1], a[4])
    assert len({round(each, 6) for each in a}) == 3
    assert told["record"]["options"]["equal"] == [["a", ["i1", "i2"]], ["a", ["i4", "i5"]]]


def test_all_that_is_wrong_with_equal_parameters_is_named_at_once(run, lsat6, write):
    table = write("equal.csv", "item,a,mean", "i1,s,", "i2,t,", "i2,s,", "i77,s,")
    asked = ("a: i1,i22", "e: *", "a: i1", "nowhere.csv", table)
    options = [part for each in asked for part in ("--equal", each)]
    found = run("calibrate", lsat6, "--weight", "count", *options, "--json")
    assert found.code == 3
    problems = found.json()["error"]["problems"]
    told = {(each["where"], each["value"]): each["expected"] for each in problems}
    assert "did you mean 'i2'" in told["--equal 'a: i1,i22'", "i22"]
    assert ("--equal 'e: *'", "e") in told
    assert "at least two items" in told["--equal 'a: i1'", "i1"]
    assert "PARAMETER: ITEM" in told["--equal", "nowhere.csv"]
    assert (f"{table}, row 1", "mean") in told
    assert "at least two items have" in told[f"{table}, row 3, column a", "t"]
    assert told[f"{table}, row 4, column item", "i2"] == "each item once"
    assert (f"{table}, row 5, column item", "i77") in told
    assert len(told) == 8


def test_a_parameter_that_the_model_does_not_have_cannot_be_equal(run, lsat6):
    found = run("calibrate", lsat6, "--weight", "count", "--equal", "c: i1,i2", "--json")
    assert found.problems["equal"]["value"] == "c"
    assert "a parameter of i" in found.problems["equal"]["expected"]


def test_a_key_that_nobody_chose_is_named_with_what_was_chosen(run, write):
    generator = np.random.default_rng(2)
    right = generator.random((200, 4)) < np.linspace(0.2, 0.9, 200)[:, None]
    options = np.where(right, list("ABCD"), list("BCDA"))
    path = write("raw.csv", "q1,q2,q3,q4", *(",".join(row) for row in options.tolist()))
    out = run("calibrate", path, "--key", "ABCZ", "--lang", "en").out
    assert "q4: everyone who answered it is in category 0 (all wrong)" in out
    assert "nobody chose its key, Z, but A, D: check the key" in out
    assert "ไม่มีผู้ใดเลือกเฉลย Z" in run("calibrate", path, "--key", "ABCZ").out


def test_a_key_file_that_is_not_there_is_no_key(run, graded):
    found = run("calibrate", graded, "--key", "lost/key.csv", "--json")
    assert "a file that is there" in found.problems["--key"]["expected"]
    found = run("calibrate", graded, "--key", "1 2", "--json")
    assert found.problems["key"]["value"] == "2 keys: 1 2"


def test_one_item_alone_is_refused_by_name(run, write):
    path = write("one.csv", "lonely,same", *["1,1", "0,1"] * 20)
    found = run("calibrate", path, "--json")
    assert found.problems["items"]["value"] == "lonely"
    assert "at least two items" in found.problems["items"]["expected"]


def test_items_that_have_nothing_in_common_are_named(run, write):
    """All patterns equally often: every slope is 0."""
    path = write("none.csv", "x,y,z", *(",".join(p) for p in itertools.product("01", repeat=3)))
    problems = run("calibrate", path, "--json").problems
    assert set(problems) == {"item x", "item y", "item z"}
    assert "nothing in common" in problems["item x"]["expected"]


def test_lists_in_a_parquet_file_are_named_by_column(run, tmp_path):
    path = tmp_path / "lists.parquet"
    pl.DataFrame({"a": [1, 0], "b": [[1], [0]], "c": [b"1", b"0"]}).write_parquet(path)
    problems = run("calibrate", path, "--json").problems
    assert sorted(problems) == ["row 1, column b", "row 1, column c"]


def test_a_number_too_long_for_any_machine_is_shown_as_written(run, write):
    path = write("long.csv", "a,b", "1,0", "99999999999999999999,1", "0,1")
    found = run("calibrate", path, "--json").problems["row 3, column a"]
    assert found["value"] == 99999999999999999999
