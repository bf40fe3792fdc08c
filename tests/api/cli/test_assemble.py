"""`samatthana assemble`."""

import csv
import re

import numpy as np
import pytest

import engine
from engine import models
from itembank import build_release, load_framework, load_items, load_scheme

CONSTRAINTS = [
    "constraints:",
    "  - {name: length, count: items, min: 6, max: 6}",
    "  - {name: unit A, where: \"unit == 'A'\", min: 2, max: 3}",
    "  - {name: time, sum: seconds, max: 400}",
    "  - {name: by level, order: level}",
]


@pytest.fixture
def bank(write):
    rng = np.random.default_rng(4)
    a, b = rng.uniform(0.8, 2.0, 24).round(3), rng.normal(0, 1, 24).round(3)
    write("items.csv", "item,a,b", *(f"q{k},{a[k]},{b[k]}" for k in range(24)))
    write(
        "attributes.csv",
        "item,unit,level,seconds,text",
        *(f"q{k},{'AB'[k % 2]},{k % 3 + 1},{40 + k},t{k // 3}" for k in range(24)),
    )
    return engine.ItemPool.build(a=a, b=b)


def spec(write, *lines, forms=1, objective="{information_at: 0}", constraints=CONSTRAINTS):
    head = ["pool: {items: items.csv, attributes: attributes.csv}", f"forms: {forms}"]
    return write("spec.yaml", *head, f"objective: {objective}", *lines, *constraints)


def test_one_form(run, write, bank):
    told = run("assemble", spec(write), "--json").json()
    assert list(told)[:3] == ["status", "objective", "bound"]
    assert told["status"] == "optimal"
    assert told["gap"] == 0
    assert told["conflict"] == []
    (form,) = told["forms"]
    places = [int(item[1:]) for item in form["items"]]
    assert form["form"] == 1
    assert len(places) == 6
    information = models.information(bank.take(places), np.zeros(1)).sum()
    assert told["objective"] == pytest.approx(information, abs=1e-7)
    assert form["information"] == [pytest.approx(information)]
    assert [place % 3 for place in places] == sorted(place % 3 for place in places)
    assert form["constraints"] == [
        {"name": "length", "part": None, "value": 6, "min": 6, "max": 6},
        {
            "name": "unit A",
            "part": None,
            "value": sum(place % 2 == 0 for place in places),
            "min": 2,
            "max": 3,
        },
        {
            "name": "time",
            "part": None,
            "value": sum(40 + place for place in places),
            "min": None,
            "max": 400,
        },
    ]


def test_parallel_forms_with_an_anchor(run, write, bank):
    overlap = "overlap: {max: 0, anchor: [q0, q5]}"
    path = spec(write, overlap, "time_limit: 5", forms=3, objective="{information_at: [-1, 1]}")
    told = run("assemble", path, "--json").json()
    forms = [set(form["items"]) for form in told["forms"]]
    assert [form["form"] for form in told["forms"]] == [1, 2, 3]
    assert forms[0] & forms[1] == forms[0] & forms[2] == forms[1] & forms[2] == {"q0", "q5"}
    assert told["common_items"] == [[1, 2, 2], [1, 3, 2], [2, 3, 2]]
    assert told["objective"] <= told["bound"]


def test_a_target(run, write, bank):
    path = spec(
        write, objective="{information_at: [-1, 0, 1], target: [1.1, 1.3, 1.1], tolerance: 0.1}"
    )
    told = run("assemble", path, "--json").json()
    assert told["status"] == "optimal"
    np.testing.assert_allclose(told["forms"][0]["information"], [1.1, 1.3, 1.1], atol=0.1 + 1e-9)


def test_files_for_people(run, write, bank, tmp_path):
    result = run("assemble", spec(write), "--out", tmp_path / "out")
    assert result.code == 0
    assert "The best there is" in result.out
    with (tmp_path / "out" / "forms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["position"] for row in rows] == ["1", "2", "3", "4", "5", "6"]
    for row in rows:
        assert row["unit"] == "AB"[int(row["item"][1:]) % 2]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    for words in (
        "Assembled forms",
        "Form\N{NO-BREAK SPACE}1",
        "at most 400",
        rows[0]["item"],
        "<svg",
    ):
        assert words in page


def test_constraints_that_conflict_are_named(run, write, bank):
    more = [*CONSTRAINTS, "  - {name: unit B, where: \"unit == 'B'\", min: 5}"]
    path = spec(write, constraints=more)
    result = run("assemble", path, "--json")
    assert result.code == 1
    told = result.json()
    assert told["status"] == "infeasible"
    assert told["forms"] == []
    assert told["objective"] is None
    assert told["conflict"] == ["length", "unit A", "unit B"]
    assert told["further_conflicts"] == []
    plain = run("assemble", path)
    assert plain.code == 1
    assert "length, unit A, unit B cannot all hold" in plain.out
    assert "unit B: at least 5; 12 items of the pool are meant" in plain.out


def test_a_conflict_is_told_in_thai_as_well(run, write, bank):
    more = [*CONSTRAINTS, "  - {name: unit B, where: \"unit == 'B'\", min: 5}"]
    path = spec(write, constraints=more)
    folder = path.parent / "thai"
    result = run("assemble", path, "--lang", "th", "--out", folder)
    assert result.code == 1
    page = (folder / "report.html").read_text(encoding="utf-8")
    for told in (
        "length, unit A, unit B เป็นจริงพร้อมกันทั้งหมดไม่ได้",
        "unit B: อย่างน้อย 5 จากข้อสอบที่เข้าเงื่อนไข 12 ข้อในคลัง",
    ):
        assert told in result.out
        assert told in page
    assert "at least" not in page
    assert "cannot" not in page


def test_a_pool_from_a_release(run, write):
    framework = load_framework()
    items, scheme = load_items(framework=framework), load_scheme(framework=framework)
    release = build_release(items, framework, scheme, demonstration=True)
    write("release.json", release.to_json())
    path = write(
        "spec.yaml",
        "pool: {release: release.json, skill_set: DLit}",
        "objective: {information_at: 0}",
        "constraints: [{name: length, count: items, min: 3, max: 3}, {name: u, each: unit, max: 1}]",
    )
    told = run("assemble", path, "--json").json()
    chosen = [release.item(item) for item in told["forms"][0]["items"]]
    assert {item.skill_set for item in chosen} == {"DLit"}
    assert len({item.unit for item in chosen}) == 3


def test_every_fault_is_named_at_once(run, write, bank):
    path = write(
        "spec.yaml",
        "pool: {items: items.csv, attributes: attributes.csv, colour: red}",
        "forms: two",
        "objective: {information_at: [0, x], weights: [1]}",
        "overlap: {max: -1, anchor: 3}",
        "time_limit: 0",
        "limit: 3",
        "constraints:",
        "  - {name: unit A, where: \"unit = 'A'\", min: 2}",
        "  - {name: time, sum: secs, max: 400}",
        "  - {name: rivals, enemies: [q1, q99]}",
    )
    problems = run("assemble", path, "--json").problems
    assert set(problems) == {
        "limit",
        "time_limit",
        "forms",
        "objective.information_at",
        "unit A: where, column 6",
        "overlap.max",
        "overlap.anchor",
        "pool.colour",
        "time: sum",
        "rivals: enemies",
    }


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        (["objective: {information_at: 0}"], "pool"),
        (["pool: none.csv", "objective: {information_at: 0}"], "none.csv"),
        (["pool: {release: none.json}", "objective: {information_at: 0}"], "none.json"),
        (["pool: items.csv"], "objective"),
        (["- pool"], "spec.yaml"),
        (
            ["pool: items.csv", "objective: {information_at: 0, maximise: all}"],
            "objective.maximise",
        ),
        (["pool: items.csv", "objective: 3"], "objective"),
        (["pool: items.csv", "objective: {information_at: 0}", "constraints: 3"], "constraints"),
        (["pool: items.csv", "objective: {information_at: 0}", "overlap: 3"], "overlap"),
        (["pool: {items: 3}", "objective: {information_at: 0}"], "pool.items"),
    ],
)
def test_a_file_that_says_too_little_is_refused_in_words(run, write, bank, lines, where):
    message = run("assemble", write("spec.yaml", *lines)).refused()
    assert where in message


def test_a_file_that_is_not_there(run):
    assert "spec.yaml" in run("assemble", "spec.yaml").refused()


def test_help_names_the_guide(run):
    assert "docs/assembly.md" in run("assemble", "--help").out


def test_the_normal_metric(run, write, bank):
    steeper = engine.ItemPool.build(a=bank.a, b=bank.b, metric=1.702)
    told = run("assemble", spec(write, "metric: 1.702"), "--json").json()
    places = [int(item[1:]) for item in told["forms"][0]["items"]]
    information = models.information(steeper.take(places), np.zeros(1)).sum()
    assert told["objective"] == pytest.approx(information, abs=1e-7)


def test_a_folder_that_is_a_file_is_refused_before_the_search(run, write, bank):
    place = write("taken", "not a folder")
    told = run("assemble", spec(write), "--out", place, "--json")
    assert told.code == 3
    assert told.json()["error"]["problems"][0]["where"] == "folder"


def test_the_report_speaks_both_languages(run, write, bank):
    specification = spec(write, forms=2)
    for language, words in (("en", "Parallel forms have curves"), ("th", "ชุดที่ขนานกันมีเส้นโค้ง")):
        folder = specification.parent / language
        assert run("assemble", specification, "--out", folder, "--lang", language).code == 0
        text = (folder / "report.html").read_text(encoding="utf-8")
        assert words in text
        assert f'<html lang="{language}">' in text


def test_both_languages_of_a_report_have_the_same_words():
    from calibration.assembly.words import WORDS

    english, thai = WORDS.words("en"), WORDS.words("th")
    assert english.keys() == thai.keys()
    for key in english:
        assert sorted(re.findall(r"{\w+}", english[key])) == sorted(re.findall(r"{\w+}", thai[key]))
