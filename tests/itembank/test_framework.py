"""The framework's data against the counts of its source, and its look-ups.

Source of every number: the annex of the letter สคช. ๑๓๕๔/๒๕๖๐ (driver tables 1-5) and the guideline
in the circular นร ๐๕๐๕/ว ๔๔๓ (2017), counted on the printed tables.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from itembank import Framework
from itembank.framework import parts_of


def test_statements_are_as_many_as_in_the_five_tables(framework: Framework) -> None:
    by_table = Counter(framework.driver_of(one.id).number for one in framework.statements)
    assert by_table == {1: 26, 2: 43, 3: 36, 4: 30, 5: 51}
    assert len(framework.statements) == 186


def test_statements_are_as_many_as_in_each_column(framework: Framework) -> None:
    by_group = Counter(one.group for one in framework.statements)
    expected = {"executive": 42, "management": 43, "academic": 33, "technology": 36, "service": 32}
    assert by_group == expected


def test_codes_are_as_many_as_the_tables_mention(framework: Framework) -> None:
    mentioned = [code for one in framework.statements for code in one.codes]
    assert len(mentioned) == 223
    assert len(set(mentioned)) == 80
    assert sum(not one.codes for one in framework.statements) == 27


def test_mentions_by_group_and_prefix(framework: Framework) -> None:
    found = Counter(
        (one.group, re.match("[A-Za-z]+", code)[0])  # type: ignore[index]
        for one in framework.statements
        for code in one.codes
    )
    expected = {
        "executive": {"DTr": 30, "DL": 9, "DT": 1, "DS": 2},
        "management": {"DTr": 16, "DL": 19, "PM": 1, "DT": 1, "DS": 7},
        "technology": {"DT": 30, "DL": 3, "DTr": 4, "DS": 10, "PM": 7, "DG": 2},
        "academic": {"DTr": 7, "DS": 26, "DT": 1, "DG": 4, "PM": 2, "SM": 1, "DL": 1},
        "service": {"DS": 34, "DTr": 2, "DT": 1, "DG": 2},
    }
    assert found == {(g, p): n for g, prefixes in expected.items() for p, n in prefixes.items()}


def test_coded_parts_are_units_elements_and_criteria_of_the_tables(framework: Framework) -> None:
    coded = [
        type(part).__name__
        for unit in framework.units
        for part in parts_of(unit)
        if part.presence == "coded"
    ]
    assert Counter(coded) == {"Unit": 32, "Element": 36, "Criterion": 11}
    assert [one.code for one in framework.wildcards] == ["PM*"]


def test_a_part_is_coded_exactly_where_a_statement_names_it(framework: Framework) -> None:
    for unit in framework.units:
        for part in parts_of(unit):
            assert bool(framework.statements_of(part.code)) == (part.presence == "coded")


def test_implied_elements_are_those_whose_criteria_alone_are_named(framework: Framework) -> None:
    implied = [
        part.code
        for unit in framework.units
        for part in parts_of(unit)
        if part.presence == "implied"
    ]
    assert sorted(implied) == ["DS303", "DTr201", "DTr303"]


def test_digital_literacy_is_provisional_with_three_units_and_nine_elements(
    framework: Framework,
) -> None:
    units = framework.units_of("DLit")
    assert [unit.code for unit in units] == ["DLit100", "DLit200", "DLit300"]
    assert sum(len(unit.elements) for unit in units) == 9
    assert {part.presence for unit in units for part in parts_of(unit)} == {"provisional"}


def test_five_dimensions_hold_the_seven_skill_sets_in_order(framework: Framework) -> None:
    held = [code for dimension in framework.dimensions for code in dimension.skill_sets]
    assert len(framework.dimensions) == 5
    assert held == [one.code for one in framework.skill_sets]
    assert held == ["DLit", "DG", "DT", "DS", "PSM", "DL", "DTr"]
    assert [one.code for one in framework.skill_sets if one.foundation] == ["DLit", "DG"]


def test_six_groups_and_three_phases_make_eighteen_roles(framework: Framework) -> None:
    assert len(framework.target_groups) == 6
    assert [phase.years for phase in framework.phases] == [(1, 2), (3, 5), (6, 10)]
    assert len(framework.roles) == 18
    assert framework.role("technology", "early") is framework.role("technology/early")


def test_only_table_two_states_its_phases(framework: Framework) -> None:
    stated = {
        driver.number
        for driver in framework.drivers
        for row in driver.rows
        if row.phase_basis == "stated"
    }
    assert stated == {2}


def test_table_five_has_two_rows_and_says_that_the_third_is_missing(framework: Framework) -> None:
    rows = {driver.number: len(driver.rows) for driver in framework.drivers}
    assert rows == {1: 3, 2: 3, 3: 3, 4: 3, 5: 2}
    assert [driver.number for driver in framework.drivers if driver.rows_missing] == [5]


def test_the_source_has_no_statement_for_others(framework: Framework) -> None:
    for phase in framework.phases:
        assert framework.statements_for("others", phase.key) == ()


def test_readings_with_a_scanning_error_keep_the_printed_text(framework: Framework) -> None:
    fixed = [one for one in framework.statements if one.fixes]
    assert len(fixed) == 23
    for one in fixed:
        assert one.reading_th is not None
        for fix in one.fixes:
            assert fix.found in one.source_th
            assert fix.suggested in one.reading_th


def test_a_reading_without_a_scanning_error_differs_in_spaces_only(framework: Framework) -> None:
    joined = [one for one in framework.statements if one.reading_th and not one.fixes]
    assert joined
    for one in joined:
        assert one.reading.th != one.text.th
        assert one.reading.th.replace(" ", "") == one.text.th.replace(" ", "")


def test_the_wording_without_codes_begins_the_verbatim_text(framework: Framework) -> None:
    for one in framework.statements:
        assert one.source_th.startswith(one.text.th)


@pytest.mark.parametrize("statement", ["T3-R3-EXEC-1", "T3-R3-MANA-1"])
def test_two_codes_are_flagged_as_probably_another(framework: Framework, statement: str) -> None:
    one = framework.statement(statement)
    assert one.codes == ("DT700",)
    assert one.doubtful == ("DT700",)
    assert [spelling.probably for spelling in one.spellings] == ["DTr700"]


@pytest.mark.parametrize(
    ("statement", "spelling", "reading"),
    [
        ("T2-R3-EXEC-1", "DTra600", "DTr600"),
        ("T2-R2-ACAD-2", "DTr602,2", "DTr602.2"),
        ("T3-R1-SERV-2", "DS-100", "DS100"),
        ("T2-R3-ACAD-1", "DTr700 fm 800", "DTr700"),
        ("T4-R1-TECH-2", "PM-All", "PM*"),
    ],
)
def test_odd_spellings_are_kept_beside_their_reading(
    framework: Framework, statement: str, spelling: str, reading: str
) -> None:
    one = framework.statement(statement)
    assert spelling in one.source_th
    assert (reading, spelling) in {(odd.code, odd.as_written) for odd in one.spellings}
    assert reading in one.codes


def test_spellings_are_of_the_statements_own_codes(framework: Framework) -> None:
    for one in framework.statements:
        assert {spelling.code for spelling in one.spellings} <= set(one.codes)


def test_development_rules_add_up_to_the_whole(framework: Framework) -> None:
    mixes = {mix.key: [share.percent for share in mix.shares] for mix in framework.mixes}
    assert mixes == {
        "learning-70-20-10": [70, 20, 10],
        "present-future-70-30": [70, 30],
        "in-class-60-40": [60, 40],
    }
    assert [one.fiscal_years for one in framework.rollout] == [(2561, 2562), (2563,), (2564, 2565)]


def test_a_reference_is_a_code_with_its_framework_version(framework: Framework) -> None:
    reference = framework.reference("DTr103.2")
    assert (reference.framework, reference.version, reference.code) == (
        "ocsc-2560",
        "2560-draft-1",
        "DTr103.2",
    )


@pytest.mark.parametrize(
    ("code", "skill_set"),
    [("DLit100", "DLit"), ("SM100", "PSM"), ("PM*", "PSM"), ("DTr103.2", "DTr"), ("DT700", "DT")],
)
def test_a_code_belongs_to_a_skill_set(framework: Framework, code: str, skill_set: str) -> None:
    assert framework.skill_set_of(code) == skill_set


@pytest.mark.parametrize("look_up", ["unit", "element", "part", "skill_set", "role", "statement"])
def test_looking_up_what_is_not_there_names_it_and_the_framework(
    framework: Framework, look_up: str
) -> None:
    with pytest.raises(KeyError, match=r"ocsc-2560 \(2560-draft-1\) has no .*'XX900'"):
        getattr(framework, look_up)("XX900")


def test_a_framework_survives_being_stored(framework: Framework) -> None:
    again = Framework.from_json(framework.to_json(), framework.hash)
    assert again == framework
    assert again.hash == framework.hash


def test_every_text_is_in_the_script_of_its_language(framework: Framework) -> None:
    thai = re.compile("[\u0e00-\u0e7f]")
    # Bodies of a few statements are printed in English, so their Thai text has no Thai letter.
    printed_in_english = {
        "Experience Sharing",
        "Convincing core culture",
        "Nurture Digital Culture",
    }
    for part in [part for unit in framework.units for part in parts_of(unit)]:
        assert thai.search(part.title.th), part.code
        assert not thai.search(part.title.en), part.code
    for one in framework.statements:
        assert not thai.search(one.text.en), one.id
        if not thai.search(one.text.th):
            english = one.text.th in printed_in_english or one.text.th[0].isascii()
            assert english, one.id
