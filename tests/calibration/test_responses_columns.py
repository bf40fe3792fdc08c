"""Columns that are named for a purpose and are not in the file: said, with the nearest name."""

import pytest

from calibration.errors import ResponsesError
from calibration.responses import read_responses

WIDE = "person,i1,i2,grupp,count\np1,0,1,A,1\np2,1,1,B,2\n"
LONG = "person,item,response,grupp\np1,i1,0,A\np1,i2,1,A\n"


def problems(path, text, **options):
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ResponsesError) as caught:
        read_responses(path, **options)
    return [(each.where, each.value, each.expected) for each in caught.value.problems]


@pytest.mark.parametrize("text", [WIDE, LONG])
def test_a_column_that_is_nearly_there_is_suggested(tmp_path, text):
    found = problems(tmp_path / "a.csv", text, group="group")
    assert found[0] == ("group", "group", "a column of the file; did you mean 'grupp'?")


def test_the_case_of_a_name_matters_and_is_said(tmp_path):
    found = problems(tmp_path / "a.csv", WIDE, weight="Count", ignore=["grupp"])
    assert found[0] == ("weight", "Count", "a column of the file; did you mean 'count'?")


def test_letters_that_changed_places_are_noticed_in_short_names_too(tmp_path):
    found = problems(tmp_path / "a.csv", "person,i1,i2,grp\np1,0,1,A\np2,1,1,B\n", group="gpr")
    assert found == [("group", "gpr", "a column of the file; did you mean 'grp'?")]


def test_a_column_like_no_other_gets_no_suggestion(tmp_path):
    found = problems(tmp_path / "a.csv", WIDE, group="grupp", weight="count", ignore=["zebra"])
    assert found == [("ignore", "zebra", "a column of the file")]


def test_a_column_of_persons_that_was_asked_for_must_be_there(tmp_path):
    found = problems(tmp_path / "a.csv", WIDE, person="pers", group="grupp", weight="count")
    assert found[0] == ("person", "pers", "a column of the file; did you mean 'person'?")


def test_without_a_column_of_persons_rows_are_numbered(tmp_path):
    (tmp_path / "a.csv").write_text("i1,i2\n0,1\n1,1\n", encoding="utf-8")
    assert read_responses(tmp_path / "a.csv").n_rows == 2


def test_a_name_that_is_not_there_is_the_only_complaint_of_its_column(tmp_path):
    """The column it meant is then taken for an item, which is not what is wrong."""
    assert len(problems(tmp_path / "a.csv", WIDE, group="group", weight="count")) == 1
