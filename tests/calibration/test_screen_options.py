"""Distractors, doubtful keys and haste, against hand counts and known truth."""

import numpy as np
import pytest

from calibration.responses import Responses
from calibration.screen import (
    option_tables,
    scores_of,
    screen,
    speededness,
    suspect_keys,
)
from calibration.screen.distractors import fifths, williams_p


def chosen(raw, key, n_options):
    """Responses of options a, b, ... numbered from 0; -2 omitted, -1 not given."""
    table = np.asarray(raw, dtype=np.int16)
    letters = "abcdefgh"[:n_options]
    right = np.array([letters.index(each) for each in key])
    answers = np.where(table >= 0, table == right, table).astype(np.int8)
    return Responses(
        items=tuple(f"i{place + 1}" for place in range(table.shape[1])),
        answers=answers,
        raw=np.maximum(table, -1),
        options=(tuple(letters),) * table.shape[1],
        key=tuple(key),
    )


def tables(responses):
    scores = scores_of(responses.scored())
    found = option_tables(responses, scores)
    return found, suspect_keys(responses, scores, found)


def test_a_table_of_options_by_hand():
    # Item 1, key a; the rest of the test is items 2 and 3. Persons 1-4 have 2, 2, 1, 0 right there.
    raw = [[0, 0, 0], [0, 0, 0], [1, 0, 1], [-2, 1, 1], [-1, 0, 0]]
    found, _ = tables(chosen(raw, "aaa", 3))
    first = found[0]
    assert first.options == ("a", "b", "c", "")
    assert first.right == (True, False, False, False)
    assert first.n.tolist() == [2, 1, 0, 1]
    assert first.share.tolist() == [0.5, 0.25, 0.0, 0.25]
    rest = np.array([2, 2, 1, 0])
    choosing_a, choosing_b = np.array([1, 1, 0, 0]), np.array([0, 0, 1, 0])
    assert first.point_biserial[0] == pytest.approx(np.corrcoef(choosing_a, rest)[0, 1])
    assert first.point_biserial[1] == pytest.approx(np.corrcoef(choosing_b, rest)[0, 1])
    assert np.isnan(first.point_biserial[2])
    assert np.isnan(first.rest_mean[2])
    assert first.rest_mean[0] > first.rest_mean[1] > first.rest_mean[3]
    assert first.idle == ("c",)
    assert found[1].options == ("a", "b", "c")


def test_the_keys_point_biserial_is_the_items():
    rng = np.random.default_rng(3)
    ability = rng.normal(size=(500, 1))
    raw = np.where(
        rng.random((500, 8)) < 1 / (1 + np.exp(-ability)), 0, rng.integers(1, 4, (500, 8))
    )
    responses = chosen(raw, "aaaaaaaa", 4)
    found = screen(responses, agreement=False)
    for table, item_rest in zip(found.options, found.items.item_rest, strict=True):
        assert table.point_biserial[0] == pytest.approx(item_rest, abs=1e-12)
        np.testing.assert_allclose(table.curve.sum(axis=0), 1.0)
        np.testing.assert_allclose((table.curve * table.curve_n).sum(axis=1), table.n)
        assert (np.diff(table.curve[0]) > -0.12).all()


def test_fifths_are_fifths_and_keep_equal_scores_together():
    rng = np.random.default_rng(5)
    scores = scores_of(rng.integers(0, 2, (1000, 60)).astype(np.int8))
    fifth = fifths(scores)
    assert np.bincount(fifth).min() > 100  # a score is had by up to 100 persons
    for score in np.unique(scores.surplus.round(9)):
        assert len(set(fifth[scores.surplus.round(9) == score].tolist())) == 1
    assert (np.diff(fifth[np.argsort(scores.surplus)]) >= 0).all()
    assert fifths(scores_of(np.full((3, 2), -1, dtype=np.int8))).tolist() == [-1, -1, -1]


def test_a_wrong_key_is_found_and_right_ones_are_left_alone():
    rng = np.random.default_rng(11)
    ability, b = rng.normal(size=(800, 1)), rng.normal(size=20)
    right = rng.random((800, 20)) < 1 / (1 + np.exp(-1.2 * (ability - b)))
    raw = np.where(right, 0, rng.integers(1, 4, (800, 20)))
    assert tables(chosen(raw, "a" * 20, 4))[1] == ()
    found = tables(chosen(raw, "a" * 6 + "c" + "a" * 13, 4))[1]
    assert [(each.item, each.key, each.option) for each in found] == [("i7", "c", "a")]
    assert found[0].p_value < 1e-10
    never = tables(chosen(np.where(raw == 2, 3, raw), "a" * 6 + "c" + "a" * 13, 4))[1]
    assert [(each.item, each.option) for each in never] == [("i7", "a")]


def test_either_of_two_right_options_is_no_wrong_key():
    rng = np.random.default_rng(12)
    ability = rng.normal(size=(600, 1))
    right = rng.random((600, 12)) < 1 / (1 + np.exp(-1.5 * ability))
    raw = np.where(right, rng.integers(0, 2, (600, 12)), 2)
    one_key = chosen(raw, "a" * 12, 3)
    assert {each.option for each in tables(one_key)[1]} == {"b"} or not tables(one_key)[1]
    both = Responses(
        items=one_key.items,
        answers=(raw < 2).astype(np.int8),
        raw=one_key.raw,
        options=one_key.options,
        key=("a|b",) * 12,
    )
    found, suspects = tables(both)
    assert suspects == ()
    assert found[0].right == (True, True, False)


def test_williams_test_holds_its_level():
    # Two variables that go with a third alike, r = 0.4 each, 0.3 with each other: p is uniform.
    rng = np.random.default_rng(9)
    factor = np.linalg.cholesky([[1, 0.3, 0.4], [0.3, 1, 0.4], [0.4, 0.4, 1]])
    p_values = []
    for _ in range(2000):
        r = np.corrcoef(factor @ rng.normal(size=(3, 60)))
        p_values.append(williams_p(r[0, 2], r[1, 2], r[0, 1], 60))
    for level in (0.05, 0.2, 0.5):
        share = np.mean(np.array(p_values) < level)
        assert abs(share - level) < 4 * np.sqrt(level * (1 - level) / 2000)


def speed(answers, **more):
    table = np.asarray(answers, dtype=np.int8)
    names = tuple(f"i{place + 1}" for place in range(table.shape[1]))
    return speededness(Responses(items=names, answers=table, **more))


def test_who_came_how_far():
    found = speed([[1, 0, 1, 1], [1, -2, 0, -2], [1, 0, -2, -2], [0, -1, -3, -3], [-1, -1, -1, -1]])
    np.testing.assert_allclose(found.reached, [1.0, 1.0, 0.5, 0.25])
    assert found.finished == 0.25
    # Persons came to 4 of 4, 3 of 4, 2 of 4, and 1 of the 3 they were given.
    assert found.three_quarters == 0.5
    assert found.mean_not_reached == pytest.approx((0 + 1 + 2 + 2) / 4)
    # Not right: 1, 3, 3, 3. Not reached: 0, 1, 2, 2.
    assert found.variance_ratio == pytest.approx(np.var([0, 1, 2, 2]) / np.var([1, 3, 3, 3]))
    assert not found.unspeeded


def test_a_test_of_pure_speed_and_one_of_pure_power():
    n = np.arange(1, 11)
    pure_speed = np.where(np.arange(10) < n[:, None], 1, -3)
    assert speed(pure_speed).variance_ratio == pytest.approx(1.0)
    assert not speed(pure_speed).unspeeded
    rng = np.random.default_rng(1)
    power = rng.integers(0, 2, (50, 10))
    power[0, 3] = -2
    assert speed(power).variance_ratio == 0.0
    assert speed(power).unspeeded


def test_without_omissions_nothing_is_said_of_speed():
    assert speed([[1, 0, -1], [0, 1, 1]]) is None


def test_persons_are_counted_by_weight():
    answers = [[1, 0, 1], [1, -2, -2], [0, 1, -3]]
    counted = speed(answers, weight=np.array([2.0, 1.0, 3.0]))
    repeated = speed(np.repeat(answers, [2, 1, 3], axis=0))
    np.testing.assert_allclose(counted.reached, repeated.reached)
    assert counted.variance_ratio == pytest.approx(repeated.variance_ratio)
    assert counted.finished == pytest.approx(repeated.finished)
