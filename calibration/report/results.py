"""All that a report of one calibration tells, gathered once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calibration.abilities import (
    Abilities,
    Answers,
    calibrated_answers,
    estimate_abilities,
    given_categories,
)
from calibration.errors import CalibrationError
from calibration.estimation.result import Calibration
from calibration.observed import Observed, observed_and_expected
from calibration.reliability import Precision, Reliability, precision, reliability
from calibration.responses import InPieces, Responses
from calibration.screen import Screen, screen
from engine.arrays import FloatArray
from engine.errors import Problem

MOST_COMPARED = 3_000
"""Persons whose answers are compared pair by pair, which takes the square of their number."""

ASYMPTOTES = {"c": 0.0, "d": 1.0}
"""What an asymptote is where the model has none."""

FARTHEST = 1e6
"""A parameter beyond that is none: where slopes are 0 to the last digit, difficulties are nowhere."""

SCALE = np.linspace(-8.0, 8.0, 321)
"""Abilities at which precision is looked at, on the scale's own units."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Results:
    """One calibration and what follows from it.

    Attributes
    ----------
    name
        What was calibrated, as the report's title names it: the file's name, say.
    responses
        The answers; of a file read in pieces, those of persons drawn at random, from whom comes
        all that looks at persons one by one: abilities, reliability, observed and screen.
    answers
        To the estimated items, in their order, as they were counted.
    counts
        How many of all persons gave each category of each estimated item, weights counted, shape
        (n_items, 127).
    observed
        Answers observed and expected, by ability.
    precision
        Of all items together, along the scale.
    screen
        The classical screen of all items of the file.
    second
        Another engine's result with the same model on the same answers.
    cuts
        Abilities where a decision falls.
    metric
        The scaling constant that slopes are published with: 1, or 1.702 for the normal metric,
        which makes them so many times smaller.
    reading
        How the file of answers was read, for the record: its name, key, codes, ...
    pieces
        The whole file where it is read in pieces.
    """

    name: str
    responses: Responses
    calibration: Calibration
    answers: Answers
    counts: FloatArray
    abilities: Abilities
    reliability: Reliability
    observed: Observed
    precision: Precision
    screen: Screen
    second: Calibration | None
    cuts: tuple[float, ...]
    metric: float = 1.0
    reading: Mapping[str, Any] = field(default_factory=dict)
    pieces: InPieces | None = None

    @property
    def sampled(self) -> int | None:
        """How many persons `responses` holds where these are not all; None where they are."""
        return None if self.pieces is None else self.responses.n_rows

    def everyone(self) -> Iterator[tuple[Responses, Abilities]]:
        """Yield all persons with their abilities, piece by piece."""
        if self.pieces is None:
            yield self.responses, self.abilities
            return
        items = [each.item for each in self.calibration.items]
        for piece in self.pieces:
            answers = calibrated_answers(piece, items, self.calibration.options, self.counts)
            group = piece.group if len(self.calibration.latent) > 1 else None
            yield piece, estimate_abilities(self.calibration, answers, group)

    def published(self, values: Mapping[str, float]) -> dict[str, float]:
        """Return an item's parameters, or their errors, in the metric they are published in."""
        return {
            name: value / self.metric if name[0] == "a" else value for name, value in values.items()
        }

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters that differ from what they are where a model has none of them."""
        items = self.calibration.items
        names = dict.fromkeys(name for each in items for name in each.parameters)
        return tuple(
            name
            for name in names
            if name not in ASYMPTOTES
            or any(
                each.parameters.get(name, ASYMPTOTES[name]) != ASYMPTOTES[name] for each in items
            )
        )

    @property
    def groups(self) -> NDArray[np.int32] | None:
        """Each person's place among the groups; None where there is one."""
        return self.responses.group if len(self.calibration.latent) > 1 else None

    @property
    def weights(self) -> FloatArray:
        """How many persons each row stands for."""
        weight = self.responses.weight
        return np.ones(len(self.answers)) if weight is None else weight

    @property
    def n_answers(self) -> int:
        """Answers to the estimated items, weights counted."""
        return sum(each.n_answers for each in self.calibration.items)

    @property
    def missing(self) -> float:
        """Share of the cells of persons and estimated items that hold no answer."""
        cells = self.calibration.n_persons * self.calibration.n_items
        return max(0.0, round(1.0 - float(self.counts.sum()) / cells, 9))


def gather(
    responses: Responses | InPieces,
    calibration: Calibration,
    *,
    name: str = "",
    cuts: tuple[float, ...] = (),
    second: Calibration | None = None,
    metric: float = 1.0,
    reading: Mapping[str, Any] | None = None,
) -> Results:
    """Compute what a report tells beyond the parameters.

    Parameters
    ----------
    responses
        The answers that were calibrated.
    name
        What they are, for the title.
    cuts
        Abilities where a decision falls.
    second
        A second opinion on the same answers.
    metric, reading
        See `Results`.

    Raises
    ------
    CalibrationError
        If there is one item alone.
    """
    _check_items(calibration)
    pieces = responses if isinstance(responses, InPieces) else None
    items, options = [each.item for each in calibration.items], calibration.options
    whole = [responses] if isinstance(responses, Responses) else responses
    counts = given_categories(whole, items, options)
    some = responses if isinstance(responses, Responses) else responses.sample()
    answers = calibrated_answers(some, items, options, counts)
    group = some.group if len(calibration.latent) > 1 else None
    abilities = estimate_abilities(calibration, answers, group)
    return Results(
        name=name,
        responses=some,
        calibration=calibration,
        answers=answers,
        counts=counts,
        abilities=abilities,
        reliability=reliability(calibration, abilities, some.weight),
        observed=observed_and_expected(calibration, answers, group=group, weight=some.weight),
        precision=precision(calibration, SCALE),
        screen=screen(
            some,
            omitted=options.omitted,
            not_reached=options.not_reached,
            agreement=pieces is None and some.n_rows <= MOST_COMPARED,
        ),
        second=second,
        cuts=tuple(sorted(cuts)),
        metric=metric,
        reading=reading or {},
        pieces=pieces,
    )


def _check_items(calibration: Calibration) -> None:
    """Refuse one item alone, whose answers tell no ability, and items that have no place on it."""
    problems = []
    if calibration.n_items < 2 and not calibration.options.fixed:
        found = ", ".join(each.item for each in calibration.items)
        expected = "at least two items that can be estimated: one alone tells nothing of its slope"
        problems.append(Problem("items", found, expected))
    else:
        expected = (
            f"difficulties within ±{FARTHEST:g}: it has nothing in common with the other items,"
        )
        expected += " leave it out (--ignore)"
        for each in calibration.items:
            if not all(abs(value) <= FARTHEST for value in each.parameters.values()):
                problems.append(Problem(f"item {each.item}", dict(each.parameters), expected))
    if problems:
        raise CalibrationError("Responses", problems)
