"""Answers: what they say of themselves, and what they refuse."""

import numpy as np
import pytest

from calibration.errors import ResponsesError
from calibration.responses import NOT_GIVEN, NOT_REACHED, OMITTED, Responses
from calibration.responses.model import Digest

ANSWERS = np.array([[0, 1, 3], [1, OMITTED, NOT_REACHED], [NOT_GIVEN, 1, 0]], dtype=np.int8)


def responses(**changes):
    return Responses(**{"items": ("x", "y", "z"), "answers": ANSWERS.copy(), **changes})


def test_categories_and_answers_are_counted():
    assert responses().n_categories.tolist() == [2, 2, 4]
    assert responses().n_answers.tolist() == [2, 2, 2]
    weighted = responses(weight=np.array([10.0, 0.4, 2.0]))
    assert weighted.n_answers.tolist() == [10, 12, 12]
    assert weighted.n_persons == pytest.approx(12.4)


def test_an_item_nobody_answered_has_no_categories():
    empty = responses(answers=np.full((2, 3), -2, dtype=np.int8))
    assert empty.n_categories.tolist() == [0, 0, 0]


def test_omissions_are_wrong_where_there_is_a_key_and_missing_elsewhere():
    keyed = responses(key=("", "b", ""))
    np.testing.assert_array_equal(keyed.scored(), [[0, 1, 3], [1, 0, -1], [-1, 1, 0]])
    np.testing.assert_array_equal(responses().scored(), [[0, 1, 3], [1, -1, -1], [-1, 1, 0]])
    np.testing.assert_array_equal(
        responses().scored(omitted="wrong", not_reached="wrong"), [[0, 1, 3], [1, 0, 0], [-1, 1, 0]]
    )
    np.testing.assert_array_equal(
        keyed.scored(omitted="missing"), [[0, 1, 3], [1, -1, -1], [-1, 1, 0]]
    )


def test_nothing_is_copied_where_nothing_is_to_be_decided():
    whole = responses(answers=np.maximum(ANSWERS, NOT_GIVEN))
    assert whole.scored() is whole.answers


def test_the_hash_is_of_items_answers_groups_and_weights():
    group = np.array([0, 1, 0], dtype=np.int32)
    kinds = [
        responses(),
        responses(items=("x", "y", "w")),
        responses(answers=np.roll(ANSWERS, 1, axis=0)),
        responses(group=group, groups=("a", "b")),
        responses(group=group, groups=("a", "c")),
        responses(weight=np.array([1.0, 2.0, 1.0])),
    ]
    assert len({each.hash for each in kinds}) == len(kinds)
    assert responses().hash == responses(persons=("p", "q", "r")).hash


def test_the_hash_does_not_tell_pieces_from_the_whole():
    group = np.array([0, 1, 0], dtype=np.int32)
    whole = responses(group=group, groups=("a", "b"), weight=np.array([1.0, 2.0, 1.0]))
    digest = Digest()
    for rows in (slice(0, 1), slice(1, 3)):
        digest.add(whole.take(rows))
    assert digest.hexdigest() == whole.hash
    digest.add(whole.take([0]))
    assert digest.hexdigest() != whole.hash


def test_rows_and_items_are_taken_with_all_that_belongs_to_them():
    whole = responses(
        persons=("p", "q", "r"),
        raw=np.array([[0, 1, 2], [1, -1, -1], [-1, 1, 0]], dtype=np.int16),
        options=(("1", "2"), ("a", "b"), ("1", "2", "3")),
        key=("2", "b", "3"),
        group=np.array([0, 1, 0], dtype=np.int32),
        groups=("f", "m"),
        weight=np.array([1.0, 2.0, 3.0]),
    )
    some = whole.take(np.array([False, True, True])).of_items(["z", "y"])
    assert some.items == ("z", "y")
    assert some.persons == ("q", "r")
    assert some.answers.tolist() == [[-3, -2], [0, 1]]
    assert some.raw.tolist() == [[-1, -1], [0, 1]]
    assert some.options == (("1", "2", "3"), ("a", "b"))
    assert some.key == ("3", "b")
    assert some.group.tolist() == [1, 0]
    assert some.weight.tolist() == [2.0, 3.0]
    with pytest.raises(ResponsesError, match="'w'"):
        whole.of_items(["w"])


def test_rows_keep_their_numbers():
    assert responses().take(np.array([2, 0])).names == ("3", "1")


def test_answers_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        responses().answers[0, 0] = 1


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"items": ("x", "x", "z")}, ["items[1]"]),
        ({"items": ("x", "", "z")}, ["items[1]"]),
        ({"answers": ANSWERS.astype(np.int16)}, ["answers"]),
        ({"answers": np.where(ANSWERS == 3, 127, ANSWERS).astype(np.int8)}, ["answers[0, z]"]),
        ({"answers": np.where(ANSWERS == 3, -4, ANSWERS).astype(np.int8)}, ["answers[0, z]"]),
        ({"persons": ("p",), "key": ("a",)}, ["persons", "key"]),
        ({"raw": ANSWERS.astype(np.int16)}, ["raw"]),
        ({"weight": np.array([1.0, np.nan, -1.0])}, ["weight[1]", "weight[2]"]),
        ({"weight": np.zeros(3)}, ["weight"]),
        ({"group": np.array([0, 2, 0], dtype=np.int32), "groups": ("a", "b")}, ["group[1]"]),
    ],
)
def test_what_contradicts_itself_is_refused(changes, where):
    with pytest.raises(ResponsesError) as refused:
        responses(**changes)
    assert [problem.where for problem in refused.value.problems] == where
