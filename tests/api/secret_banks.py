"""Banks that were never public: the demonstration's questions in other words, with parameters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from itembank import CONTENT


def write_secret_bank(folder: Path, parameters: Callable[[dict[str, Any]], dict[str, Any]]) -> Path:
    """Write the files of such a bank; `parameters` says those of each item."""
    for source in sorted(CONTENT.glob("*/*.yaml")):
        content = yaml.safe_load(source.read_text(encoding="utf-8"))
        for item in content["items"]:
            item["stem"] = {language: f"{text} *" for language, text in item["stem"].items()}
            item["parameters"] = dict(parameters(item))
        target = folder / source.parent.name / source.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder
