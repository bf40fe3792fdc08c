"""The one YAML reader: refuses what a reader of the file would be misled by, and says where.

It reads the JSON-like core of YAML 1.2: ``true`` and ``false`` are the only truth values (so
``No`` stays a word), dates stay text, and a number with leading zeros stays text. Keys that
occur twice, anchors, aliases and tags are problems, each with its line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from engine.errors import Problem

DEEPEST = 50
"""Levels of nesting beyond which a file is refused."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """What a file holds, or None with the problems that kept it from being read."""

    name: str
    data: object
    problems: tuple[Problem, ...] = ()

    @property
    def where(self) -> str:
        """How a place in this file begins."""
        return f"{self.name}: "


def read_yaml(path: Path, name: str | None = None) -> YamlFile:
    """Read one UTF-8 YAML file.

    Parameters
    ----------
    path
        The file.
    name
        What problems call it; by default its own name.
    """
    name = name or path.name
    try:
        content = path.read_bytes()
    except OSError as error:
        return YamlFile(name, None, (Problem(name, error.strerror, "a file that can be read"),))
    return parse_yaml(content, name)


def parse_yaml(content: bytes | str, name: str) -> YamlFile:
    """Read YAML text; Unicode is composed (NFC) on the way in."""
    try:
        text = content if isinstance(content, str) else content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(f"{name}: byte {error.start}", error.reason, "text in UTF-8")
        return YamlFile(name, None, (problem,))
    return _load(unicodedata.normalize("NFC", text), name)


def _load(text: str, name: str) -> YamlFile:
    loader = _Loader(text)
    try:
        problems = tuple(_unwelcome(text, name))
        if problems:
            return YamlFile(name, None, problems)
        root = loader.get_single_node()
        problems = tuple(_repeated_keys(root, name))
        if problems:
            return YamlFile(name, None, problems)
        data = None if root is None else loader.construct_document(root)
        if data is None:
            return YamlFile(name, None, (Problem(name, "nothing", "a file with content"),))
        return YamlFile(name, data)
    except (yaml.YAMLError, ValueError) as error:
        return YamlFile(name, None, (_syntax_problem(error, name),))
    finally:
        loader.dispose()


def _unwelcome(text: str, name: str) -> Iterator[Problem]:
    """Aliases, and nesting so deep that composing it would overflow the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        where = f"{name}: line {_line(event)}"
        if isinstance(event, yaml.AliasEvent):
            yield Problem(where, f"*{event.anchor}", "the value written out, not an alias")
        if depth > DEEPEST:
            yield Problem(where, "very deep nesting", f"at most {DEEPEST} levels")
            return


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Loader(yaml.CSafeLoader):
    """PyYAML's safe loader with the scalars of YAML 1.2's core schema."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("float", r"[-+]?\.(inf|nan)", "-+."),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )


def _construct_float(loader: _Loader, node: yaml.ScalarNode) -> float:
    written = str(loader.construct_scalar(node)).replace(".inf", "inf").replace(".nan", "nan")
    return float(written)


_Loader.add_constructor("tag:yaml.org,2002:float", _construct_float)


def _repeated_keys(node: yaml.Node | None, name: str) -> Iterator[Problem]:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _repeated_keys(child, name)
    if isinstance(node, yaml.MappingNode):
        yield from _repeated_keys_of(node, name)
        for _, child in node.value:
            yield from _repeated_keys(child, name)


def _repeated_keys_of(node: yaml.MappingNode, name: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        where = f"{name}: line {line}"
        if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
            found = key.value if isinstance(key, yaml.ScalarNode) else "a list or mapping"
            yield Problem(where, found, "a key that is text")
        elif key.value in first:
            yield Problem(where, key.value, f"a key once; line {first[key.value]} has it already")
        else:
            first[key.value] = line


def _syntax_problem(error: Exception, name: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return Problem(name, str(error), "valid YAML")
    where = f"{name}: line {mark.line + 1}, column {mark.column + 1}"
    return Problem(where, getattr(error, "problem", None) or str(error), "valid YAML")
