"""What hypothesis draws for the engine's tests."""

from itertools import pairwise

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import engine


def columns(n_items, low, high):
    return arrays(np.float64, n_items, elements=st.floats(low, high))


@st.composite
def pools(draw, min_items=1, max_items=12):
    """Pools like those that calibrations give."""
    n_items = draw(st.integers(min_items, max_items))
    return engine.ItemPool(
        a=draw(columns(n_items, 0.2, 3.0)),
        b=draw(columns(n_items, -4.0, 4.0)),
        c=draw(columns(n_items, 0.0, 0.4)),
        d=draw(columns(n_items, 0.7, 1.0)),
    )


@st.composite
def extreme_pools(draw):
    """Pools at and beyond the edge of sense, all of which the constructor accepts."""
    n_items = draw(st.integers(1, 6))
    return engine.ItemPool(
        a=draw(columns(n_items, 1e-6, 50.0)),
        b=draw(columns(n_items, -40.0, 40.0)),
        c=draw(arrays(np.float64, n_items, elements=st.sampled_from([0.0, 1e-12, 0.5, 0.99]))),
        d=draw(arrays(np.float64, n_items, elements=st.sampled_from([0.995, 1.0 - 1e-12, 1.0]))),
    )


abilities = arrays(np.float64, st.integers(1, 5), elements=st.floats(-6.0, 6.0))


@st.composite
def graded_blocks(draw, max_items=4, thresholds=4):
    n_items = draw(st.integers(1, max_items))
    gaps = draw(arrays(np.float64, (n_items, thresholds), elements=st.floats(0.05, 2.0)))
    b = np.cumsum(gaps, axis=1) + draw(columns(n_items, -4.0, 1.0))[:, None]
    return engine.Graded(draw(columns(n_items, 0.2, 3.0)), shortened(draw, b))


@st.composite
def partial_credit_blocks(draw, max_items=4, steps=4):
    n_items = draw(st.integers(1, max_items))
    b = draw(arrays(np.float64, (n_items, steps), elements=st.floats(-3.0, 3.0)))
    return engine.PartialCredit(draw(columns(n_items, 0.2, 3.0)), shortened(draw, b))


@st.composite
def nominal_blocks(draw, max_items=4, categories=4):
    n_items = draw(st.integers(1, max_items))
    shape = (n_items, categories)
    slopes = draw(arrays(np.float64, shape, elements=st.floats(-2.0, 2.0)))
    intercepts = draw(arrays(np.float64, shape, elements=st.floats(-3.0, 3.0)))
    lengths = draw(arrays(np.int64, n_items, elements=st.integers(2, categories)))
    beyond = np.arange(categories) >= lengths[:, None]
    slopes[beyond] = intercepts[beyond] = np.nan
    return engine.Nominal(slopes, intercepts)


def shortened(draw, b):
    """Items of different lengths: NaN ends the shorter rows."""
    lengths = draw(arrays(np.int64, len(b), elements=st.integers(1, b.shape[1])))
    return np.where(np.arange(b.shape[1]) < lengths[:, None], b, np.nan)


@st.composite
def mixed_pools(draw):
    """Pools of every family, their items in any order."""
    blocks = [
        draw(pools(max_items=3)).blocks[0],
        draw(graded_blocks(max_items=3)),
        draw(partial_credit_blocks(max_items=3)),
        draw(nominal_blocks(max_items=2)),
    ]
    order = draw(st.permutations(range(sum(len(block) for block in blocks))))
    ends = np.cumsum([0, *(len(block) for block in blocks)])
    places = [np.array(order[i:j]) for i, j in pairwise(ends)]
    return engine.ItemPool.of(*blocks, places=places)


@st.composite
def answers_to(draw, pool, n, *, missing=True):
    """Answers of n candidates, some items not given."""
    u = draw(arrays(np.float64, (n, len(pool)), elements=st.floats(0.0, 0.999)))
    answers = (u * pool.n_categories).astype(np.int64)
    if missing:
        answers[draw(arrays(np.bool_, answers.shape))] = -1
    return answers
