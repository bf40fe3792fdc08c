"""The classical screen: all of it, in one call."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calibration.responses import Responses, Treatment
from calibration.screen.agreement import (
    Agreement,
    Identical,
    identical_patterns,
    suspicious_agreement,
)
from calibration.screen.consistency import Consistency, consistency
from calibration.screen.distractors import ItemOptions, SuspectKey, option_tables, suspect_keys
from calibration.screen.item_statistics import ItemStatistics, item_statistics
from calibration.screen.scores import scores_of
from calibration.screen.speed import Speededness, speededness


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Screen:
    """What is to be seen in answers before any model.

    Attributes
    ----------
    n_persons, n_empty
        Persons, and those without a single score, who add nothing; weights counted.
    complete
        Whether every person has a score on every item. If not, correlations are with the mean
        surplus over the other items given, and alpha is from pairwise covariances.
    omitted, not_reached
        How these were scored.
    items, consistency
        Difficulty and discrimination; alpha and omega.
    options, suspect_keys
        Distractors, and keys that look wrong; empty unless options were read.
    speed
        None where nothing was omitted or not reached.
    identical
        Sets of persons whose answers are the same throughout, and how likely that is.
    agreement
        Pairs who agree too often; None where that was not looked at.
    """

    n_persons: float
    n_empty: float
    complete: bool
    omitted: Treatment | None
    not_reached: Treatment
    items: ItemStatistics
    consistency: Consistency
    options: tuple[ItemOptions, ...]
    suspect_keys: tuple[SuspectKey, ...]
    speed: Speededness | None
    identical: tuple[Identical, ...]
    agreement: Agreement | None


def screen(
    responses: Responses,
    *,
    omitted: Treatment | None = None,
    not_reached: Treatment = "missing",
    agreement: bool = True,
    within_groups: bool = False,
) -> Screen:
    """Screen answers by classical statistics.

    Parameters
    ----------
    omitted, not_reached
        As for `Responses.scored`.
    agreement
        Whether to compare all pairs of persons.
    within_groups
        Whether to compare only persons of the same group.
    """
    answers = responses.scored(omitted=omitted, not_reached=not_reached)
    scores = scores_of(answers, responses.weight)
    empty = scores.points == 0
    tables = option_tables(responses, scores)
    pairs = None
    if agreement:
        pairs = suspicious_agreement(responses, scores, within_groups=within_groups)
    return Screen(
        n_persons=responses.n_persons,
        n_empty=float(scores.weight[empty].sum()),
        complete=bool(np.isclose(scores.n, scores.weight.sum()).all()),
        omitted=omitted,
        not_reached=not_reached,
        items=item_statistics(responses, scores),
        consistency=consistency(scores),
        options=tables,
        suspect_keys=suspect_keys(responses, scores, tables),
        speed=speededness(responses),
        identical=identical_patterns(responses, scores),
        agreement=pairs,
    )
