"""The problems that are measured: designs, pools and answers, all from stated seeds."""

from __future__ import annotations

import numpy as np

import engine


def section() -> engine.Design:
    """Return a section of a certification exam, with the parameters an uncalibrated bank is given.

    Fifteen four-option items, five spread around each of three cuts as `itembank.provisional`
    does, in three content units of equal share; 8 to 12 items, confidence 0.90 in three cuts, the
    next item drawn from the three best.
    """
    around = np.array([-0.6, -0.3, 0.0, 0.3, 0.6])
    return engine.Design(
        pool=engine.ItemPool.build(
            a=1.2, b=np.concatenate([around - 1, around, around + 1]), c=0.2
        ),
        stopping=engine.StoppingRule(min_items=8, max_items=12, decision=0.90),
        randomesque=3,
        content=engine.ContentTargets(np.tile([0, 1, 2], 5), np.full(3, 1 / 3)),
        decision=engine.DecisionRule((-1.0, 0.0, 1.0), 2 / 3),
    )


def calibrated() -> engine.Design:
    """Return the same exam over a calibrated bank of 300 items: sharper items, more to choose from."""
    return engine.Design(
        pool=pool(300),
        stopping=engine.StoppingRule(min_items=8, max_items=30, decision=0.90),
        randomesque=5,
        content=engine.ContentTargets(np.arange(300) % 3, np.full(3, 1 / 3)),
        decision=engine.DecisionRule((-1.0, 0.0, 1.0), 2 / 3),
    )


def plain(n_items: int) -> engine.Design:
    """Return an exam of 20 items by maximum information alone, without chance or content."""
    return engine.Design(pool=pool(n_items), stopping=engine.StoppingRule(max_items=20))


def pool(n_items: int) -> engine.ItemPool:
    """Return a 3PL pool whose slopes are log-normal around 1.3, difficulties normal."""
    rng = np.random.default_rng(n_items)
    return engine.ItemPool.build(
        a=np.exp(rng.normal(np.log(1.3), 0.3, n_items)),
        b=rng.normal(0.0, 1.2, n_items),
        c=rng.uniform(0.1, 0.25, n_items),
    )


def candidates(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return n abilities from the standard normal, and as many seeds."""
    rng = np.random.default_rng(n)
    return rng.normal(size=n), rng.integers(0, 2**64, n, dtype=np.uint64)


def answers(items: engine.ItemPool, n: int) -> np.ndarray:
    """Return the answers of n standard normal candidates to every item, shape (n, n_items)."""
    theta, _ = candidates(n)
    u = np.random.default_rng(n + 1).random((n, len(items)))
    return (u < engine.models.probability(items, theta)).astype(np.int64)
