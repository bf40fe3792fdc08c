"""Ability estimates of whole patterns: 100,000 candidates who answered 40 3PL items.

Checked before it is timed: how far the estimates are from the right ones, which our own numpy path
finds on four times as many nodes, or by the models themselves without interpolation.
"""

import numpy as np
import pytest

import engine
from benchmarks import competitors, problems
from benchmarks.compare import measure
from engine.ability.patterns import Patterns
from engine.ability.sums import ExactSums

MANY = 100_000
CHECKED = 100
METHODS = {"eap": "EAP", "map_": "MAP", "mle": "maximum likelihood", "wle": "WLE"}
CASES = [(method, name) for method in METHODS for name in competitors.able(method)]
CLOSE = 1e-5
ROUGH = 0.3
"""What peers' modes may differ by: other tolerances, other roots where a likelihood has several."""


@pytest.mark.parametrize(("method", "name"), CASES)
def test_scoring(benchmark, method, name):
    competitor = competitors.able(method)[name]
    pool = problems.pool(40)
    answers = problems.answers(pool, MANY)[: MANY // competitor.FEWER.get(method, 1)]
    estimate = getattr(competitor, method)
    error = None
    if name != "zero":
        distance = np.abs(estimate(pool, answers)[:CHECKED] - right(pool, answers, method))
        strict = method == "eap" or name.startswith("samatthana")
        error = float(distance.max() if strict else np.median(distance))
        assert error < (CLOSE if strict else ROUGH)
    measure(
        benchmark,
        lambda: estimate(pool, answers),
        problem=METHODS[method],
        competitor=name,
        units=len(answers),
        unit="candidates",
        error=error,
    )


def right(pool, answers, method):
    """What is right for the first candidates."""
    some = answers[:CHECKED]
    if method == "eap":
        return engine.eap(pool, some, grid=engine.Grid(-8.0, 8.0, 641), compiled=False).theta
    ours = engine.score(pool, some, method=method.rstrip("_")).theta
    assert slopes_vanish(pool, some, method, ours)
    return ours


def slopes_vanish(pool, answers, method, theta):
    """Whether the models' own derivative is zero at the estimates that lie inside the bounds."""
    inside = np.flatnonzero(np.abs(theta) < 5.99)
    at = ExactSums(pool, Patterns.checked(pool, answers).answers)(theta[inside], inside)
    added = {
        "map_": -theta[inside],
        "mle": np.zeros(inside.size),
        "wle": at.warm / (2.0 * at.information),
    }
    return bool((np.abs(at.score + added[method]) < 1e-6).all())
