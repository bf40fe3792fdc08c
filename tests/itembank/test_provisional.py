"""The rule of provisional parameters does what it states."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itembank import Item, Option, Text, provisional_parameters
from itembank.provisional import SPREAD

CUTS = (-1.0, 0.0, 1.0)


def item(number: int, level: int, n_options: int = 4) -> Item:
    text = Text(th="ก", en="a")
    return Item(
        id=f"DG200-{number:02d}",
        version=1,
        skill_set="DG",
        unit="DG200",
        element=None,
        level=level,
        stem=text,
        options=tuple(Option(id=name, text=text) for name in "abcdefgh"[:n_options]),
        key="a",
        rationale=text,
        parameters=None,
    )


def test_five_items_of_level_one_lie_at_the_midpoints_of_five_steps() -> None:
    # Worked by hand: from -1.75 to -0.25 in steps of 0.3, midpoints -1.6, -1.3, -1.0, -0.7, -0.4.
    parameters = provisional_parameters([item(n, 1) for n in (5, 3, 1, 2, 4)], CUTS)
    found = [parameters[f"DG200-0{n}"].b for n in range(1, 6)]
    assert found == [-1.6, -1.3, -1.0, -0.7, -0.4]


def test_one_item_lies_on_its_cut() -> None:
    assert provisional_parameters([item(1, 3)], CUTS)["DG200-01"].b == 1.0


@pytest.mark.parametrize(("n_options", "c"), [(2, 0.4), (3, 0.266667), (4, 0.2), (5, 0.16)])
def test_the_lower_asymptote_falls_with_the_number_of_options(n_options: int, c: float) -> None:
    assert provisional_parameters([item(1, 1, n_options)], CUTS)["DG200-01"].c == c


levels = st.lists(st.integers(1, 3), min_size=1, max_size=40)
cuts = st.lists(st.floats(-4, 4, width=32), min_size=3, max_size=3, unique=True).map(sorted)


@given(levels, cuts)
def test_every_item_gets_parameters_near_the_cut_of_its_level(
    levels: list[int], cuts: list[float]
) -> None:
    items = [item(n, level) for n, level in enumerate(levels, 1)]
    parameters = provisional_parameters(items, cuts)
    assert parameters.keys() == {one.id for one in items}
    for one in items:
        assert abs(parameters[one.id].b - cuts[one.level - 1]) < SPREAD + 1e-6
        assert (parameters[one.id].a, parameters[one.id].d) == (1.2, 1.0)


@given(levels, cuts)
def test_difficulties_of_a_level_are_centred_and_evenly_spaced(
    levels: list[int], cuts: list[float]
) -> None:
    items = [item(n, level) for n, level in enumerate(levels, 1)]
    parameters = provisional_parameters(items, cuts)
    for level in set(levels):
        ordered = sorted(parameters[one.id].b for one in items if one.level == level)
        assert sum(ordered) / len(ordered) == pytest.approx(cuts[level - 1], abs=1e-5)
        steps = [upper - lower for lower, upper in pairwise(ordered)]
        assert steps == pytest.approx([2 * SPREAD / len(ordered)] * len(steps), abs=1e-5)


@given(levels, st.randoms(use_true_random=False))
def test_the_order_of_the_file_does_not_matter(levels: list[int], random: st.DataObject) -> None:
    items = [item(n, level) for n, level in enumerate(levels, 1)]
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert provisional_parameters(shuffled, CUTS) == provisional_parameters(items, CUTS)
