"""Worked examples of a textbook: Baker, F. B. (2001). The basics of item response theory (2nd ed.).

ERIC Clearinghouse on Assessment and Evaluation. Its figures are printed to two places, the last
ability to four. They are quoted without the book at hand; what does not rest on them is worked out
here once more by the formulas of the same chapters.
"""

import numpy as np
import pytest

import engine
from engine import models

ABILITIES = np.arange(-3.0, 4.0)


@pytest.mark.parametrize(
    ("a", "b", "c", "printed"),
    [
        (0.5, 1.0, 0.0, [0.12, 0.18, 0.27, 0.38, 0.50, 0.62, 0.73]),
        (1.3, 1.5, 0.2, [0.20, 0.21, 0.23, 0.30, 0.47, 0.73, 0.90]),
    ],
    ids=["two parameters", "three parameters"],
)
def test_item_characteristic_curves_of_chapter_2(a, b, c, printed):
    pool = engine.ItemPool.build(a=a, b=[b], c=c)
    assert np.round(models.probability(pool, ABILITIES)[:, 0], 2).tolist() == printed


def test_the_maximum_likelihood_estimate_of_chapter_5():
    # Three items, answered right, wrong, right. Newton's method from 1, as the chapter works it,
    # comes after three steps to 0.3249 in the book and 0.3248 with unrounded sums.
    a, b, right = np.array([1.0, 1.2, 0.8]), np.array([-1.0, 0.0, 1.0]), np.array([1, 0, 1])
    theta = 1.0
    for _ in range(3):
        p = 1 / (1 + np.exp(-a * (theta - b)))
        theta += (a * (right - p)).sum() / (a * a * p * (1 - p)).sum()
    pool = engine.ItemPool.build(a=a, b=b)
    score = engine.score(pool, [right], method="mle")
    assert score.theta[0] == pytest.approx(theta, abs=1e-6)
    assert score.theta[0] == pytest.approx(0.3249, abs=2e-4)
    assert round(score.se[0], 2) == 1.23
