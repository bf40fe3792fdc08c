"""The engine without compiled code: the readable reference."""

import numpy as np

import engine

FEWER = {"simulate": 100, "eap": 5}


def simulate(pool, theta, among):
    design = engine.Design(pool=pool, stopping=engine.StoppingRule(max_items=30), randomesque=among)
    return engine.simulate(design, theta, np.arange(theta.size), compiled=False).report.theta


def eap(pool, answers):
    return engine.eap(pool, answers, compiled=False).theta
