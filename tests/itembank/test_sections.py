"""Sections: the engine's design of a skill set says what the scheme and the release say."""

from __future__ import annotations

import numpy as np
import pytest

import engine
from itembank import (
    Framework,
    Item,
    Release,
    ReleaseError,
    Scheme,
    build_release,
    score_answer,
    section,
)

SKILL_SETS = ("DLit", "DG", "DT", "DS", "PSM", "DL", "DTr")


@pytest.mark.parametrize("skill_set", SKILL_SETS)
def test_the_pool_is_the_items_in_order_of_their_ids(
    release: Release, scheme: Scheme, skill_set: str
) -> None:
    compiled = section(release, scheme, skill_set)
    assert compiled.items == release.items_of(skill_set)
    assert [item.id for item in compiled.items] == sorted(item.id for item in compiled.items)
    for name in ("a", "b", "c", "d"):
        expected = [getattr(item.parameters, name) for item in compiled.items]
        assert getattr(compiled.design.pool, name).tolist() == expected
    assert [compiled.index(item.id) for item in compiled.items] == list(range(len(compiled.items)))


@pytest.mark.parametrize("skill_set", SKILL_SETS)
def test_the_design_is_the_schemes(release: Release, scheme: Scheme, skill_set: str) -> None:
    design = section(release, scheme, skill_set).design
    blueprint = scheme.skill_set(skill_set).blueprint
    assert (design.stopping.min_items, design.stopping.max_items) == (8, 12)
    assert design.stopping.decision == 0.9
    assert design.stopping.standard_error is None
    assert design.randomesque == 3
    assert design.cuts == (-1.0, 0.0, 1.0)
    assert design.decision is not None
    assert design.decision.p_star == pytest.approx(2 / 3)
    assert design.prior == engine.NormalPrior(mean=0.0, sd=1.0)
    assert (design.grid.lo, design.grid.hi, design.grid.n) == (-6.0, 6.0, 121)
    assert design.content is not None
    assert design.content.shares.tolist() == list(blueprint.shares)


@pytest.mark.parametrize("skill_set", SKILL_SETS)
def test_content_units_are_those_of_the_blueprint(
    release: Release, scheme: Scheme, skill_set: str
) -> None:
    compiled = section(release, scheme, skill_set)
    codes = [unit.code for unit in scheme.skill_set(skill_set).blueprint.units]
    assert compiled.design.content is not None
    found = [codes[unit] for unit in compiled.design.content.units]
    assert found == [item.unit for item in compiled.items]


@pytest.mark.parametrize("skill_set", SKILL_SETS)
@pytest.mark.parametrize("know_all", [True, False])
def test_an_exam_of_the_demonstration_bank_covers_every_unit_and_ends(
    release: Release, scheme: Scheme, skill_set: str, know_all: bool
) -> None:
    compiled = section(release, scheme, skill_set)
    state = engine.start(compiled.design, seeds=20260)
    given: list[str] = []
    while (chosen := int(engine.next_item(compiled.design, state)[0])) >= 0:
        item = compiled.items[chosen]
        wrong = next(option for option in item.option_ids if option != item.key)
        category = score_answer(item, item.key if know_all else wrong)
        state = engine.record(compiled.design, state, np.array([chosen]), category)
        given.append(item.id)
    assert 8 <= len(given) <= 12
    assert len(set(given)) == len(given)
    units = {release.item(id).unit for id in given}
    assert units == {unit.code for unit in scheme.skill_set(skill_set).blueprint.units}
    level = int(engine.report(compiled.design, state).level[0])
    assert level == (3 if know_all else 0)


def test_a_unit_of_the_blueprint_without_items_is_named(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme
) -> None:
    some = [item for item in items if item.unit not in ("DG200", "DG600")]
    release = build_release(some, framework, scheme, demonstration=True)
    with pytest.raises(ReleaseError) as caught:
        section(release, scheme, "DG")
    places = [problem.where for problem in caught.value.problems]
    assert places[:2] == ["blueprint DG200", "blueprint DG600"]


def test_a_release_of_another_framework_is_refused(release: Release, scheme: Scheme) -> None:
    pin = release.framework.model_copy(update={"version": "2561"})
    other = release.model_copy(update={"framework": pin})
    with pytest.raises(ReleaseError, match="ocsc-2560 2561"):
        section(other, scheme, "DG")


def test_an_unknown_skill_set_is_named(release: Release, scheme: Scheme) -> None:
    with pytest.raises(KeyError, match="XX"):
        section(release, scheme, "XX")
