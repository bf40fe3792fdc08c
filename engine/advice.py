"""The next item for answers given anywhere, without an exam around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine import checks, models
from engine.ability import Method, score
from engine.ability.eap import log_jeffreys
from engine.answers import checked_seeds
from engine.arrays import BoolArray, FloatArray, IntArray
from engine.classification import DecisionRule
from engine.errors import AnswerError, DesignError, Problem
from engine.grid import WIDEST, Grid
from engine.pool import ItemPool
from engine.posterior import Posterior
from engine.priors import JeffreysPrior, NormalPrior, Prior
from engine.selection import choose
from engine.selection.choice import NO_ITEM
from engine.selection.rule import Demanding, Narrowing, SelectionRule, in_full, worth
from engine.situation import Situation
from engine.tables import Tables

LONGEST_STEP = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Advice:
    """Which item comes next, and what every item is worth.

    Attributes
    ----------
    theta, se
        The estimate the items were valued at, and its standard error; NaN where not finite.
    criterion, eligible
        Each item's value, and whether it could be given, shape (n_items,).
    chosen
        The next item, or None where no item is left.
    situation
        What the rule looked at.
    """

    theta: float
    se: float
    criterion: FloatArray
    eligible: BoolArray
    chosen: int | None
    situation: Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """How the next item is to be chosen.

    Parameters
    ----------
    rule
        How items are valued.
    method, prior, grid, bounds
        How ability is estimated, as in `score`; prior and grid are those of the rule too.
    start_theta
        The ability to start from before any answer.
    decision
        Cut scores, for the rules that look at them.
    longest
        The most items of the exam, for the rules that look ahead; no more than the pool has.
    seed, step
        What chance depends on; the step is the number of answers unless it is given.

    Raises
    ------
    DesignError
        Naming everything that is wrong.
    """

    rule: SelectionRule
    method: Method = "eap"
    prior: Prior | JeffreysPrior
    grid: Grid
    bounds: tuple[float, float] | None = None
    start_theta: float = 0.0
    decision: DecisionRule | None = None
    longest: int = 20
    seed: int = 0
    step: int | None = None

    def __post_init__(self) -> None:
        problems = list(_problems(self))
        if problems:
            raise DesignError("Next item", problems)

    @property
    def nodes(self) -> Grid:
        """The grid, with the prior's bounds if it has any."""
        return self.grid if isinstance(self.prior, JeffreysPrior) else self.prior.on(self.grid)


def advise(
    pool: ItemPool, items: Sequence[int], categories: Sequence[int], question: Question
) -> Advice:
    """Return the next item after these answers.

    Parameters
    ----------
    items, categories
        Positions of the items answered, in order, and the answers' categories.

    Raises
    ------
    AnswerError
        Naming every answer that is none of the pool, given twice, or of a category the item does
        not have.
    """
    given, answers = _checked(pool, items, categories)
    situation = _situation(pool, given, answers, question)
    eligible = situation.eligible
    if isinstance(question.rule, Narrowing) and eligible.any():
        eligible = question.rule.allowed(situation)
    values = worth(question.rule, situation)
    chosen = int(choose(values, eligible, better=question.rule.better)[0])
    return Advice(
        theta=float(situation.theta[0]),
        se=float(situation.se[0]),
        criterion=in_full(question.rule, situation, values)[0],
        eligible=eligible[0],
        chosen=None if chosen == NO_ITEM else chosen,
        situation=situation,
    )


def _situation(pool: ItemPool, items: IntArray, answers: IntArray, question: Question) -> Situation:
    tables, log_prior = _tables(pool, items, question)
    rows = log_prior + tables.log_probability[items, answers].sum(axis=0)
    posterior = Posterior(tables.grid, np.atleast_2d(rows))
    theta, se = _estimate(pool, items, answers, question)
    decision = question.decision
    left = np.ones((1, len(pool)), dtype=bool)
    left[0, items] = False
    return Situation(
        tables=tables,
        prior=question.prior,
        log_prior=np.atleast_2d(log_prior),
        posterior=posterior,
        theta=np.array([theta]),
        se=np.array([se]),
        items=items[None, :],
        categories=answers[None, :],
        n_given=np.array([items.size if question.step is None else question.step]),
        longest=min(question.longest, len(pool)),
        seeds=checked_seeds(question.seed),
        eligible=left,
        decision=decision,
        confidence=None,
        p_above=posterior.probability_above(() if decision is None else decision.cuts),
    )


def _tables(pool: ItemPool, items: IntArray, question: Question) -> tuple[Tables, FloatArray]:
    """The pool on the grid, and the log-density of the prior there, shape (n_nodes,)."""
    if not isinstance(question.prior, JeffreysPrior):
        tables = Tables.build(pool, question.grid, question.prior)
        return tables, tables.log_prior
    tables = Tables.build(pool, question.grid, NormalPrior())
    if not items.size:
        return tables, np.zeros(tables.grid.n)
    information = models.information(pool.take(items), tables.grid.nodes).sum(axis=1)
    return tables, log_jeffreys(information)


def _estimate(
    pool: ItemPool, items: IntArray, answers: IntArray, question: Question
) -> tuple[float, float]:
    pattern = np.full((1, len(pool)), -1, dtype=np.int64)
    pattern[0, items] = answers
    estimate = score(
        pool,
        pattern,
        method=question.method,
        prior=question.prior,
        grid=question.grid,
        bounds=question.bounds,
    )
    theta = float(estimate.theta[0])
    # Answers that tell no abilities apart leave some estimators without an estimate.
    known = items.size > 0 and np.isfinite(theta)
    return theta if known else question.start_theta, float(estimate.se[0])


def _checked(
    pool: ItemPool, items: Sequence[int], categories: Sequence[int]
) -> tuple[IntArray, IntArray]:
    columns = {"items": items, "categories": categories}
    numbers = {name: _whole(column) for name, column in columns.items()}
    given, answers = numbers.values()
    problems = [
        Problem(name, columns[name], "a row of whole numbers")
        for name, column in numbers.items()
        if column is None
    ]
    if given is not None and answers is not None:
        problems = list(_answer_problems(pool, given, answers))
    if problems or given is None or answers is None:
        raise AnswerError("Answers", problems)
    return given, answers


def _whole(column: Sequence[int]) -> IntArray | None:
    """Return a row of whole numbers, or None where it is none; nothing at all is a row."""
    if np.size(column) == 0:
        return np.zeros(0, dtype=np.int64)
    numbers = checks.integers(column)
    return numbers if numbers is not None and numbers.ndim == 1 else None


def _answer_problems(pool: ItemPool, items: IntArray, answers: IntArray) -> Iterator[Problem]:
    if items.shape != answers.shape:
        yield Problem("categories", f"{answers.size} answers", f"{items.size}, one an item")
        return
    inside = (items >= 0) & (items < len(pool))
    yield from checks.each("items", items, inside, f"an item of the pool, 0 to {len(pool) - 1}")
    first = np.zeros(items.shape, dtype=bool)
    first[np.unique(items, return_index=True)[1]] = True
    yield from checks.each("items", items, first, "an item not answered before")
    counts = pool.n_categories[np.where(inside, items, 0)]
    for place in np.flatnonzero(inside & ~((answers >= 0) & (answers < counts))):
        expected = f"a category of the item, 0 to {counts[place] - 1}"
        yield Problem(f"categories[{place}]", int(answers[place]), expected)


def _problems(question: Question) -> Iterator[Problem]:
    yield from checks.number("start_theta", question.start_theta, low=-WIDEST, high=WIDEST)
    yield from checks.whole_number("longest", question.longest, low=1)
    if question.step is not None:
        yield from checks.whole_number("step", question.step, low=0)
        if isinstance(question.step, int) and question.step > LONGEST_STEP:
            yield Problem("step", question.step, f"at most {LONGEST_STEP}")
    if not isinstance(question.prior, JeffreysPrior):
        yield from question.prior.problems(question.nodes)
    cuts = () if question.decision is None else question.decision.cuts
    for cut in cuts:
        if not question.nodes.lo < cut < question.nodes.hi:
            inside = f"inside the grid, ({question.nodes.lo:g}, {question.nodes.hi:g})"
            yield Problem("cuts", cut, inside)
    if isinstance(question.rule, Demanding):
        yield from question.rule.problems(question.prior, cuts)
