"""The examples of catR's help pages, run in catR 3.17 (README.md, catr_manual.R).

They use catR's bank `tcals` of 85 items, which the tests read from beside this checkout.
"""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chi2_contingency

import engine
from engine import models
from engine.selection import RULES, AStratified, ExpectedInformation, Progressive, Proportional
from tests.tools import shared_file

CATR = json.loads((Path(__file__).parent / "catr_manual.json").read_text(encoding="utf-8"))
GRID = engine.Grid(-4, 4, 33)
FINE = engine.Grid(n=4001)
UNIROOT = 1.3e-4
"""catR solves its equations with R's uniroot and its default tolerance."""


@pytest.fixture(scope="module")
def tcals():
    """Parameters, and the unit of each item."""
    with shared_file("data", "tcals.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    columns = [[float(row[name]) for row in rows] for name in "abcd"]
    return engine.ItemPool(*columns), [row["Group"] for row in rows]


NORMAL = engine.NormalPrior()
ESTIMATES = {
    "ML": {"method": "mle"},
    "ML_two_missing": {"method": "mle"},
    "BM": {"method": "map"},
    "BM_uniform": {"method": "map", "prior": engine.UniformPrior(-2, 2)},
    "BM_Jeffreys": {"method": "map", "prior": engine.JeffreysPrior()},
    "EAP": {},
    "EAP_uniform": {"prior": engine.UniformPrior(-2, 2)},
    "EAP_Jeffreys": {"prior": engine.JeffreysPrior()},
    "EAP_100": {"grid": engine.Grid(-4, 4, 100)},
    "WL": {"method": "wle"},
    "Huber_1": {"method": "huber"},
    "Huber_2": {"method": "huber", "tuning": 2.0},
    "Tukey_4": {"method": "tukey"},
    "WL_all_wrong": {"method": "wle"},
    "WL_all_right": {"method": "wle"},
}


@pytest.mark.parametrize("name", ESTIMATES)
def test_estimates_and_their_errors(tcals, name):
    row = np.array([CATR["pattern"]])
    if name == "ML_two_missing":
        row[0, :2] = -1
    if name.startswith("WL_all"):
        row[:] = name == "WL_all_right"
    score = engine.score(tcals[0], row, **{"grid": GRID, **ESTIMATES[name]})
    accuracy = 1e-11 if name.startswith("EAP") else UNIROOT
    assert [score.theta[0], score.se[0]] == pytest.approx(CATR["estimates"][name], abs=accuracy)


def test_a_uniform_prior_on_wider_nodes_has_a_cell_too_many_at_either_end(tcals):
    # The page's own call takes 33 nodes from -4 to 4 for the density between -2 and 2: a trapezoid
    # then goes from each bound down to the next node outside. With the bounds as ends it does not.
    theta, se = CATR["estimates"]["EAP_uniform_wider_nodes"]
    shares = np.where(np.abs(GRID.nodes) <= 2, 1.0, 0.0)
    wider = engine.HistogramPrior(-4, 4, tuple(shares))
    score = engine.score(tcals[0], [CATR["pattern"]], prior=wider)
    assert [score.theta[0], score.se[0]] == pytest.approx([theta, se], abs=1e-11)
    ours = engine.score(tcals[0], [CATR["pattern"]], prior=engine.UniformPrior(-2, 2))
    exact = engine.score(tcals[0], [CATR["pattern"]], prior=engine.UniformPrior(-2, 2), grid=FINE)
    assert ours.theta[0] == pytest.approx(exact.theta[0], abs=1e-6)


def test_curves_of_the_normal_metric(tcals):
    given, theta = tcals[0], 0.0
    pool = engine.ItemPool.build(a=given.a, b=given.b, c=given.c, d=given.d, metric=1.702)
    observed = models.observed_information(pool, theta)[:, :, 0].T
    ours = {
        "P": models.probability(pool, theta)[0],
        "I": models.information(pool, theta)[0],
        "J": models.warm(pool, theta)[0],
        "observed_0": observed[0],
        "observed_1": observed[1],
    }
    assert ours.keys() == CATR["curves"].keys()
    for name, values in ours.items():
        # catR's observed information divides by (P Q)^2, Q = 1 - P, and loses digits with Q.
        accuracy = 1e-8 if name.startswith("observed") else 1e-10
        np.testing.assert_allclose(values, CATR["curves"][name], rtol=accuracy, atol=1e-12)


ML, WL = "theta_ML", "theta_WL"
ITEM_1 = {
    # Each with the rule, at which ability, and what is not by default.
    "MLWI": ("mlwi", None, {}),
    "MPWI": ("mpwi", None, {}),
    "MLWI_2_20": ("mlwi", None, {"grid": engine.Grid(-2, 2, 20)}),
    "MPWI_uniform": ("mpwi", None, {"prior": engine.UniformPrior(-2, 2)}),
    "KL_at_ML": ("kl", ML, {}),
    "KL_at_WL": ("kl", WL, {}),
    "KLP_at_WL": ("klp", WL, {}),
    "KLP_at_WL_2_20": ("klp", WL, {"grid": engine.Grid(-2, 2, 20)}),
    "GDI": ("gdi", None, {}),
    "GDIP": ("gdip", None, {}),
    "GDIP_2_20": ("gdip", None, {"grid": engine.Grid(-2, 2, 20)}),
    "GDIP_uniform": ("gdip", None, {"prior": engine.UniformPrior(-2, 2)}),
    "MEI_at_0": ("mei", 0.0, {}),
    "MEI_Fisher_at_0": (ExpectedInformation("expected"), 0.0, {}),
    "EPV_at_0": ("mepv", 0.0, {}),
    "EPV_at_0_sd_2": ("mepv", 0.0, {"prior": engine.NormalPrior(0, 2)}),
}


@pytest.mark.parametrize("name", ITEM_1)
def test_values_of_item_1_after_items_15_and_20(tcals, name):
    # Answered wrong and right; the value at catR's own ability, where it takes one.
    rule, theta, options = ITEM_1[name]
    rule = RULES[rule] if isinstance(rule, str) else rule
    theta = CATR["item_1"].get(theta, theta)
    values = valued(tcals[0], rule, [14, 19], [0, 1], theta, **options)
    accuracy = 1e-5 if name.startswith("MEI") else 1e-11
    assert values[0] == pytest.approx(CATR["item_1"][name], rel=accuracy)


def test_the_abilities_those_values_were_taken_at(tcals):
    row = np.full((1, 85), -1)
    row[0, [14, 19]] = 0, 1
    for name, method in ((ML, "mle"), (WL, "wle")):
        ours = engine.score(tcals[0], row, method=method, grid=GRID).theta[0]
        assert ours == pytest.approx(CATR["item_1"][name], abs=UNIROOT)


def situation_of(pool, rule, items, categories, theta, **options):
    question = engine.Question(rule=rule, **{"prior": NORMAL, "grid": GRID, **options})
    seen = engine.advise(pool, items, categories, question).situation
    return seen if theta is None else replace(seen, theta=np.array([theta]))


def valued(pool, rule, items, categories, theta, **options):
    """Value of every item after these answers, at this ability unless it is None."""
    seen = situation_of(pool, rule, items, categories, theta, **options)
    return engine.selection.in_full(rule, seen, engine.selection.worth(rule, seen))[0]


AT_ZERO = {
    # Items taken out, though no answer counts.
    "MFI": ("mfi", []),
    "MFI_63": ("mfi", [63]),
    "MFI_63_10": ("mfi", [63, 10]),
    "bOpt": ("bopt", []),
    "bOpt_24": ("bopt", [24]),
    "thOpt": ("thopt", []),
    "thOpt_76": ("thopt", [76]),
}


@pytest.mark.parametrize("name", AT_ZERO)
def test_next_items_at_ability_zero(tcals, name):
    rule, out = AT_ZERO[name]
    eligible = ~np.isin(np.arange(1, 86), out)
    item, value = CATR["next_item"][name]
    chosen, worth = best(tcals[0], rule, 0.0, eligible)
    assert chosen == item
    assert worth == pytest.approx(value, abs=1e-11)


def best(pool, rule, theta, eligible):
    """The item chosen before any answer, counted from 1, and its value."""
    values = valued(pool, RULES[rule], [], [], theta)
    better = RULES[rule].better
    chosen = engine.selection.choose(values[None], eligible[None], better=better)[0]
    return chosen + 1, values[chosen]


AFTER_63 = ("MLWI", "MPWI", "MEI", "MEI_Fisher", "MEPV", "KL", "KLP", "GDI", "GDIP")


@pytest.mark.parametrize("name", AFTER_63)
def test_next_items_after_item_63_was_answered_wrong(tcals, name):
    # Ability by WL. The page says that MEI selects item 49; catR 3.17, run, selects item 10.
    rule = ExpectedInformation("expected") if name == "MEI_Fisher" else RULES[name.lower()]
    question = engine.Question(rule=rule, prior=NORMAL, grid=GRID, method="wle")
    advice = engine.advise(tcals[0], [62], [0], question)
    item, value = CATR["next_item"][name]
    assert advice.chosen + 1 == item
    assert advice.criterion[advice.chosen] == pytest.approx(value, rel=UNIROOT)


@pytest.mark.parametrize("name", ["MLWI", "MPWI"])
def test_next_items_after_63_wrong_and_19_right(tcals, name):
    question = engine.Question(rule=RULES[name.lower()], prior=NORMAL, grid=GRID)
    advice = engine.advise(tcals[0], [62, 18], [0, 1], question)
    item, value = CATR["next_item"][f"{name}_63_19"]
    assert advice.chosen + 1 == item
    assert advice.criterion[advice.chosen] == pytest.approx(value, rel=1e-11)


def test_the_next_item_of_the_unit_that_is_due(tcals):
    # Shares 0.1, 0.2, 0.2, 0.2, 0.3; items 12, 33, 46 and 63 given, none of Written3.
    pool, groups = tcals
    names = sorted(set(groups))
    assert names == ["Audio1", "Audio2", "Written1", "Written2", "Written3"]
    units = np.array([names.index(group) for group in groups])
    given = np.isin(np.arange(1, 86), [12, 33, 46, 63])
    due = engine.ContentTargets(units, [0.1, 0.2, 0.2, 0.2, 0.3]).due(given[None], ~given[None])
    item, value = CATR["next_item"]["content_balance"]
    chosen, worth = best(pool, "mfi", 0.0, ~given & (units == due))
    assert chosen == item
    assert worth == pytest.approx(value, abs=1e-11)


@pytest.mark.parametrize(("name", "rule"), [("MFI", "mfi"), ("bOpt", "bopt"), ("first_ten", "mfi")])
def test_first_items_for_three_abilities(tcals, name, rule):
    # One item each for the abilities -1, 0 and 2; in the last case of the first ten only.
    eligible = np.arange(85) < (10 if name == "first_ten" else 85)
    chosen = []
    for theta in (-1.0, 0.0, 2.0):
        item, _ = best(tcals[0], rule, theta, eligible)
        eligible[item - 1] = False
        chosen.append(item)
    assert chosen == CATR["start_items"][name]


def test_five_strata(tcals):
    # catR gives items of one slope the mean of their ranks, so that its strata can differ in size;
    # ours are equal, and such items, each in the stratum before or after, are the only difference.
    slopes, theirs = tcals[0].a, np.array(CATR["strata"])
    ours = AStratified(5).stratum_of(slopes) + 1
    assert np.bincount(ours)[1:].tolist() == [17] * 5
    differing = np.flatnonzero(ours != theirs)
    assert differing.size == 1
    (item,) = differing
    assert (slopes == slopes[item]).sum() > 1
    assert abs(ours[item] - theirs[item]) == 1


SITTINGS = {
    # Rule, method, and how closely estimates agree.
    "WL_until_se_0.3": ("mfi", "wle", UNIROOT),
    "BM_until_classified_at_0.5": ("mfi", "map", UNIROOT),
    "BM_by_MEI": ("mei", "map", UNIROOT),
    "EAP_by_KLP": ("klp", "eap", 1e-11),
    "EAP_by_MEPV": ("mepv", "eap", 1e-11),
}


@pytest.mark.parametrize("name", SITTINGS)
def test_whole_tests_take_catrs_course(tcals, name):
    # Five first items for the abilities -2 to 2, then by the rule.
    rule, method, accuracy = SITTINGS[name]
    sitting, pool = CATR["sittings"][name], tcals[0]
    answers, items = sitting["answers"], np.array(sitting["items"]) - 1
    assert answers == np.array(CATR["pattern"])[items].tolist()
    question = engine.Question(rule=RULES[rule], prior=NORMAL, grid=GRID, method=method)
    advices = [
        engine.advise(pool, items[:n], answers[:n], question) for n in range(5, len(items) + 1)
    ]
    assert [advice.chosen for advice in advices[:-1]] == items[5:].tolist()
    assert [each.theta for each in advices] == pytest.approx(sitting["theta"][4:], abs=accuracy)
    assert [each.se for each in advices] == pytest.approx(sitting["se"][4:], abs=accuracy)


def test_whole_tests_end_where_catrs_do(tcals):
    # A standard error of 0.3, and a 95% interval that leaves the cut 0.5 outside.
    errors = CATR["sittings"]["WL_until_se_0.3"]["se"]
    assert [error <= 0.3 for error in errors] == [False] * (len(errors) - 1) + [True]
    sitting = CATR["sittings"]["BM_until_classified_at_0.5"]
    rule = engine.DecisionRule((0.5,), 0.5, test=engine.ConfidenceInterval(confidence=0.95))
    items, answers = np.array(sitting["items"]) - 1, sitting["answers"]
    question = engine.Question(
        rule=RULES["mfi"], prior=NORMAL, grid=GRID, method="map", decision=rule
    )
    found = [
        engine.advise(tcals[0], items[:n], answers[:n], question).situation.sides[0, 0]
        for n in range(5, len(items) + 1)
    ]
    assert found == [engine.Side.OPEN] * (len(found) - 1) + [engine.Side.BELOW]


@pytest.mark.parametrize(("name", "method"), [("ML", "mle"), ("WL", "wle")])
def test_the_estimates_of_all_scores_of_ten_rasch_items(name, method):
    pool = engine.ItemPool(*np.array(CATR["distribution"]["bank"]).T)
    rows = np.tril(np.ones((11, 10), dtype=int), -1)
    score = engine.score(pool, rows, method=method, grid=GRID)
    theirs, likely = np.array(CATR["distribution"][name]).T
    np.testing.assert_allclose(score.theta, theirs, rtol=0, atol=UNIROOT)
    # How likely each score is at ability 0 (Lord & Wingersky, 1984).
    p, shares = models.probability(pool, 0.0)[0], np.array([1.0])
    for right in p:
        shares = np.convolve(shares, [1 - right, right])
    np.testing.assert_allclose(shares, likely, rtol=1e-10)


@pytest.mark.parametrize("rule", [Progressive, Proportional])
@pytest.mark.parametrize("power", [1, 2])
def test_chance_chooses_as_often_as_in_catr(rule, power):
    # Its random numbers are others: 4000 draws there and here are two samples of one distribution.
    case = CATR["counts"]
    pool = engine.ItemPool(*np.array(case["bank"]).T)
    given = np.array(case["out"]) - 1
    seen = situation_of(pool, rule(float(power)), given, [0, 1, 1], case["theta"], longest=8)
    n = case["draws"]
    crowd = replace(
        seen,
        **{name: np.repeat(getattr(seen, name), n, axis=0) for name in ("theta", "eligible")},
        n_given=np.full(n, 3),
        seeds=np.random.default_rng(5).integers(0, 2**64, n, dtype=np.uint64),
    )
    chosen = engine.selection.choose(rule(float(power)).criterion(crowd), crowd.eligible)
    ours, theirs = np.bincount(chosen, minlength=8), np.array(case[f"{rule().name}_{power}"])
    assert not ours[given].any()
    assert not theirs[given].any()
    left = np.setdiff1d(np.arange(8), given)
    assert chi2_contingency([ours[left], theirs[left]]).pvalue > 1e-3
