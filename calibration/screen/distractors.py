"""What options draw whom, and keys that look wrong."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtr

from calibration.responses import OMITTED, Responses
from calibration.screen.scores import Scores
from engine.arrays import FloatArray, IntArray

FIFTHS = 5
RARE = 0.02
"""An option that fewer choose draws nobody; a distractor like that does no work."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemOptions:
    """The options of an item; arrays of shape (n_options,) unless said otherwise.

    Attributes
    ----------
    item
        Its name.
    options
        As written; "" at the end where some passed the item over.
    right
        Which options the key calls right.
    n, share
        Persons who chose each, weights counted, and their share of all who were given the item
        and came to it.
    rest_mean
        Mean relative surplus on the other items of those who chose each; NaN where nobody did.
    point_biserial
        Correlation of choosing the option with the rest of the test.
    curve
        Share of each option in each fifth of the persons by their scores, lowest first, shape
        (n_options, 5); a fifth without persons is NaN. Persons of the same score stay together.
    curve_n
        Persons in each fifth who came to the item, shape (5,).
    """

    item: str
    options: tuple[str, ...]
    right: tuple[bool, ...]
    n: FloatArray
    share: FloatArray
    rest_mean: FloatArray
    point_biserial: FloatArray
    curve: FloatArray
    curve_n: FloatArray

    @property
    def idle(self) -> tuple[str, ...]:
        """Wrong options that next to nobody chose."""
        options = zip(self.options, self.right, self.share.tolist(), strict=True)
        return tuple(name for name, right, share in options if name and not right and share < RARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectKey:
    """An option that goes with ability more than the key does.

    Attributes
    ----------
    item, key, option
        The item, its key, and the option that looks righter.
    key_correlation, option_correlation
        Their point-biserial correlations with the rest of the test.
    p_value
        Of a difference as large if both went with ability alike, one-sided: Williams's (1959) t for
        two correlations that share a variable (Steiger, 1980, eq. 7). Near 0 the key is most likely
        wrong; otherwise the item is bad, or the difference is chance.
    """

    item: str
    key: str
    option: str
    key_correlation: float
    option_correlation: float
    p_value: float


def option_tables(responses: Responses, scores: Scores) -> tuple[ItemOptions, ...]:
    """Return the table of each item whose options were read; nothing if none were."""
    if responses.raw is None or responses.options is None:
        return ()
    fifth = fifths(scores)
    return tuple(
        _table(responses, scores, fifth, item)
        for item, options in enumerate(responses.options)
        if options
    )


def suspect_keys(
    responses: Responses, scores: Scores, tables: tuple[ItemOptions, ...]
) -> tuple[SuspectKey, ...]:
    """Return every option with a higher point-biserial than its item's key, the surest first."""
    found = []
    for table in tables:
        item = responses.items.index(table.item)
        key = responses.key[item] if responses.key else ""
        if key:
            found += _suspects(responses, scores, table, item, key)
    return tuple(sorted(found, key=lambda each: each.p_value))


def fifths(scores: Scores) -> IntArray:
    """Which fifth of the persons each is in, from 0 (lowest), by relative surplus; -1 without one.

    Persons of the same score stand together at the middle of their ranks, so that the fifths of a
    short test are of unequal size.
    """
    relative = np.round(scores.relative, 12)
    known = ~np.isnan(relative)
    values, place = np.unique(relative[known], return_inverse=True)
    weight = np.bincount(place, weights=scores.weight[known], minlength=len(values))
    below = np.cumsum(weight) - weight
    middle = (below + weight / 2.0) / max(float(weight.sum()), 1e-300)
    fifth = np.full(len(relative), -1, dtype=np.int64)
    fifth[known] = np.minimum((FIFTHS * middle).astype(np.int64), FIFTHS - 1)[place]
    return fifth


def _table(responses: Responses, scores: Scores, fifth: IntArray, item: int) -> ItemOptions:
    assert responses.raw is not None
    assert responses.options is not None
    options = responses.options[item]
    choice = responses.raw[:, item].astype(np.int64)
    choice[responses.answers[:, item] == OMITTED] = len(options)
    if (choice == len(options)).any():
        options = (*options, "")
    came = np.flatnonzero(choice >= 0)
    choice, weight, rest = choice[came], scores.weight[came], scores.rest(item)[came]
    n = np.bincount(choice, weights=weight, minlength=len(options)).astype(np.float64)
    mean, correlation = _against_rest(choice, weight, rest, len(options))
    cell = fifth[came] * len(options) + choice
    known = fifth[came] >= 0
    size = FIFTHS * len(options)
    counts = np.bincount(cell[known], weights=weight[known], minlength=size).reshape(FIFTHS, -1)
    right = set((responses.key[item] if responses.key else "").split("|"))
    with np.errstate(invalid="ignore", divide="ignore"):
        return ItemOptions(
            item=responses.items[item],
            options=options,
            right=tuple(bool(option) and option in right for option in options),
            n=n,
            share=n / n.sum(),
            rest_mean=mean,
            point_biserial=correlation,
            curve=(counts / counts.sum(axis=1, keepdims=True)).T,
            curve_n=counts.sum(axis=1),
        )


def _against_rest(
    choice: IntArray, weight: FloatArray, rest: FloatArray, n_options: int
) -> tuple[FloatArray, FloatArray]:
    """Mean of the rest of the test by option, and the point-biserial of each; shape (n_options,)."""
    known = ~np.isnan(rest)
    choice, weight, rest = choice[known], weight[known], rest[known]
    n = np.bincount(choice, weights=weight, minlength=n_options)
    total = n.sum()
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = rest - weight @ rest / total
        mean = np.bincount(choice, weights=weight * rest, minlength=n_options) / n
        surplus = np.bincount(choice, weights=weight * centred, minlength=n_options) / total
        spread = (weight @ centred**2 / total) * (n / total) * (1.0 - n / total)
        correlation = np.where(spread > 1e-300, surplus / np.sqrt(spread), np.nan)
    return mean, correlation


def _suspects(
    responses: Responses, scores: Scores, table: ItemOptions, item: int, key: str
) -> list[SuspectKey]:
    """Options of one item that go with the rest of the test more than a right answer does."""
    right = np.array(table.right)
    came = float(table.n.sum())
    share = float(table.share[right].sum())
    correlation = _right_against_rest(responses, scores, item)
    found = []
    for place, option in enumerate(table.options):
        other = float(table.point_biserial[place])
        if not option or right[place] or not (other > 0 and other > correlation):
            continue
        together = -sqrt(share * table.share[place] / ((1 - share) * (1 - table.share[place])))
        found.append(
            SuspectKey(
                item=table.item,
                key=key,
                option=option,
                key_correlation=correlation,
                option_correlation=other,
                p_value=williams_p(other, correlation, together, came),
            )
        )
    return found


def _right_against_rest(responses: Responses, scores: Scores, item: int) -> float:
    """Correlation of a right answer with the rest; 0 where the key's options draw nobody."""
    came = np.flatnonzero(
        (responses.answers[:, item] >= 0) | (responses.answers[:, item] == OMITTED)
    )
    right = (responses.answers[came, item] == 1).astype(np.int64)
    _, correlation = _against_rest(right, scores.weight[came], scores.rest(item)[came], 2)
    return float(np.nan_to_num(correlation[1]))


def williams_p(first: float, second: float, between: float, n: float) -> float:
    """One-sided p-value that the first of two correlations with one variable is the larger.

    Williams (1959); Steiger (1980), eq. 7, with n - 3 degrees of freedom.

    Parameters
    ----------
    first, second
        Correlations of two variables with a third.
    between
        Correlation of the two.
    n
        Persons.
    """
    if n <= 3:
        return 1.0
    mean = (first + second) / 2.0
    determinant = 1.0 - first**2 - second**2 - between**2 + 2.0 * first * second * between
    below = 2.0 * (n - 1.0) / (n - 3.0) * determinant + mean**2 * (1.0 - between) ** 3
    t = (first - second) * sqrt((n - 1.0) * (1.0 + between) / below) if below > 0 else 0.0
    return float(stdtr(n - 3.0, -t))
