"""One candidate's exam after another, as `engine.adaptive` conducts it and `engine.simulation` answers.

Densities are multiplied rather than their logarithms added, so that no exponential is needed; the
estimates agree with numpy's to the last bits but not beyond. `slack` bounds the difference, and
where it could change a decision the candidate is marked as unsure and left to numpy. Items,
answers, reasons and levels are therefore numpy's, not merely nearly always.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine._kernels.choice import ROUNDING, choose
from engine._kernels.compiler import entry, inner
from engine._kernels.curves import wrong_probability
from engine._kernels.philox import uniform
from engine._kernels.plan import Plan, Rules
from engine._kernels.sums import DEEPEST, FAINTEST, product, second_moment, weigh
from engine.arrays import FloatArray, IntArray, SeedArray
from engine.randomness import Stream
from engine.state import EMPTY
from engine.stopping import Reason

SELECT, ANSWER = int(Stream.SELECT), int(Stream.ANSWER)
GOING_ON, LENGTH, EXHAUSTED = int(Reason.GOING_ON), int(Reason.LENGTH), int(Reason.EXHAUSTED)
PRECISE, DECIDED = int(Reason.PRECISE), int(Reason.DECIDED)
PRECISE_AND_DECIDED = int(Reason.PRECISE_AND_DECIDED)

EPS = float(np.finfo(np.float64).eps)


class Sheet(NamedTuple):
    """Where the candidates' courses and results are written, one row each.

    `items`, `categories` (n, longest), padded with -1; `theta`, `se`, `n_items`, `reason`, `sure`
    (n,); `p_above` (n, n_cuts). `sure` is False where another last bit could have led elsewhere.
    """

    items: IntArray
    categories: IntArray
    theta: FloatArray
    se: FloatArray
    p_above: FloatArray
    n_items: IntArray
    reason: IntArray
    sure: NDArray[np.bool_]

    @classmethod
    def blank(cls, n: int, longest: int, n_cuts: int) -> Sheet:
        """Return room for n candidates."""
        return cls(
            items=np.empty((n, longest), dtype=np.int64),
            categories=np.empty((n, longest), dtype=np.int64),
            theta=np.empty(n),
            se=np.empty(n),
            p_above=np.empty((n, n_cuts)),
            n_items=np.zeros(n, dtype=np.int64),
            reason=np.zeros(n, dtype=np.int64),
            sure=np.ones(n, dtype=np.bool_),
        )


class Desk(NamedTuple):
    """Room to work in, of one thread: nothing in it lasts from one candidate to the next.

    `mass` (n_nodes,); `given` (n_items,) and `in_unit` (n_units,) blank; `best`, `worth` (among,).
    """

    mass: FloatArray
    given: NDArray[np.bool_]
    in_unit: IntArray
    best: IntArray
    worth: FloatArray

    @classmethod
    def clear(cls, plan: Plan) -> Desk:
        """Return room for the exams of a plan."""
        return cls(
            mass=np.empty(plan.density.nodes.size),
            given=np.zeros(plan.items.a.size, dtype=np.bool_),
            in_unit=np.zeros(plan.content.share.size, dtype=np.int64),
            best=np.zeros(plan.rules.among, dtype=np.int64),
            worth=np.zeros(plan.rules.among),
        )


@entry
def sit(
    plan: Plan,
    abilities: FloatArray,
    seeds: SeedArray,
    first: int,
    beyond: int,
    sheet: Sheet,
    desk: Desk,
) -> None:
    """Let candidates `first` to `beyond - 1` sit the exam, and fill in their rows of the sheet."""
    for who in range(first, beyond):
        _sit(plan, abilities[who], seeds[who], who, sheet, desk)
        for place in range(sheet.n_items[who]):
            desk.given[sheet.items[who, place]] = False
        for place in range(sheet.n_items[who], sheet.items.shape[1]):
            sheet.items[who, place] = sheet.categories[who, place] = EMPTY
        for unit in range(desk.in_unit.size):
            desk.in_unit[unit] = 0


@entry
def step(
    plan: Plan, seed: np.uint64, n: int, item: int, category: int, desk: Desk, estimate: FloatArray
) -> int:
    """Record one answer of one candidate and return the next item: a live step, and no more.

    `desk` holds what was given and known before. `n` counts the answers with this one. `estimate`,
    shape (3,), takes the ability, its standard error and the sum of the masses, which it brings;
    the sum before the first answer is 1, of the masses `plan.density.mass`.
    """
    density, mass = plan.density, desk.mass
    estimate[2], first, _ = _record(plan, desk, item, category, estimate[2])
    estimate[0] = first / estimate[2]
    estimate[1] = np.sqrt(second_moment(mass, density.nodes, estimate[0]) / estimate[2])
    return _ask(plan, seed, n, estimate[0], 128.0 * EPS * density.span, desk)[0]


@entry
def first_item(plan: Plan, seed: np.uint64, desk: Desk) -> int:
    """Return the item that an exam begins with."""
    slack = 128.0 * EPS * plan.density.span
    return _ask(plan, seed, 0, plan.density.mean, slack, desk)[0]


@inner
def _sit(plan: Plan, ability: float, seed: np.uint64, who: int, sheet: Sheet, desk: Desk) -> None:
    items, density, rules, mass = plan.items, plan.density, plan.rules, desk.mass
    for node in range(mass.size):
        mass[node] = density.mass[node]
    p_above = sheet.p_above[who]
    total, theta, spread = 1.0, density.mean, density.span
    depth = density.prior_magnitude
    sure = True
    se = 0.0
    n = 0
    while True:
        if n >= rules.min_items and rules.standard_error >= 0.0:
            se = np.sqrt(second_moment(mass, density.nodes, theta) / total)
        noise = EPS * ((n + 4.0) * depth + 256.0)
        if n >= rules.min_items and rules.shown >= 0.0:
            _above(mass, density.share_above, total, p_above)
        reason, clear = _reason(rules, n, items.a.size, se, p_above, noise)
        sure = sure and clear and total > FAINTEST
        if reason != GOING_ON:
            break
        item, clear = _ask(plan, seed, n, theta, noise * spread + 128.0 * EPS * density.span, desk)
        wrong = wrong_probability(
            items.a[item], items.b[item], items.c[item], items.d[item], ability
        )
        u = uniform(seed, n, ANSWER)
        sure = sure and clear and abs(u - wrong) > 32.0 * EPS
        category = 1 if u >= wrong else 0
        sheet.items[who, n], sheet.categories[who, n] = item, category
        n += 1
        depth += density.magnitude[item, category]
        total, first, second = _record(plan, desk, item, category, total)
        theta = first / total
        # Enough for a bound; what is reported and compared is computed about the mean.
        spread = np.sqrt(abs(second / total - theta * theta)) + 1e-6 * density.span
    se = np.sqrt(second_moment(mass, density.nodes, theta) / total)
    _above(mass, density.share_above, total, p_above)
    sheet.theta[who], sheet.se[who] = theta, se
    sheet.n_items[who], sheet.reason[who] = n, reason
    sheet.sure[who] = sure and depth < DEEPEST and _levels_sure(rules, p_above, noise)


@inner
def _record(
    plan: Plan, desk: Desk, item: int, category: int, total: float
) -> tuple[float, float, float]:
    """Take in an answer; return the new sum of the masses and its moments."""
    desk.given[item] = True
    desk.in_unit[plan.content.unit[item]] += 1
    density = plan.density
    return weigh(desk.mass, density.likelihood[item, category], 1.0 / total, density.nodes)


@inner
def _ask(
    plan: Plan, seed: np.uint64, n: int, theta: float, slack: float, desk: Desk
) -> tuple[int, bool]:
    """The next item after n answers, and whether numpy is certain to choose it too."""
    u = uniform(seed, n, SELECT) if plan.rules.among > 1 else 0.0
    return choose(plan, theta, slack, u, desk.given, desk.in_unit, n, desk.best, desk.worth)


@inner
def _above(mass: FloatArray, share: FloatArray, total: float, p_above: FloatArray) -> None:
    """Write P(theta >= cut) for each cut."""
    for cut in range(p_above.size):
        p_above[cut] = min(max(product(mass, share[cut]) / total, 0.0), 1.0)


@inner
def _reason(
    rules: Rules, n: int, n_items: int, se: float, p_above: FloatArray, noise: float
) -> tuple[int, bool]:
    """Code of `Reason`, as `StoppingRule.reasons`, and whether no last bit could change it."""
    precise, decided, sure = False, False, True
    room = 2.0 * (ROUNDING + noise)
    if n >= rules.min_items:
        if rules.standard_error >= 0.0:
            precise = se <= rules.standard_error
            sure = abs(se - rules.standard_error) > room
        if rules.shown >= 0.0:
            decided = True
            for p in p_above:
                decided = decided and (p >= rules.shown or p <= rules.refused)
                sure = sure and abs(p - rules.shown) > room and abs(p - rules.refused) > room
        if rules.needs_both:
            precise = decided = precise and decided
    if precise or decided:
        both = precise and decided
        return (PRECISE_AND_DECIDED if both else DECIDED if decided else PRECISE), sure
    if n >= rules.max_items:
        return LENGTH, sure
    return (EXHAUSTED if n == n_items else GOING_ON), sure


@inner
def _levels_sure(rules: Rules, p_above: FloatArray, noise: float) -> bool:
    """Whether no probability is so near p* that another last bit could show another level."""
    sure = True
    for p in p_above:
        sure = sure and abs(p - rules.p_star) > 2.0 * (ROUNDING + noise)
    return sure
