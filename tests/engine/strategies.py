"""What hypothesis draws for the engine's tests."""

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
