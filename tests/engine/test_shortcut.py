"""The shortcut of a live exam chooses what valuing every item chooses."""

import numpy as np
import pytest

import engine
from engine.selection import RULES

N_ITEMS = 300


def bank(n_items=N_ITEMS):
    rng = np.random.default_rng(4)
    return engine.ItemPool.build(
        a=np.exp(rng.normal(0.25, 0.3, n_items)),
        b=rng.normal(0.0, 1.2, n_items),
        c=rng.uniform(0.0, 0.25, n_items),
    )


LENGTH = engine.StoppingRule(max_items=25)
CONTENT = engine.ContentTargets(np.arange(N_ITEMS) % 3, np.array([0.5, 0.3, 0.2]))
DESIGNS = {
    "the best": engine.Design(pool=bank(), stopping=LENGTH),
    "one of five": engine.Design(pool=bank(), stopping=LENGTH, randomesque=5),
    "by content": engine.Design(pool=bank(), stopping=LENGTH, randomesque=3, content=CONTENT),
    "twins": engine.Design(
        pool=engine.ItemPool.build(a=1.2, b=np.repeat([-1.0, 0.0, 1.0], 20), c=0.2),
        stopping=LENGTH,
        randomesque=3,
    ),
    "whole pool": engine.Design(
        pool=bank(12), stopping=engine.StoppingRule(max_items=12), randomesque=4
    ),
}


def course(design, seed, shortcut):
    """A candidate's exam of alternating answers, and how often the shortcut could tell."""
    state, told = engine.start(design, seed), 0
    while not engine.finished(design, state)[0]:
        told += shortcut.next_item(state) >= 0
        item = engine.next_item(design, state, shortcut)
        assert item.tolist() == engine.next_item(design, state).tolist()
        state = engine.record(design, state, item, (seed + state.n_given) % 2)
    assert engine.next_item(design, state, shortcut).tolist() == [-1]
    return told


@pytest.mark.parametrize("name", DESIGNS)
def test_every_item_of_an_exam_is_the_one_that_valuing_all_chooses(name):
    design = DESIGNS[name]
    shortcut = engine.Shortcut.of(design)
    told = sum(course(design, seed, shortcut) for seed in range(12))
    assert told > 0.7 * 12 * design.longest


def test_a_batch_of_several_is_valued_whole():
    design = DESIGNS["one of five"]
    state = engine.start(design, [1, 2, 3])
    items = engine.next_item(design, state, engine.Shortcut.of(design))
    assert items.tolist() == engine.next_item(design, state).tolist()


@pytest.mark.parametrize(
    "choices",
    [
        {"rule": RULES["random"]},
        {"exposure": engine.ExposureControl()},
    ],
    ids=["another rule", "exposure control"],
)
def test_there_is_no_shortcut_where_more_than_information_decides(choices):
    design = engine.Design(pool=bank(20), stopping=LENGTH, **choices)
    assert engine.Shortcut.of(design) is None
