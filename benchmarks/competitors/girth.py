"""girth, whose posterior means hold all densities in memory at once."""

import numpy as np
from girth import ability_3pl_eap, ability_3pl_map, tag_missing_data, twopl_mml

import engine

FEWER = {"eap": 10, "map_": 100}


def eap(pool, answers):
    """With as wide a grid as the others; the default, -4.5 to 4.5, errs by up to 1e-4 here."""
    options = {"quadrature_bounds": (-6, 6), "quadrature_n": 61}
    return ability_3pl_eap(answers.T, pool.b, pool.a, pool.c, options=options)


def map_(pool, answers):
    return ability_3pl_map(answers.T, pool.b, pool.a, pool.c)


CALIBRATES = ("2pl",)


def prepare(answers, model):
    return tag_missing_data(np.ascontiguousarray(answers.T, dtype=np.int64), [0, 1])


def calibrate(prepared):
    """With 61 nodes over the range of the others."""
    options = {"quadrature_n": 61, "quadrature_bounds": (-6, 6), "max_iteration": 200}
    found = twopl_mml(prepared, options=options)
    return engine.ItemPool.build(a=found["Discrimination"], b=found["Difficulty"])
