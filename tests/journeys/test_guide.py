"""The guide for candidates speaks of buttons and pictures that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.web.words import words
from itembank import load_scheme

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "candidates.md").read_text(encoding="utf-8")
THAI, ENGLISH = GUIDE.split("\n---\n")


@pytest.mark.parametrize(("text", "language"), [(THAI, "th"), (ENGLISH, "en")], ids=["th", "en"])
def test_what_the_guide_sets_in_bold_stands_on_the_pages(text: str, language: str):
    quoted = set(re.findall(r"\*\*(.+?)\*\*", text)) - {"ตัวหนา", "bold"}
    assert len(quoted) > 10
    assert quoted - set(words(language).values()) == set()


def test_both_languages_of_the_guide_have_the_same_steps():
    assert len(re.findall(r"^## ", THAI, re.M)) == len(re.findall(r"^## ", ENGLISH, re.M)) > 5


def test_every_picture_of_the_guide_exists_and_they_are_small():
    shown = {DOCS / path for path in re.findall(r"!\[.+?\]\((.+?)\)", GUIDE)}
    assert [path for path in shown if not path.is_file()] == []
    assert sum(path.stat().st_size for path in shown) < 1_500_000


def test_the_numbers_of_the_guide_are_those_of_the_scheme():
    rules = load_scheme().skill_sets
    extents = {(rule.blueprint.min_items, rule.blueprint.max_items) for rule in rules}
    assert extents == {(8, 12)}
    assert {rule.time_limit_minutes for rule in rules} == {20}
    assert "8 ถึง 12 ข้อ และมีเวลา 20 นาที" in THAI
    assert "8 to 12 questions and 20 minutes" in ENGLISH
