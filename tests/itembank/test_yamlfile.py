"""The YAML reader: nothing that would mislead a reader of the file gets through."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itembank.yamlfile import parse_yaml, read_yaml

# Printable ASCII and Thai letters and vowels: what item files hold.
_letters = st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.characters(
    min_codepoint=0x0E01, max_codepoint=0x0E39
)
_texts = st.text(_letters)
_scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts
)
_data = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4)
)


@given(_data.filter(lambda data: data is not None))
def test_json_is_read_as_what_it_says(data: object) -> None:
    expected = json.loads(unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False)))
    file = parse_yaml(json.dumps(data, ensure_ascii=False), "f")
    assert file.problems == ()
    assert file.data == expected


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("No", "No"),
        ("on", "on"),
        ("true", True),
        ("2569-01-01", "2569-01-01"),
        ("007", "007"),
        ("1:30", "1:30"),
        ("1e-3", 0.001),
        ("-.5", -0.5),
        ("~", None),
        ("", None),
        ("'12'", "12"),
    ],
)
def test_plain_words_stay_words(written: str, read: object) -> None:
    assert parse_yaml(f"a: {written}", "f").data == {"a": read}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: 1\nb: 2\na: 3\n", "f: line 3"),
        ("list:\n  - {a: 1, a: 2}\n", "f: line 2"),
        ("a: &x [1]\nb: *x\n", "f: line 2"),
        ("a: [1\n", "f: line 2, column 1"),
        ("a: 1\n---\nb: 2\n", "f: line 2, column 1"),
        ("1: a\n", "f: line 1"),
        ("? [a]\n: b\n", "f: line 1"),
        ("a: !!python/name:os.system x\n", "f: line 1, column 4"),
        ("a: \t- b\n\tc", "f: line 1, column 5"),
        (b"a: \xff\n", "f: byte 3"),
        ("a: 'x\x01'\n", "f"),
        ("", "f"),
    ],
)
def test_a_fault_is_named_with_its_line(text: str | bytes, where: str) -> None:
    file = parse_yaml(text, "f")
    assert file.data is None
    assert [problem.where for problem in file.problems] == [where]


def test_every_repeated_key_is_named() -> None:
    file = parse_yaml("a: 1\na: 2\nb: {c: 1, c: 2}\n", "f")
    assert [(one.where, one.value) for one in file.problems] == [
        ("f: line 2", "a"),
        ("f: line 3", "c"),
    ]


@pytest.mark.parametrize("depth", [51, 100_000])
def test_nesting_that_would_overflow_the_stack_is_refused(depth: int) -> None:
    file = parse_yaml("[" * depth + "]" * depth, "f")
    assert [problem.value for problem in file.problems] == ["very deep nesting"]


def test_decomposed_letters_are_composed() -> None:
    assert parse_yaml("a: e\u0301", "f").data == {"a": "\u00e9"}


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    assert parse_yaml(b"\xef\xbb\xbfa: 1", "f").data == {"a": 1}


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    file = read_yaml(tmp_path / "gone.yaml")
    assert [problem.where for problem in file.problems] == ["gone.yaml"]
