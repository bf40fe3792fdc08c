"""The data of this room as it stands in the repository."""

from __future__ import annotations

import time
import unicodedata
from collections import Counter
from pathlib import Path

import pytest

import itembank
from itembank import Framework, Item, Scheme, load_rehearsal
from itembank.items import CONTENT, REHEARSAL

ROOM = Path(itembank.__file__).parent
FILES = sorted(ROOM.rglob("*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOM)))
def test_every_file_is_composed_utf8_without_control_characters(file: Path) -> None:
    text = file.read_bytes().decode("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    control = {letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Co")}
    assert control <= {"\n"}
    assert not text.startswith("\ufeff")


def test_the_bank_is_valid(framework: Framework) -> None:
    report = itembank.validate_bank(framework=framework)
    assert report.problems == ()


def test_the_bank_holds_enough_for_every_skill_set(
    items: tuple[Item, ...], framework: Framework
) -> None:
    by_skill_set = Counter(item.skill_set for item in items)
    assert len(items) >= 84
    assert set(by_skill_set) == {one.code for one in framework.skill_sets}
    assert min(by_skill_set.values()) >= 12


def test_every_unit_of_every_blueprint_has_items(items: tuple[Item, ...], scheme: Scheme) -> None:
    stocked = {item.unit for item in items}
    for rules in scheme.skill_sets:
        assert {unit.code for unit in rules.blueprint.units} <= stocked


def test_every_skill_set_has_items_at_every_level(items: tuple[Item, ...], scheme: Scheme) -> None:
    counts = Counter((item.skill_set, item.level) for item in items)
    for rules in scheme.skill_sets:
        for level in rules.levels:
            assert counts[rules.code, level.level] >= 4


def test_keys_cannot_be_guessed_from_their_letter(items: tuple[Item, ...]) -> None:
    keys = Counter(item.key for item in items)
    assert set(keys) == {"a", "b", "c", "d"}
    assert max(keys.values()) <= 1.3 * len(items) / 4
    assert min(keys.values()) >= 0.7 * len(items) / 4


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_key_is_not_usually_the_longest_option(items: tuple[Item, ...], language: str) -> None:
    longest = 0
    for item in items:
        lengths = {option.id: len(option.text.of(language)) for option in item.options}  # type: ignore[arg-type]
        longest += lengths[item.key] == max(lengths.values())
    # By chance a quarter of the keys would be; more than half can be exploited.
    assert longest / len(items) < 0.5


def test_everything_loads_well_under_a_second() -> None:
    # Time of the processor, so that what else the machine does plays no part.
    start = time.process_time()
    framework = itembank.load_framework()
    scheme = itembank.load_scheme(framework=framework)
    items = itembank.load_items(framework=framework)
    itembank.build_release(items, framework, scheme, demonstration=True)
    assert time.process_time() - start < 1.0


@pytest.mark.skipif(not (CONTENT / REHEARSAL).exists(), reason="no rehearsal questions yet")
def test_the_rehearsal_asks_questions_of_its_own(items: tuple[Item, ...]) -> None:
    rehearsal = load_rehearsal()
    assert len(rehearsal) >= 2
    assert {one.stem.en for one in rehearsal}.isdisjoint(item.stem.en for item in items)
