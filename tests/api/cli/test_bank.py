"""`samatthana bank validate`: what a bank holds, or everything that is wrong with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from itembank.items import CONTENT, load_items
from tests.api.cli.conftest import Ran

Run = Callable[..., Ran]


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """A bank with three faults in two files, and one file without any."""
    folder = tmp_path / "bank" / "DG"
    folder.mkdir(parents=True)
    for name in ("DG200", "DG300", "DG500"):
        shutil.copy(CONTENT / "DG" / f"{name}.yaml", folder)
    first = (folder / "DG200.yaml").read_text()
    first = first.replace("level: 1", "level: 7", 1).replace("key: ", "key: z", 1)
    (folder / "DG200.yaml").write_text(first)
    (folder / "DG300.yaml").write_text("unit: NOWHERE\nitems: [\n")
    return folder.parent


def test_the_demonstration_bank_is_valid(run: Run):
    found = run("bank", "validate", "--json")
    assert found.code == 0
    report = found.json()
    assert (report["valid"], report["problems"]) == (True, [])
    assert report["n_items"] == len(load_items()) >= 84


def test_a_valid_bank_is_shown_by_skill_set_and_level(run: Run):
    found = run("bank", "validate")
    assert found.code == 0
    assert "items: valid" in found.out
    for code in ("DLit", "DG", "DT", "DS", "PSM", "DL", "DTr"):
        assert code in found.out


def test_every_fault_is_listed_with_its_place(run: Run, faulty: Path):
    found = run("bank", "validate", faulty, "--json")
    assert found.code == 1
    report = found.json()
    assert report["valid"] is False
    assert report["n_items"] > 0
    for problem in report["problems"]:
        assert set(problem) == {"where", "value", "expected"}
    places = [problem["where"] for problem in report["problems"]]
    for part in ("DG200.yaml", "level", "key", "DG300.yaml"):
        assert any(part in place for place in places), (part, places)
    assert not any("DG500" in place for place in places)


def test_faults_are_readable_without_json(run: Run, faulty: Path):
    found = run("bank", "validate", faulty)
    assert found.code == 1
    listed = [line for line in found.out.splitlines() if line.startswith("  - ")]
    assert len(listed) >= 3
    assert f"{len(listed)} problems" in found.out
    assert "Traceback" not in found.out + found.err


def test_a_folder_that_is_missing_is_a_fault(run: Run, tmp_path: Path):
    found = run("bank", "validate", tmp_path / "missing", "--json")
    assert found.code == 1
    report = found.json()
    assert (report["valid"], report["n_items"], len(report["problems"])) == (False, 0, 1)
    assert "missing" in report["problems"][0]["where"]
    assert "1 problem" in run("bank", "validate", tmp_path / "missing").out


def test_a_folder_without_items_is_a_fault(run: Run, tmp_path: Path):
    found = run("bank", "validate", tmp_path, "--json")
    assert found.code == 1
    assert found.json()["problems"]


def test_a_file_that_is_no_bank_is_not_printed_whole(run: Run, tmp_path: Path):
    file = tmp_path / "other.yaml"
    file.write_text("word " * 5_000)
    found = run("bank", "validate", file)
    assert found.code == 1
    assert max(len(line) for line in found.out.splitlines()) < 600
