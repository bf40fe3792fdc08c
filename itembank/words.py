"""Words in Thai and English, under the same keys in two files of a package: `th.yaml` and `en.yaml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from itembank.text import Language


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one package."""

    package: str

    def word(self, language: Language, key: str, /, **values: object) -> str:
        """Return the words under a key such as ``home.title``, with the values put in.

        Raises
        ------
        KeyError
            If there are no such words.
        """
        text = self.words(language)[key]
        return text.format(**values) if values else text

    def words(self, language: Language) -> Mapping[str, str]:
        """Return all words of a language by their keys."""
        return _read(self.package, language)


@cache
def _read(package: str, language: Language) -> Mapping[str, str]:
    source = files(package).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    return dict(_flat(yaml.safe_load(source)))


def _flat(tree: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", str(value)
