"""What is wrong with a framework's files is named, every fault of every file at once."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from itembank import Framework, FrameworkError, load_framework
from itembank.canonical import canonical_json
from itembank.framework import OCSC_2560


@dataclass(frozen=True)
class Folder:
    path: Path

    def edit(self, file: str, found: str, replacement: str, count: int = 1) -> None:
        text = (self.path / file).read_text(encoding="utf-8")
        assert found in text, f"{file} has no {found!r}"
        self.write(file, text.replace(found, replacement, count))

    def write(self, file: str, text: str) -> None:
        (self.path / file).write_text(text, encoding="utf-8")

    def problems(self) -> set[tuple[str, object]]:
        with pytest.raises(FrameworkError) as caught:
            load_framework(self.path)
        return {(problem.where, problem.value) for problem in caught.value.problems}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    shutil.copytree(OCSC_2560, tmp_path / "framework")
    return Folder(tmp_path / "framework")


def test_the_copy_is_sound(folder: Folder) -> None:
    assert load_framework(folder.path).hash == load_framework().hash


def test_a_missing_translation(folder: Folder) -> None:
    folder.edit("roles.yaml", "      en: Digital government leader\n", "")
    assert folder.problems() == {("roles.yaml: roles[1].name.en", None)}


def test_an_empty_translation(folder: Folder) -> None:
    folder.edit("roles.yaml", "en: Digital government leader", "en: '  '")
    assert folder.problems() == {("roles.yaml: roles[1].name.en", "  ")}


def test_a_wrong_type(folder: Folder) -> None:
    folder.edit("rules.yaml", "percent: 70", "percent: '70'")
    assert folder.problems() == {("rules.yaml: mixes[0].shares[0].percent", "70")}


def test_a_field_nobody_knows(folder: Folder) -> None:
    folder.edit("framework.yaml", "status: draft", "status: draft\ncolour: blue")
    assert folder.problems() == {("framework.yaml: colour", "blue")}


def test_an_unknown_code_of_a_statement(folder: Folder) -> None:
    folder.edit("drivers.yaml", "- DTr200", "- DTr900")
    where = "drivers.yaml: drivers[0].rows[0].statements[0].codes[0]"
    assert folder.problems() == {(where, "DTr900")}


def test_an_unknown_group_and_phase(folder: Folder) -> None:
    folder.edit("drivers.yaml", "phase: early", "phase: dawn")
    folder.edit("drivers.yaml", "group: executive", "group: chiefs")
    assert folder.problems() == {
        ("drivers.yaml: drivers[0].rows[0].phase", "dawn"),
        ("drivers.yaml: drivers[0].rows[0].statements[0].group", "chiefs"),
    }


def test_an_id_that_occurs_twice(folder: Folder) -> None:
    folder.edit("drivers.yaml", "id: T1-R1-EXEC-2", "id: T1-R1-EXEC-1")
    where = "drivers.yaml: drivers[0].rows[0].statements[1].id"
    assert folder.problems() == {(where, "T1-R1-EXEC-1")}


def test_a_code_that_occurs_twice_in_two_files(folder: Folder) -> None:
    folder.write("units/DG2.yaml", (folder.path / "units/DG.yaml").read_text(encoding="utf-8"))
    assert ("units/DG2.yaml: units[0].code", "DG200") in folder.problems()


def test_a_role_that_is_missing_and_one_that_is_misnamed(folder: Folder) -> None:
    folder.edit("roles.yaml", "id: service/early", "id: service/first")
    assert folder.problems() == {
        ("roles.yaml: roles[9].id", "service/first"),
        ("roles.yaml: roles", None),
    }


def test_an_element_in_another_unit_and_a_criterion_in_another_element(folder: Folder) -> None:
    folder.edit("units/DTr.yaml", "code: DTr101\n", "code: DTr901\n")
    folder.edit("units/DTr.yaml", "code: DTr103.2\n", "code: DTr102.2\n")
    places = {where for where, _ in folder.problems()}
    assert "units/DTr.yaml: units[0].elements[0].code" in places
    assert "units/DTr.yaml: units[0].elements[1].criteria[0].code" in places


def test_a_unit_of_another_skill_sets_prefix(folder: Folder) -> None:
    folder.edit("units/DG.yaml", "skill_set: DG\n", "skill_set: DL\n")
    assert ("units/DG.yaml: units[0].code", "DG200") in folder.problems()


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_an_empty_file(folder: Folder, text: str) -> None:
    folder.write("rules.yaml", text)
    assert {where for where, _ in folder.problems()} == {"rules.yaml"}


def test_a_file_that_is_a_list(folder: Folder) -> None:
    folder.write("rules.yaml", "- one\n- two\n")
    assert folder.problems() == {("rules.yaml", "a list of 2")}


def test_a_missing_file_and_no_units(folder: Folder) -> None:
    (folder.path / "roles.yaml").unlink()
    shutil.rmtree(folder.path / "units")
    assert {"roles.yaml", "units/"} <= {where for where, _ in folder.problems()}


def test_a_syntax_error_names_its_line(folder: Folder) -> None:
    folder.write("rules.yaml", "mixes:\n  - key: [\n")
    (where, _), *others = [one for one in folder.problems() if one[0].startswith("rules.yaml")]
    assert where == "rules.yaml: line 3, column 1"
    assert not others


def test_faults_of_all_kinds_and_files_come_in_one_error(folder: Folder) -> None:
    folder.edit("framework.yaml", "version: 2560-draft-1\n", "")
    folder.edit("roles.yaml", "phase: early", "phase: dawn")
    folder.edit("drivers.yaml", "- DTr200", "- DTr900")
    folder.edit("units/DG.yaml", "title_status: working", "title_status: final")
    folder.write("rules.yaml", "")
    places = {where for where, _ in folder.problems()}
    assert {
        "framework.yaml: version",
        "roles.yaml: roles[0].phase",
        "drivers.yaml: drivers[0].rows[0].statements[0].codes[0]",
        "units/DG.yaml: units[0].title_status",
        "rules.yaml",
    } <= places


def test_a_stored_framework_is_checked_as_a_file_is(framework: Framework) -> None:
    text = framework.to_json().replace('"codes":["DTr200"]', '"codes":["DTr900"]', 1)
    with pytest.raises(FrameworkError, match=r"codes\[0\]: found 'DTr900'"):
        Framework.from_json(text)


def test_a_stored_framework_that_was_changed_has_another_hash(framework: Framework) -> None:
    text = framework.to_json().replace("2560-draft-1", "2560-draft-2")
    with pytest.raises(FrameworkError, match="the text was changed"):
        Framework.from_json(text, framework.hash)


@pytest.mark.parametrize("text", ["{", "[]", "null", canonical_json({"id": "x"})])
def test_a_text_that_is_no_framework(text: str) -> None:
    with pytest.raises(FrameworkError):
        Framework.from_json(text)


def test_a_text_that_is_spelled_otherwise_is_refused(framework: Framework) -> None:
    with pytest.raises(FrameworkError, match="canonical JSON"):
        Framework.from_json(framework.to_json() + "\n")
