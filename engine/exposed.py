"""Simulated candidates whose exams change what those after them are given."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from engine import checks
from engine.answers import checked_seeds
from engine.arrays import FloatArray, SeedArray
from engine.design import Design
from engine.errors import AnswerError, DesignError, Problem
from engine.exposure import ExposureRule, Ledger, Snapshot, Tally, tally
from engine.simulation import Simulation, joined, simulate

BLOCK = 500
"""Candidates who sit under one snapshot, by default: a day's sittings, say."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exposed:
    """Exams of which the later ones depend on the earlier.

    Attributes
    ----------
    simulation
        The exams.
    ledger
        What is known after them, with the snapshot for those who come next.
    """

    simulation: Simulation
    ledger: Ledger


def simulate_exposed(
    design: Design,
    theta: ArrayLike,
    seeds: ArrayLike,
    rule: ExposureRule,
    *,
    block: int = BLOCK,
    ledger: Ledger | None = None,
    threads: int | None = None,
) -> Exposed:
    """Let candidates sit in blocks; after each the rule makes the next snapshot.

    All of a block are pinned to the same snapshot. What comes out does not depend on the order
    within a block, nor on `threads`.

    Parameters
    ----------
    design
        With exposure control.
    theta, seeds
        As for `simulate`.
    rule
        How a snapshot follows from what was given.
    block
        How many candidates sit before the snapshot changes.
    ledger
        Where to go on from; by default every item is open to everybody.

    Raises
    ------
    AnswerError
        As `simulate`, and where the ledger does not fit the design.
    DesignError
        If the design controls no exposure.
    """
    parts, last = [], None
    for part in exposed_blocks(
        design, theta, seeds, rule, block=block, ledger=ledger, threads=threads
    ):
        parts.append(part.simulation)
        last = part.ledger
    if last is None:
        raise AssertionError("candidates were checked to be some")
    return Exposed(simulation=joined(parts), ledger=last)


def exposed_blocks(
    design: Design,
    theta: ArrayLike,
    seeds: ArrayLike,
    rule: ExposureRule,
    *,
    block: int = BLOCK,
    ledger: Ledger | None = None,
    threads: int | None = None,
) -> Iterator[Exposed]:
    """Yield the blocks of `simulate_exposed` one by one, each with the ledger after it.

    Raises
    ------
    AnswerError, DesignError
        As `simulate_exposed`.
    """
    abilities, words = _checked(theta, seeds, block)
    ledger = ledger or Ledger.begin(open_snapshot(design))
    for first in range(0, abilities.size, block):
        rows = slice(first, first + block)
        snapshot = ledger.snapshot
        sat = simulate(design, abilities[rows], words[rows], snapshot=snapshot, threads=threads)
        ledger = ledger.after(rule, tallied(design, snapshot, words[rows], sat))
        yield Exposed(simulation=sat, ledger=ledger)


def open_snapshot(design: Design) -> Snapshot:
    """Return the snapshot of a design before anybody sat.

    Raises
    ------
    DesignError
        If the design controls no exposure.
    """
    if design.exposure is None:
        problem = Problem("exposure", None, "exposure control: segments of ability")
        raise DesignError("Design", [problem])
    return Snapshot.open(design.exposure.n_segments, len(design.pool))


def tallied(
    design: Design,
    snapshot: Snapshot,
    seeds: SeedArray,
    sat: Simulation,
    *,
    theta: FloatArray | None = None,
) -> Tally:
    """Count what simulated exams gave; candidates belong to the segment of their last estimate.

    Parameters
    ----------
    theta
        Other abilities by which candidates belong to a segment, shape (n,).
    """
    if design.exposure is None:
        return Tally.none(*snapshot.admission.shape)
    return tally(
        design.exposure,
        snapshot,
        seeds=seeds,
        items=sat.items,
        segments=sat.segments,
        theta=sat.report.theta if theta is None else theta,
    )


def _checked(theta: ArrayLike, seeds: ArrayLike, block: int) -> tuple[FloatArray, SeedArray]:
    problems = list(checks.whole_number("block", block, low=1))
    abilities, words = np.atleast_1d(np.asarray(theta, dtype=np.float64)), checked_seeds(seeds)
    if abilities.size == 0 or abilities.shape != words.shape:
        found = f"{abilities.size} abilities and {words.size} seeds"
        problems.append(Problem("theta", found, "one ability and one seed for each candidate"))
    if problems:
        raise AnswerError("Simulation", problems)
    return abilities, words
