"""catsim, which estimates by maximum likelihood."""

import numpy as np
from catsim.estimation import NumericalSearchEstimator
from catsim.initialization import FixedPointInitializer
from catsim.item_bank import ItemBank
from catsim.selection import MaxInfoSelector, RandomesqueSelector
from catsim.simulation import Simulator
from catsim.stopping import MinErrorStopper

FEWER = {"simulate": 2500, "mle": 500}


def bank(pool):
    return ItemBank(np.column_stack([pool.a, pool.b, pool.c, pool.d]))


def simulate(pool, theta, among):
    simulator = Simulator(bank(pool), theta)
    simulator.simulate(
        FixedPointInitializer(0.0),
        RandomesqueSelector(among) if among > 1 else MaxInfoSelector(),
        NumericalSearchEstimator(),
        MinErrorStopper(1e-9, max_items=30),
    )
    return np.array(simulator.latest_estimations)


def mle(pool, answers):
    items, estimator, every = bank(pool), NumericalSearchEstimator(), list(range(len(pool)))
    return np.array(
        [
            estimator.estimate(
                item_bank=items,
                administered_items=every,
                response_vector=pattern.astype(bool).tolist(),
                est_theta=0.0,
            )
            for pattern in answers
        ]
    )


def live_step(pool):
    items, estimator, selector = bank(pool), NumericalSearchEstimator(), MaxInfoSelector()
    given, answers = [], []
    for place in range(9):
        given.append(selector.select(item_bank=items, administered_items=given, est_theta=0.0))
        answers.append(place % 2 == 0)
    answers.append(True)

    def step():
        theta = estimator.estimate(
            item_bank=items,
            administered_items=[*given, len(pool) - 1],
            response_vector=answers,
            est_theta=0.0,
        )
        return selector.select(item_bank=items, administered_items=given, est_theta=theta)

    return step
