"""Candidates' exams, as `engine.adaptive` conducts them and `engine.simulation` answers.

Some candidates sit at a time, each a step in turn: while one waits for a row of memory or for the
end of a sum, the processor works for its neighbours. No candidate's numbers depend on who sits
beside.

Densities are multiplied rather than their logarithms added, so that no exponential is needed; the
estimates agree with numpy's to the last bits but not beyond. `slack` bounds the difference, and
where it could change a decision the candidate is marked as unsure and left to numpy. Items,
answers, reasons and levels are therefore numpy's, not merely nearly always.
"""

from __future__ import annotations

import numpy as np

from engine._kernels.choice import ROUNDING, choose
from engine._kernels.compiler import entry, inner
from engine._kernels.curves import wrong_probability
from engine._kernels.gate import Gate, segment
from engine._kernels.hall import DRAWS, Hall, Sheet
from engine._kernels.philox import uniform
from engine._kernels.plan import Plan, Rules
from engine._kernels.sums import DEEPEST, FAINTEST, product, second_moment, weigh
from engine.arrays import FloatArray, SeedArray
from engine.randomness import Stream
from engine.state import EMPTY
from engine.stopping import Reason

SELECT, ANSWER = int(Stream.SELECT), int(Stream.ANSWER)
GOING_ON, LENGTH, EXHAUSTED = int(Reason.GOING_ON), int(Reason.LENGTH), int(Reason.EXHAUSTED)
PRECISE, DECIDED = int(Reason.PRECISE), int(Reason.DECIDED)
PRECISE_AND_DECIDED = int(Reason.PRECISE_AND_DECIDED)

EPS = float(np.finfo(np.float64).eps)


@entry
def sit(
    plan: Plan,
    abilities: FloatArray,
    seeds: SeedArray,
    first: int,
    beyond: int,
    sheet: Sheet,
    hall: Hall,
) -> None:
    """Let candidates `first` to `beyond - 1` sit the exam, and fill in their rows of the sheet."""
    n_taken, following = 0, first
    while True:
        n_taken, following = _seat(plan, seeds, following, beyond, n_taken, sheet, hall)
        if n_taken == 0:
            return
        for place in range(n_taken):
            _ask(plan, hall.taken[place], hall)
        for place in range(n_taken):
            seat = hall.taken[place]
            _answer(plan, abilities[hall.who[seat]], seat, sheet, hall)
        for place in range(n_taken):
            _record(plan, hall.taken[place], hall)


@entry
def first_item(plan: Plan, seed: np.uint64, hall: Hall) -> int:
    """Return the item that an exam begins with, at the hall's first seat."""
    _begin(plan, seed, 0, 0, hall)
    _ask(plan, 0, hall)
    return int(hall.item[0])


@entry
def step(plan: Plan, category: int, hall: Hall) -> int:
    """As `take_in`, for whoever calls from Python."""
    return take_in(plan, category, hall)


@inner
def take_in(plan: Plan, category: int, hall: Hall) -> int:
    """Record the answer to the last item and return the next: a live step, and no more.

    The estimate and its standard error are in `hall`. Compiled into its caller: handing over all
    arrays of a plan and a hall would take twice as long as the step.
    """
    hall.category[0] = category
    _record(plan, 0, hall)
    hall.se[0] = _standard_error(plan, 0, hall)
    _ask(plan, 0, hall)
    return int(hall.item[0])


@inner
def _seat(
    plan: Plan,
    seeds: SeedArray,
    following: int,
    beyond: int,
    n_taken: int,
    sheet: Sheet,
    hall: Hall,
) -> tuple[int, int]:
    """Let those leave whose exams are over, and the next sit down; count the seats and the next."""
    place = 0
    while place < n_taken:
        seat = hall.taken[place]
        if _over(plan, seat, sheet, hall):
            _leave(plan, seat, sheet, hall)
            n_taken -= 1
            hall.taken[place], hall.taken[n_taken] = hall.taken[n_taken], seat
        else:
            place += 1
    while n_taken < hall.taken.size and following < beyond:
        _begin(plan, seeds[following], following, hall.taken[n_taken], hall)
        n_taken += 1
        following += 1
    return n_taken, following


@inner
def _begin(plan: Plan, seed: np.uint64, who: int, seat: int, hall: Hall) -> None:
    mass = hall.mass[seat]
    for node in range(mass.size):
        mass[node] = plan.density.mass[node]
    hall.who[seat], hall.seed[seat], hall.n[seat] = who, seed, 0
    hall.total[seat], hall.theta[seat] = 1.0, plan.density.mean
    hall.depth[seat] = plan.density.prior_magnitude
    hall.sure[seat] = True
    for item in range(hall.numbers.shape[1]):
        hall.numbers[seat, item] = -1.0


@inner
def _ask(plan: Plan, seat: int, hall: Hall) -> None:
    """Choose the next item, and note where numpy might choose another."""
    n, turn = hall.n[seat], hall.n[seat] % DRAWS
    if turn == 0:
        _draw(plan.rules, hall.seed[seat], n, hall.chance[seat], hall.luck[seat])
    theta = hall.theta[seat]
    slack = (_noise(n, hall.depth[seat]) + 128.0 * EPS) * plan.density.span
    place, there = segment(plan.rules.bounds, theta, slack)
    gate = Gate(hall.given[seat], hall.admission[place], hall.numbers[seat], hall.seed[seat])
    u, in_unit = hall.chance[seat, turn], hall.in_unit[seat]
    item, clear = choose(plan, theta, slack, u, gate, in_unit, n, hall.room)
    hall.item[seat], hall.segment[seat] = item, place
    hall.sure[seat] = hall.sure[seat] and clear and there


@inner
def _answer(plan: Plan, ability: float, seat: int, sheet: Sheet, hall: Hall) -> None:
    items, item, n = plan.items, hall.item[seat], hall.n[seat]
    wrong = wrong_probability(items.a[item], items.b[item], items.c[item], items.d[item], ability)
    u = hall.luck[seat, n % DRAWS]
    category = 1 if u >= wrong else 0
    hall.sure[seat] = hall.sure[seat] and abs(u - wrong) > 32.0 * EPS
    hall.category[seat] = category
    who = hall.who[seat]
    sheet.items[who, n], sheet.categories[who, n] = item, category
    if sheet.segments.shape[1]:
        sheet.segments[who, n] = hall.segment[seat]


@inner
def _record(plan: Plan, seat: int, hall: Hall) -> None:
    """Take in an answer."""
    item, category, density = hall.item[seat], hall.category[seat], plan.density
    hall.given[seat, item] = True
    hall.in_unit[seat, plan.content.unit[item]] += 1
    hall.n[seat] += 1
    hall.depth[seat] += density.magnitude[item, category]
    likelihood, factor = density.likelihood[item, category], 1.0 / hall.total[seat]
    total, first = weigh(hall.mass[seat], likelihood, factor, density.nodes)
    hall.total[seat], hall.theta[seat] = total, first / total
    hall.sure[seat] = hall.sure[seat] and total > FAINTEST


@inner
def _over(plan: Plan, seat: int, sheet: Sheet, hall: Hall) -> bool:
    """Whether and why the exam is over, which goes to the sheet."""
    rules, n, who = plan.rules, hall.n[seat], hall.who[seat]
    p_above = sheet.p_above[who]
    if n >= rules.min_items and rules.standard_error >= 0.0:
        hall.se[seat] = _standard_error(plan, seat, hall)
    if n >= rules.min_items and rules.shown >= 0.0:
        _above(plan, seat, hall, p_above)
    noise = _noise(n, hall.depth[seat])
    reason, clear = _reason(rules, n, plan.items.a.size, hall.se[seat], p_above, noise)
    hall.sure[seat] = hall.sure[seat] and clear
    sheet.reason[who] = reason
    return reason != GOING_ON


@inner
def _leave(plan: Plan, seat: int, sheet: Sheet, hall: Hall) -> None:
    """Write down what an exam ended with, and clear the seat."""
    who, n, depth = hall.who[seat], hall.n[seat], hall.depth[seat]
    p_above = sheet.p_above[who]
    _above(plan, seat, hall, p_above)
    sheet.theta[who], sheet.se[who] = hall.theta[seat], _standard_error(plan, seat, hall)
    sheet.n_items[who] = n
    levels_sure = _levels_sure(plan.rules, p_above, _noise(n, depth))
    sheet.sure[who] = hall.sure[seat] and depth < DEEPEST and levels_sure
    for place in range(n):
        hall.given[seat, sheet.items[who, place]] = False
    for place in range(n, sheet.items.shape[1]):
        sheet.items[who, place] = sheet.categories[who, place] = EMPTY
    for place in range(n, sheet.segments.shape[1]):
        sheet.segments[who, place] = EMPTY
    for unit in range(hall.in_unit.shape[1]):
        hall.in_unit[seat, unit] = 0


@inner
def _draw(rules: Rules, seed: np.uint64, n: int, chance: FloatArray, luck: FloatArray) -> None:
    """Draw the numbers of the next steps together, several lanes at a time."""
    for turn in range(luck.size):
        luck[turn] = uniform(seed, n + turn, ANSWER)
    if rules.among > 1:
        for turn in range(chance.size):
            chance[turn] = uniform(seed, n + turn, SELECT)


@inner
def _noise(n: int, depth: float) -> float:
    """How far the logarithm of a density, and so a probability, may be from numpy's."""
    return EPS * ((n + 4.0) * depth + 256.0)


@inner
def _standard_error(plan: Plan, seat: int, hall: Hall) -> float:
    squares = second_moment(hall.mass[seat], plan.density.nodes, hall.theta[seat])
    return float(np.sqrt(squares / hall.total[seat]))


@inner
def _above(plan: Plan, seat: int, hall: Hall, p_above: FloatArray) -> None:
    """Write P(theta >= cut) for each cut."""
    for cut in range(p_above.size):
        part = product(hall.mass[seat], plan.density.share_above[cut]) / hall.total[seat]
        p_above[cut] = min(max(part, 0.0), 1.0)


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
