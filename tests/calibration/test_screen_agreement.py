"""Copying: found where it was, and not where it was not."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binom

from calibration.responses import Responses
from calibration.screen import (
    identical_patterns,
    poisson_binomial_tail,
    scores_of,
    suspicious_agreement,
)

OPTIONS = ("a", "b", "c", "d")


def exam(rng, n, m, *, copiers=0, share=0.8, missing=0.0, ability=None):
    """Answers of a nominal model (a right, three distractors); persons 0 copy from 1, 2 from 3, ...

    Person 0's answers are person 1's on that share of the items.
    """
    theta = rng.normal(size=n) if ability is None else ability
    a, b = np.exp(rng.normal(0, 0.3, m)), rng.normal(size=m)
    slope = np.concatenate([a[:, None], rng.normal(0, 0.3, (m, 3))], axis=1)
    intercept = np.concatenate([(-a * b)[:, None], rng.normal(-0.5, 0.7, (m, 3))], axis=1)
    numerator = np.exp(theta[:, None, None] * slope + intercept)
    chance = np.cumsum(numerator / numerator.sum(axis=2, keepdims=True), axis=2)
    raw = (rng.random((n, m, 1)) > chance).sum(axis=2).clip(0, 3)
    for person in range(0, 2 * copiers, 2):
        copied = rng.random(m) < share
        raw[person, copied] = raw[person + 1, copied]
    raw[rng.random((n, m)) < missing] = -1
    return Responses(
        items=tuple(f"i{item}" for item in range(m)),
        answers=np.where(raw >= 0, raw == 0, -1).astype(np.int8),
        raw=raw.astype(np.int16),
        options=(OPTIONS,) * m,
        key=("a",) * m,
    )


def found_in(responses, **options):
    return suspicious_agreement(responses, scores_of(responses.scored()), **options)


def pairs(agreement):
    return set(zip(agreement.first.tolist(), agreement.second.tolist(), strict=True))


def test_the_tail_is_the_binomial_where_chances_are_equal():
    chance = np.full((13, 12), 0.3)
    tail = poisson_binomial_tail(chance, np.arange(13))
    np.testing.assert_allclose(tail, binom.sf(np.arange(13) - 1, 12, 0.3), rtol=1e-12)


def test_the_tail_is_the_sum_over_all_outcomes():
    p = np.array([0.9, 0.2, 0.5, 0.05])
    by_hand = [
        sum(
            np.prod(np.where(outcome, p, 1 - p))
            for outcome in product([0, 1], repeat=4)
            if sum(outcome) >= least
        )
        for least in range(5)
    ]
    np.testing.assert_allclose(poisson_binomial_tail(np.tile(p, (5, 1)), np.arange(5)), by_hand)


@pytest.mark.parametrize(("n", "m", "missing"), [(200, 40, 0.0), (200, 40, 0.4), (80, 20, 0.0)])
def test_honest_candidates_are_rarely_named(n, m, missing):
    # With the chance of any false alarm bounded at 20% an exam, 40 exams have at most 8 on average:
    # 15 or more would come up once in 100 times were the bound just met. It is cautious: 0 to 3.
    rng = np.random.default_rng(n + m)
    alarms = sum(
        found_in(exam(rng, n, m, missing=missing), rate=0.2).first.size > 0 for _ in range(40)
    )
    assert alarms <= 8


def test_agreement_is_no_surprise_where_a_test_measures_very_well():
    # Slopes of 4 and 80 items: persons of one score answer nearly alike (alpha 0.99).
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(20):
        theta, b = rng.normal(size=(120, 1, 1)), np.sort(rng.normal(0.5, 1, (1, 80, 4)), axis=2)
        answers = (theta + rng.logistic(size=(120, 80, 1)) / 4 > b).sum(axis=2).astype(np.int8)
        graded = Responses(items=tuple(f"i{item}" for item in range(80)), answers=answers)
        alarms += found_in(graded, rate=0.05).first.size > 0
    assert alarms <= 4  # 1 expected at most; 5 or more would be met 3 times in 1,000


def test_candidates_of_very_different_ability_are_no_copiers():
    rng = np.random.default_rng(1)
    ability = np.repeat([-2.0, 0.0, 3.0], 100)
    assert found_in(exam(rng, 300, 50, ability=ability)).first.size == 0


def test_copiers_are_found_with_their_sources():
    rng = np.random.default_rng(7)
    responses = exam(rng, 400, 60, copiers=10)
    found = found_in(responses)
    copied = {(person, person + 1) for person in range(0, 20, 2)}
    assert found.n_pairs == 400 * 399 // 2
    assert pairs(found) <= copied
    assert len(pairs(found)) >= 8
    assert (np.diff(found.p_value) >= 0).all()
    assert (found.p_value <= found.threshold).all()
    first, second = found.first[0], found.second[0]
    alike = responses.raw[first] == responses.raw[second]
    assert found.matches[0] == alike.sum()
    assert found.same_wrong[0] == (alike & (responses.raw[first] != 0)).sum()
    assert found.common[0] == 60
    assert found.expected[0] < found.matches[0]


def test_copying_shows_through_missing_answers():
    rng = np.random.default_rng(8)
    found = found_in(exam(rng, 300, 120, copiers=5, share=0.9, missing=0.3))
    assert len(pairs(found) & {(person, person + 1) for person in range(0, 10, 2)}) >= 4
    assert found.common.max() < 80


def test_the_false_discovery_bound_finds_more():
    rng = np.random.default_rng(9)
    responses = exam(rng, 400, 50, copiers=40, share=0.65)
    strict = found_in(responses, rate=0.05)
    wide = found_in(responses, rate=0.05, bound="benjamini-hochberg")
    assert pairs(strict) < pairs(wide)
    false = pairs(wide) - {(person, person + 1) for person in range(0, 80, 2)}
    assert len(false) <= 0.1 * len(pairs(wide)) + 1


def test_pairs_are_looked_for_within_groups_only_when_asked():
    rng = np.random.default_rng(10)
    whole = exam(rng, 200, 60, copiers=4, share=0.95)
    rooms = np.arange(200, dtype=np.int32) % 2  # copier and source sit in different rooms
    grouped = Responses(
        items=whole.items,
        answers=whole.answers,
        raw=whole.raw,
        options=whole.options,
        key=whole.key,
        group=rooms,
        groups=("one", "two"),
    )
    assert len(pairs(found_in(grouped, rate=0.001))) == 4
    apart = found_in(grouped, within_groups=True, rate=0.001)
    assert pairs(apart) == set()
    assert apart.n_pairs == 2 * (100 * 99 // 2)


def test_answers_that_came_scored_are_compared_too():
    rng = np.random.default_rng(11)
    answers = rng.integers(0, 5, (200, 40)).astype(np.int8)
    answers[5] = answers[4]
    graded = Responses(items=tuple(f"i{item}" for item in range(40)), answers=answers)
    assert pairs(found_in(graded)) == {(4, 5)}
    same = identical_patterns(graded, scores_of(graded.answers))
    assert [each.rows.tolist() for each in same] == [[4, 5]]
    assert same[0].chance < 1e-20  # about 0.2^40, five categories being equally likely


def test_rows_that_stand_for_several_persons_are_not_compared():
    patterns = Responses(
        items=("x", "y"), answers=np.eye(2, dtype=np.int8), weight=np.array([3.0, 4.0])
    )
    assert found_in(patterns) is None
    assert identical_patterns(patterns, scores_of(patterns.answers)) == ()


def test_identical_patterns_leave_out_the_perfect_and_the_blank():
    answers = [
        [1, 0, 1],
        [1, 1, 1],
        [1, 0, 1],
        [1, 1, 1],
        [0, 0, 0],
        [0, 0, 0],
        [0, 1, -1],
        [1, 0, 1],
    ]
    answers += [[0, 1, -1], [-1, 1, -1], [-1, 1, -1]]
    responses = Responses(items=("x", "y", "z"), answers=np.array(answers, dtype=np.int8))
    found = identical_patterns(responses, scores_of(responses.answers))
    assert sorted(each.rows.tolist() for each in found) == [[0, 2, 7], [6, 8]]
    assert all(0.05 < each.chance < 1 for each in found)
