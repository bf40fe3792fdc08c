"""Why no test satisfies a specification: a minimal set of constraints that contradict each other.

An irreducible infeasible set (Chinneck & Dravnieks, 1991, *ORSA Journal on Computing* 3, 157-168): no
test satisfies all of its members, and without any one of them some test does. First the linear
relaxation's dual ray (Farkas' lemma) names candidates where fractions of items already fail;
then a deletion filter, in blocks, takes away what the contradiction does not need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import FloatArray, IntArray
from engine.constraints.exact import TIME_LIMIT, Status, solve, solver, with_fixed
from engine.constraints.kinds import Exclude, Include
from engine.constraints.programme import compile
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
    search = _Search(specification, fixed_in, fixed_out, time_limit)
    names = specification.names
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


@dataclass(slots=True)
class _Search:
    """Asks whether constraints contradict each other, within one budget of time."""

    specification: Specification
    fixed_in: Sequence[int] | IntArray
    fixed_out: Sequence[int] | IntArray
    seconds_left: float
    violated: list[frozenset[str]] = field(default_factory=list)
    """What each test found so far does not satisfy."""

    def contradicts(self, names: tuple[str, ...]) -> bool | None:
        """Whether no test satisfies all of these; None where the time did not suffice to tell."""
        if any(broken.isdisjoint(names) for broken in self.violated):
            return False
        programme = compile(self.specification.only(names))
        solution = solve(
            programme,
            np.zeros(programme.n_items),
            fixed_in=self.fixed_in,
            fixed_out=self.fixed_out,
            time_limit=max(self.seconds_left, LEAST_TIME),
        )
        self.seconds_left -= solution.seconds
        if solution.found:
            self.violated.append(self._violated_by(solution.items))
        return solution.status == Status.INFEASIBLE if solution.status != Status.UNKNOWN else None

    def candidates(self) -> tuple[str, ...]:
        """Names in the linear relaxation's proof; all names where fractions of items are enough."""
        whole = compile(self.specification)
        programme = with_fixed(whole, self.fixed_in, self.fixed_out)
        if np.any(programme.lower > programme.upper):
            return self.specification.names
        highs = solver(programme, np.zeros(programme.n_columns), relaxed=True)
        highs.setOptionValue("presolve", "off")
        highs.setOptionValue("solver", "simplex")
        highs.setOptionValue("time_limit", max(self.seconds_left, LEAST_TIME))
        highs.run()
        self.seconds_left -= highs.getRunTime()
        _, exists, ray = highs.getDualRay()  # type: ignore[attr-defined]  # missing in its stubs
        if not exists:
            return self.specification.names
        return self._in_proof(np.asarray(ray), programme.row_names)

    def _in_proof(self, ray: FloatArray, row_names: tuple[str, ...]) -> tuple[str, ...]:
        named = {row_names[row] for row in np.flatnonzero(np.abs(ray) > 1e-9).tolist()}
        return tuple(
            name
            for name, bounds_columns in self._names_and_kinds()
            if name in named or bounds_columns
        )

    def _names_and_kinds(self) -> list[tuple[str, bool]]:
        """Each name, and whether it bounds columns, which a proof uses without naming."""
        given = self.specification
        kinds = [(each.name, isinstance(each, Include | Exclude)) for each in given.constraints]
        return [(given.length_name, False), *kinds]

    def _violated_by(self, items: IntArray) -> frozenset[str]:
        found = self.specification.measures(items)
        return frozenset(measure.name for measure in found if not measure.holds)
