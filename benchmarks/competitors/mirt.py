"""PyPI's mirt, whose core is written in Rust.

Its lock-step simulation, the fastest, chooses by maximum information alone; with randomesque it
simulates one candidate after another.
"""

import numpy as np
from mirt import ThreeParameterLogistic, fit_mirt, fscores
from mirt.cat import CATEngine
from mirt.cat.exposure import Randomesque

import engine

FEWER = {"simulate": 25}


def model(pool):
    items = ThreeParameterLogistic(len(pool))
    items.set_parameters(discrimination=pool.a, difficulty=pool.b, guessing=pool.c)
    items._is_fitted = True
    return items


def exam(pool, among=1, max_items=30):
    return CATEngine(
        model(pool),
        stopping_rule="SE",
        se_threshold=1e-9,
        max_items=max_items,
        exposure_control=Randomesque(among, seed=1) if among > 1 else None,
        seed=1,
    )


def simulate(pool, theta, among):
    return np.array([result.theta for result in exam(pool, among).run_batch_simulation(theta)])


def eap(pool, answers):
    """With as many nodes as the others; the default of 49 errs by up to 3e-4 here."""
    return fscores(model(pool), answers, method="EAP", n_quadpts=121).theta.ravel()


def map_(pool, answers):
    return fscores(model(pool), answers, method="MAP").theta.ravel()


def mle(pool, answers):
    return fscores(model(pool), answers, method="ML").theta.ravel()


def wle(pool, answers):
    return fscores(model(pool), answers, method="WLE").theta.ravel()


def live_step(pool):
    """One answer at a time of exams that go on and on; a new one begins after 30 items."""
    session = exam(pool)
    session.get_current_state()
    given = [0]

    def step():
        if given[0] == 29:
            session.reset()
            session.get_current_state()
            given[0] = 0
        given[0] += 1
        return session.administer_item(given[0] % 2).next_item

    return step


CALIBRATES = ("2pl", "3pl", "grm", "gpcm")


def prepare(answers, model):
    return answers.astype(int), model.upper()


def calibrate(prepared, accelerate="none"):
    """With 61 nodes: its default of 21 ends up to 250 short of the greatest log-likelihood."""
    answers, model = prepared
    found = fit_mirt(
        answers,
        model=model,
        n_quadpts=61,
        max_iter=2000,
        compute_standard_errors=False,
        accelerate=accelerate,
    )
    return as_pool(found.model.parameters)


def as_pool(parameters):
    a = parameters["discrimination"].ravel()
    if "thresholds" in parameters:
        return engine.ItemPool.of(engine.Graded(a, parameters["thresholds"]))
    if "steps" in parameters:
        return engine.ItemPool.of(engine.PartialCredit(a, parameters["steps"]))
    c = parameters.get("guessing", np.zeros(a.size))
    return engine.ItemPool.build(a=a, b=parameters["difficulty"], c=c)
