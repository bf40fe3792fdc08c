"""The engine as anyone calls it."""

import numpy as np

import engine
from calibration.estimation import calibrate as estimation
from calibration.responses import Responses

FEWER: dict[str, int] = {}


def simulate(pool, theta, among):
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=30), randomesque=among)
    return engine.simulate(design, theta, np.arange(theta.size)).report.theta


def eap(pool, answers):
    return engine.score(pool, answers, method="eap").theta


def map_(pool, answers):
    return engine.score(pool, answers, method="map").theta


def mle(pool, answers):
    return engine.score(pool, answers, method="mle").theta


def wle(pool, answers):
    return engine.score(pool, answers, method="wle").theta


def live_step(pool):
    """The public functions, with all their checks."""
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=30))
    shortcut = engine.Shortcut.of(design)
    state = engine.start(design, 2026)
    for place in range(9):
        state = engine.record(design, state, engine.next_item(design, state), place % 2)
    item = engine.next_item(design, state)

    def step():
        return engine.next_item(design, engine.record(design, state, item, 1), shortcut)

    return step


CALIBRATES = ("2pl", "3pl", "grm", "gpcm")


def prepare(answers, model):
    """Responses, which check themselves."""
    names = tuple(f"i{item}" for item in range(answers.shape[1]))
    return Responses(items=names, answers=answers), model


def calibrate(prepared):
    answers, model = prepared
    return estimation.calibrate(answers, model, priors=False, standard_errors="none").pool()
