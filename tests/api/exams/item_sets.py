"""A bank whose items share texts, have families and say their seconds, and constraints on all three."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from api.bank.catalogue import Catalogue
from api.bank.opening import demonstration_catalogue
from itembank import CONTENT, Scheme, build_release, load_framework, load_items

SETS = {
    "DG-S01": ("DG200-01", "DG200-02", "DG300-01"),
    "DG-S02": ("DG500-01", "DG500-02", "DG600-01"),
}
PASSAGE = "ประกาศกรมตัวอย่าง {}\n\nข้อมูลชุดนี้ใช้ภายในเท่านั้น"
LENGTH, MOST_SECONDS = 8, 360
CONSTRAINTS = [
    {"name": "time", "sum": "seconds", "max": MOST_SECONDS},
    {"name": "families", "each": "family", "max": 1},
    {"name": "passages", "sets": "stimulus", "count": {"min": 1, "max": 1}},
    {"name": "whole passages", "sets": "stimulus", "items": {"min": 3, "max": 3}},
]


def authored(folder: Path) -> Path:
    """The demonstration's items on data governance with texts, families and seconds, as files."""
    of_stimulus = {item: stimulus for stimulus, items in SETS.items() for item in items}
    for source in sorted((CONTENT / "DG").glob("*.yaml")):
        content = yaml.safe_load(source.read_text(encoding="utf-8"))
        for place, item in enumerate(content["items"]):
            item["seconds"] = 30 + 20 * (place % 3)
            if item["id"] in of_stimulus:
                item["stimulus"] = of_stimulus[item["id"]]
            elif place >= len(content["items"]) - 2:
                item["family"] = f"{content['unit']}-twins"
        write(folder / "DG" / source.name, content)
    stimuli = [
        {"id": id, "version": 1, "text": {"th": PASSAGE.format(id), "en": f"Notice {id}\n\nUse."}}
        for id in SETS
    ]
    write(folder / "DG" / "stimuli.yaml", {"stimuli": stimuli})
    return folder


def write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def with_sets(folder: Path, constraints: Sequence[dict[str, Any]] = CONSTRAINTS) -> Catalogue:
    """The demonstration with those items, under shadow tests that keep the constraints."""
    shown, framework = demonstration_catalogue(), load_framework()
    own = load_items(authored(folder), framework)
    others = [item for item in load_items(framework=framework) if item.skill_set != "DG"]
    data = shown.scheme.model_dump(mode="json")
    for rules in data["skill_sets"]:
        if rules["code"] == "DG":
            units = [{"code": unit["code"]} for unit in rules["blueprint"]["units"]]
            length = {"min_items": LENGTH, "max_items": LENGTH}
            rules["blueprint"].update(units=units, constraints=list(constraints), **length)
    scheme = Scheme.from_data(data, framework)
    release = build_release([*own, *others], framework, scheme, demonstration=True)
    return Catalogue(framework=framework, scheme=scheme, release=release)
