"""Why no test satisfies a specification: a minimal set of constraints that contradict each other.

An irreducible infeasible set (Chinneck & Dravnieks, 1991, *ORSA Journal on Computing* 3, 157-168): no
test satisfies all of its members, and without any one of them some test does. First the linear
relaxation's dual ray (Farkas' lemma) names candidates where fractions of items already fail;
then a deletion filter, in blocks, takes away what the contradiction does not need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.constraints.exact import TIME_LIMIT, Status, solve, solver, with_fixed
from engine.constraints.kinds import Exclude, Include
from engine.constraints.programme import Programme, compile
from engine.constraints.specification import Specification

LEAST_TIME = 0.05
"""Seconds that each question gets, even where the budget is spent."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Constraints that contradict each other.

    Attributes
    ----------
    names
        In the order of the specification; empty where no contradiction was shown, and where the
        items fixed in and out contradict each other without any of them.
    minimal
        Whether every one of them was shown to be needed: without it a test exists. False where the
        time limit came first; the names contradict each other all the same.
    status
        Whether the specification is infeasible, feasible (then there is no conflict), or unknown:
        the time limit came first.
    """

    names: tuple[str, ...]
    minimal: bool
    status: Status


class Demanding(Protocol):
    """Anything that makes demands by name, such as a specification or several forms of a test."""

    @property
    def names(self) -> tuple[str, ...]:
        """What can be in a conflict."""

    @property
    def column_names(self) -> frozenset[str]:
        """Names that bound columns of the programme, which a linear proof uses without naming."""

    def only(self, names: Sequence[str]) -> Self:
        """Return what demands nothing but what these names say."""

    def programme(self) -> Programme:
        """Return the programme of all demands."""

    def broken_by(self, values: FloatArray) -> frozenset[str]:
        """Return the names that values of the programme's columns do not satisfy."""


def conflict(
    specification: Specification,
    *,
    fixed_in: Sequence[int] | IntArray = (),
    fixed_out: Sequence[int] | IntArray = (),
    time_limit: float = TIME_LIMIT,
) -> Conflict:
    """Return a minimal set of constraints that no test satisfies together.

    Constraints late in the specification are taken away first, so that those named early, which
    people think of first, are the ones that are told.

    Parameters
    ----------
    fixed_in, fixed_out
        Positions of items that are in the test whatever happens, such as those already given, and
        of those that cannot be. They are facts, no members of a conflict.
    time_limit
        Seconds of all searches together.
    """
    return conflict_of(
        OneTest(specification), fixed_in=fixed_in, fixed_out=fixed_out, time_limit=time_limit
    )


def conflict_of(
    demanding: Demanding,
    *,
    fixed_in: Sequence[int] | IntArray = (),
    fixed_out: Sequence[int] | IntArray = (),
    time_limit: float = TIME_LIMIT,
) -> Conflict:
    """As `conflict`, for anything that makes demands by name; items are columns."""
    search = _Search(demanding, fixed_in, fixed_out, time_limit)
    names = demanding.names
    answer = search.contradicts(names)
    if answer is not True:
        status = Status.UNKNOWN if answer is None else Status.FEASIBLE
        return Conflict((), minimal=False, status=status)
    candidates = search.candidates()
    if len(candidates) < len(names) and search.contradicts(candidates):
        names = candidates
    return Conflict(*_filtered(search, names), status=Status.INFEASIBLE)


def conflicts(
    specification: Specification, *, time_limit: float = TIME_LIMIT, most: int = 10
) -> tuple[Conflict, ...]:
    """Return conflicts that share no constraint, one after another, until the rest is feasible.

    Each of them must be resolved before a test can exist; others that overlap with them may be left.
    `time_limit` holds for each.
    """
    found: list[Conflict] = []
    left = specification.names
    while len(found) < most:
        next_one = conflict(specification.only(left), time_limit=time_limit)
        if not next_one.names:
            break
        found.append(next_one)
        left = tuple(name for name in left if name not in next_one.names)
    return tuple(found)


def _filtered(search: _Search, names: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Take away blocks of names, ever smaller, while what is left still contradicts itself."""
    kept, minimal = list(names), True
    size = max(1, len(kept) // 2)
    while True:
        end = len(kept)
        while end > 0:
            start = max(0, end - size)
            rest = kept[:start] + kept[end:]
            answer = search.contradicts(tuple(rest))
            if answer is True:
                kept = rest
            elif answer is None and size == 1:
                minimal = False
            end = start
        if size == 1:
            return tuple(kept), minimal
        size = max(1, size // 2)


@dataclass(frozen=True, slots=True)
class OneTest:
    """The demands of a specification on one test."""

    specification: Specification

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the specification."""
        return self.specification.names

    @property
    def column_names(self) -> frozenset[str]:
        """Those of included and excluded items."""
        constraints = self.specification.constraints
        return frozenset(each.name for each in constraints if isinstance(each, Include | Exclude))

    def only(self, names: Sequence[str]) -> Self:
        """Keep these constraints."""
        return type(self)(self.specification.only(names))

    def programme(self) -> Programme:
        """Compile the specification."""
        return compile(self.specification)

    def broken_by(self, values: FloatArray) -> frozenset[str]:
        """Measure the test."""
        items = np.flatnonzero(values[: self.specification.n_items] > 0.5)
        found = self.specification.measures(items)
        return frozenset(measure.name for measure in found if not measure.holds)


@dataclass(slots=True)
class _Search:
    """Asks whether constraints contradict each other, within one budget of time."""

    demanding: Demanding
    fixed_in: Sequence[int] | IntArray
    fixed_out: Sequence[int] | IntArray
    seconds_left: float
    violated: list[frozenset[str]] = field(default_factory=list)
    """What each test found so far does not satisfy."""

    def contradicts(self, names: tuple[str, ...]) -> bool | None:
        """Whether no test satisfies all of these; None where the time did not suffice to tell."""
        if any(broken.isdisjoint(names) for broken in self.violated):
            return False
        programme = self.demanding.only(names).programme()
        solution = solve(
            programme,
            np.zeros(programme.n_items),
            fixed_in=self.fixed_in,
            fixed_out=self.fixed_out,
            time_limit=max(self.seconds_left, LEAST_TIME),
        )
        self.seconds_left -= solution.seconds
        if solution.found:
            self.violated.append(self.demanding.broken_by(solution.values))
        return solution.status == Status.INFEASIBLE if solution.status != Status.UNKNOWN else None

    def candidates(self) -> tuple[str, ...]:
        """Names in the linear relaxation's proof; all names where fractions of items are enough."""
        whole = self.demanding.programme()
        programme = with_fixed(whole, self.fixed_in, self.fixed_out)
        if np.any(programme.lower > programme.upper):
            return self.demanding.names
        highs = solver(programme, np.zeros(programme.n_columns), relaxed=True)
        highs.setOptionValue("presolve", "off")
        highs.setOptionValue("solver", "simplex")
        highs.setOptionValue("time_limit", max(self.seconds_left, LEAST_TIME))
        highs.run()
        self.seconds_left -= highs.getRunTime()
        _, exists, ray = highs.getDualRay()  # type: ignore[attr-defined]  # missing in its stubs
        if not exists:
            return self.demanding.names
        return self._in_proof(np.asarray(ray), programme.row_names)

    def _in_proof(self, ray: FloatArray, row_names: tuple[str, ...]) -> tuple[str, ...]:
        named = {row_names[row] for row in np.flatnonzero(np.abs(ray) > 1e-9).tolist()}
        named |= self.demanding.column_names
        return tuple(name for name in self.demanding.names if name in named)
