"""Exams that several tests sit."""

import hypothesis
import numpy as np
import pytest

import engine

# Time limits of single examples measure the machine's load, not the code.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def section():
    """A section of a certification exam: three units, three levels, guessing, chance."""
    rng = np.random.default_rng(20260101)
    pool = engine.ItemPool.build(
        a=rng.uniform(0.8, 1.6, 15),
        b=np.repeat([-1.0, 0.0, 1.0], 5) + rng.normal(0.0, 0.3, 15),
        c=0.25,
    )
    return engine.Design(
        pool=pool,
        stopping=engine.StoppingRule(min_items=5, max_items=12, decision=0.85),
        randomesque=3,
        content=engine.ContentTargets(np.arange(15) % 3, np.full(3, 1 / 3)),
        decision=engine.DecisionRule((-1.0, 0.0, 1.0), 2 / 3),
    )


@pytest.fixture(scope="session")
def candidates():
    """True abilities and seeds of 300 candidates."""
    rng = np.random.default_rng(7)
    return rng.normal(size=300), rng.integers(0, 2**64, 300, dtype=np.uint64)
