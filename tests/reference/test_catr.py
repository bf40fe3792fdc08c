"""The engine agrees with catR 3.17 (figures and settings: README.md beside this file)."""

import json
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.selection import choose

CATR = json.loads((Path(__file__).parent / "catr.json").read_text())
BANKS = ("bank_4pl", "bank_2pl")
CATR_GRID = engine.Grid(-4, 4, 33)

PATTERNS = [(bank, place) for bank in BANKS for place in range(len(CATR[bank]["patterns"]))]


def pool_of(bank):
    a, b, c, d = np.array(CATR[bank]["parameters"]).T
    return engine.ItemPool(a, b, c, d)


def row_of(pattern, n_items=10):
    row = np.full((1, n_items), -1)
    row[0, np.array(pattern["items"]) - 1] = pattern["answers"]
    return row


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("quantity", ["probability", "slope", "information"])
def test_curves_equal_catr(bank, quantity):
    curve = getattr(engine.models, quantity)
    ours = curve(pool_of(bank), CATR[bank]["theta"])
    np.testing.assert_allclose(ours, CATR[bank][quantity], rtol=0, atol=1e-12)


@pytest.mark.parametrize(("bank", "place"), PATTERNS)
@pytest.mark.parametrize(("grid", "ending"), [(CATR_GRID, ""), (engine.Grid(-6, 6, 121), "_121")])
def test_eap_and_its_error_equal_catr(bank, place, grid, ending):
    pattern = CATR[bank]["patterns"][place]
    score = engine.eap(pool_of(bank), row_of(pattern), grid=grid)
    assert score.theta[0] == pytest.approx(pattern[f"theta_eap{ending}"], abs=1e-11)
    assert score.se[0] == pytest.approx(pattern[f"se_eap{ending}"], abs=1e-11)


@pytest.mark.parametrize(("bank", "place"), PATTERNS)
def test_eap_under_a_uniform_prior_equals_catr(bank, place):
    pattern = CATR[bank]["patterns"][place]
    prior = engine.UniformPrior(-4, 4)
    score = engine.eap(pool_of(bank), row_of(pattern), grid=engine.Grid(n=33), prior=prior)
    assert score.theta[0] == pytest.approx(pattern["theta_eap_uniform"], abs=1e-11)


@pytest.mark.parametrize(("bank", "place"), PATTERNS)
def test_maximum_information_values_and_choice_equal_catr(bank, place):
    pattern = CATR[bank]["patterns"][place]
    information = engine.models.information(pool_of(bank), pattern["next_theta"])
    unused = np.array(pattern["unused"]) - 1
    eligible = np.isin(np.arange(10), unused)[None, :]
    np.testing.assert_allclose(information[0, unused], pattern["mfi"], rtol=0, atol=1e-11)
    assert choose(information, eligible)[0] + 1 == pattern["mfi_item"]


def test_a_whole_adaptive_test_takes_catrs_course():
    replay = CATR["replay"]
    design = engine.Design(
        pool=pool_of("bank_4pl"), grid=CATR_GRID, stopping=engine.StoppingRule(max_items=8)
    )
    state = engine.start(design, 1)
    for place, item in enumerate(replay["items"]):
        chosen = engine.next_item(design, state)
        assert chosen[0] + 1 == item
        state = engine.record(design, state, chosen, replay["answers_by_item"][item - 1])
        assert state.theta[0] == pytest.approx(replay["theta"][place], abs=1e-11)
        assert state.se[0] == pytest.approx(replay["se"][place], abs=1e-11)
    assert state.categories[0].tolist() == replay["answers"]
    assert engine.finished(design, state)[0] == engine.Reason.LENGTH
