"""Constraints in a scheme's blueprint: what is wrong is named by its place, the rest is kept."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.constraints.penalties import WeightedDeviations
from engine.constraints.priority import PriorityIndex
from engine.constraints.shadow import ShadowTest
from engine.errors import InputError
from itembank import Framework, Release, Scheme, SchemeError, Section, section
from itembank.canonical import canonical_json, sha256
from itembank.yamlfile import parse_yaml

LENGTH = {"name": "length", "count": "items", "min": 8, "max": 12}
LEVELS = {"name": "levels", "each": "level", "min": 3, "max": 5}
KEYS = {"name": "keys", "balance": "key", "max": 0.4}
HARD = {"name": "hard", "where": "level == 3", "min": 9}
DG = 1
"""The place of its rules in the draft scheme."""


def changed(scheme: Scheme, **blueprint: Any) -> Any:
    """The draft scheme as data, with another blueprint of DG."""
    data = copy.deepcopy(scheme.model_dump(mode="json"))
    data["skill_sets"][DG]["blueprint"].update(blueprint)
    return data


@pytest.fixture
def compiled(scheme: Scheme, framework: Framework, release: Release):
    """A way to compile the section of DG with another blueprint."""

    def compile_with(**blueprint: Any) -> Section:
        return section(release, Scheme.from_data(changed(scheme, **blueprint), framework), "DG")

    return compile_with


def faults(scheme: Scheme, framework: Framework, **blueprint: Any) -> dict[str, object]:
    """What a scheme with this blueprint is refused for: values by their places."""
    with pytest.raises(SchemeError) as caught:
        Scheme.from_data(changed(scheme, **blueprint), framework)
    start = f"skill_sets[{DG}].blueprint."
    return {each.where.removeprefix(start): each.value for each in caught.value.problems}


def exam(design: engine.Design, seed: int, probability: float) -> np.ndarray:
    """The items of one exam whose answers are right with this probability."""
    chance = np.random.default_rng(seed)
    state = engine.start(design, seeds=seed)
    while (chosen := engine.next_item(design, state))[0] >= 0:
        state = engine.record(design, state, chosen, [int(chance.random() < probability)])
    return state.items[0, : state.n_given[0]]


# -- what compiles ----------------------------------------------------------------------------------


def test_without_constraints_a_section_is_balanced_by_shares(compiled) -> None:
    assert isinstance(compiled().design.content, engine.ContentTargets)


@pytest.mark.parametrize(
    ("keep", "kind"),
    [
        ({}, ShadowTest),
        ({"keep": "shadow"}, ShadowTest),
        ({"keep": "priority", "weights": {"levels: 3": 2.0}}, PriorityIndex),
        ({"keep": "penalties", "weights": {"share of DG200": 0.5}}, WeightedDeviations),
    ],
)
def test_constraints_are_kept_by_the_method_chosen(compiled, keep, kind) -> None:
    content = compiled(min_items=12, constraints=[LEVELS], **keep).design.content
    assert isinstance(content, kind)
    assert getattr(content, "weights", {}) == keep.get("weights", {})


def test_constraints_and_shares_are_about_the_items_they_name(compiled) -> None:
    built = compiled(min_items=12, constraints=[LEVELS, KEYS])
    specification = built.design.content.specification
    assert specification.length == (12, 12)
    # Three each of three units, none of the fourth. Each unit has a quarter of 12.
    chosen = [
        place
        for place, item in enumerate(built.items)
        if item.unit != "DG600" and item.id.endswith(("-01", "-02", "-03"))
    ]
    broken = {problem.where: problem.value for problem in specification.satisfied(chosen)}
    assert broken["share of DG600"] == 0
    assert not any(f"share of {unit}" in broken for unit in ("DG200", "DG300", "DG500"))
    levels = [built.items[place].level for place in chosen]
    for level in (1, 2, 3):
        counted = levels.count(level)
        assert broken.get(f"levels: {level}", 3) == (3 if 3 <= counted <= 5 else counted)


@pytest.mark.parametrize("probability", [0.0, 0.5, 1.0])
def test_exams_of_shadow_tests_satisfy_everything(compiled, probability) -> None:
    design = compiled(min_items=12, constraints=[LEVELS, KEYS]).design
    for seed in range(3):
        assert design.content.specification.satisfied(exam(design, seed, probability)) == ()


def test_units_without_shares_are_left_to_the_constraints(compiled) -> None:
    codes = ("DG200", "DG300", "DG500", "DG600")
    units = [{"code": code} for code in codes]
    few = {"name": "few", "where": "unit == 'DG600'", "count": 1}
    built = compiled(min_items=12, units=units, constraints=[few])
    given = [built.items[place].unit for place in exam(built.design, 1, 0.5)]
    assert given.count("DG600") == 1


def test_a_length_that_may_differ_ends_an_exam_early_only_when_everything_is_kept(compiled) -> None:
    design = compiled(constraints=[LENGTH, LEVELS], decision=0.75).design
    # Three of each level are nine items, though eight would do for the length.
    assert {exam(design, seed, 1.0).size for seed in range(6)} == {9}
    for seed in range(6):
        assert design.content.specification.satisfied(exam(design, seed, 1.0)) == ()


def test_the_blueprint_of_the_guide_makes_exams(compiled) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "framework.md").read_text(encoding="utf-8")
    written = re.search(r"```yaml\n(blueprint:.*?)```", guide, re.DOTALL)
    assert written is not None
    blueprint = parse_yaml(written[1], "guide").data["blueprint"]
    design = compiled(**blueprint).design
    assert design.content.specification.satisfied(exam(design, 1, 0.5)) == ()


# -- documents --------------------------------------------------------------------------------------


def test_a_scheme_without_constraints_has_the_text_it_had_before_there_were_any(
    scheme: Scheme, framework: Framework, release: Release
) -> None:
    text = scheme.to_json()
    assert not {"constraints", "keep", "weights"} & set(
        json.loads(text)["skill_sets"][DG]["blueprint"]
    )
    # A text from before exposure could be limited, too.
    data = json.loads(text)
    for rules in data["skill_sets"]:
        del rules["blueprint"]["exposure"]
    older = canonical_json(data)
    read = Scheme.from_json(older, framework, sha256(older))
    assert (read.to_json(), read.hash) == (older, sha256(older))
    before, now = (section(release, each, "DG").design.content for each in (scheme, read))
    assert before.shares.tolist() == now.shares.tolist()
    assert before.units.tolist() == now.units.tolist()


def test_a_stored_scheme_with_constraints_is_what_it_was(
    scheme: Scheme, framework: Framework, release: Release
) -> None:
    listed = {"name": "two", "include": ["DG200-01", "DG300-01"]}
    short = {"name": "short", "where": {"level": 3, "unit": ["DG200", "DG300"]}, "max": 2}
    data = changed(scheme, min_items=12, constraints=[LEVELS, listed, short])
    made = Scheme.from_data(data, framework)
    read = Scheme.from_json(made.to_json(), framework, made.hash)
    assert read == made
    assert Scheme.from_data(json.loads(made.to_json()), framework).hash == made.hash
    items = [exam(section(release, each, "DG").design, 1, 0.5).tolist() for each in (made, read)]
    assert items[0] == items[1]


# -- faults of the scheme ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("blueprint", "place", "value"),
    [
        ({"constraints": 5}, "constraints", 5),
        ({"constraints": []}, "constraints", "a list of 0"),
        ({"constraints": ["level 3"]}, "constraints[0]", "level 3"),
        ({"constraints": [{"where": "level == 3", "min": 1}]}, "constraints[0]: name", None),
        ({"constraints": [{**HARD, "max": 2}]}, "constraints: hard: min", 9),
        ({"constraints": [{**HARD, "max": float("inf")}]}, "constraints[0]", "a mapping of 4"),
        (
            {"constraints": [{"name": "a", "where": "level = 3", "min": 1}]},
            "constraints: a: where, column 7",
            "=",
        ),
        (
            {"constraints": [{"name": "a", "where": "difficulty > 3", "min": 1}]},
            "constraints: a: where, column 1",
            "difficulty",
        ),
        (
            {"constraints": [{"name": "a", "each": "famly", "max": 1}]},
            "constraints: a: each",
            "famly",
        ),
        (
            {"constraints": [{"name": "a", "where": "unit in ['DG200', 'DT100']", "max": 1}]},
            "constraints: a: where, column 19",
            "'DT100'",
        ),
        (
            {"constraints": [{"name": "a", "where": "not (4 == level)", "max": 1}]},
            "constraints: a: where, column 6",
            "4",
        ),
        ({"constraints": [LEVELS, LEVELS]}, "constraints", "levels"),
        ({"constraints": [LEVELS], "min_items": 8}, "min_items", 8),
        ({"constraints": [{**LENGTH, "min": 9}]}, "constraints: length", "9 to 12"),
        ({"constraints": [{"name": "n", "count": 10}]}, "constraints: n", "10 to 10"),
        ({"keep": "priority"}, "keep", "priority"),
        ({"weights": {"levels": 2.0}}, "weights", {"levels": 2.0}),
        ({"constraints": [LEVELS], "keep": "prayer"}, "keep", "prayer"),
        ({"constraints": [KEYS], "keep": "priority"}, "constraints: keys: balance", "balance"),
        ({"constraints": [LEVELS], "weights": {"levels": 2.0}}, "weights", {"levels": 2.0}),
        (
            {"constraints": [LEVELS], "keep": "penalties", "weights": {"hard": 2.0}},
            "weights.hard",
            "hard",
        ),
        (
            {"constraints": [LEVELS], "keep": "penalties", "weights": {"levels": 0.0}},
            "weights.levels",
            0.0,
        ),
        ({"units": [{"code": "DG200"}]}, "units[0].share", None),
        (
            {
                "constraints": [LEVELS],
                "units": [{"code": "DG200", "share": 1.0}, {"code": "DG300"}],
            },
            "units[1].share",
            None,
        ),
    ],
)
def test_a_fault_of_the_scheme_is_named_by_its_place(
    scheme: Scheme, framework: Framework, blueprint: Any, place: str, value: object
) -> None:
    found = faults(scheme, framework, **{"min_items": 12, **blueprint})
    assert found[place] == value


def test_faults_come_together(scheme: Scheme, framework: Framework) -> None:
    wrong = [
        {"name": "a", "each": "famly", "max": 1},
        {"name": "b", "where": "level = 3", "min": 1},
    ]
    found = faults(scheme, framework, constraints=wrong, randomesque=0)
    assert {
        "constraints: a: each",
        "constraints: b: where, column 7",
        "min_items",
        "randomesque",
    } <= set(found)


# -- faults that only a bank shows ------------------------------------------------------------------


def refusal(compiled, **blueprint: Any) -> dict[str, tuple[object, str]]:
    with pytest.raises(InputError) as caught:
        compiled(**{"min_items": 12, **blueprint})
    assert caught.value.subject == "Section DG"
    return {each.where: (each.value, each.expected) for each in caught.value.problems}


@pytest.mark.parametrize("keep", ["shadow", "priority", "penalties"])
def test_constraints_that_contradict_each_other_are_named_and_no_others(compiled, keep) -> None:
    # Level 3 has five items; of DG200, four.
    easy = {"name": "easy", "where": "level < 3", "min": 9}
    more = {"name": "more", "where": "level == 3", "min": 4}
    fine = {"name": "fine", "where": "unit == 'DG200'", "max": 4}
    found = refusal(compiled, constraints=[fine, more, easy], keep=keep)
    (value, expected) = found["blueprint.constraints"]
    assert value == (
        "length (12 items; the pool has 15); more (at least 4; 5 items of the pool are meant); "
        "easy (at least 9; 10 items of the pool are meant)"
    )
    assert "without any one of these" in expected


def test_shares_can_contradict_constraints(compiled) -> None:
    found = refusal(compiled, constraints=[{"name": "none", "where": "unit == 'DG200'", "max": 1}])
    value, _ = found["blueprint.constraints"]
    assert "none (at most 1; 4 items" in str(value)
    assert "share of DG200 (a share of 0.25, rounded down or up; 4 items" in str(value)


def test_what_the_bank_lacks_is_named(compiled) -> None:
    wrong = [
        {"name": "a", "include": ["DG200-01", "DG200-99"]},
        {"name": "b", "where": "item == 'DG900-01'", "max": 1},
        {"name": "c", "where": "options == 9", "max": 1},
        {"name": "d", "exclude": "status == 'retired'"},
    ]
    found = refusal(compiled, constraints=wrong)
    assert set(found) == {
        "blueprint.constraints: a: include",
        "blueprint.constraints: b: where, column 9",
    }
    found = refusal(compiled, constraints=wrong[2:])
    assert set(found) == {"blueprint.constraints: c: where"}


def test_what_a_method_cannot_weigh_is_named_by_its_place(compiled) -> None:
    found = refusal(compiled, constraints=[{"name": "b", "sum": "b", "max": 3}], keep="priority")
    assert set(found) == {"blueprint.constraints: b"}
