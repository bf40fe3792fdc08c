"""Studies and fixed forms of a release know its items' families, seconds and texts."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from itembank import (
    Release,
    Stimulus,
    Text,
    build_release,
    load_framework,
    load_items,
    load_scheme,
)
from tests.api.cli.conftest import Ran

Run = Callable[..., Ran]

SET = ("DG200-01", "DG200-02", "DG300-01")
TWINS = ("DG500-01", "DG500-02", "DG600-01")
LENGTH, MOST_SECONDS = 8, 360
CONSTRAINTS = [
    {"name": "length", "count": LENGTH},
    {"name": "time", "sum": "seconds", "max": MOST_SECONDS},
    {"name": "families", "each": "family", "max": 1},
    {"name": "text", "sets": "stimulus", "count": {"min": 1, "max": 1}},
    {"name": "whole text", "sets": "stimulus", "items": {"min": 3, "max": 3}},
]


@pytest.fixture(scope="module")
def release() -> Release:
    framework = load_framework()
    stimulus = Stimulus(id="DG-S01", version=1, text=Text(th="ประกาศ", en="Notice"))
    items = [
        item.model_copy(
            update={
                "seconds": 30.0 + 20.0 * (place % 3),
                "family": "twins" if item.id in TWINS else None,
                "stimulus": stimulus if item.id in SET else None,
            }
        )
        for place, item in enumerate(load_items(framework=framework))
        if item.skill_set == "DG"
    ]
    return build_release(items, framework, load_scheme(framework=framework), demonstration=True)


@pytest.fixture
def folder(tmp_path: Path, release: Release) -> Path:
    (tmp_path / "release.json").write_text(release.to_json(), encoding="utf-8")
    return tmp_path


def written(folder: Path, data: object) -> Path:
    path = folder / "file.yaml"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def assert_kept(release: Release, names: list[str]) -> None:
    items = [release.item(name) for name in names]
    assert len(items) == LENGTH
    assert sum(item.seconds or 0 for item in items) <= MOST_SECONDS
    assert len({*names} & {*TWINS}) <= 1
    assert {*SET} <= {*names}


def test_fixed_forms_keep_to_them(run: Run, folder: Path, release: Release) -> None:
    specification = {
        "pool": {"release": "release.json", "skill_set": "DG"},
        "objective": {"information_at": 0},
        "constraints": CONSTRAINTS,
    }
    found = run("assemble", written(folder, specification), "--json")
    assert found.code == 0, found
    (form,) = found.json()["forms"]
    assert_kept(release, form["items"])


def test_simulated_exams_keep_to_them(run: Run, folder: Path, release: Release) -> None:
    design = {
        "release": str(folder / "release.json"),
        "skill_set": "DG",
        "persons": {"n": 20},
        "stop": {"min": LENGTH, "max": LENGTH},
        "constraints": CONSTRAINTS,
        "second_sitting": "none",
    }
    found = run("simulate", written(folder, design), "--out", folder / "out", "--workers", 1)
    assert found.code == 0, found
    with (folder / "out" / "candidates.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    for row in rows:
        assert_kept(release, row["items"].split())
