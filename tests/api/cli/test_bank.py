"""`samatthana bank`: what a bank holds, everything that is wrong with it, and how it comes into force."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from api.database import embedded_postgres
from itembank.items import CONTENT, load_items
from itembank.scheme import DRAFT_2569
from tests.api.cli.conftest import Ran
from tests.api.secret_banks import write_secret_bank

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


# -- releases, schemes and exposure, from files to what is in force ----------------------------------


@dataclass(frozen=True)
class Workshop:
    """A calibrated bank, a scheme that limits exposure in DG, and a data folder whose database is open."""

    bank: Path
    scheme: Path
    data: Path


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    folder = tmp_path_factory.mktemp("workshop")
    write_secret_bank(
        folder / "bank", lambda item: {"model": "2pl", "a": 1.1, "b": 0.1 * item["level"]}
    )
    scheme = yaml.safe_load(DRAFT_2569.read_text(encoding="utf-8"))
    for rules in scheme["skill_sets"]:
        if rules["code"] == "DG":
            rules["blueprint"].update(min_items=4, max_items=4)
            rules["blueprint"]["exposure"] = {"rate": 0.5, "bounds": [0.0], "block": 100}
    # JSON is YAML too, and keeps versions that look like numbers as text.
    path = folder / "scheme.yaml"
    path.write_text(json.dumps({**scheme, "version": "test-1"}), encoding="utf-8")
    with embedded_postgres(folder / "data", durable=False):
        yield Workshop(folder / "bank", path, folder / "data")


def test_from_a_release_to_exposure_that_the_first_exams_begin_with(
    run: Run, workshop: Workshop, tmp_path: Path
):
    release, snapshot = tmp_path / "release.json", tmp_path / "DG.json"
    scheme = ("--scheme", workshop.scheme)
    built = run("bank", "build", workshop.bank, "--out", release, *scheme, "--json")
    assert built.code == 0, built
    options = ("--skill-set", "DG", "--candidates", 400, "--out", snapshot)
    found = run("bank", "exposure", "find", release, *options, *scheme, "--json")
    assert found.code == 0, found
    result = found.json()
    assert (result["rate"], len(result["segments"])) == (0.5, 2)
    assert sum(segment["candidates"] for segment in result["segments"]) == 400, "new candidates"
    data = ("--data", workshop.data)
    published = run(
        "bank", "publish", workshop.bank, *scheme, "--exposure", snapshot, *data, "--json"
    )
    assert published.code == 0, published
    assert published.json()["release"] == built.json()["release"]
    assert published.json()["open_at_start"] == []
    (shown,) = run("bank", "show", *data, "--json").json()["banks"]
    assert (shown["bank"], shown["scheme_version"]) == (built.json()["release"], "test-1")
    assert (shown["in_force"], shown["exposure"]) == (True, {"DG": 1})
    again = run("bank", "exposure", "use", snapshot, *data, "--json")
    assert again.json() == {"exposure": {"DG": 2}}
    assert "in force" in run("bank", "show", *data).out
    refused = run("bank", "use", built.json()["release"][:12], *data).refused()
    assert "in force already" in refused
    # Another scheme with the same limit: what was found under the first is not for it.
    changed = json.loads(workshop.scheme.read_text(encoding="utf-8"))
    other = tmp_path / "other.yaml"
    other.write_text(json.dumps({**changed, "version": "test-2"}), encoding="utf-8")
    used = run("bank", "use", built.json()["release"][:12], "--scheme", other, *data)
    assert "first candidates of DG" in used.out


def test_a_scheme_with_faults_is_refused_before_anything_is_opened(
    run: Run, workshop: Workshop, tmp_path: Path
):
    scheme = json.loads(workshop.scheme.read_text(encoding="utf-8"))
    scheme["costs"]["false_positive"] = 0
    scheme["skill_sets"][0]["time_limit_minutes"] = -1
    path = tmp_path / "faulty.yaml"
    path.write_text(json.dumps(scheme), encoding="utf-8")
    data = tmp_path / "nothing"
    found = run("bank", "publish", workshop.bank, "--scheme", path, "--data", data, "--json")
    assert len(found.problems) == 2
    assert not data.exists()


def test_exposure_is_found_only_where_the_scheme_limits_it(
    run: Run, workshop: Workshop, tmp_path: Path
):
    release = tmp_path / "release.json"
    run("bank", "build", workshop.bank, "--out", release)
    options = ("--skill-set", "DG", "--out", tmp_path / "DG.json")
    found = run("bank", "exposure", "find", release, *options, "--json")
    assert found.problems["--skill-set"]["expected"].endswith("it has none")
    found = run("bank", "exposure", "use", tmp_path / "missing.json", "--data", tmp_path, "--json")
    assert str(tmp_path / "missing.json") in found.problems["file"]["value"]


def test_a_release_that_was_built_can_be_simulated(run: Run, workshop: Workshop, tmp_path: Path):
    release, design = tmp_path / "release.json", tmp_path / "design.yaml"
    built = run("bank", "build", workshop.bank, "--out", release, "--json").json()
    assert hashlib.sha256(release.read_bytes()).hexdigest() == built["release"]
    content = {"release": str(release), "skill_set": "DG", "persons": {"n": 20}}
    design.write_text(json.dumps(content), encoding="utf-8")
    found = run("simulate", design, "--workers", 1, "--json")
    assert found.code == 0, found
    assert found.json()["n"] == 20


def test_a_release_file_that_was_changed_is_refused(run: Run, workshop: Workshop, tmp_path: Path):
    release = tmp_path / "release.json"
    run("bank", "build", workshop.bank, "--out", release)
    text = release.read_text(encoding="utf-8")
    release.write_text(text.replace('"level":1', '"level": 1', 1), encoding="utf-8")
    options = ("--skill-set", "DG", "--out", tmp_path / "DG.json", "--scheme", workshop.scheme)
    found = run("bank", "exposure", "find", release, *options)
    assert "canonical JSON" in found.refused()
