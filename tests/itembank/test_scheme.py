"""The draft scheme, and what is wrong with a scheme that contradicts itself or its framework."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itembank import Framework, Scheme, SchemeError, load_scheme
from itembank.scheme import DRAFT_2569
from itembank.scheme.blueprint import Blueprint, BlueprintUnit
from itembank.scheme.model import Costs
from itembank.yamlfile import read_yaml

finite = st.floats(allow_nan=False, allow_infinity=False, width=32)
positive = st.floats(min_value=1e-6, max_value=1e6)


@pytest.fixture
def data() -> Any:
    return copy.deepcopy(read_yaml(DRAFT_2569).data)


def problems(data: Any, framework: Framework) -> set[tuple[str, object]]:
    with pytest.raises(SchemeError) as caught:
        Scheme.from_data(data, framework)
    return {(problem.where, problem.value) for problem in caught.value.problems}


def test_the_draft_says_that_it_is_one_and_whom_it_awaits(scheme: Scheme) -> None:
    assert scheme.status == "draft"
    assert "ร่าง" in scheme.notice.th
    assert "Draft" in scheme.notice.en
    assert "สถาบันคุณวุฒิวิชาชีพ" in scheme.authority.th


def test_the_issuer_of_the_draft_is_no_institute_and_nobody_signs(scheme: Scheme) -> None:
    assert scheme.issuer.name.en == "Samatthana demonstration"
    assert "สถาบัน" not in scheme.issuer.name.th
    assert scheme.issuer.signatory is None


def test_every_skill_set_has_three_levels_with_sentences_of_its_own(
    scheme: Scheme, framework: Framework
) -> None:
    assert [rules.code for rules in scheme.skill_sets] == [one.code for one in framework.skill_sets]
    levels = [level for rules in scheme.skill_sets for level in rules.levels]
    assert [level.level for level in levels] == [1, 2, 3] * 7
    assert len({level.descriptor.th for level in levels}) == 21
    assert len({level.descriptor.en for level in levels}) == 21


def test_cuts_are_provisional_assumptions_without_standard_error(scheme: Scheme) -> None:
    for rules in scheme.skill_sets:
        assert rules.cuts == (-1.0, 0.0, 1.0)
        assert [level.cut_se for level in rules.levels] == [None, None, None]
        assert rules.standard_setting.method.en == "none: provisional assumption"
        assert rules.standard_setting.panel.en == "none: provisional assumption"


def test_every_blueprint_covers_all_units_of_its_skill_set_equally(
    scheme: Scheme, framework: Framework
) -> None:
    for rules in scheme.skill_sets:
        codes = [unit.code for unit in framework.units_of(rules.code)]
        assert [unit.code for unit in rules.blueprint.units] == codes
        assert rules.blueprint.shares == pytest.approx([1 / len(codes)] * len(codes))
        # Fewer questions than units could leave a unit out of an exam.
        assert rules.blueprint.min_items >= len(codes)


def test_a_wrong_certificate_costs_twice_a_wrong_refusal(scheme: Scheme) -> None:
    assert scheme.p_star == pytest.approx(2 / 3)


@given(positive, positive)
def test_at_p_star_both_decisions_cost_the_same(
    false_positive: float, false_negative: float
) -> None:
    p = Costs(false_positive=false_positive, false_negative=false_negative).p_star
    certifying, refusing = (1 - p) * false_positive, p * false_negative
    assert certifying == pytest.approx(refusing, rel=1e-6, abs=1e-9)


def test_the_reported_scale_is_that_of_the_design(scheme: Scheme) -> None:
    thetas = [-9.0, -3.0, -0.004, 0.0, 0.005, 0.123, 3.0, 9.0]
    assert [scheme.scale.scaled(theta) for theta in thetas] == [
        200,
        200,
        500,
        500,
        501,
        512,
        800,
        800,
    ]


@given(finite, finite)
def test_reported_scores_keep_order_and_bounds(scheme: Scheme, one: float, other: float) -> None:
    low, high = sorted((one, other))
    scores = [scheme.scale.scaled(low), scheme.scale.scaled(high)]
    assert scores == sorted(scores)
    assert all(200 <= score <= 800 for score in scores)


@given(st.lists(positive, min_size=1, max_size=8))
def test_shares_are_parts_of_one(weights: list[float]) -> None:
    units = tuple(BlueprintUnit(code=f"DG{n}00", share=w) for n, w in enumerate(weights, 1))
    shares = Blueprint(
        units=units,
        min_items=1,
        max_items=1,
        decision=None,
        standard_error=None,
        require="any",
        randomesque=1,
    ).shares
    assert sum(shares) == pytest.approx(1)
    assert shares == pytest.approx([weight / sum(weights) for weight in weights])


def test_documents_say_what_the_domain_says(scheme: Scheme) -> None:
    certificate, result = scheme.wording.certificate, scheme.wording.result
    assert certificate.title.th == "หนังสือรับรองสมรรถนะ"
    assert certificate.title.en == "Certificate of Competency"
    assert certificate.given_to.th == "ให้ไว้เพื่อแสดงว่า"
    assert certificate.specimen.th == "ตัวอย่าง ไม่ใช่หนังสือรับรอง"
    assert certificate.specimen.en == "SPECIMEN"
    assert result.title.th == "ใบแจ้งผลการประเมิน"
    assert result.passed.th == "ผ่านการประเมิน"
    assert result.not_yet.th == "ยังไม่ผ่านการประเมิน"
    assert result.no_result.th.format(reason="x") == "ไม่มีผลการประเมิน (x)"


def test_no_result_says_why(scheme: Scheme) -> None:
    words = scheme.wording.result.no_result_because("not_taken")
    assert words.th == "ไม่มีผลการประเมิน (ไม่ได้เข้ารับการประเมิน)"
    assert words.en == "No result (not taken)"


def test_results_never_speak_of_failing(scheme: Scheme) -> None:
    words = scheme.wording.result
    texts = [words.passed, words.not_yet, words.no_result, *words.reasons.values()]
    assert not any("ตก" in text.th or "fail" in text.en.lower() for text in texts)


def test_a_scheme_survives_being_pinned(scheme: Scheme, framework: Framework) -> None:
    again = Scheme.from_json(scheme.to_json(), framework, scheme.hash)
    assert again == scheme
    assert again.hash == scheme.hash


def test_any_other_cut_is_another_hash(scheme: Scheme, framework: Framework, data: Any) -> None:
    data["skill_sets"][0]["levels"][0]["cut"] = -1.0000001
    assert Scheme.from_data(data, framework).hash != scheme.hash


def test_a_changed_text_is_refused_by_its_hash(scheme: Scheme, framework: Framework) -> None:
    text = scheme.to_json().replace('"false_positive":2.0', '"false_positive":3.0')
    with pytest.raises(SchemeError, match="the text was changed"):
        Scheme.from_json(text, framework, scheme.hash)


Edit = Callable[[Any], object]

FAULTS: dict[str, tuple[Edit, tuple[str, object]]] = {
    "missing field": (lambda d: d.pop("authority"), ("authority", None)),
    "missing translation": (lambda d: d["notice"].pop("th"), ("notice.th", None)),
    "unknown field": (lambda d: d.update(extra=1), ("extra", 1)),
    "wrong type": (lambda d: d["validity"].update(years="3"), ("validity.years", "3")),
    "no cost": (lambda d: d["costs"].update(false_negative=0.0), ("costs.false_negative", 0.0)),
    "not finite": (
        lambda d: d["prior"].update(sd=float("inf")),
        ("prior.sd", float("inf")),
    ),
    "other framework": (
        lambda d: d["framework"].update(version="2561"),
        ("framework.version", "2561"),
    ),
    "cuts not ascending": (
        lambda d: d["skill_sets"][1]["levels"][1].update(cut=-1.0),
        ("skill_sets[1].levels[1].cut", -1.0),
    ),
    "levels not in order": (
        lambda d: d["skill_sets"][1]["levels"][1].update(level=3),
        ("skill_sets[1].levels[1].level", 3),
    ),
    "unit of another skill set": (
        lambda d: d["skill_sets"][0]["blueprint"]["units"][0].update(code="DG200"),
        ("skill_sets[0].blueprint.units[0].code", "DG200"),
    ),
    "unit twice": (
        lambda d: d["skill_sets"][0]["blueprint"]["units"][1].update(code="DLit100"),
        ("skill_sets[0].blueprint.units[1].code", "DLit100"),
    ),
    "most below least": (
        lambda d: d["skill_sets"][0]["blueprint"].update(max_items=7),
        ("skill_sets[0].blueprint.max_items", 7),
    ),
    "confidence of a coin": (
        lambda d: d["skill_sets"][0]["blueprint"].update(decision=0.4),
        ("skill_sets[0].blueprint.decision", 0.4),
    ),
    "exposure without a rate": (
        lambda d: d["skill_sets"][0]["blueprint"].update(exposure={"block": 100}),
        ("skill_sets[0].blueprint.exposure.rate", None),
    ),
    "exposure of all": (
        lambda d: d["skill_sets"][0]["blueprint"].update(exposure={"block": 100, "rate": 1.5}),
        ("skill_sets[0].blueprint.exposure.rate", 1.5),
    ),
    "segments not ascending": (
        lambda d: d["skill_sets"][0]["blueprint"].update(
            exposure={"block": 100, "rate": 0.2, "bounds": [0.0, 0.0]}
        ),
        ("skill_sets[0].blueprint.exposure.bounds[1]", 0.0),
    ),
    "skill set missing": (lambda d: d["skill_sets"].pop(), ("skill_sets", None)),
    "skill set unknown": (
        lambda d: d["skill_sets"][6].update(code="XX"),
        ("skill_sets[6].code", "XX"),
    ),
    "scale upside down": (lambda d: d["scale"].update(hi=200.0), ("scale.hi", 200.0)),
    "grid upside down": (lambda d: d["grid"].update(hi=-7.0), ("grid.hi", -7.0)),
    "prefix of seven letters": (
        lambda d: d["numbering"].update(prefix="ABCDEFG"),
        ("numbering.prefix", "ABCDEFG"),
    ),
    "names that differ by language": (
        lambda d: d["wording"]["certificate"]["level"].update(th="ระดับ {lavel}"),
        ("wording.certificate.level.th", "ระดับ {lavel}"),
    ),
    "no words for a reason": (
        lambda d: d["wording"]["result"]["reasons"].pop("time"),
        ("wording.result.reasons.time", None),
    ),
    "role missing": (
        lambda d: d["requirement_table"]["roles"].pop(0),
        ("requirement_table.roles", None),
    ),
    "role unknown": (
        lambda d: d["requirement_table"]["roles"][0].update(role="king/early"),
        ("requirement_table.roles[0].role", "king/early"),
    ),
    "level above the highest": (
        lambda d: d["requirement_table"]["roles"][0]["required"][0].update(level=4),
        ("requirement_table.roles[0].required[0].level", 4),
    ),
    "no basis": (
        lambda d: d["requirement_table"]["roles"][0]["required"][0].update(basis={}),
        ("requirement_table.roles[0].required[0].basis", None),
    ),
    "assumption unknown": (
        lambda d: d["requirement_table"]["roles"][0]["required"][0]["basis"].update(
            assumptions=["because"]
        ),
        ("requirement_table.roles[0].required[0].basis.assumptions[0]", "because"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(data: Any, framework: Framework, fault: str) -> None:
    edit, expected = FAULTS[fault]
    edit(data)
    assert expected in problems(data, framework)


def test_all_faults_come_in_one_error(data: Any, framework: Framework) -> None:
    together = [
        "missing translation",
        "wrong type",
        "cuts not ascending",
        "scale upside down",
        "no basis",
    ]
    for fault in together:
        FAULTS[fault][0](data)
    assert {FAULTS[fault][1] for fault in together} <= problems(data, framework)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("T9-R1-EXEC-1", "a statement that exists"),
        ("T1-R1-TECH-1", "a statement about executive"),
        ("T1-R2-EXEC-1", "a statement of phase early or an earlier one"),
        ("T1-R1-EXEC-1", "a statement coded to DLit"),
    ],
)
def test_a_basis_must_bear_its_requirement(
    data: Any, framework: Framework, statement: str, expected: str
) -> None:
    row = data["requirement_table"]["roles"][0]
    assert row["role"] == "executive/early"
    assert row["required"][0]["skill_set"] == "DLit"
    row["required"][0]["basis"] = {"statements": [statement]}
    with pytest.raises(SchemeError) as caught:
        Scheme.from_data(data, framework)
    assert expected in {problem.expected for problem in caught.value.problems}


def test_an_adopted_scheme_needs_standard_errors_of_its_cuts(
    data: Any, framework: Framework
) -> None:
    data["status"] = "adopted"
    assert ("skill_sets[0].levels[0].cut_se", None) in problems(data, framework)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, framework: Framework) -> None:
    with pytest.raises(SchemeError, match=r"gone\.yaml"):
        load_scheme(tmp_path / "gone.yaml", framework)


def test_looking_up_what_is_not_there_names_the_scheme(scheme: Scheme) -> None:
    with pytest.raises(KeyError, match="draft-2569"):
        scheme.skill_set("XX")
    with pytest.raises(KeyError, match="draft-2569"):
        scheme.requirements("king/early")
