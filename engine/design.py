"""An exam's design: everything that decides its course except the answers and the seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from engine import checks
from engine.balance import Balance, Completing, Weighing
from engine.classification import DecisionRule
from engine.errors import DesignError, Problem
from engine.exposure import ExposureControl
from engine.grid import Grid
from engine.pool import ItemPool
from engine.priors import JeffreysPrior, NormalPrior, Prior
from engine.selection import MaximumInformation, SelectionRule
from engine.selection.rule import Demanding, Narrowing
from engine.stopping import StoppingRule
from engine.tables import Tables


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """The rules of one adaptive exam over one pool.

    Parameters
    ----------
    pool
        The items, in an order that also breaks ties.
    stopping
        When the exam ends.
    grid, prior
        Where the density of ability lives and how it begins; the bounds of a uniform prior
        replace the ends of the grid.
    rule
        How items are valued.
    randomesque
        The next item is drawn from this many best ones; 1 takes the best.
    content
        What keeps the exam to its blueprint, such as shares of content units; None: nothing does.
    exposure
        Where items are held back to spare them, by the snapshot pinned at an exam's start; None:
        every item is open to everybody.
    decision
        Cut scores and the decision rule; None: the exam reports no level.

    Raises
    ------
    DesignError
        Naming every contradiction between the parts.
    """

    pool: ItemPool
    stopping: StoppingRule
    grid: Grid = field(default_factory=Grid)
    prior: Prior = field(default_factory=NormalPrior)
    rule: SelectionRule = field(default_factory=MaximumInformation)
    randomesque: int = 1
    content: Balance | None = None
    exposure: ExposureControl | None = None
    decision: DecisionRule | None = None
    tables: Tables = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if isinstance(self.prior, JeffreysPrior):
            expected = "a density that is the same for all candidates; Jeffreys' serves `score`"
            raise DesignError("Design", [Problem("prior", self.prior, expected)])
        object.__setattr__(self, "grid", self.prior.on(self.grid))
        problems = list(_problems(self))
        if problems:
            raise DesignError("Design", problems)
        object.__setattr__(self, "tables", Tables.build(self.pool, self.grid, self.prior))

    @property
    def longest(self) -> int:
        """The most items an exam of this design can give."""
        return min(self.stopping.max_items, len(self.pool))

    @property
    def cuts(self) -> tuple[float, ...]:
        """The cut scores; none without a decision rule."""
        return () if self.decision is None else self.decision.cuts


def _problems(design: Design) -> Iterator[Problem]:
    yield from design.prior.problems(design.grid)
    yield from checks.whole_number("randomesque", design.randomesque, low=1)
    for item in np.flatnonzero(~design.pool.rising):
        found = "an item that the more able answer worse"
        yield Problem(f"pool.a[{item}]", found, "a positive slope, as an exam needs")
    yield from _content_problems(design)
    yield from _decision_problems(design)
    if isinstance(design.rule, Demanding):
        yield from design.rule.problems(design.prior, design.cuts)


def _content_problems(design: Design) -> Iterator[Problem]:
    if design.content is None:
        return
    yield from design.content.problems(design.pool, design.longest)
    if isinstance(design.content, Completing) and design.stopping.ends_early:
        yield from _early_problems(design.content.shortest, design)
    planning = isinstance(design.content, Weighing) and design.content.plans_with_all
    if planning and isinstance(design.rule, Narrowing):
        expected = "a rule that sets no items aside: the content is planned with all that are open"
        yield Problem("rule", design.rule.name, expected)


def _early_problems(shortest: int, design: Design) -> Iterator[Problem]:
    """An exam that may end early, of content that only the longest exam can have."""
    if shortest >= design.longest:
        found = f"ends exams from {design.stopping.min_items} items on"
        expected = (
            f"min_items {design.longest}, since the content demands {design.longest} items of "
            "every exam; or content for exams whose length may differ"
        )
        yield Problem("stopping", found, expected)


def _decision_problems(design: Design) -> Iterator[Problem]:
    if design.stopping.decision is not None and design.decision is None:
        yield Problem("decision", None, "a decision rule, since the stopping rule waits for one")
    test = None if design.decision is None else design.decision.test
    if design.stopping.settled and test is None:
        expected = "a decision rule with a test, since the stopping rule waits for it"
        yield Problem("decision.test", None, expected)
    if test is not None:
        yield from test.problems(design.cuts, design.grid)
    for place, cut in enumerate(design.cuts):
        if not design.grid.lo < cut < design.grid.hi:
            inside = f"inside the grid, ({design.grid.lo:g}, {design.grid.hi:g})"
            yield Problem(f"decision.cuts[{place}]", cut, inside)
