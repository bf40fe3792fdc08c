"""The words of reports, in Thai and English, under the same keys in two files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from itembank.text import Language


def word(language: Language, key: str, /, **values: object) -> str:
    """Return the words under a key such as `summary.converged`, with the values put in.

    Raises
    ------
    KeyError
        If there are no such words.
    """
    text = words(language)[key]
    return text.format(**values) if values else text


@cache
def words(language: Language) -> Mapping[str, str]:
    """Return all words of a language by their keys."""
    source = files(__name__).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return dict(_flat(yaml.safe_load(source)))


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", str(value)
