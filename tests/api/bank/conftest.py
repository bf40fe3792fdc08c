"""A bank as an operational service has it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from itembank import CONTENT


@pytest.fixture
def secret_bank(tmp_path: Path) -> Path:
    """A calibrated bank that was never public: the demonstration bank in other words."""
    for source in sorted(CONTENT.glob("*/*.yaml")):
        content = yaml.safe_load(source.read_text(encoding="utf-8"))
        for item in content["items"]:
            item["stem"] = {language: f"{text} *" for language, text in item["stem"].items()}
            item["parameters"] = {"model": "3pl", "a": 1.1, "b": 0.2, "c": 0.2}
        target = tmp_path / "bank" / source.parent.name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return tmp_path / "bank"
