"""The exposure that first exams begin with: found by simulation, held, and checked on its way in."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import engine
from engine.errors import DesignError
from itembank import ExposureError, ExposureSnapshot, Framework, Release, Scheme, section
from itembank.exposure import unfit
from itembank.starting import StartingExposure, starting_exposure

RATE = 0.3


@pytest.fixture(scope="module")
def design() -> engine.Design:
    """Six items of eighty, with exposure controlled in two segments."""
    chance = np.random.default_rng(4)
    return engine.Design(
        pool=engine.ItemPool.build(a=chance.uniform(0.7, 1.8, 80), b=chance.normal(size=80)),
        stopping=engine.StoppingRule(min_items=6, max_items=6),
        exposure=engine.ExposureControl(bounds=(0.0,)),
    )


@pytest.fixture(scope="module", params=["eligibility", "sympson_hetter"])
def found(design: engine.Design, request: pytest.FixtureRequest) -> StartingExposure:
    return starting_exposure(design, RATE, method=request.param, candidates=4000, seed=3)


def test_the_rates_hold_among_new_candidates(design: engine.Design, found) -> None:
    """Counted here from scratch: other candidates than those it was found and checked with."""
    chance = np.random.default_rng(99)
    theta, seeds = chance.normal(size=4000), chance.integers(0, 2**63, 4000, dtype=np.uint64)
    sat = engine.simulate(design, theta, seeds, snapshot=found.ledger.snapshot)
    above = sat.report.theta >= 0
    for segment in (~above, above):
        counts = np.bincount(sat.items[segment].ravel(), minlength=80)
        doubt = 4 * np.sqrt(RATE * (1 - RATE) / segment.sum())
        assert counts.max() / segment.sum() <= 1.2 * RATE + doubt
    assert found.holds
    assert found.highest_open.min() > 0.5, "and without it they did not"


def test_it_is_the_first_snapshot_and_rests_on_candidates(found) -> None:
    assert found.ledger.snapshot.number == 1
    assert found.ledger.candidates.sum() > 500
    # What live exams go on from: one block later every item still keeps to its limit.
    again = found.ledger.after(engine.Eligibility(rate=RATE), engine.Tally.none(2, 80))
    assert again.snapshot.number == 2
    assert again.snapshot.admission.min() < 0.9


def test_the_same_seed_finds_the_same(design: engine.Design) -> None:
    first, second = (starting_exposure(design, RATE, candidates=400, seed=5) for _ in range(2))
    assert (first.ledger.snapshot.admission == second.ledger.snapshot.admission).all()


def test_a_limit_that_no_bank_of_this_size_can_hold_is_told(design: engine.Design) -> None:
    assert not starting_exposure(design, 0.05, candidates=2000, seed=5).holds


def test_every_impossible_number_is_named(design: engine.Design) -> None:
    with pytest.raises(DesignError) as caught:
        starting_exposure(design, RATE, candidates=0, seed=-1, mean=99.0, sd=0.0)
    assert {each.where for each in caught.value.problems} == {"candidates", "seed", "mean", "sd"}


def test_progress_is_told_to_the_end(design: engine.Design) -> None:
    told: list[tuple[int, int]] = []
    starting_exposure(
        design, RATE, candidates=100, progress=lambda done, whole: told.append((done, whole))
    )
    assert told == sorted(told)
    assert told[-1] == (100, 100)


# -- whether a snapshot fits ------------------------------------------------------------------------


@pytest.fixture
def limited(scheme: Scheme, framework: Framework) -> Scheme:
    """The draft scheme with a limit on exposure in DG, in two segments."""
    data = copy.deepcopy(scheme.model_dump(mode="json"))
    rules = next(one for one in data["skill_sets"] if one["code"] == "DG")
    rules["blueprint"]["exposure"] = {"rate": 0.9, "bounds": [0.0], "block": 10}
    return Scheme.from_data(data, framework)


@pytest.fixture
def snapshot(release: Release, limited: Scheme) -> ExposureSnapshot:
    compiled = section(release, limited, "DG")
    ledger = engine.Ledger.begin(engine.open_snapshot(compiled.design))
    named = engine.Ledger(
        snapshot=engine.Snapshot(1, ledger.snapshot.admission),
        candidates=ledger.candidates,
        given=ledger.given,
        forced=ledger.forced,
        open=ledger.open,
    )
    return ExposureSnapshot.of(
        named,
        tuple(item.id for item in compiled.items),
        bank=release.hash,
        scheme=limited.hash,
        skill_set="DG",
    )


def changed(snapshot: ExposureSnapshot, **fields: Any) -> ExposureSnapshot:
    return ExposureSnapshot(**{**dict(snapshot), **fields})


def test_one_of_this_bank_and_scheme_fits(snapshot, release, limited) -> None:
    assert unfit(snapshot, release, limited) == ()


def test_everything_that_does_not_fit_is_named_at_once(snapshot, release, limited) -> None:
    items = snapshot.items
    other = changed(
        snapshot,
        bank="b" * 64,
        scheme="c" * 64,
        items=("DS100-01", items[1], items[1], *items[3:]),
        admission=tuple((1.5, *row[1:]) for row in snapshot.admission),
        candidates=(1.0,),
        given=snapshot.given[:1],
    )
    found = {(each.where, each.value) for each in unfit(other, release, limited)}
    assert found == {
        ("bank", "b" * 64),
        ("scheme", "c" * 64),
        ("items[0]", "DS100-01"),
        ("items[2]", items[1]),
        ("items", f"nothing for {items[0]}"),
        ("items", f"nothing for {items[2]}"),
        ("admission", 1.5),
        ("candidates", "shape (1,)"),
        ("given", "shape (1, 2, 15)"),
    }


def test_another_order_of_items_is_told(snapshot, release, limited) -> None:
    (problem,) = unfit(changed(snapshot, items=snapshot.items[::-1]), release, limited)
    assert problem.value == "another order"


def test_ragged_rows_and_negative_counts_are_told(snapshot, release, limited) -> None:
    ragged = changed(snapshot, admission=((1.0,), (1.0, 1.0)), candidates=(-1.0, 2.0))
    found = {(each.where, each.value) for each in unfit(ragged, release, limited)}
    assert found == {("admission", "rows of unequal length"), ("candidates", -1.0)}


def test_a_skill_set_without_a_limit_needs_none(snapshot, release, scheme) -> None:
    found = [each.where for each in unfit(snapshot, release, scheme)]
    assert found == ["scheme", "skill_set"]


def test_another_number_is_another_document(snapshot) -> None:
    third = snapshot.numbered(3)
    assert (third.number, third.admission) == (3, snapshot.admission)
    assert third.hash != snapshot.hash
    assert ExposureSnapshot.from_json(third.to_json(), third.hash) == third
    with pytest.raises(ExposureError):
        ExposureSnapshot.from_json(third.to_json(), snapshot.hash)
