"""`samatthana next-item`."""

import json
from pathlib import Path

import numpy as np
import pytest

import engine

CRITERIA = json.loads(
    (Path(__file__).parents[2] / "reference" / "catr_criteria.json").read_text(encoding="utf-8")
)
RULES = sorted(engine.RULES)
CHANCE = {"random", "progressive", "proportional"}


@pytest.fixture
def bank(write):
    """catR's ten items of the 4PL model, under their numbers."""
    rows = CRITERIA["bank_4PL"]["parameters"]
    lines = [",".join(map(str, (number, *row))) for number, row in enumerate(rows, 1)]
    return write("bank.csv", "item,a,b,c,d", *lines)


def test_the_shape_of_the_answer(run, items):
    told = run("next-item", "--items", items, "--json").json()
    assert {"theta", "se", "next", "criterion", "better", "reason", "items"} <= set(told)
    assert (told["theta"], told["criterion"], told["better"]) == (0.0, "mfi", "max")
    assert told["reason"] is None
    assert [each["item"] for each in told["items"]] == ["x", "y", "z", "w"]
    assert all(set(each) == {"item", "value", "eligible"} for each in told["items"])
    pool = engine.ItemPool([1.2, 0.8, 2.0, 1.0], [-1.5, 0, 0.3, 1], [0.2, 0, 0.2, 0], [1] * 4)
    expected = engine.models.information(pool, 0.0)[0]
    assert [each["value"] for each in told["items"]] == pytest.approx(expected.tolist())
    assert told["next"] == "z"


@pytest.mark.parametrize("rule", ["mlwi", "mpwi", "gdi", "gdip"])
@pytest.mark.parametrize("place", range(5))
def test_values_and_choice_are_catrs(run, bank, rule, place):
    # catR 3.17, tests/reference/README.md.
    pattern = CRITERIA["bank_4PL"]["patterns"][place]
    pairs = zip(pattern["items"], pattern["answers"], strict=True)
    answered = ",".join(f"{item}:{category}" for item, category in pairs)
    options = ("--answered", answered, "--rule", rule, "--grid", "-4,4,33")
    told = run("next-item", "--items", bank, *options, "--json").json()
    values = {each["item"]: each["value"] for each in told["items"]}
    found = [values[str(item)] for item in pattern["unused"]]
    assert found == pytest.approx(pattern["criteria"][rule.upper()], rel=1e-10)
    assert told["next"] == str(pattern["chosen"][rule.upper()]["item"])
    assert {each["item"] for each in told["items"] if not each["eligible"]} == set(
        map(str, pattern["items"])
    )


@pytest.mark.parametrize("rule", ["mfi", "kl", "klp", "mei", "mepv", "bopt", "thopt"])
@pytest.mark.parametrize("place", range(5))
def test_rules_that_need_an_estimate_choose_as_catr(run, bank, rule, place):
    pattern = CRITERIA["bank_4PL"]["patterns"][place]
    pairs = zip(pattern["items"], pattern["answers"], strict=True)
    answered = ",".join(f"{item}:{category}" for item, category in pairs)
    options = ("--answered", answered, "--rule", rule, "--method", "map", "--grid", "-4,4,33")
    told = run("next-item", "--items", bank, *options, "--json").json()
    assert told["theta"] == pytest.approx(pattern["theta"], abs=1e-4)
    name = {"bopt": "bOpt", "thopt": "thOpt"}.get(rule, rule.upper())
    assert told["next"] == str(pattern["chosen"][name]["item"])
    values = {each["item"]: each["value"] for each in told["items"]}
    assert values[told["next"]] == pytest.approx(pattern["chosen"][name]["info"], abs=2e-4)


@pytest.mark.parametrize("rule", RULES)
def test_the_next_item_is_the_best_eligible_one(run, mixed, rule):
    options = ("--rule", rule, "--answered", "two:3,one:0", "--length", 4)
    told = run("next-item", "--items", mixed, *options, "--json").json()
    assert told["criterion"] == rule
    eligible = [each for each in told["items"] if each["eligible"]]
    assert eligible
    sign = 1 if told["better"] == "max" else -1
    best = max(eligible, key=lambda each: sign * round(each["value"], 9))
    assert told["next"] == best["item"]
    for each in told["items"]:
        assert np.isfinite(each["value"])
        assert not (each["eligible"] and each["item"] in ("one", "two"))


@pytest.mark.parametrize("rule", RULES)
def test_when_every_item_was_answered_nothing_is_next(run, items, rule):
    options = ("--answered", "x:1,y:0,z:1,w:0", "--rule", rule)
    told = run("next-item", "--items", items, *options, "--json").json()
    assert (told["next"], told["reason"]) == (None, "exhausted")
    assert not any(each["eligible"] for each in told["items"])
    assert "no item is left" in run("next-item", "--items", items, *options).out


@pytest.mark.parametrize("method", ["eap", "map", "mle", "wle"])
def test_the_estimate_is_that_of_score(run, items, write, method):
    answers = write("answers.csv", "x,z", "1,0")
    options = ("--items", items, "--method", method, "--json")
    scored = run("score", answers, *options).json()["scores"][0]
    told = run("next-item", "--answered", "x:1,z:0", *options).json()
    assert (told["theta"], told["se"]) == (scored["theta"], scored["se"])


def test_the_start_counts_before_any_answer_only(run, items):
    first = run("next-item", "--items", items, "--start-theta", "1.5", "--json").json()
    assert first["theta"] == 1.5
    assert first["se"] == pytest.approx(1.0, abs=1e-6)
    options = ("--answered", "x:1", "--json")
    later = run("next-item", "--items", items, "--start-theta", "1.5", *options).json()
    assert later == run("next-item", "--items", items, *options).json()
    unknown = run("next-item", "--items", items, "--method", "mle", "--json").json()
    assert (unknown["theta"], unknown["se"]) == (0.0, None)


def test_ties_go_to_the_first_in_the_file(run, write):
    twins = write("twins.csv", "item,a,b", "late,1,0.5", "b,1.3,0.0", "a,1.3,0.0")
    for rule in set(RULES) - CHANCE - {"a-stratified"}:
        assert run("next-item", "--items", twins, "--rule", rule, "--json").json()["next"] == "b"


@pytest.mark.parametrize("rule", sorted(CHANCE))
def test_chance_depends_on_seed_and_step(run, bank, rule):
    def told(*options):
        return run("next-item", "--items", bank, "--rule", rule, *options, "--json").json()

    assert told("--seed", 5) == told("--seed", 5)
    assert len({told("--seed", seed)["next"] for seed in range(12)}) > 2
    assert told("--seed", 5, "--step", 3)["items"] != told("--seed", 5)["items"]
    assert told("--seed", 5, "--step", 0)["items"] == told("--seed", 5)["items"]


def test_cut_scores_of_ones_own(run, bank):
    options = ("--rule", "cut", "--cuts=-1,0.5", "--p-star", 0.5, "--json")
    told = run("next-item", "--items", bank, *options).json()
    # P(theta >= 0.5) = 0.31 is nearer to even odds than P(theta >= -1) = 0.84.
    assert told["cut"] == 0.5
    rows = np.array(CRITERIA["bank_4PL"]["parameters"])
    expected = engine.models.information(engine.ItemPool(*rows.T), 0.5)[0]
    assert [each["value"] for each in told["items"]] == pytest.approx(expected.tolist())
    assert run("next-item", "--items", bank, "--rule", "cut", "--cuts", "9").code == 3
    assert run("next-item", "--items", bank, "--rule", "cut", "--cuts", "low").code == 2


def test_jeffreys_prior_follows_the_items(run, bank):
    options = ("--prior", "jeffreys", "--answered", "5:1,3:0", "--json")
    rows = np.array(CRITERIA["bank_4PL"]["parameters"])
    pool = engine.ItemPool(*rows.T)
    grid = engine.Grid()
    t, w = grid.nodes, grid.weights
    information = engine.models.information(pool, t)
    p = engine.models.probability(pool, t)
    told = run("next-item", "--items", bank, "--rule", "mepv", *options).json()
    here = engine.models.probability(pool, told["theta"])[0]
    for item in (0, 6):
        expected = 0.0
        for share, answer in ((here[item], p[:, item]), (1 - here[item], 1 - p[:, item])):
            prior = np.sqrt(information[:, [4, 2, item]].sum(axis=1))
            mass = w * prior * p[:, 4] * (1 - p[:, 2]) * answer
            mass = mass / mass.sum()
            expected += share * (mass @ (t - mass @ t) ** 2)
        assert told["items"][item]["value"] == pytest.approx(expected, rel=1e-9)
    assert run("next-item", "--items", bank, "--rule", "mei", *options).json()["next"]


def test_every_fault_of_the_answers_is_named(run, mixed):
    result = run(
        "next-item", "--items", mixed, "--answered", "two:4,six:0,one:1,one:0,four,five:x", "--json"
    )
    assert set(result.problems) == {f"--answered, answer {n}" for n in (1, 2, 4, 5, 6)}
    assert "0 to 3" in result.problems["--answered, answer 1"]["expected"]


def test_names_with_a_colon(run, write):
    items = write("items.csv", "item,a,b", "DL:1,1,0", "DL:2,1,1")
    told = run("next-item", "--items", items, "--answered", "DL:1:0", "--json").json()
    assert told["next"] == "DL:2"


def test_for_people_the_best_come_first(run, items):
    lines = run("next-item", "--items", items, "--answered", "z:1").out.splitlines()
    assert lines[0].startswith("theta 0.")
    assert lines[1].startswith("next: ")
    values = [float(line.split()[1]) for line in lines[2:5]]
    assert values == sorted(values, reverse=True)
    assert lines[5].endswith("not eligible")


def test_for_people_what_is_not_known_is_said_in_words(run, items):
    lines = run("next-item", "--items", items, "--method", "mle").out.splitlines()
    assert lines[0] == "theta 0.0000, standard error unknown"
    lines = run("next-item", "--items", items, "--rule", "cut", "--cuts=-1,0.5").out.splitlines()
    assert "by cut at the cut 0.5 (max wins)" in lines[1]


@pytest.mark.parametrize(
    "options", [("--rule", "best"), ("--seed", "-1"), ("--step", "x"), ("--length", "0")]
)
def test_impossible_options_are_a_fault_of_usage(run, items, options):
    result = run("next-item", "--items", items, *options, "--json")
    assert result.code == 2
    assert result.out == ""


@pytest.mark.parametrize("options", [("--seed", 2**64), ("--p-star", 1.5, "--rule", "cut")])
def test_numbers_out_of_range_are_named(run, items, options):
    assert run("next-item", "--items", items, *options, "--json").problems
