"""Families, expected seconds and shared texts of items: from authors' files to a release."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from itembank import (
    Framework,
    Item,
    ItemError,
    Release,
    ReleaseError,
    Scheme,
    Stimulus,
    Text,
    build_release,
    fingerprint,
    fingerprints,
    load_items,
    section,
    validate_bank,
)
from itembank.blueprint import Attributes
from itembank.canonical import canonical_json

ITEM: dict[str, Any] = {
    "version": 1,
    "level": 1,
    "key": "b",
    "stem": {"th": "ข้อความนี้ว่าอย่างไร", "en": "What does the text say?"},
    "options": {"a": {"th": "ก", "en": "One"}, "b": {"th": "ข", "en": "Two"}},
    "rationale": {"th": "อยู่ในข้อความ", "en": "It stands there."},
}
PASSAGE = {"id": "DG-S01", "version": 1, "text": {"th": "ประกาศ\n\nข้อหนึ่ง", "en": "Notice\n\nOne"}}
FAMILY, SECONDS = "consent", 45


def item(id: str, **more: Any) -> dict[str, Any]:
    return {**copy.deepcopy(ITEM), "id": id, **more}


def sound() -> dict[str, Any]:
    """Items of two units that share a text, and one beside them; by the names of their files."""
    return {
        "DG/DG200.yaml": {
            "unit": "DG200",
            "items": [
                item("DG200-01", stimulus="DG-S01", seconds=SECONDS, family=FAMILY),
                item("DG200-02", family=FAMILY),
            ],
        },
        "DG/DG300.yaml": {"unit": "DG300", "items": [item("DG300-01", stimulus="DG-S01")]},
        "DG/stimuli.yaml": {"stimuli": [copy.deepcopy(PASSAGE)]},
    }


def written(folder: Path, files: dict[str, Any]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    return written(tmp_path, sound())


@pytest.fixture
def items(bank: Path, framework: Framework) -> tuple[Item, ...]:
    return load_items(bank, framework)


@pytest.fixture
def release(items: tuple[Item, ...], framework: Framework, scheme: Scheme) -> Release:
    return build_release(items, framework, scheme, demonstration=True)


def faults(folder: Path, framework: Framework) -> set[tuple[str, object]]:
    with pytest.raises(ItemError) as caught:
        load_items(folder, framework)
    return {(each.where, each.value) for each in caught.value.problems}


# -- files ------------------------------------------------------------------------------------------


def test_items_of_two_units_share_a_text(items: tuple[Item, ...]) -> None:
    first, second, third = items
    assert first.stimulus == third.stimulus == Stimulus.model_validate(PASSAGE)
    assert (first.family, first.seconds) == (FAMILY, SECONDS)
    assert (second.family, second.seconds, second.stimulus) == (FAMILY, None, None)


def test_a_file_of_items_is_read_with_the_stimuli_beside_it(
    bank: Path, framework: Framework, items: tuple[Item, ...]
) -> None:
    assert load_items(bank / "DG/DG300.yaml", framework) == items[2:]


def test_a_file_of_stimuli_can_be_checked_alone(bank: Path) -> None:
    assert validate_bank(bank / "DG/stimuli.yaml").valid
    written(bank, {"DG/stimuli.yaml": {"stimuli": [{**PASSAGE, "version": 0}]}})
    (problem,) = validate_bank(bank / "DG/stimuli.yaml").problems
    assert problem.where == "DG/stimuli.yaml: stimuli[0].version"


def test_the_report_counts_them(bank: Path, framework: Framework) -> None:
    report = validate_bank(bank, framework)
    assert report.valid
    assert (report.stimuli, report.families, report.n_timed) == ({"DG-S01": 2}, {FAMILY: 2}, 1)


def test_every_fault_is_named_at_once(tmp_path: Path, framework: Framework) -> None:
    files = sound()
    first, second = files["DG/DG200.yaml"]["items"]
    first.update(seconds=0, family="two words")
    second.update(seconds="long", stimulus="DG-S77")
    files["DG/DG300.yaml"]["items"][0]["stimulus"] = ["DG-S01"]
    files["DG/stimuli.yaml"]["stimuli"] += [
        copy.deepcopy(PASSAGE),
        {"id": "DG-S02", "version": 1, "text": {"th": "ไม่มีใครใช้"}},
        {"id": "DS-S03", "version": 1, "text": PASSAGE["text"]},
    ]
    items, stimuli = "DG/DG200.yaml: items", "DG/stimuli.yaml: stimuli"
    assert faults(written(tmp_path, files), framework) == {
        (f"{items}[0].seconds", 0),
        (f"{items}[0].family", "two words"),
        (f"{items}[1].seconds", "long"),
        (f"{items}[1].stimulus", "DG-S77"),
        ("DG/DG300.yaml: items[0].stimulus", "a list of 1"),
        (f"{stimuli}[1].id", "DG-S01"),
        (f"{stimuli}[2].text.en", None),
        (f"{stimuli}[2].id", "DG-S02"),
        (f"{stimuli}[3].id", "DS-S03"),
    }


def test_a_stimulus_of_another_skill_set_is_unknown(tmp_path: Path, framework: Framework) -> None:
    other = {"unit": "DS100", "items": [item("DS100-01", stimulus="DG-S01")]}
    folder = written(tmp_path, {**sound(), "DS/DS100.yaml": other})
    assert faults(folder, framework) == {("DS/DS100.yaml: items[0].stimulus", "DG-S01")}


def test_stimuli_that_nobody_can_read_leave_their_items_unjudged(
    tmp_path: Path, framework: Framework
) -> None:
    folder = written(tmp_path, {**sound(), "DG/DG300.yaml": "unit: [", "DG/DG200.yaml": "unit: ["})
    places = {where for where, _ in faults(folder, framework)}
    assert not any(place.startswith("DG/stimuli.yaml") for place in places)


# -- releases ---------------------------------------------------------------------------------------


def test_a_release_carries_them_and_survives_being_stored(release: Release) -> None:
    again = Release.from_json(release.to_json(), release.hash)
    assert again == release
    first, second, _ = again.items
    assert again.stimulus_of(first) == Stimulus.model_validate(PASSAGE)
    assert again.stimulus_of(second) is None
    assert (first.family, first.seconds) == (FAMILY, SECONDS)


CHANGES = {
    "family": {"family": None},
    "seconds": {"seconds": 46.0},
    "stimulus": {"stimulus": None},
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_them_is_another_hash(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme, release: Release, change: str
) -> None:
    changed = [items[0].model_copy(update=CHANGES[change]), *items[1:]]
    other = build_release(changed, framework, scheme, demonstration=True)
    assert other.hash != release.hash


@pytest.mark.parametrize("change", [{"version": 2}, {"text": Text(th="ก", en="a")}])
def test_a_changed_stimulus_is_another_hash(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme, release: Release, change: Any
) -> None:
    assert items[0].stimulus is not None
    rewritten = items[0].stimulus.model_copy(update=change)
    update = {"stimulus": rewritten}
    changed = [items[0].model_copy(update=update), items[1], items[2].model_copy(update=update)]
    assert build_release(changed, framework, scheme, demonstration=True).hash != release.hash
    with pytest.raises(ReleaseError, match="the same stimulus as the other items"):
        build_release([changed[0], *items[1:]], framework, scheme, demonstration=True)


def test_what_items_do_not_have_their_text_leaves_out(release: Release) -> None:
    data = json.loads(release.to_json())
    second = data["items"][1]
    assert "family" in second
    assert not {"seconds", "stimulus"} & set(second)


def test_faults_of_a_foreign_text_come_in_one_error(release: Release) -> None:
    data = json.loads(release.to_json())
    data["items"][0]["stimulus"] = "DG-S99"
    data["items"][2]["seconds"] = -1
    del data["items"][2]["stimulus"]
    data["stimuli"] *= 2
    with pytest.raises(ReleaseError) as caught:
        Release.from_json(canonical_json(data))
    places = {each.where for each in caught.value.problems}
    assert places == {"items[0].stimulus", "items[2].seconds", "stimuli[0].id", "stimuli[1].id"}


def test_a_public_text_is_in_no_operational_release(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme
) -> None:
    shown = items[0]
    assert shown.stimulus is not None
    update = {"stem": Text(th="อีกข้อ", en="Another"), "id": "DG200-09"}
    renamed = shown.stimulus.model_copy(update={"id": "DG-S08", "version": 3})
    new = shown.model_copy(update={**update, "stimulus": renamed})
    with pytest.raises(ReleaseError) as caught:
        build_release([new], framework, scheme, demonstration=False, public=fingerprints(items))
    assert {(each.where, each.value) for each in caught.value.problems} == {
        ("DG200-09.parameters", None),
        ("DG-S08", "a public stimulus"),
    }


def test_a_public_item_is_not_made_secret_by_another_text(items: tuple[Item, ...]) -> None:
    assert fingerprint(items[0].model_copy(update={"stimulus": None})) == fingerprint(items[0])


# -- constraints ------------------------------------------------------------------------------------


def test_they_are_attributes_that_constraints_speak_of(release: Release) -> None:
    attributes = Attributes.of_release(release.items)
    assert attributes.columns["family"].text == (FAMILY, FAMILY, None)
    assert attributes.columns["stimulus"].text == ("DG-S01", None, "DG-S01")
    assert attributes.columns["seconds"].text == (f"{SECONDS:.1f}", None, None)


def test_a_bound_on_time_needs_the_seconds_of_every_item(
    release: Release, scheme: Scheme, framework: Framework
) -> None:
    data = copy.deepcopy(scheme.model_dump(mode="json"))
    rules = next(one for one in data["skill_sets"] if one["code"] == "DG")
    rules["blueprint"].update(
        units=[{"code": "DG200"}, {"code": "DG300"}],
        min_items=2,
        max_items=2,
        constraints=[{"name": "time", "sum": "seconds", "max": 100}],
    )
    with pytest.raises(ReleaseError) as caught:
        section(release, Scheme.from_data(data, framework), "DG")
    assert [(each.where, each.value) for each in caught.value.problems] == [
        ("blueprint.constraints: time: sum", "nothing for item DG200-02"),
        ("blueprint.constraints: time: sum", "nothing for item DG300-01"),
    ]
