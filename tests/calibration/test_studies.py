"""Studies of a design file: figures that follow from the candidates, whatever the workers."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import yaml

import engine
from calibration.errors import StudyError
from calibration.studies import (
    checked_design,
    compiled_sections,
    figures,
    item_rows,
    run_study,
    study_of,
)
from calibration.studies.bands import Bands
from calibration.studies.candidates import CandidateFile
from calibration.studies.design_file import Exposure
from calibration.studies.report import report, warnings, write_report
from itembank import build_release, load_framework, load_items, load_scheme
from itembank.scheme import DRAFT_2569

N_ITEMS = 60

DESIGN = """
title: A section with everything
pool: items.csv
persons: {n: 700, theta: "normal(0, 1)"}
seed: 5
select:
  randomesque: 2
  content: {attribute: unit, shares: {A: 2, B: 1, C: 1}}
  exposure: {method: eligibility, rate: 0.4, segments: [0], block: 200, warm_up: 200}
stop: {min: 4, max: 8, any: {decision: 0.85}}
cuts: [-0.5, 0.7]
times: {intensity: seconds, discrimination: 2, speed_sd: 0.2, speed_correlation: 0.5}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A pool of 60 items in three units, and the design over it."""
    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(4)
    lines = ["item,a,b,c,unit,seconds"]
    for n in range(N_ITEMS):
        a, b = np.exp(rng.normal(0.2, 0.3)), rng.normal()
        lines.append(f"i{n},{a:.4f},{b:.4f},0.2,{'ABC'[n % 3]},{3.5 + 0.01 * n:.2f}")
    (folder / "items.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "design.yaml").write_text(DESIGN, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def studied(folder):
    """The study, and the candidates as they were written down."""
    path = folder / "candidates.csv"
    with CandidateFile(path) as writer:
        study = run_study(folder / "design.yaml", writer=writer)
    with path.open(encoding="utf-8") as file:
        return study, list(csv.DictReader(file))


def column(rows, name, kind=float):
    return np.array([kind(row[name]) for row in rows])


def test_figures_follow_from_the_candidates_that_were_written_down(studied):
    study, rows = studied
    found = figures(study)
    theta, estimate, se = (column(rows, name) for name in ("theta", "estimate", "se"))
    error, n = estimate - theta, len(rows)
    assert found["n"] == n == 700
    # Candidates are written to six decimals.
    close = {"abs": 1e-5}
    assert found["bias"] == pytest.approx(error.mean(), **close)
    assert found["bias_mc_se"] == pytest.approx(error.std(ddof=1) / np.sqrt(n), **close)
    rmse = np.sqrt((error**2).mean())
    assert found["rmse"] == pytest.approx(rmse, **close)
    expected = (error**2).std(ddof=1) / np.sqrt(n) / (2 * rmse)
    assert found["rmse_mc_se"] == pytest.approx(expected, **close)
    assert found["mean_se"] == pytest.approx(se.mean(), **close)
    assert found["coverage"] == pytest.approx((np.abs(error) <= 1.96 * se).mean(), abs=2e-3)
    assert found["mean_length"] == pytest.approx(column(rows, "n_items").mean())
    assert found["mean_seconds"] == pytest.approx(column(rows, "seconds").mean(), abs=0.1)


def test_decisions_follow_from_the_candidates(studied):
    study, rows = studied
    found = figures(study)
    true = np.digitize(column(rows, "theta"), [-0.5, 0.7])
    shown, again = column(rows, "level", int), column(rows, "second_level", int)
    assert found["classification_accuracy"] == pytest.approx((shown == true).mean())
    assert found["classification_consistency"] == pytest.approx((shown == again).mean())
    assert found["false_positives"] == pytest.approx((shown > true).mean())
    assert found["false_negatives"] == pytest.approx((shown < true).mean())
    expected = np.zeros((3, 3), dtype=int)
    np.add.at(expected, (true, shown), 1)
    assert found["levels"] == expected.tolist()
    second = found["decisions"][1]
    assert second["wrongly_shown"] == pytest.approx((shown[true < 2] >= 2).mean())
    assert second["missed"] == pytest.approx((shown[true >= 2] < 2).mean())
    decided = column(rows, "reason", str) == "decided"
    assert found["reasons"]["decided"] == decided.sum()
    # Whoever was not decided, and nobody else, had an open cut when the exam ended.
    assert found["forced_decisions"] == pytest.approx(1 - decided.mean())


def test_exposure_and_overlap_follow_from_the_items_given(studied):
    study, rows = studied
    found = figures(study)
    exams = [set(row["items"].split()) for row in rows]
    counts = {f"i{n}": sum(f"i{n}" in exam for exam in exams) for n in range(N_ITEMS)}
    assert found["max_exposure"] == pytest.approx(max(counts.values()) / 700)
    assert found["exposure"]["unused"] == sum(count == 0 for count in counts.values())
    given = np.array(list(counts.values()))
    length = np.mean([len(exam) for exam in exams])
    pairs = (given * (given - 1)).sum() / (700 * 699) / length
    assert found["overlap"] == pytest.approx(pairs)
    for row in item_rows(study):
        assert row["exposure"] == pytest.approx(counts[row["item"]] / 700)


def test_the_error_of_overlap_is_the_spread_of_independent_studies(folder):
    text = """
pool: items.csv
persons: {n: 200}
stop: {max: 6}
second_sitting: none
"""
    overlaps, errors = [], []
    for seed in range(25):
        file = checked_design(dict_of(f"{text}seed: {seed}\n"))
        found = figures(study_of(file, compiled_sections(file, folder), folder))
        overlaps.append(found["overlap"])
        errors.append(found["overlap_mc_se"])
    # The spread of 25 has a relative error of 1 / sqrt(48) = 0.14.
    assert np.std(overlaps, ddof=1) == pytest.approx(np.mean(errors), rel=0.5)


def dict_of(text):
    from itembank.yamlfile import parse_yaml

    return parse_yaml(text, "design.yaml").data


def test_bands_share_out_everybody(studied):
    study, rows = studied
    theta = column(rows, "theta")
    estimate = column(rows, "estimate")
    bands = figures(study)["by_ability"]
    assert sum(band["n"] for band in bands) == 700
    inside = (theta >= 0) & (theta < 1)
    band = next(band for band in bands if band["low"] == 0.0)
    assert band["n"] == inside.sum()
    assert band["bias"] == pytest.approx((estimate - theta)[inside].mean(), abs=1e-5)


def test_the_study_is_that_of_the_engine_itself(folder):
    file = checked_design(
        dict_of(
            "{pool: items.csv, persons: {n: 300}, seed: 9, stop: {max: 5}, second_sitting: none}"
        )
    )
    sections = compiled_sections(file, folder)
    found = figures(study_of(file, sections, folder))
    theta = np.random.default_rng([9, 0]).normal(size=(300, 1))[:, 0]
    seeds = np.random.default_rng([9, 1, 0]).integers(0, 2**64, 300, dtype=np.uint64)
    sat = engine.simulate(sections[0].design, theta, seeds)
    assert found["bias"] == pytest.approx((sat.report.theta - theta).mean(), abs=1e-12)
    assert found["classification_accuracy"] is None
    assert found["mean_seconds"] is None


def test_workers_change_nothing(folder, monkeypatch):
    monkeypatch.setattr("calibration.studies.crew.WORTH_PROCESSES", 1)
    one, two = (run_study(folder / "design.yaml", workers=n) for n in (1, 2))
    assert json.dumps(figures(one)) == json.dumps(figures(two))
    assert (one.sections[0].snapshot.admission == two.sections[0].snapshot.admission).all()


def test_the_rate_is_held_by_the_study_too(studied):
    found = figures(studied[0])
    assert found["max_exposure"] <= 0.4 + 4 * np.sqrt(0.24 / 700)
    # 100 small blocks to warm up, then 700 candidates in blocks of 200.
    assert studied[0].sections[0].snapshot.number == 104


def test_an_ability_grid_is_reported_point_by_point(folder):
    file = checked_design(
        dict_of(
            '{pool: items.csv, persons: {n: 90, theta: "grid(-1, 1, 3)"}, stop: {max: 4},'
            " second_sitting: none}"
        )
    )
    bands = figures(study_of(file, compiled_sections(file, folder)))["by_ability"]
    assert [(band["low"], band["high"], band["n"]) for band in bands] == [
        (-1.0, -1.0, 30),
        (0.0, 0.0, 30),
        (1.0, 1.0, 30),
    ]


@pytest.mark.parametrize("theta", ["'normal(0.5, 2)'", "'normal:0.5,2'", "{normal: [0.5, 2]}"])
def test_distributions_can_be_written_in_three_ways(folder, theta):
    from calibration.studies.persons import crowd_of

    file = checked_design(
        dict_of(
            f"{{pool: {{items: items.csv}}, stop: {{max: 4}}, persons: {{n: 5, theta: {theta}}}}}"
        )
    )
    drawn = crowd_of(file, compiled_sections(file, folder), folder).theta[:, 0]
    expected = 0.5 + 2 * np.random.default_rng([1, 0]).normal(size=5)
    assert drawn == pytest.approx(expected)


CONSTRAINED = """
pool: items.csv
persons: {n: 60}
stop: {max: 6}
second_sitting: none
select: {method: METHOD}
constraints:
  - {name: length, count: items, min: 6, max: 6}
  - {name: unit A, where: "unit == 'A'", min: 4, max: 4}
"""


@pytest.mark.parametrize("method", ["shadow", "priority", "penalties"])
def test_constraints_are_kept_by_every_method(folder, method):
    file = checked_design(dict_of(CONSTRAINED.replace("METHOD", method)))
    study = study_of(file, compiled_sections(file, folder), folder)
    given = study.sections[0].sums.given.sum(axis=0)
    # Items 0, 3, 6, ... are of unit A: four of each exam's six.
    assert given[::3].sum() == 60 * 4


COUNTED = """
pool: items.csv
persons: {n: 300}
stop: {max: 6}
select: {method: METHOD}
constraints:
  - {name: length, count: items, min: 6, max: 6}
  - {name: unit A, where: "unit == 'A'", min: 4, max: 4}
  - {name: late, sum: seconds, where: "seconds > 3.8", max: 11.9}
  - {name: rivals, enemies: [i1, i2, i4]}
"""
"""Of the items, i31 and later take more than 3.8 seconds."""


@pytest.fixture(scope="module", params=["shadow", "priority", "penalties", "none"])
def counted(request, folder):
    """A study with constraints by each method, and the candidates' items."""
    path = folder / f"{request.param}.csv"
    file = checked_design(dict_of(COUNTED.replace("METHOD", request.param)))
    with CandidateFile(path) as writer:
        study = study_of(file, compiled_sections(file, folder), folder, writer=writer)
    with path.open(encoding="utf-8") as lines:
        return request.param, study, [row["items"].split() for row in csv.DictReader(lines)]


def test_how_each_constraint_was_kept_follows_from_the_items_given(counted):
    method, study, exams = counted
    found = figures(study)
    numbers = [np.array([int(item[1:]) for item in exam]) for exam in exams]
    measured = {
        "length": (np.array([len(exam) for exam in exams]), 6, 6),
        "unit A": (np.array([(exam % 3 == 0).sum() for exam in numbers]), 4, 4),
        "late": (
            np.array([(3.5 + 0.01 * exam[exam > 30]).sum() for exam in numbers]),
            -np.inf,
            11.9,
        ),
        "rivals": (np.array([np.isin(exam, [1, 2, 4]).sum() for exam in numbers]), -np.inf, 1),
    }
    assert [each["name"] for each in found["constraints"]] == list(measured)
    everything = np.ones(300, dtype=bool)
    for each in found["constraints"]:
        values, low, high = measured[each["name"]]
        below, above = values < low - 1e-6, values > high + 1e-6
        off = np.where(below, low - values, np.where(above, values - high, 0.0))
        everything &= ~below & ~above
        assert each["kept"] == pytest.approx(1 - below.mean() - above.mean())
        assert (each["below"], each["above"]) == (below.mean(), above.mean())
        assert each["mean_violation"] == pytest.approx(off.mean())
        assert each["worst_violation"] == pytest.approx(off.max())
        assert (each["kept"] == 1.0) >= (method == "shadow")
    assert found["constraints_kept"] == pytest.approx(everything.mean())
    if method == "none":
        assert found["constraints_kept"] < 0.5


def test_the_report_says_which_constraints_were_broken(counted):
    method, study, _ = counted
    for language in ("en", "th"):
        page = report(study, language, {})
        assert "unit A" in page
    page = report(study, "en", {})
    whole = figures(study)["constraints_kept"] == 1.0
    assert ("Every exam kept each of the 4 constraints." in page) == whole
    assert ("constraints were not kept by every exam" in page) == (not whole)
    assert whole or method != "shadow"


def test_shares_of_content_are_counted_by_name_and_of_any_length(folder):
    text = """
pool: items.csv
persons: {n: 200}
second_sitting: none
select: {content: {attribute: unit, shares: {A: 1, B: 1}}}
stop: {min: 3, max: 9, any: {se: 0.55}}
"""
    file = checked_design(dict_of(text))
    found = figures(study_of(file, compiled_sections(file, folder), folder))
    assert sum(n > 0 for n in found["lengths"]) > 2
    names = [each["name"] for each in found["constraints"]]
    assert names == ["unit: A", "unit: B", "unit: others"]
    assert [each["share"] for each in found["constraints"]] == [0.5, 0.5, 0.0]
    # Two units of equal shares, in turn: half of any number of items, rounded down or up.
    assert found["constraints_kept"] == 1.0
    unbalanced = text.replace("content:", "method: none, content:") + (
        "constraints: [{name: unit C, where: \"unit == 'C'\", min: 1}]\n"
    )
    file = checked_design(dict_of(unbalanced))
    found = figures(study_of(file, compiled_sections(file, folder), folder))
    assert [(each["name"], each["kept"]) for each in found["constraints"]] == [("unit C", 0.0)]


def test_constraints_that_contradict_each_other_are_named(folder):
    text = CONSTRAINED.replace("METHOD", "shadow") + (
        "  - {name: unit B, where: \"unit == 'B'\", min: 3, max: 6}\n"
    )
    with pytest.raises(StudyError, match=r"length .*unit A .*unit B .*without any one of them"):
        compiled_sections(checked_design(dict_of(text)), folder)


def test_bands_are_open_at_the_ends_and_closed_below():
    bands = Bands.of([0.0, 1.0], ())
    assert bands.place(np.array([-9.0, 0.0, 0.99, 1.0])).tolist() == [0, 1, 1, 2]


def test_a_second_sitting_without_the_items_seen_shares_none(folder):
    file = checked_design(
        dict_of(
            "{pool: items.csv, persons: {n: 60}, stop: {max: 40},"
            " second_sitting: without_items_seen}"
        )
    )
    found = figures(study_of(file, compiled_sections(file, folder)))
    assert found["retake_overlap"] == 0.0
    # 60 items, of which the first sitting took 40.
    assert found["retake_length"] == 20.0
    assert found["retake_rmse"] > found["rmse"]


def test_real_answers_are_studied_against_the_ability_by_all_of_them(folder):
    rng = np.random.default_rng(6)
    names = ",".join(f"i{n}" for n in range(N_ITEMS))
    answers = rng.integers(0, 2, (40, N_ITEMS)).astype(str)
    answers[:, :30] = ""
    answers[3] = ""
    lines = [f"person,{names}"] + [f"p{k}," + ",".join(row) for k, row in enumerate(answers)]
    (folder / "answers.csv").write_text("\n".join(lines), encoding="utf-8")
    file = checked_design(
        dict_of("{pool: items.csv, persons: {responses: answers.csv}, stop: {max: 30}}")
    )
    sections = compiled_sections(file, folder)
    study = study_of(file, sections, folder)
    found = figures(study)
    assert (study.n, study.n_without) == (39, 1)
    # All thirty answers are given, in another order than in the file.
    assert found["rmse"] == pytest.approx(0.0, abs=1e-9)
    assert study.sections[0].sums.given[:, :30].sum() == 0
    shorter = checked_design(
        dict_of("{pool: items.csv, persons: {responses: answers.csv}, stop: {max: 10}}")
    )
    assert figures(study_of(shorter, compiled_sections(shorter, folder), folder))["rmse"] > 0.1


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A release with an editor's line break, and a scheme that is not the program's."""
    folder = tmp_path_factory.mktemp("released")
    framework = load_framework()
    items, scheme = load_items(framework=framework), load_scheme(framework=framework)
    release = build_release(items, framework, scheme, demonstration=True)
    (folder / "release.json").write_text(release.to_json() + "\n", encoding="utf-8")
    own = yaml.safe_load(DRAFT_2569.read_text(encoding="utf-8"))
    for rules in own["skill_sets"]:
        if rules["code"] == "DG":
            rules["blueprint"] |= {"min_items": 5, "max_items": 6}
            rules["blueprint"]["exposure"] = {"rate": 0.5, "bounds": [0.0], "block": 100}
    (folder / "own.yaml").write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    return folder


def test_a_release_is_studied_under_the_scheme_that_the_design_names(released, monkeypatch):
    monkeypatch.chdir(released.parent)  # files are named from where the design file lies
    text = "{release: release.json, skill_set: DG, SCHEME persons: {n: 300}}"
    (plain,) = compiled_sections(checked_design(dict_of(text.replace("SCHEME", ""))), released)
    own = checked_design(dict_of(text.replace("SCHEME", "scheme: own.yaml,")))
    (section,) = compiled_sections(own, released)
    # The draft gives 8 to 12 items and limits no exposure; ours as written above.
    assert (plain.design.stopping.min_items, plain.design.stopping.max_items) == (8, 12)
    assert plain.exposure is None
    assert (section.design.stopping.min_items, section.design.stopping.max_items) == (5, 6)
    assert section.exposure == Exposure(method="eligibility", rate=0.5, segments=(0.0,), block=100)
    study = study_of(own, (section,), released)
    assert 5 <= figures(study)["mean_length"] <= 6
    # Three blocks of 100, of which the first finds every item open: snapshot 0, then 1, 2 and 3.
    assert study.sections[0].snapshot.number == 3


def test_what_a_design_says_of_exposure_goes_before_its_scheme(released):
    text = """{release: release.json, scheme: own.yaml, sections: [
        {skill_set: DG, select: {randomesque: 1}},
        {skill_set: DG, name: DG2, select: {exposure: {method: maximum_rate, rate: 0.3}}},
        {skill_set: DLit}]}"""
    sections = compiled_sections(checked_design(dict_of(text)), released)
    methods = [each.exposure and (each.exposure.method, each.exposure.rate) for each in sections]
    assert methods == [("eligibility", 0.5), ("maximum_rate", 0.3), None]


def test_a_section_with_a_pool_leaves_release_and_scheme_of_the_file_aside(released, folder):
    text = f"""{{release: release.json, scheme: own.yaml, sections: [
        {{skill_set: DG}}, {{pool: {folder / "items.csv"}, stop: {{max: 5}}}}]}}"""
    sections = compiled_sections(checked_design(dict_of(text)), released)
    assert [len(each.items) for each in sections] == [15, N_ITEMS]


def test_several_sections_make_one_sitting(folder):
    file = checked_design(
        dict_of(
            "{persons: {n: 400, correlation: 0.8}, seed: 2, release: demonstration,"
            " sections: [{skill_set: DLit}, {skill_set: DG, stop: {max: 5}}]}"
        )
    )
    study = study_of(file, compiled_sections(file, folder))
    found = figures(study)
    first, second = found["sections"]
    assert (first["section"], second["section"]) == ("DLit", "DG")
    assert second["mean_length"] == 5.0
    assert found["sitting"]["length"] == pytest.approx(first["mean_length"] + 5.0)
    assert found["max_exposure"] == max(first["max_exposure"], second["max_exposure"])
    # A mean over both sections' exams.
    assert found["bias"] == pytest.approx((first["bias"] + second["bias"]) / 2)
    assert found["n"] == 400
    both = found["sitting"]["classification_accuracy"]
    apart = [first["classification_accuracy"], second["classification_accuracy"]]
    # Whoever is placed rightly in both is placed rightly in each (Frechet's bounds).
    assert sum(apart) - 1 <= both <= min(apart)
    assert "Every section shows the true level" in report(study, "en", {})


def test_abilities_of_sections_correlate_as_asked(folder):
    from calibration.studies.persons import crowd_of

    file = checked_design(
        dict_of(
            "{persons: {n: 20000, correlation: 0.6, theta: 'normal(1, 2)'}, release:"
            " demonstration, sections: [{skill_set: DLit}, {skill_set: DG}]}"
        )
    )
    theta = crowd_of(file, compiled_sections(file, folder), folder).theta
    assert np.corrcoef(theta.T)[0, 1] == pytest.approx(0.6, abs=0.02)
    assert theta.mean(axis=0) == pytest.approx([1, 1], abs=0.06)
    assert theta.std(axis=0) == pytest.approx([2, 2], abs=0.05)


def test_sympson_hetter_and_the_other_methods_run_from_a_file(folder):
    for exposure in (
        "{method: sympson_hetter, rate: 0.5}",
        "{method: maximum_rate, rate: 0.5, block: 20}",
        "{method: overlap, overlap: 0.3, block: 20}",
    ):
        file = checked_design(
            dict_of(
                "{pool: items.csv, persons: {n: 120}, stop: {max: 4}, second_sitting: none,"
                f" select: {{exposure: {exposure}}}}}"
            )
        )
        study = study_of(file, compiled_sections(file, folder))
        assert study.sections[0].snapshot is not None
        assert figures(study)["max_exposure"] < 1.0


def test_reports_in_both_languages_stand_alone(studied, tmp_path):
    study, _ = studied
    for language, word in (("en", "How precise"), ("th", "ความแม่นยำ")):
        paths = write_report(study, tmp_path, language)
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        assert word in page
        assert "<svg" in page
        assert 'src="http' not in page
        assert f'lang="{language}"' in page
        assert [path.name for path in paths] == ["report.html", "figures.json", "items.csv"]
    kept = json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))
    assert kept["rmse"] == figures(study)["rmse"]
    same = report(study, "en", {})
    assert same == report(study, "en", {})


def test_a_rate_below_what_the_pool_can_hold_is_said(folder):
    file = checked_design(
        dict_of(
            "{pool: items.csv, persons: {n: 40}, stop: {max: 20}, second_sitting: none,"
            " select: {exposure: {method: eligibility, rate: 0.25}}}"
        )
    )
    study = study_of(file, compiled_sections(file, folder))
    # 20 / 0.25 = 80 items, and the pool has 60.
    assert "at least 80 items, and has 60" in " ".join(warnings(study.sections[0], "en"))


@pytest.mark.parametrize(("warm_up", "n_warnings"), [(0, 1), (3000, 0)])
def test_a_limit_that_first_candidates_exceed_is_said(folder, warm_up, n_warnings):
    file = checked_design(
        dict_of(
            "{pool: items.csv, persons: {n: 400}, seed: 2, stop: {max: 8}, second_sitting: none,"
            f" select: {{exposure: {{method: eligibility, rate: 0.35, warm_up: {warm_up}}}}}}}"
        )
    )
    study = study_of(file, compiled_sections(file, folder))
    told = [text for text in warnings(study.sections[0], "en") if "was not held" in text]
    assert len(told) == n_warnings


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{}", {"pool", "stop.max"} - {"stop.max"}),
        ("{pool: a.csv, stop: {max: 5}, scheme: own.yaml}", {"scheme"}),
        ("{pool: a.csv, release: demonstration}", {"pool", "skill_set", "stop.max"}),
        ("{pool: a.csv, stop: {max: 5, any: {decision: 0.9}}}", {"cuts"}),
        ("{pool: a.csv, stop: {max: 5, seconds: 60}}", {"times"}),
        ("{pool: a.csv, stop: {min: 9, max: 5}}", {"stop.max"}),
        ("{pool: a.csv, stop: {max: 5}, select: {rule: best}}", {"select.rule"}),
        (
            "{pool: a.csv, stop: {max: 5}, select: {exposure: {method: overlap, rate: 0.2}}}",
            {"select.exposure.overlap", "select.exposure.rate"},
        ),
        (
            "{pool: a.csv, stop: {max: 5}, select: {exposure: {method: eligibility,"
            " rate: [0.2, 0.3], segments: [1, 0]}}}",
            {"select.exposure.rate", "select.exposure.segments"},
        ),
        (
            "{pool: a.csv, stop: {max: 5}, persons: {n: 5, responses: b.csv}}",
            {"persons.n"},
        ),
        ("{pool: a.csv, stopp: {max: 5}, seed: -1}", {"stopp", "seed"}),
        ("{pool: a.csv, stop: {max: 5}, select: {method: priority}}", {"constraints"}),
        (
            "{pool: a.csv, stop: {max: 5}, select: {method: none, weights: {a: 2},"
            " content: {attribute: u, shares: {A: 1}}}, constraints: []}",
            {"select.weights"},
        ),
        (
            "{pool: a.csv, stop: {max: 5, any: {decision: 0.9}}, persons: {n: 1},"
            " select: {rule: best}}",
            {"persons.n", "select.rule", "cuts"},
        ),
        (
            "{release: demonstration, sections: [{skill_set: DLit}, {stop: {max: 0}}]}",
            {"sections[1].stop.max"},
        ),
    ],
)
def test_faults_are_named_by_their_place(text, named):
    with pytest.raises(StudyError) as refused:
        checked_design(dict_of(text))
    assert named <= {problem.where for problem in refused.value.problems}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{pool: none.csv, stop: {max: 5}}", "none.csv"),
        ("{release: demonstration, skill_set: XX}", "skill_set"),
        ("{release: missing.json, skill_set: DLit}", "release: file"),
        ("{release: items.csv, skill_set: DLit}", "release: text"),
        ("{release: demonstration, scheme: none.yaml, skill_set: DLit}", "scheme: none.yaml"),
        ("{release: demonstration, scheme: design.yaml, skill_set: DLit}", "scheme: design.yaml: "),
        ("{pool: items.csv, stop: {max: 5}, ability: {prior: flat}}", "ability.prior"),
        (
            "{pool: items.csv, stop: {max: 5}, select: {content: {attribute: level, shares: {a: 1}}}}",
            "select.content.attribute",
        ),
        (
            "{pool: items.csv, stop: {max: 5}, select: {content: {attribute: unit, shares: {D: 1}}}}",
            r"select.content.shares.D",
        ),
        ("{pool: items.csv, stop: {max: 5}, times: {intensity: unit}}", "times.intensity"),
        ("{pool: items.csv, stop: {max: 5}, cuts: [1, 0]}", r"cuts\[1\]"),
    ],
)
def test_what_a_design_names_is_checked(folder, text, named):
    with pytest.raises(StudyError, match=named):
        compiled_sections(checked_design(dict_of(text)), folder)


@pytest.mark.parametrize(
    ("persons", "named"),
    [
        ('{theta: "lognormal(0, 1)"}', "persons.theta"),
        ('{theta: "normal(0, -1)"}', "persons.theta"),
        ('{theta: "grid(0, 1, 2.5)"}', "persons.theta"),
        ('{theta: "file(nobody.csv)"}', "nobody.csv"),
        ("{responses: nobody.csv}", "persons.responses"),
    ],
)
def test_persons_are_checked(folder, persons, named):
    file = checked_design(dict_of(f"{{pool: items.csv, stop: {{max: 5}}, persons: {persons}}}"))
    with pytest.raises(engine.InputError, match=named):
        study_of(file, compiled_sections(file, folder), folder)


def test_the_guides_design_can_be_studied(folder):
    guide = Path(__file__).parents[2] / "docs" / "simulation.md"
    text = guide.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    file = checked_design(dict_of(text.replace("n: 10000", "n: 50").replace("5000}", "0}")))
    found = figures(study_of(file, compiled_sections(file, folder), folder))
    assert (found["n"], found["cuts"]) == (50, [-1, 0, 1])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{stopp: {max: 5}}", "no field of this name; did you mean 'stop'?"),
        ("{sections: [{selct: {}}]}", "no field of this name; did you mean 'select'?"),
        ("{pool: {itms: a.csv}}", "did you mean 'items'? There are items, attributes, metric"),
        ("{select: {exposure: {metod: x}}}", "did you mean 'method'?"),
        ("{persons: {theta: {normal: [.nan, 1]}}}", "persons.theta.normal[0]: found nan"),
        ("{persons: {theta: 5}}", "persons.theta: found 5, expected text or a mapping"),
        ("{persons: {n: 100000000000}}", "persons.n"),
    ],
)
def test_faults_are_told_at_the_places_that_were_written(text, told):
    with pytest.raises(StudyError) as refused:
        checked_design(dict_of(text))
    assert any(told in str(problem) for problem in refused.value.problems)


def test_an_early_end_that_the_constraints_forbid_is_refused_in_the_files_words(folder):
    text = "{pool: items.csv, stop: {max: 6, any: {se: 0.3}}, constraints: [{name: all, count: 6}]}"
    with pytest.raises(StudyError) as refused:
        compiled_sections(checked_design(dict_of(text)), folder)
    assert [problem.where for problem in refused.value.problems] == ["stop"]


def test_every_rule_runs_with_every_way_to_end_and_to_spare(folder):
    """A study either runs, and gives numbers, or names the rule that cannot."""
    ways = [
        "stop: {max: 5}",
        "stop: {min: 2, max: 5, any: {se: 0.6, decision: 0.8}}",
        "stop: {min: 2, max: 5, all: {se: 0.7, decision: 0.7}, information: 0.05}",
    ]
    spared = ["", "exposure: {method: eligibility, rate: 0.5, segments: [0], block: 10}, "]
    refused: set[str] = set()
    for number, rule in enumerate(engine.RULES):
        text = (
            f"{{pool: items.csv, persons: {{n: 12}}, cuts: [0], second_sitting: none, "
            f"{ways[number % 3]}, select: {{{spared[number % 2]}rule: {rule}, randomesque: 2}}}}"
        )
        file = checked_design(dict_of(text))
        try:
            sections = compiled_sections(file, folder)
        except StudyError as error:
            refused.update(problem.where for problem in error.problems)
            continue
        found = figures(study_of(file, sections, folder))
        assert np.isfinite([found["rmse"], found["overlap"], found["max_exposure"]]).all(), rule
    assert refused <= {"select.rule"}
