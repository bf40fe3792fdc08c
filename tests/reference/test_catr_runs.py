"""catR 3.17 on random banks of nine models: estimates and criteria (README.md, catr_runs.R).

Each bank has 8 items; the patterns are none, two by chance, all right (the highest categories) and
all wrong. catR solves equations with R's uniroot to about 1e-4; the "tight" numbers are those of the
same functions of catR with the tolerance set to 1e-14.
"""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import cumulative_trapezoid
from typer.testing import CliRunner

import engine
from api.cli.main import app
from engine.families.divide_by_total import Nominal
from engine.selection import RULES, ExpectedInformation

RUNS = json.loads((Path(__file__).parent / "catr_runs.json").read_text(encoding="utf-8"))
DICHOTOMOUS = ("1PL", "2PL", "3PL", "4PL")
MODELS = (*DICHOTOMOUS, "GRM", "GPCM", "PCM", "RSM", "NRM")
GRID = engine.Grid(-4, 4, 33)
UNIROOT = 2e-4

WIDE, UNIFORM, JEFFREYS = "normal:0.5,1.5", "uniform:-3,3", "jeffreys"
METHODS = {
    "eap": ("eap", "normal:0,1"),
    "eap_wide": ("eap", WIDE),
    "eap_uniform": ("eap", UNIFORM),
    "eap_jeffreys": ("eap", JEFFREYS),
    "map": ("map", "normal:0,1"),
    "map_wide": ("map", WIDE),
    "map_uniform": ("map", UNIFORM),
    "map_jeffreys": ("map", JEFFREYS),
    "mle": ("mle", "normal:0,1"),
    "wle": ("wle", "normal:0,1"),
    "huber": ("huber", "normal:0,1"),
    "tukey": ("tukey", "normal:0,1"),
}
CRITERIA = {
    "MFI": RULES["mfi"],
    "MLWI": RULES["mlwi"],
    "MPWI": RULES["mpwi"],
    "KL": RULES["kl"],
    "KLP": RULES["klp"],
    "GDI": RULES["gdi"],
    "GDIP": RULES["gdip"],
    "MEPV": RULES["mepv"],
    "MEI_tight": RULES["mei"],
    "MEI_Fisher_tight": ExpectedInformation("expected"),
}

PLACES = [(model, place) for model in MODELS for place in range(len(RUNS[model]["patterns"]))]
LOWEST_BY_CATR = {("1PL", 1, "tukey"), ("4PL", 1, "tukey")}
"""Tukey's equation has several roots; catR's is a minimum here (see the test of these)."""


def pool_of(model):
    bank = np.array(RUNS[model]["bank"], dtype=float)
    if model in DICHOTOMOUS:
        return engine.ItemPool(*bank.T)
    if model == "NRM":
        # Slope and intercept of categories 1, 2, ..., those of category 0 being 0.
        columns = np.insert(bank[:, 0::2], 0, 0.0, axis=1), np.insert(bank[:, 1::2], 0, 0.0, axis=1)
        return engine.ItemPool.of(Nominal(*columns))
    if model == "GRM":
        return engine.ItemPool.of(engine.Graded(bank[:, 0], bank[:, 1:]))
    return engine.ItemPool.of(engine.PartialCredit(*slopes_and_steps(model, bank)))


def slopes_and_steps(model, bank):
    """Partial credit in its three guises."""
    if model == "GPCM":
        return bank[:, 0], bank[:, 1:]
    return np.ones(len(bank)), bank if model == "PCM" else bank[:, :1] + bank[:, 1:]


def estimates_of(model):
    """Each estimate of catR: (place, label, [estimate, error], the same tight)."""
    for place, pattern in enumerate(RUNS[model]["patterns"]):
        for label, numbers in (pattern.get("estimates") or {}).items():
            known = [np.nan if number is None else number for number in numbers]
            if (model, place, label) not in LOWEST_BY_CATR:
                yield place, label, known[:2], known[-2:]


def answers_of(pattern):
    row = np.full(8, -1)
    row[np.array(pattern["items"], dtype=int) - 1] = pattern["answers"]
    return row


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return str(path)


@pytest.fixture(scope="module")
def item_file(tmp_path_factory):
    """Write the bank of a model as a file of items, and name it."""
    folder = tmp_path_factory.mktemp("banks")

    def path(model):
        bank = np.array(RUNS[model]["bank"], dtype=float)
        if model in DICHOTOMOUS:
            rows = [["item", "a", "b", "c", "d"], *([n, *row] for n, row in enumerate(bank, 1))]
            return write(folder / f"{model}.csv", rows)
        if model == "NRM":
            return write(folder / "NRM.csv", nominal_rows(bank))
        a, b = (bank[:, 0], bank[:, 1:]) if model == "GRM" else slopes_and_steps(model, bank)
        cells = [["" if np.isnan(step) else step for step in steps] for steps in b]
        head = ["item", "model", "a", *(f"b{k}" for k in range(1, b.shape[1] + 1))]
        rows = [[n, model, slope, *cells[n - 1]] for n, slope in enumerate(a, 1)]
        return write(folder / f"{model}.csv", [head, *rows])

    return path


def nominal_rows(bank):
    """Slopes a1, a2, ... and intercepts c1, c2, ...; catR has them in pairs."""
    head = ["item", "model", *(f"{letter}{k}" for k in (1, 2, 3) for letter in "ac")]
    cells = [["" if np.isnan(number) else number for number in row] for row in bank]
    return [head, *([n, "nominal", *row] for n, row in enumerate(cells, 1))]


def run(*arguments):
    found = CliRunner().invoke(app, [str(each) for each in arguments])
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


@pytest.mark.parametrize("model", MODELS)
def test_samatthana_score_equals_catr(model, item_file, tmp_path):
    patterns = RUNS[model]["patterns"]
    rows = [["" if x < 0 else x for x in answers_of(pattern)] for pattern in patterns]
    responses = write(tmp_path / "answers.csv", [range(1, 9), *rows])
    told = {}
    for label, (method, prior) in METHODS.items():
        if method in ("huber", "tukey") and model not in DICHOTOMOUS:
            continue
        options = ("--method", method, "--prior", prior, "--grid=-4,4,33")
        bounds = () if method == "eap" else ("--bounds=-4,4",)
        found = run("score", responses, "--items", item_file(model), *options, *bounds, "--json")
        told[label] = found["scores"]
    for place, label, plain, tight in estimates_of(model):
        ours = [told[label][place][name] for name in ("theta", "se")]
        ours = [np.nan if number is None else number for number in ours]
        assert ours == pytest.approx(tight, abs=1e-8, rel=1e-8), (place, label)
        assert ours == pytest.approx(plain, abs=UNIROOT, rel=UNIROOT), (place, label)


@pytest.mark.parametrize("model", MODELS)
def test_scores_equal_catr(model):
    priors = {
        WIDE: engine.NormalPrior(0.5, 1.5),
        UNIFORM: engine.UniformPrior(-3, 3),
        JEFFREYS: engine.JeffreysPrior(),
    }
    pool, compared = pool_of(model), 0
    for place, label, _, tight in estimates_of(model):
        method, prior = METHODS[label]
        row = answers_of(RUNS[model]["patterns"][place])[None, :]
        score = engine.score(pool, row, method=method, prior=priors.get(prior), grid=GRID)
        ours = [score.theta[0], score.se[0]]
        assert ours == pytest.approx(tight, abs=1e-8, rel=1e-8), (place, label)
        compared += 1
    assert compared >= 40


@pytest.mark.parametrize(("model", "place", "label"), sorted(LOWEST_BY_CATR))
def test_of_several_roots_of_tukeys_equation_ours_is_the_highest(model, place, label):
    # The weighted score written out, and integrated: catR's root is where it rises through zero.
    pattern = RUNS[model]["patterns"][place]
    bank = np.array(RUNS[model]["bank"])[np.array(pattern["items"]) - 1]
    pool, theta = engine.ItemPool(*bank.T), np.linspace(-4, 4, 8001)
    first = engine.models.derivatives(pool, theta).first
    residual = bank[:, :1] * (theta - bank[:, 1:2])
    weight = np.where(np.abs(residual) < 4, (1 - (residual / 4) ** 2) ** 2, 0)
    slopes = (weight * first[np.arange(len(bank)), pattern["answers"]]).sum(axis=0)
    height = cumulative_trapezoid(slopes, theta, initial=0)
    row = np.array([pattern["answers"]])
    ours = engine.score(pool, row, method="tukey", grid=GRID).theta[0]
    theirs = pattern["estimates"][label][2]
    assert np.interp(ours, theta, height) == pytest.approx(height.max(), abs=1e-6)
    assert np.interp(theirs, theta, height) < 0.0
    assert np.interp(theirs, theta, np.gradient(slopes, theta)) > 0.05


@pytest.mark.parametrize(("model", "place"), PLACES)
def test_criteria_equal_catr(model, place):
    pattern, pool = RUNS[model]["patterns"][place], pool_of(model)
    items = np.array(pattern["items"], dtype=int) - 1
    unused = np.array(pattern["unused"]) - 1
    for name, expected in pattern["criteria"].items():
        if name == "MEI":
            continue
        question = engine.Question(rule=CRITERIA[name], prior=engine.NormalPrior(), grid=GRID)
        advice = engine.advise(pool, items, pattern["answers"], question)
        assert advice.theta == pytest.approx(
            pattern.get("estimates", {"eap": [0]})["eap"][0], abs=1e-11
        )
        np.testing.assert_allclose(
            advice.criterion[unused], expected, rtol=1e-8, atol=1e-10, err_msg=name
        )


@pytest.mark.parametrize("place", [0, 2])
@pytest.mark.parametrize("model", MODELS)
def test_samatthana_next_item_chooses_as_catr(model, place, item_file):
    pattern = RUNS[model]["patterns"][place]
    pairs = zip(pattern["items"], pattern["answers"], strict=True)
    answered = ",".join(f"{item}:{category}" for item, category in pairs)
    options = ("--items", item_file(model), "--answered", answered, "--grid=-4,4,33", "--json")
    for name, (item, value) in pattern["chosen"].items():
        told = run("next-item", *options, "--rule", name.lower())
        values = {each["item"]: each["value"] for each in told["items"] if each["eligible"]}
        assert told["next"] == str(item), name
        accuracy = UNIROOT if name == "MEI" else 1e-9
        assert values[told["next"]] == pytest.approx(value, rel=accuracy, abs=accuracy), name
        assert set(values) == set(map(str, pattern["unused"]))
        for unused, expected in zip(
            pattern["unused"], pattern["criteria"].get(name, []), strict=False
        ):
            assert values[str(unused)] == pytest.approx(expected, rel=accuracy, abs=accuracy), name
