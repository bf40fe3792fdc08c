"""Candidates who agree more than chance allows, and candidates who agree in everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from calibration.responses import Responses
from calibration.screen.consistency import consistency
from calibration.screen.option_curves import OptionCurves, option_curves
from calibration.screen.scores import Scores
from engine.arrays import BoolArray, FloatArray, IntArray

Bound = Literal["bonferroni", "benjamini-hochberg"]

MOST_PERSONS = 10_000
"""Beyond this all pairs are too many; compare within rooms or sittings."""

LOOKED_AT = 3.0
"""Standard deviations above the mean from where the exact probability is worked out; below it no
pair can pass a bound over all pairs."""

TILE = 512


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Agreement:
    """Pairs of persons with suspiciously many answers alike, the least likely first.

    Attributes
    ----------
    n_pairs
        Pairs that were compared.
    bound, rate
        "bonferroni": the chance that *any* honest pair is listed is at most `rate`;
        "benjamini-hochberg": of the pairs listed at most that share is honest, on average.
    threshold
        The p-value that a pair had to stay under.
    first, second
        Rows of the two persons, shape (n_found,).
    common, matches, expected
        Items both answered, answers alike, and how many of those chance explains.
    same_wrong
        Answers alike that earned nothing: what copying leaves and ability does not.
    p_value
        Chance of so many matches or more.
    """

    n_pairs: int
    bound: Bound
    rate: float
    threshold: float
    first: IntArray
    second: IntArray
    common: IntArray
    matches: IntArray
    expected: FloatArray
    same_wrong: IntArray
    p_value: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Identical:
    """Persons whose answers are the same throughout.

    Attributes
    ----------
    rows
        Their rows.
    chance
        Chance that two persons of this score agree in everything. Times the number of pairs of
        persons it is how many such pairs to expect: on short tests many, on long ones none.
    """

    rows: IntArray
    chance: float


def suspicious_agreement(
    responses: Responses,
    scores: Scores,
    *,
    rate: float = 0.05,
    bound: Bound = "bonferroni",
    within_groups: bool = False,
) -> Agreement | None:
    """Find pairs of persons who chose the same options too often.

    The generalized binomial test (van der Linden & Sotaridou, 2006): under independent work, two
    persons agree on an item with a chance given by their abilities, and the number of matches is a
    sum of independent trials (exact tail, no normal curve). Here the chance of an option is its
    smoothed share among persons of the same score (Ramsay, 1991), so that no model need hold.
    Only items that both answered count: to pass over the same items is a habit many share.

    False alarms: two persons' matches vary less given their scores than independent trials do, so
    that the test is cautious; in simulations honest pairs fell below a given p-value 0.1 to 0.4
    times as often as it says. Items that hang together (one passage), or a class that was taught
    one wrong fact, make it the opposite: a pair listed here is a reason to look, never a proof.

    Parameters
    ----------
    rate, bound
        See `Agreement`.
    within_groups
        Compare only persons of the same group, when groups are rooms or sittings.

    Returns
    -------
    Agreement or None
        None where rows stand for several persons, where there are fewer than 2 persons or 2 items,
        or more than `MOST_PERSONS` that would all be compared with each other.
    """
    group = _groups(responses, within_groups)
    if responses.weight is not None or min(responses.answers.shape) < 2:
        return None
    if np.bincount(group, minlength=1).max() > MOST_PERSONS:
        return None
    curves = _curves(responses, scores)
    parts = [
        _found_within(curves, np.flatnonzero((group == g) & (curves.level >= 0)))
        for g in np.unique(group)
    ]
    n_pairs = sum(part[0] for part in parts)
    first, second = (np.concatenate([part[side] for part in parts]) for side in (1, 2))
    p_value, expected = _tails(curves, first, second)
    threshold = _threshold(p_value, n_pairs, rate, bound)
    kept = np.flatnonzero(p_value <= threshold)
    kept = kept[np.argsort(p_value[kept], kind="stable")]
    first, second = first[kept], second[kept]
    one, other = curves.choice[first], curves.choice[second]
    alike = (one == other) & (one >= 0)
    return Agreement(
        n_pairs=n_pairs,
        bound=bound,
        rate=rate,
        threshold=threshold,
        first=first,
        second=second,
        common=((one >= 0) & (other >= 0)).sum(axis=1),
        matches=alike.sum(axis=1),
        expected=expected[kept],
        same_wrong=(alike & (responses.answers[first] <= 0)).sum(axis=1),
        p_value=p_value[kept],
    )


def identical_patterns(
    responses: Responses, scores: Scores, *, least: int = 2
) -> tuple[Identical, ...]:
    """Find persons with the same answers throughout, the least likely first.

    Options are compared where they were read. Persons with fewer than `least` answers, and those
    with the best or the lowest category throughout, are left out: in them agreement says nothing.
    """
    if responses.weight is not None or not responses.n_rows:
        return ()
    sets = _same_rows(responses, least)
    if not sets:
        return ()
    curves = _curves(responses, scores)
    found = [Identical(rows=rows, chance=_chance_of_all(curves, int(rows[0]))) for rows in sets]
    return tuple(sorted(found, key=lambda each: each.chance))


def _same_rows(responses: Responses, least: int) -> list[IntArray]:
    given = responses.answers >= 0
    top = responses.n_categories - 1
    extreme = ((responses.answers == top) | ~given).all(axis=1)
    extreme |= ((responses.answers == 0) | ~given).all(axis=1)
    rows = np.flatnonzero((given.sum(axis=1) >= least) & ~extreme)
    if not rows.size:
        return []
    patterns: NDArray[np.generic] = responses.answers[rows]
    if responses.raw is not None:
        patterns = np.concatenate([patterns.astype(np.int16), responses.raw[rows]], axis=1)
    width = patterns.itemsize * patterns.shape[1]
    packed = np.ascontiguousarray(patterns).view(np.dtype((np.void, width)))
    _, place, size = np.unique(packed.ravel(), return_inverse=True, return_counts=True)
    order = np.argsort(place, kind="stable")
    sets = np.split(rows[order], np.cumsum(size)[:-1])
    return [each for each in sets if each.size > 1]


def _chance_of_all(curves: OptionCurves, row: int) -> float:
    """Chance that two persons of this person's level choose alike on every item they came to."""
    level = int(curves.level[row])
    match = (curves.probability[level] ** 2).sum(axis=1)
    return float(np.prod(match[curves.choice[row] >= 0]))


def _curves(responses: Responses, scores: Scores) -> OptionCurves:
    alpha = consistency(scores).alpha
    error = sqrt(1.0 - alpha) if 0.0 <= alpha <= 1.0 else 1.0
    return option_curves(responses, scores.relative, error)


def _groups(responses: Responses, within_groups: bool) -> IntArray:
    if within_groups and responses.group is not None:
        return responses.group.astype(np.int64)
    return np.zeros(responses.n_rows, dtype=np.int64)


def _found_within(curves: OptionCurves, persons: IntArray) -> tuple[int, IntArray, IntArray]:
    """Number of pairs of these persons, and the pairs far enough above what is expected."""
    order = persons[np.argsort(curves.level[persons], kind="stable")]
    n = order.size
    sorted_ = _Sorted(order, curves.level[order], curves.choice[order], _indicators(curves, order))
    found = [_pairs_of_run(curves, sorted_, start, stop) for start, stop in _runs(sorted_.level)]
    nobody = np.empty(0, dtype=np.int64)
    first = np.concatenate([nobody, *(each[0] for each in found)])
    second = np.concatenate([nobody, *(each[1] for each in found)])
    return n * (n - 1) // 2, np.minimum(first, second), np.maximum(first, second)


class _Sorted(NamedTuple):
    """Persons by level: their rows, levels, choices, and a 1 at each choice (n, m n_options)."""

    row: IntArray
    level: IntArray
    choice: NDArray[np.int16]
    indicator: NDArray[np.float32]


def _indicators(curves: OptionCurves, order: IntArray) -> NDArray[np.float32]:
    n_options = curves.probability.shape[2]
    options = np.arange(n_options)
    flags: BoolArray = curves.choice[order][:, :, None] == options
    single: NDArray[np.float32] = flags.reshape(len(order), flags.shape[1] * n_options).astype(
        np.float32
    )
    return single


def _runs(level: IntArray) -> Iterator[tuple[int, int]]:
    """Runs of persons of one level, cut to at most `TILE`."""
    ends = np.flatnonzero(np.diff(level, append=-2)) + 1
    start = 0
    for end in ends.tolist():
        for at in range(start, end, TILE):
            yield at, min(at + TILE, end)
        start = end


def _pairs_of_run(
    curves: OptionCurves, persons: _Sorted, start: int, stop: int
) -> tuple[IntArray, IntArray]:
    """Pairs of a run of persons of one level with all who come after."""
    chance = _match_table(curves, int(persons.level[start]))
    others = persons.level[start:]
    given = persons.choice[start:] >= 0
    if given.all():
        expected = chance.sum(axis=1)[others][None, :]
        variance = (chance * (1.0 - chance)).sum(axis=1)[others][None, :]
    else:
        here = given[: stop - start].astype(np.float32)
        expected = here @ (chance[others] * given).T
        variance = here @ ((chance * (1.0 - chance))[others] * given).T
    surplus = persons.indicator[start:stop] @ persons.indicator[start:].T
    surplus -= expected
    high = surplus > LOOKED_AT * np.sqrt(variance)
    high &= np.arange(len(others)) > np.arange(stop - start)[:, None]
    one, other = np.nonzero(high)
    return persons.row[start:stop][one], persons.row[start:][other]


def _match_table(curves: OptionCurves, level: int) -> NDArray[np.float32]:
    """Chance of a match of this level with each level, of each item, shape (n_levels, m)."""
    probability = curves.probability
    chance: FloatArray = np.einsum("mk,lmk->lm", probability[level], probability)
    single: NDArray[np.float32] = chance.astype(np.float32)
    return single


def _tails(
    curves: OptionCurves, first: IntArray, second: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Chance of as many matches or more, and the number expected; shape (n_pairs,)."""
    p_value, expected = np.ones(first.size), np.zeros(first.size)
    for start in range(0, first.size, TILE):
        pairs = slice(start, start + TILE)
        one, other = curves.choice[first[pairs]], curves.choice[second[pairs]]
        levels = (curves.level[first[pairs]], curves.level[second[pairs]])
        chance = np.einsum(
            "pmk,pmk->pm", curves.probability[levels[0]], curves.probability[levels[1]]
        )
        chance = np.where((one >= 0) & (other >= 0), chance, 0.0)
        expected[pairs] = chance.sum(axis=1)
        p_value[pairs] = poisson_binomial_tail(chance, ((one == other) & (one >= 0)).sum(axis=1))
    return p_value, expected


def poisson_binomial_tail(chance: FloatArray, least: IntArray) -> FloatArray:
    """Chance of at least `least` successes in trials with these chances, shape (n,).

    Parameters
    ----------
    chance
        Shape (n, n_trials).
    """
    n, n_trials = chance.shape
    mass = np.zeros((n, n_trials + 1))
    mass[:, 0] = 1.0
    for trial in range(n_trials):
        p = chance[:, trial, None]
        mass[:, 1 : trial + 2] = mass[:, 1 : trial + 2] * (1.0 - p) + mass[:, : trial + 1] * p
        mass[:, 0] *= 1.0 - p[:, 0]
    upper = np.cumsum(mass[:, ::-1], axis=1)[:, ::-1]
    tail: FloatArray = np.minimum(upper[np.arange(n), least], 1.0)
    return tail


def _threshold(p_value: FloatArray, n_pairs: int, rate: float, bound: Bound) -> float:
    if not n_pairs:
        return 0.0
    ceiling = float(ndtr(-LOOKED_AT))  # pairs with larger p-values were not worked out
    if bound == "bonferroni":
        return min(rate / n_pairs, ceiling)
    ordered = np.sort(p_value[p_value <= ceiling])
    steps = rate * np.arange(1, ordered.size + 1) / n_pairs
    good = np.flatnonzero(ordered <= steps)
    return float(steps[good[-1]]) if good.size else 0.0
