"""Classification agrees with catIrt 0.5.1: SPRT, GLR and confidence interval, three cuts at once.

README.md and catirt_decisions.R. catIrt names one category where every cut is settled around it; we
settle cut by cut. The 0th category is below all cuts.
"""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import engine
from engine import Side
from engine.cut_tests import sides

CATIRT = json.loads((Path(__file__).parent / "catirt_decisions.json").read_text(encoding="utf-8"))
CUTS = tuple(CATIRT["cuts"])
GRID = engine.Grid(-6, 6, 121)
NODES_APART = 0.01
"""catIrt looks for its largest likelihoods at abilities so far apart, outside of the edges."""

PATTERNS = [
    (model, place) for model in ("brm", "grm") for place in range(len(CATIRT[model]["patterns"]))
]
DELTAS, ERRORS = (0.2, 0.35), (0.05, 0.2)


def pool_of(model):
    bank = np.array(CATIRT[model]["bank"])
    if model == "brm":
        return engine.ItemPool(*bank.T, np.ones(len(bank)))
    return engine.ItemPool.of(engine.Graded(bank[:, 0], bank[:, 1:]))


def situation(model, pattern, test, **options):
    question = engine.Question(
        rule=engine.RULES["mfi"],
        prior=engine.NormalPrior(),
        grid=GRID,
        decision=engine.DecisionRule(CUTS, 0.5, test=test),
        **options,
    )
    items = np.array(pattern["items"]) - 1
    return engine.advise(pool_of(model), items, pattern["answers"], question).situation


def category(test, seen):
    """What catIrt calls a decision: all cuts settled, those above after those below."""
    found = sides(test, seen)[0].tolist()
    if Side.OPEN in found:
        return None
    return found.count(Side.ABOVE)


@pytest.mark.parametrize(("model", "place"), PATTERNS)
@pytest.mark.parametrize("delta", DELTAS)
def test_likelihood_ratios(model, place, delta):
    pattern = CATIRT[model]["patterns"][place]
    test = engine.SequentialRatio(delta=delta)
    found = test.evidence(situation(model, pattern, test))[0]
    np.testing.assert_allclose(found, pattern[f"ratio_{delta}"], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(("model", "place"), PATTERNS)
@pytest.mark.parametrize("delta", DELTAS)
def test_generalised_likelihood_ratios(model, place, delta):
    # Where the largest value is at an edge, catIrt's is up to one node beyond it: the difference is
    # a node's distance times the slope there, on either side; a peak inside is lower by less.
    pattern = CATIRT[model]["patterns"][place]
    test = engine.GeneralisedRatio(delta=delta, margin=0.0)
    seen = situation(model, pattern, test)
    edges = tuple(cut + side * delta for cut in CUTS for side in (-1, 1))
    shifted = [tuple(edge + away for edge in edges) for away in (-NODES_APART, NODES_APART)]
    here = seen.log_likelihood_at(edges)[0]
    slack = np.max([np.abs(seen.log_likelihood_at(points)[0] - here) for points in shifted], axis=0)
    room = slack.reshape(3, 2).sum(axis=1) * 1.01 + 1e-3
    found = test.evidence(seen)[0]
    assert (np.abs(found - pattern[f"generalised_{delta}"]) <= room).all()


@pytest.mark.parametrize("model", ["brm", "grm"])
@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("name", ["SPRT", "GLR"])
def test_decisions_of_the_sequential_tests(model, delta, error, name):
    options = {"delta": delta, "alpha": error, "beta": error}
    test = engine.SequentialRatio(**options)
    if name == "GLR":
        test = engine.GeneralisedRatio(**options, margin=0.0)
    compared = set()
    for pattern in CATIRT[model]["patterns"]:
        seen = situation(model, pattern, test)
        distance = np.abs(np.abs(test.evidence(seen)[0]) - test.bounds()[1]).min()
        if name == "GLR" and distance < NODES_APART * 10:
            continue  # so near the bound that a node more or less decides
        assert category(test, seen) == pattern[f"{name}_{delta}_{error}"]
        compared.add(category(test, seen))
    assert len(compared) > 2


@pytest.mark.parametrize("model", ["brm", "grm"])
@pytest.mark.parametrize("confidence", [0.68, 0.95])
def test_decisions_by_confidence_interval(model, confidence):
    # At catIrt's own estimates and errors, which it takes from the observed information.
    test = engine.ConfidenceInterval(confidence=confidence)
    ours, patterns = [], CATIRT[model]["patterns"]
    for pattern in patterns:
        theta, se = pattern["ML"]
        seen = situation(model, pattern, test, method="mle", bounds=(-6.0, 6.0))
        assert seen.theta[0] == pytest.approx(theta, abs=2e-4)
        ours.append(category(test, replace(seen, theta=np.array([theta]), se=np.array([se]))))
    assert ours == [pattern[f"CI_{confidence}"] for pattern in patterns]
    assert len(set(ours)) > 2
