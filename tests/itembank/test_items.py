"""Item files: what is read, and every fault an author can make, named at once."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from itembank import (
    Framework,
    Item,
    ItemError,
    OptionError,
    load_items,
    load_rehearsal,
    score_answer,
    validate_bank,
)

ITEM = {
    "id": "DLit100-01",
    "version": 1,
    "level": 1,
    "key": "b",
    "stem": {"th": "ข้อใดเป็นรหัสผ่านที่ปลอดภัย", "en": "Which password is safe?"},
    "options": {
        "a": {"th": "วันเกิด", "en": "A birthday"},
        "b": {"th": "วลียาวที่คาดเดายาก", "en": "A long phrase that is hard to guess"},
        "c": {"th": "ชื่อหน่วยงาน", "en": "The agency's name"},
    },
    "rationale": {"th": "ยาวและเดายาก", "en": "It is long and hard to guess."},
}


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """A bank of one file with two sound items."""
    return written(tmp_path, sound())


def sound() -> dict[str, Any]:
    second = {**copy.deepcopy(ITEM), "id": "DLit100-02", "element": "DLit103"}
    return {"unit": "DLit100", "items": [copy.deepcopy(ITEM), second]}


def written(folder: Path, data: Any, place: str = "DLit/DLit100.yaml") -> Path:
    file = folder / place
    file.parent.mkdir(exist_ok=True)
    # JSON is YAML too, but for the spelling of infinity.
    text = json.dumps(data, ensure_ascii=False).replace("Infinity", ".inf")
    file.write_text(text, encoding="utf-8")
    return folder


def problems(path: Path, framework: Framework) -> set[tuple[str, object]]:
    with pytest.raises(ItemError) as caught:
        load_items(path, framework)
    return {(problem.where, problem.value) for problem in caught.value.problems}


def test_items_are_read_with_their_skill_set_and_options_in_order(
    bank: Path, framework: Framework
) -> None:
    first, second = load_items(bank, framework)
    assert (first.id, first.skill_set, first.unit, first.element) == (
        "DLit100-01",
        "DLit",
        "DLit100",
        None,
    )
    assert second.element == "DLit103"
    assert first.option_ids == ("a", "b", "c")
    assert first.stem.of("th") == ITEM["stem"]["th"]  # type: ignore[index]
    assert first.parameters is None


def test_one_file_can_be_read_alone(bank: Path, framework: Framework) -> None:
    assert load_items(bank / "DLit/DLit100.yaml", framework) == load_items(bank, framework)


def test_calibrated_parameters_are_kept(tmp_path: Path, framework: Framework) -> None:
    data = sound()
    data["items"][0]["parameters"] = {"model": "3pl", "a": 1.1, "b": -0.4, "c": 0.2}
    first, _ = load_items(written(tmp_path, data), framework)
    assert first.parameters is not None
    assert (first.parameters.a, first.parameters.d) == (1.1, 1.0)


F = "DLit/DLit100.yaml: "
Edit = Callable[[Any], object]
FAULTS: dict[str, tuple[Edit, tuple[str, object]]] = {
    "no stem": (lambda i: i.pop("stem"), (F + "items[0].stem", None)),
    "no translation": (lambda i: i["stem"].pop("en"), (F + "items[0].stem.en", None)),
    "no option translation": (
        lambda i: i["options"]["c"].pop("th"),
        (F + "items[0].options.c.th", None),
    ),
    "no rationale": (lambda i: i.pop("rationale"), (F + "items[0].rationale", None)),
    "unknown field": (lambda i: i.update(difficulty="hard"), (F + "items[0].difficulty", "hard")),
    "key is no option": (lambda i: i.update(key="z"), (F + "items[0].key", "z")),
    "two keys": (lambda i: i.update(key=["a", "b"]), (F + "items[0].key", "a list of 2")),
    "one option": (
        lambda i: i.update(options={"b": i["options"]["b"]}),
        (F + "items[0].options", "a mapping of 1"),
    ),
    "same text twice": (
        lambda i: i["options"]["c"].update(en="a  Birthday"),
        (F + "items[0].options.c.en", "a  Birthday"),
    ),
    "level 4": (lambda i: i.update(level=4), (F + "items[0].level", 4)),
    "level 0": (lambda i: i.update(level=0), (F + "items[0].level", 0)),
    "level in words": (lambda i: i.update(level="1"), (F + "items[0].level", "1")),
    "version 0": (lambda i: i.update(version=0), (F + "items[0].version", 0)),
    "element of another unit": (
        lambda i: i.update(element="DLit201"),
        (F + "items[0].element", "DLit201"),
    ),
    "element that is nowhere": (
        lambda i: i.update(element="DLit199"),
        (F + "items[0].element", "DLit199"),
    ),
    "id of another unit": (lambda i: i.update(id="DG200-01"), (F + "items[0].id", "DG200-01")),
    "id without number": (lambda i: i.update(id="DLit100"), (F + "items[0].id", "DLit100")),
    "slope zero": (
        lambda i: i.update(parameters={"model": "2pl", "a": 0.0, "b": 0.0}),
        (F + "items[0].parameters.a", 0.0),
    ),
    "difficulty infinite": (
        lambda i: i.update(parameters={"model": "2pl", "a": 1.0, "b": 1e999}),
        (F + "items[0].parameters.b", float("inf")),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named(tmp_path: Path, framework: Framework, fault: str) -> None:
    data = sound()
    edit, expected = FAULTS[fault]
    edit(data["items"][0])
    assert problems(written(tmp_path, data), framework) == {expected}


def test_faults_of_several_items_and_files_come_in_one_error(
    tmp_path: Path, framework: Framework
) -> None:
    data = sound()
    FAULTS["no translation"][0](data["items"][0])
    FAULTS["key is no option"][0](data["items"][0])
    data["items"][1]["level"] = 7
    written(tmp_path, data)
    written(tmp_path, {"unit": "DG200", "items": []}, "DG/DG200.yaml")
    assert problems(tmp_path, framework) == {
        (F + "items[0].stem.en", None),
        (F + "items[0].key", "z"),
        (F + "items[1].level", 7),
        ("DG/DG200.yaml: items", "a list of 0"),
    }


def test_an_id_that_occurs_twice(tmp_path: Path, framework: Framework) -> None:
    data = sound()
    data["items"][1]["id"] = "DLit100-01"
    assert problems(written(tmp_path, data), framework) == {(F + "items[1].id", "DLit100-01")}


def test_an_unknown_unit(tmp_path: Path, framework: Framework) -> None:
    data = {"unit": "DLit900", "items": [{**copy.deepcopy(ITEM), "id": "DLit900-01"}]}
    found = problems(written(tmp_path, data, "DLit/DLit900.yaml"), framework)
    assert found == {("DLit/DLit900.yaml: unit", "DLit900")}


@pytest.mark.parametrize("place", ["DG/DLit100.yaml", "DLit/DLit200.yaml"])
def test_a_file_in_the_wrong_folder_or_of_the_wrong_name(
    tmp_path: Path, framework: Framework, place: str
) -> None:
    assert problems(written(tmp_path, sound(), place), framework) == {(f"{place}: unit", "DLit100")}


@pytest.mark.parametrize("place", ["DLit100.yaml", "DLit/DLit200.yml"])
def test_a_file_that_would_be_passed_over_is_named(
    bank: Path, framework: Framework, place: str
) -> None:
    written(bank, sound(), place)
    assert problems(bank, framework) == {(place, "a file out of place")}


def test_an_empty_bank_and_a_bank_that_is_not_there(tmp_path: Path, framework: Framework) -> None:
    assert {value for _, value in problems(tmp_path, framework)} == {"no item files"}
    with pytest.raises(ItemError, match="No such file"):
        load_items(tmp_path / "gone", framework)


def test_a_file_that_is_no_mapping(tmp_path: Path, framework: Framework) -> None:
    found = problems(written(tmp_path, ["just", "a", "list"]), framework)
    assert found == {("DLit/DLit100.yaml", "a list of 3")}


@pytest.mark.parametrize("items", [["text"], [None], [[1]], "text", None])
def test_items_that_are_no_items(tmp_path: Path, framework: Framework, items: Any) -> None:
    with pytest.raises(ItemError):
        load_items(written(tmp_path, {"unit": "DLit100", "items": items}), framework)


def test_a_bank_report_counts_what_is_sound_and_names_what_is_not(
    bank: Path, framework: Framework
) -> None:
    other = {"unit": "DG200", "items": [{**copy.deepcopy(ITEM), "id": "DG200-01", "level": 9}]}
    report = validate_bank(written(bank, other, "DG/DG200.yaml"), framework)
    assert not report.valid
    assert report.n_items == 2
    assert report.by_skill_set == {"DLit": {1: 2, 2: 0, 3: 0}}
    assert report.by_unit == {"DLit100": 2}
    assert report.keys == {"b": 2}
    data = report.to_data()
    assert data["valid"] is False
    assert data["problems"] == [
        {
            "where": "DG/DG200.yaml: items[0].level",
            "value": 9,
            "expected": "less than or equal to 3",
        }
    ]


def test_a_sound_bank_is_valid(bank: Path, framework: Framework) -> None:
    report = validate_bank(bank, framework)
    assert (report.valid, report.n_items, report.problems) == (True, 2, ())


def test_the_key_scores_one_and_another_option_nothing(items: tuple[Item, ...]) -> None:
    for item in items:
        scores = {option: score_answer(item, option) for option in item.option_ids}
        assert [option for option, score in scores.items() if score == 1] == [item.key]
        assert sum(scores.values()) == 1


@pytest.mark.parametrize("answer", ["", "z", "A", "a ", "b,a"])
def test_an_answer_that_is_no_option_is_an_error(items: tuple[Item, ...], answer: str) -> None:
    with pytest.raises(OptionError, match=items[0].id):
        score_answer(items[0], answer)


def test_rehearsal_questions_are_read_in_order(tmp_path: Path) -> None:
    entry = {name: ITEM[name] for name in ("key", "stem", "options", "rationale")}
    data = {"items": [{"id": "R-02", **entry}, {"id": "R-01", **entry}]}
    file = tmp_path / "rehearsal.yaml"
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    assert [one.id for one in load_rehearsal(file)] == ["R-02", "R-01"]
    assert score_answer(load_rehearsal(file)[0], "b") == 1


def test_faults_of_a_rehearsal_come_in_one_error(tmp_path: Path) -> None:
    entry = {name: ITEM[name] for name in ("key", "stem", "options")}
    data = {"items": [{"id": "R-01", **entry, "key": "z"}, {"id": "R-01", **entry}]}
    file = tmp_path / "rehearsal.yaml"
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(ItemError) as caught:
        load_rehearsal(file)
    assert {problem.where for problem in caught.value.problems} == {
        "rehearsal.yaml: items[0].rationale",
        "rehearsal.yaml: items[1].rationale",
        "rehearsal.yaml: items[0].key",
        "rehearsal.yaml: items[1].id",
    }
