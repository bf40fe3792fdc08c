"""The next item for answers given anywhere: what may be said of them."""

import pytest

import engine
from engine.advice import Question, advise
from engine.selection import RULES

POOL = engine.ItemPool.build(a=[1.0, 1.2, 0.8], b=[0.0, 1.0, -1.0])
QUESTION = Question(rule=RULES["mfi"], prior=engine.NormalPrior(), grid=engine.Grid())


@pytest.mark.parametrize(
    ("items", "categories", "where"),
    [
        ([0.7], [1], {"items"}),
        (["x"], [1], {"items"}),
        ([2**70], [1], {"items"}),
        ([True], [1], {"items"}),
        ([[0], [1]], [0, 1], {"items"}),
        ([0], [1.9], {"categories"}),
        ([0], [float("nan")], {"categories"}),
        (None, None, {"items", "categories"}),
        ([0, 1, 0], [1, 1, 1], {"items[2]"}),
        ([-1, 3], [0, 0], {"items[0]", "items[1]"}),
        ([0], [2], {"categories[0]"}),
        ([0], [], {"categories"}),
    ],
)
def test_answers_that_are_none_are_named(items, categories, where):
    # A fraction cut down to the whole number below would be an answer to another item.
    with pytest.raises(engine.AnswerError) as error:
        advise(POOL, items, categories, QUESTION)
    assert {problem.where for problem in error.value.problems} == where


def test_without_answers_the_start_decides():
    # Information of two-parameter items peaks at b with a^2 / 4: 0.36 at 1 for item 1.
    start = Question(
        rule=RULES["mfi"], prior=engine.NormalPrior(), grid=engine.Grid(), start_theta=1.0
    )
    advice = advise(POOL, [], [], start)
    assert advice.chosen == 1
    assert advice.theta == 1.0
    assert advice.criterion[1] == pytest.approx(0.36)
