"""Reading a scheme's file: everything that is wrong with it, in one error."""

from __future__ import annotations

from pathlib import Path

from itembank.errors import SchemeError
from itembank.framework import Framework, load_framework
from itembank.scheme.model import Scheme
from itembank.yamlfile import read_yaml

DRAFT_2569 = Path(__file__).parent / "draft-2569.yaml"


def load_scheme(path: Path = DRAFT_2569, framework: Framework | None = None) -> Scheme:
    """Read a scheme from a YAML file.

    Parameters
    ----------
    path
        The file; by default the draft scheme.
    framework
        The framework its codes belong to; by default the one of this package.

    Raises
    ------
    SchemeError
        With every fault of the file.
    """
    file = read_yaml(path)
    if file.problems:
        raise SchemeError(f"Scheme {path.name}", file.problems)
    return Scheme.from_data(file.data, framework or load_framework(), file.where)
