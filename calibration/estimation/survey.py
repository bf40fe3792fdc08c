"""The first pass over the answers: who answered what, and a sample of persons to start from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calibration._kernels.packing import tally
from calibration.errors import CalibrationError
from calibration.estimation.options import CalibrationOptions
from calibration.responses.model import Digest, Responses
from engine.arrays import FloatArray
from engine.errors import Problem

SAMPLE = 20_000
"""Persons kept of a first pass, more than any first climb needs."""

ANSWERS = 128
"""An answer is nothing or one of 127 categories."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Persons:
    """Answers scored, and whose they are; as in `Responses`."""

    answers: NDArray[np.int8]
    group: NDArray[np.int32] | None
    weight: FloatArray | None

    def take(self, rows: NDArray[np.int64]) -> Persons:
        """Return some of the rows."""
        return Persons(
            answers=self.answers[rows],
            group=None if self.group is None else self.group[rows],
            weight=None if self.weight is None else self.weight[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Survey:
    """What a first pass finds.

    Attributes
    ----------
    counts
        Persons of each group who gave each answer, nothing first, shape (n_groups, m, 128).
    n_rows
        Rows seen.
    n_persons
        Persons of each group: rows, or the sum of their weights, shape (n_groups,).
    sample
        Some of the rows, each as likely to be among them; all rows where they are few.
    """

    items: tuple[str, ...]
    groups: tuple[str, ...]
    counts: FloatArray
    n_rows: int
    n_persons: FloatArray
    sample: Persons
    data_hash: str


def scored(responses: Responses, options: CalibrationOptions) -> Persons:
    """Return the answers as the options count them."""
    answers = responses.scored(omitted=options.omitted, not_reached=options.not_reached)
    return Persons(answers=answers, group=responses.group, weight=responses.weight)


def survey(source: Iterable[Responses], options: CalibrationOptions) -> Survey:
    """Go through the answers once.

    Raises
    ------
    CalibrationError
        Without any persons, or where a later piece has other items or groups than the first.
    """
    first: Responses | None = None
    counts = np.zeros((0, 0, ANSWERS))
    n_rows, digest = 0, Digest()
    persons = np.zeros(0)
    sample = _Sample(options.seed)
    for piece in source:
        if first is None:
            first = piece
            n_groups = max(len(piece.groups), 1)
            counts = np.zeros((n_groups, len(piece.items), ANSWERS))
            persons = np.zeros(n_groups)
        _check(first, piece)
        some = scored(piece, options)
        group = np.zeros(1, dtype=np.int32) if some.group is None else some.group
        weight = np.ones(1) if some.weight is None else some.weight
        tally(some.answers, group, weight, counts)
        persons += _heads(some, persons.size)
        sample.add(some)
        digest.add(piece)
        n_rows += piece.n_rows
    if first is None or not n_rows:
        raise CalibrationError("Responses", [Problem("persons", 0, "at least one person")])
    return Survey(
        items=first.items,
        groups=first.groups or ("all",),
        counts=counts,
        n_rows=n_rows,
        n_persons=persons,
        sample=sample.persons(),
        data_hash=digest.hexdigest(),
    )


def _heads(persons: Persons, n_groups: int) -> FloatArray:
    n = len(persons.answers)
    group = np.zeros(n, dtype=np.int32) if persons.group is None else persons.group
    heads: FloatArray = np.bincount(group, persons.weight, minlength=n_groups).astype(np.float64)
    return heads


def _check(first: Responses, piece: Responses) -> None:
    problems = [
        Problem(name, found, f"{expected} as in the first piece")
        for name, found, expected in (
            ("items", piece.items, first.items),
            ("groups", piece.groups, first.groups),
        )
        if found != expected
    ]
    if problems:
        raise CalibrationError("Responses in pieces", problems)


class _Sample:
    """Rows with the smallest of random numbers, which do not depend on how rows come in pieces."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        self.kept: list[tuple[Persons, FloatArray]] = []
        self.limit = np.inf

    def add(self, persons: Persons) -> None:
        keys = self.generator.random(len(persons.answers))
        chosen = np.flatnonzero(keys < self.limit)
        if chosen.size > SAMPLE:
            chosen = np.sort(np.argpartition(keys, SAMPLE)[:SAMPLE])
        self.kept.append((persons.take(chosen), keys[chosen]))
        if sum(keys.size for _, keys in self.kept) > 2 * SAMPLE:
            self.kept = [self._thinned()]

    def persons(self) -> Persons:
        return self._thinned()[0]

    def _thinned(self) -> tuple[Persons, FloatArray]:
        keys = np.concatenate([keys for _, keys in self.kept])
        whole = Persons(
            answers=np.concatenate([persons.answers for persons, _ in self.kept]),
            group=_joined([persons.group for persons, _ in self.kept]),
            weight=_joined([persons.weight for persons, _ in self.kept]),
        )
        if keys.size <= SAMPLE:
            return whole, keys
        rows = np.sort(np.argpartition(keys, SAMPLE)[:SAMPLE])
        self.limit = float(keys[rows].max())
        return whole.take(rows), keys[rows]


def _joined(columns: list[NDArray | None]) -> NDArray | None:  # type: ignore[type-arg]
    known = [column for column in columns if column is not None]
    return np.concatenate(known) if len(known) == len(columns) else None


def pieces(responses: Responses | Iterable[Responses]) -> Iterable[Responses]:
    """Return something that yields the pieces every time it is gone through.

    Raises
    ------
    CalibrationError
        For an iterator, which ends after one pass.
    """
    if isinstance(responses, Responses):
        return [responses]
    if isinstance(responses, Iterator):
        raise CalibrationError(
            "Responses in pieces",
            [
                Problem(
                    "responses",
                    type(responses).__name__,
                    "something that can be gone through again: a list, or an object with __iter__",
                )
            ],
        )
    return responses
