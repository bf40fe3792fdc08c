"""The words of a study's report in Thai and English, side by side in one file."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from itembank.text import Language


def word(language: Language, key: str, /, **values: object) -> str:
    """Return the words under a key such as `reasons.length`, with the values put in.

    Raises
    ------
    KeyError
        If there are no such words.
    """
    found: Any = _words()
    for step in key.split("."):
        found = found[step]
    text = str(found[language])
    return text.format(**values) if values else text


@cache
def _words() -> Any:
    source = files("calibration.studies").joinpath("words.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(source)
