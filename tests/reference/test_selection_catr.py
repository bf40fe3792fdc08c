"""Every criterion agrees with catR 3.17, in its values and in the item chosen (README.md)."""

import json
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.selection import RULES, ExpectedInformation

CRITERIA = json.loads((Path(__file__).parent / "catr_criteria.json").read_text())
CATR_GRID = engine.Grid(-4, 4, 33)
PATTERNS = [(bank, place) for bank in CRITERIA for place in range(5)]


def advise(bank, pattern, rule):
    """The engine's advice after a pattern, with the estimate that catR's criteria were given."""
    pool = engine.ItemPool(*np.array(bank["parameters"]).T)
    items = np.array(pattern["items"]) - 1
    question = engine.Question(
        rule=rule, prior=engine.NormalPrior(), grid=CATR_GRID, method="map", bounds=(-4, 4)
    )
    advice = engine.advise(pool, items, pattern["answers"], question)
    # catR finds the mode to 1e-4 (the tolerance of R's uniroot), we to 1e-12.
    assert advice.theta == pytest.approx(pattern["theta"], abs=1e-4)
    return advice, np.array(pattern["unused"]) - 1


@pytest.mark.parametrize(("bank", "place"), PATTERNS)
@pytest.mark.parametrize("name", ["MLWI", "MPWI", "GDI", "GDIP"])
def test_criteria_that_need_no_estimate_equal_catr(bank, place, name):
    pattern = CRITERIA[bank]["patterns"][place]
    advice, unused = advise(CRITERIA[bank], pattern, RULES[name.lower()])
    expected = pattern["criteria"][name]
    np.testing.assert_allclose(advice.criterion[unused], expected, rtol=1e-11, atol=1e-13)
    assert advice.chosen + 1 == pattern["chosen"][name]["item"]


@pytest.mark.parametrize(("bank", "place"), PATTERNS)
@pytest.mark.parametrize("name", ["MFI", "KL", "KLP", "MEPV"])
def test_criteria_at_the_estimate_equal_catr(bank, place, name):
    pattern = CRITERIA[bank]["patterns"][place]
    advice, unused = advise_at_theta(CRITERIA[bank], pattern, RULES[name.lower()])
    expected = pattern["criteria"][name]
    np.testing.assert_allclose(advice.criterion[unused], expected, rtol=1e-11, atol=1e-12)
    assert advice.chosen + 1 == pattern["chosen"][name]["item"]


@pytest.mark.parametrize(("bank", "place"), PATTERNS)
@pytest.mark.parametrize("name", ["bOpt", "thOpt"])
def test_distances_equal_catr(bank, place, name):
    pattern = CRITERIA[bank]["patterns"][place]
    advice, _ = advise_at_theta(CRITERIA[bank], pattern, RULES[name.lower()])
    assert advice.chosen + 1 == pattern["chosen"][name]["item"]
    assert advice.criterion[advice.chosen] == pytest.approx(
        pattern["chosen"][name]["info"], abs=1e-11
    )


@pytest.mark.parametrize(("bank", "place"), PATTERNS)
@pytest.mark.parametrize(("name", "information"), [("MEI", "observed"), ("MEI_Fisher", "expected")])
def test_expected_information_equals_catr_to_its_own_accuracy(bank, place, name, information):
    # The modes after each answer are catR's to the tolerance of R's uniroot, 1e-4, and so is the
    # information there; the next test shows that ours are modes.
    pattern = CRITERIA[bank]["patterns"][place]
    advice, unused = advise_at_theta(CRITERIA[bank], pattern, ExpectedInformation(information))
    expected = pattern["criteria"][name]
    np.testing.assert_allclose(advice.criterion[unused], expected, rtol=0, atol=1e-5)
    if name == "MEI":
        assert advice.chosen + 1 == pattern["chosen"]["MEI"]["item"]


@pytest.mark.parametrize(("bank", "place"), PATTERNS)
def test_expected_information_is_its_definition(bank, place):
    pattern = CRITERIA[bank]["patterns"][place]
    pool = engine.ItemPool(*np.array(CRITERIA[bank]["parameters"]).T)
    advice, unused = advise_at_theta(CRITERIA[bank], pattern, RULES["mei"])
    answers = np.full((1, 10), -1)
    answers[0, np.array(pattern["items"]) - 1] = pattern["answers"]
    for item in unused:
        p = engine.models.probability(pool, pattern["theta"])[0, item]
        expected = 0.0
        for category, share in ((0, 1 - p), (1, p)):
            after = answers.copy()
            after[0, item] = category
            mode = engine.score(pool, after, method="map").theta[0]
            told = engine.models.observed_information(pool, mode)[item, category, 0]
            expected += share * told
        assert advice.criterion[item] == pytest.approx(expected, abs=1e-9)


def advise_at_theta(bank, pattern, rule):
    """As `advise`, but valued at the very estimate of catR, where its last digits matter."""
    advice, unused = advise(bank, pattern, rule)
    situation = engine.Situation(
        **{
            name: getattr(advice.situation, name)
            for name in advice.situation.__dataclass_fields__
            if name != "theta"
        },
        theta=np.array([pattern["theta"]]),
    )
    values = engine.selection.worth(rule, situation)
    chosen = engine.selection.choose(values, situation.eligible, better=rule.better)[0]
    return (
        engine.advice.Advice(
            theta=pattern["theta"],
            se=advice.se,
            criterion=engine.selection.in_full(rule, situation, values)[0],
            eligible=advice.eligible,
            chosen=int(chosen),
            situation=situation,
        ),
        unused,
    )
