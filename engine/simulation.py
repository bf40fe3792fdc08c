"""Simulated candidates sitting an exam through the same functions as live ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from engine import checks, models
from engine._kernels.plan import understood
from engine.adaptive import Report, next_item, record, report, start
from engine.answers import checked_seeds
from engine.arrays import FloatArray, IntArray, SeedArray
from engine.conditions import Conditions
from engine.design import Design
from engine.errors import AnswerError, Problem
from engine.exposure import Snapshot, segment
from engine.randomness import Stream, uniform
from engine.state import EMPTY, State
from engine.stopping import Reason

CHUNK = 1024
"""Candidates that numpy works on at a time: their densities fit in a processor's cache."""
PART = 16384
"""Candidates of whom `simulate_in_parts` keeps the courses at a time, by default."""
WORTH_COMPILING = 5000
"""Answers to simulate from which on compiled code is sooner done, its loading included."""
PLAIN = Conditions()
"""Answers are drawn, every item can be given, and no time passes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """n simulated exams.

    Attributes
    ----------
    theta
        The true abilities, shape (n,).
    report
        What the exams reported.
    items, categories
        The items given and their answers, in order, padded with -1, shape (n, longest).
    segments
        Where the design controls exposure, the segment of ability that the estimate lay in when
        each item was chosen, padded with -1, shape (n, longest); else the width is 0.
    seconds
        How long each exam took, shape (n,); 0 where no times were simulated.
    """

    theta: FloatArray
    report: Report
    items: IntArray
    categories: IntArray
    segments: IntArray = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    seconds: FloatArray = field(default_factory=lambda: np.zeros(0))


def simulate(
    design: Design,
    theta: ArrayLike,
    seeds: ArrayLike,
    *,
    snapshot: Snapshot | None = None,
    conditions: Conditions = PLAIN,
    chunk: int = CHUNK,
    threads: int | None = None,
    compiled: bool | None = None,
) -> Simulation:
    """Let candidates of known ability sit the exam.

    A candidate's course depends on the design, the ability and the seed, and on nothing else:
    neither on `chunk`, `threads` or `compiled` nor on who else is simulated. Compiled code and
    numpy give the same items, answers, reasons and levels, and estimates that agree to 1e-9.

    Parameters
    ----------
    theta
        True abilities, shape (n,).
    seeds
        One 64-bit number a candidate, shape (n,).
    snapshot
        The exposure of items that all these exams are pinned to, as in `start`.
    conditions
        Real answers, items that cannot be given, and times, one row a candidate.
    chunk
        How many candidates numpy works on together.
    threads
        How many threads compiled code runs on; by default one a processor.
    compiled
        Whether to use compiled code: by default, where it knows the design and the work is worth
        loading it.

    Raises
    ------
    AnswerError
        Naming every ability that is not finite, every bad seed, and lengths that differ; and
        `compiled` where there is no compiled code for the design.
    """
    abilities, words = _checked(theta, seeds, chunk)
    _check_conditions(design, conditions, abilities.size)
    if _usual(design, conditions):
        simulation = _simulate_all(design, abilities, words, snapshot, chunk, threads, compiled)
    else:
        simulation = joined(
            _simulate(design, abilities[rows], words[rows], snapshot, conditions.rows(rows))
            for rows in _slices(abilities.size, chunk)
        )
    return _timed(simulation, words, conditions)


def compiles(design: Design) -> bool:
    """Whether there is compiled code for a design; other designs are simulated by numpy."""
    return understood(design)


def _simulate_all(
    design: Design,
    abilities: FloatArray,
    words: SeedArray,
    snapshot: Snapshot | None,
    chunk: int,
    threads: int | None,
    compiled: bool | None,
) -> Simulation:
    if _compiles(design, abilities.size, compiled):
        return _simulate_compiled(design, abilities, words, snapshot, threads)
    return joined(
        _simulate(design, abilities[rows], words[rows], snapshot)
        for rows in _slices(abilities.size, chunk)
    )


def simulate_in_parts(
    design: Design,
    theta: ArrayLike,
    seeds: ArrayLike,
    *,
    snapshot: Snapshot | None = None,
    part: int = PART,
) -> Iterator[Simulation]:
    """Yield the simulations of `part` candidates after another, so that memory stays flat.

    Raises
    ------
    AnswerError
        As `simulate`.
    """
    abilities, words = _checked(theta, seeds, part)
    for first in range(0, abilities.size, part):
        rows = slice(first, first + part)
        yield simulate(design, abilities[rows], words[rows], snapshot=snapshot)


def answer(design: Design, state: State, items: IntArray, theta: FloatArray) -> IntArray:
    """Draw candidates' answers to these items, shape (n,); -1 where the item is -1.

    The draw depends on the candidate's seed and on how many items came before, on stream ANSWER.
    """
    asked = np.flatnonzero(items != EMPTY)
    u = uniform(state.seeds[asked], state.n_given[asked], Stream.ANSWER)
    categories = np.full(items.shape, EMPTY, dtype=np.int64)
    categories[asked] = models.draw_category(design.pool, items[asked], theta[asked], u)
    return categories


def _simulate(
    design: Design,
    theta: FloatArray,
    seeds: SeedArray,
    snapshot: Snapshot | None = None,
    conditions: Conditions = PLAIN,
) -> Simulation:
    state = start(design, seeds, snapshot, closed=conditions.closed())
    segments = np.full(_width_of_segments(design, theta.size), EMPTY, dtype=np.int64)
    items = next_item(design, state)
    while (items != EMPTY).any():
        _note_segments(design, state, items, segments)
        categories = _answered(design, state, items, theta, conditions)
        seconds = _seconds(design, state, items, conditions)
        state = record(design, state, items, categories, seconds=seconds)
        items = next_item(design, state)
    return Simulation(
        theta=theta,
        report=report(design, state),
        items=state.items,
        categories=state.categories,
        segments=segments,
    )


def _answered(
    design: Design, state: State, items: IntArray, theta: FloatArray, conditions: Conditions
) -> IntArray:
    """Real answers where there are some, else drawn ones, shape (n,)."""
    if conditions.answers is None:
        return answer(design, state, items, theta)
    real = conditions.answers[np.arange(items.size), np.maximum(items, 0)]
    return np.where(items == EMPTY, EMPTY, real)


def _seconds(design: Design, state: State, items: IntArray, conditions: Conditions) -> FloatArray:
    """How long each answer takes, shape (n,); 0 where no exam ends by its time."""
    if conditions.times is None or design.stopping.seconds is None:
        return np.zeros(items.size)
    return conditions.times.seconds(
        state.seeds, state.n_given, items, _speed(conditions, items.size)
    )


def _speed(conditions: Conditions, n: int) -> FloatArray:
    return np.zeros(n) if conditions.speed is None else conditions.speed


def _timed(simulation: Simulation, seeds: SeedArray, conditions: Conditions) -> Simulation:
    """The simulation with how long its exams took."""
    n = seeds.size
    if conditions.times is None:
        return replace(simulation, seconds=np.zeros(n))
    total = conditions.times.total(seeds, simulation.items, _speed(conditions, n))
    return replace(simulation, seconds=total)


def _usual(design: Design, conditions: Conditions) -> bool:
    """Whether answers are drawn, all items can be given and time ends no exam."""
    timeless = design.stopping.seconds is None or conditions.times is None
    return timeless and conditions.closed() is None


def _check_conditions(design: Design, conditions: Conditions, n: int) -> None:
    problems = list(conditions.problems(design, n))
    if problems:
        raise AnswerError("Simulation", problems)


def _slices(n: int, chunk: int) -> Iterator[slice]:
    return (slice(first, first + chunk) for first in range(0, n, chunk))


def _width_of_segments(design: Design, n: int) -> tuple[int, int]:
    """The shape of `Simulation.segments`."""
    return n, 0 if design.exposure is None else design.longest


def _note_segments(design: Design, state: State, items: IntArray, segments: IntArray) -> None:
    """Write down where the estimates lie at which these items are given."""
    if design.exposure is not None:
        asked = np.flatnonzero(items != EMPTY)
        at = segment(design.exposure.bounds, state.theta[asked])
        segments[asked, state.n_given[asked]] = at


def _compiles(design: Design, n: int, wanted: bool | None) -> bool:
    if wanted is None:
        return n * design.longest >= WORTH_COMPILING and understood(design)
    if wanted and not understood(design):
        expected = "False: only plain maximum information over right-or-wrong items is compiled"
        raise AnswerError("Simulation", [Problem("compiled", wanted, expected)])
    return wanted


def _simulate_compiled(
    design: Design,
    theta: FloatArray,
    seeds: SeedArray,
    snapshot: Snapshot | None,
    threads: int | None,
) -> Simulation:
    # Numba takes a good part of a second to import; only who simulates many waits for it.
    from engine._kernels.crowd import sit_all

    pinned = start(design, seeds[:1], snapshot).snapshot
    sheet = sit_all(design, theta, seeds, threads, pinned)
    unsure = np.flatnonzero(~sheet.sure)
    if unsure.size:
        by_numpy = _simulate(design, theta[unsure], seeds[unsure], snapshot)
        sheet.items[unsure], sheet.categories[unsure] = by_numpy.items, by_numpy.categories
        sheet.segments[unsure] = by_numpy.segments
        for column in ("theta", "se", "p_above", "n_items", "reason"):
            getattr(sheet, column)[unsure] = getattr(by_numpy.report, column)
    level, outcome = np.zeros_like(sheet.n_items), np.zeros(sheet.p_above.shape, dtype=np.int64)
    if design.decision is not None:
        level = design.decision.level(sheet.p_above)
        over = sheet.reason != Reason.GOING_ON
        confidence = design.stopping.decision
        outcome = design.decision.posterior_outcome(sheet.p_above, confidence, over)
    result = Report(
        theta=sheet.theta,
        se=sheet.se,
        p_above=sheet.p_above,
        level=level,
        n_items=sheet.n_items,
        reason=sheet.reason,
        outcome=outcome,
    )
    return Simulation(
        theta=theta,
        report=result,
        items=sheet.items,
        categories=sheet.categories,
        segments=sheet.segments,
    )


def joined(parts: Iterable[Simulation]) -> Simulation:
    """Return the simulations of several groups of candidates as one."""
    parts = list(parts)
    columns = {
        column.name: np.concatenate([getattr(part.report, column.name) for part in parts])
        for column in fields(Report)
    }
    return Simulation(
        theta=np.concatenate([part.theta for part in parts]),
        report=Report(**columns),
        items=np.concatenate([part.items for part in parts]),
        categories=np.concatenate([part.categories for part in parts]),
        segments=np.concatenate([part.segments for part in parts]),
        seconds=np.concatenate([part.seconds for part in parts]),
    )


def _checked(theta: ArrayLike, seeds: ArrayLike, chunk: int) -> tuple[FloatArray, SeedArray]:
    problems = list(checks.whole_number("chunk", chunk, low=1))
    abilities = checks.floats(theta)
    if abilities is None or abilities.ndim > 1 or abilities.size == 0:
        problems.append(Problem("theta", theta, "one ability for each candidate, shape (n,)"))
        abilities = np.zeros(0)
    abilities = np.atleast_1d(abilities)
    problems += checks.each("theta", abilities, np.isfinite(abilities), "a finite ability")
    words: SeedArray = np.zeros(0, dtype=np.uint64)
    try:
        words = checked_seeds(seeds)
    except AnswerError as error:
        problems += error.problems
    if abilities.size and words.size and abilities.size != words.size:
        expected = f"{abilities.size}, one for each ability"
        problems.append(Problem("seeds", f"{words.size} seeds", expected))
    if problems:
        raise AnswerError("Simulation", problems)
    return abilities, words
