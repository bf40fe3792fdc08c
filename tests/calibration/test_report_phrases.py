"""Whatever the estimation says in English, the report says in Thai."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest

import calibration
from calibration.estimation.calibrate import calibrate
from calibration.report.findings import OF_ESTIMATION, WEIGHTS, findings
from calibration.report.phrases import PATTERNS, phrase
from calibration.report.report import write_report
from calibration.report.results import gather
from calibration.report.words import word
from calibration.responses import Responses
from tests.calibration.estimation_cases import responses, right_or_wrong

ROOM = Path(calibration.__file__).parent
NOT_REPORTED = {"comparison.py"}
"""Notes on two calibrations compared: a notebook shows them, no report does."""

FILLED = ("0", "3", "0.5", "4%", "", "x", "c", "3 persons are")
"""What may stand in the places of a sentence."""


def said_in_the_sources() -> list[tuple[str, ...]]:
    """Every sentence that estimation and girth's backend yield, return or collect, in its parts."""
    files = [ROOM / "girth_backend.py", *sorted((ROOM / "estimation").glob("*.py"))]
    return [
        parts
        for file in files
        if file.name not in NOT_REPORTED
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for value in _given_away(node)
        if " " in "".join(parts := _parts(value))
    ]


def _given_away(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Yield | ast.Return) and node.value is not None:
        yield from node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from node.args if node.func.attr == "append" else []


def _parts(value: ast.expr) -> tuple[str, ...]:
    """The words between the places to fill in; none where it is no sentence."""
    if isinstance(value, ast.Constant):
        return (value.value,) if isinstance(value.value, str) else ()
    parts = [""]
    for each in value.values if isinstance(value, ast.JoinedStr) else []:
        if isinstance(each, ast.Constant):
            parts[-1] += str(each.value)
        else:
            parts.append("")
    return tuple(parts)


@pytest.mark.parametrize("parts", said_in_the_sources(), ids="_".join)
def test_every_sentence_of_the_sources_is_known_in_thai(parts):
    """Some filling of its places makes it one of the patterns; then it can be said in Thai."""
    written = {_filled(parts, values) for values in product(FILLED, repeat=len(parts) - 1)}
    known = [text for text in written if phrase(text, "th") != text]
    assert known, parts
    assert not english_in(phrase(min(known, key=len), "th"))


def _filled(parts: tuple[str, ...], values: tuple[str, ...]) -> str:
    return "".join(text for pair in zip(parts, (*values, ""), strict=True) for text in pair)


def english_in(thai: str) -> list[str]:
    return re.findall("[a-z]{4,}", thai.replace("girth", ""))


def test_the_sources_were_read():
    """At least what stood there once: were sentences made otherwise, none would be looked at."""
    starts = {parts[0].strip() for parts in said_in_the_sources()}
    assert len(starts) >= 13
    assert {"nobody answered it", "the steeper, the likelier", "most likely at"} <= starts


def everything_provoked() -> Iterator[str]:
    generator = np.random.default_rng(1)
    answers = generator.integers(0, 2, (40, 6)).astype(np.int8)
    answers[:, 0], answers[:, 1], answers[:, 2] = 1, 0, 2
    answers[:, 3] = -1
    answers[:, 5] = np.where(answers[:, 5] == 1, 2, 0)
    yield from said_of(calibrate(responses(answers), "grm", quadrature=(-1.0, 1.0, 3)))
    scale = np.tril(np.ones((5, 4)), -1)  # each is right in one item more than the one before
    yield from said_of(calibrate(responses(scale), "2pl"))
    groups = np.repeat([0, 1], 20).astype(np.int32)
    apart = answers[:, [4, 5, 4]].copy() // np.array([1, 2, 1], dtype=np.int8)
    apart[:20, 2], apart[20:, :2] = -1, -1
    unlinked = Responses(items=("x", "y", "z"), answers=apart, group=groups, groups=("a", "b"))
    yield from said_of(calibrate(unlinked, "2pl"))
    ends = {f"i{k}": {"c": 0.0} for k in range(8)}
    answers = responses(right_or_wrong(4000, 8, seed=52)[0])
    quick = {"standard_errors": "none", "priors": False}
    yield from said_of(calibrate(answers, "4pl", fixed=ends, **quick))
    yield from said_of(calibrate(answers, "3pl", **quick))


def said_of(found) -> Iterator[str]:
    yield from (each.reason for each in found.excluded)
    yield from (flag for each in found.items for flag in each.flags)
    yield from found.messages
    yield from (found.quadrature_check or "").split("; ")


def test_every_pattern_is_something_that_estimation_says():
    """Provoked here, but for girth's bound and a group of one, which other tests provoke."""
    said = {text for text in everything_provoked() if text}
    matched = {k for k, pattern in PATTERNS.items() for t in said if re.fullmatch(pattern, t)}
    assert matched == PATTERNS.keys() - {"bound", "group_too_few"}
    for text in said:
        assert phrase(text, "en") == text
        assert phrase(text, "th") != text
        assert not english_in(re.sub(r"[a-z]+\.[a-z]+", "", phrase(text, "th"))), text


def test_a_sentence_nobody_knows_stays_as_it_is():
    assert phrase("something new", "th") == "something new"


def test_several_sentences_are_said_one_by_one():
    assert phrase("negative slope; most likely at c = 0", "th") == "; ".join(
        [phrase("negative slope", "th"), phrase("most likely at c = 0", "th")]
    )


def test_what_the_estimation_says_of_an_item_is_a_finding():
    assert set(OF_ESTIMATION) <= set(PATTERNS)
    assert set(OF_ESTIMATION.values()) <= set(WEIGHTS)


@pytest.mark.parametrize(
    ("language", "sentence", "flag"),
    [
        ("en", "The estimation found NO maximum", "the steeper, the likelier"),
        ("th", "การประมาณค่าไม่พบจุดสูงสุด", "ชันไม่มีที่สิ้นสุด"),
    ],
)
def test_items_without_a_maximum_are_named_in_the_report(tmp_path, language, sentence, flag):
    given = responses(np.tril(np.ones((5, 4)), -1))
    results = gather(given, calibrate(given, "2pl"))
    kinds = dict(findings(results).by_kind())
    assert kinds["endless"]
    assert not set(kinds.get("steep", ())) & set(kinds["endless"])
    report = write_report(tmp_path, results, language=language)[0].read_text()
    assert report.index(sentence) < report.index(phrase(results.calibration.messages[-1], language))
    assert word(language, "summary.not_converged", iterations=1, distance=1)[:24] not in report
    assert flag in report
