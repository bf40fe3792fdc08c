"""What constraints demand, in words."""

import re

import numpy as np
import pytest

from engine.constraints import kinds
from engine.constraints.kinds import Bound, Enemies, Family, Mean, Sets, Shares
from engine.constraints.quota import Quota
from engine.constraints.specification import Specification
from itembank.blueprint.blueprint import Compiled
from itembank.blueprint.words import demanded, demands, ends_in_words
from itembank.blueprint.words.demands import WORDS

ONES, GROUPS = np.ones(6), np.array([0, 0, 1, 1, 2, 2])
ALL = np.ones(6, dtype=bool)


@pytest.mark.parametrize(
    ("low", "high", "english", "thai"),
    [
        (4, 4, "4", "4"),
        (2, 4, "2 to 4", "2 ถึง 4"),
        (2, None, "at least 2", "อย่างน้อย 2"),
        (2, np.inf, "at least 2", "อย่างน้อย 2"),
        (-np.inf, 4.5, "at most 4.5", "ไม่เกิน 4.5"),
        (None, None, "any number", "เท่าใดก็ได้"),
    ],
)
def test_ends(low, high, english, thai):
    assert ends_in_words(low, high, "en") == english
    assert ends_in_words(low, high, "th") == thai


@pytest.mark.parametrize(
    ("constraint", "english", "thai"),
    [
        (Bound(name="x", coefficients=ONES, low=2), "at least 2", "อย่างน้อย 2"),
        (Family(name="x", items=[0, 1, 2], most=2), "at most 2", "ไม่เกิน 2"),
        (Enemies(name="x", items=[0, 1]), "at most one", "ไม่เกินหนึ่งข้อ"),
        (Mean(name="x", values=ONES, where=ALL, high=3), "a mean of at most 3", "ค่าเฉลี่ย ไม่เกิน 3"),
        (
            Shares(name="x", groups=GROUPS, low=0.25, high=0.5),
            "a share of 0.25 to 0.5",
            "สัดส่วน 0.25 ถึง 0.5",
        ),
        (
            Quota(name="x", where=ALL, share=0.25),
            "a share of 0.25, rounded down or up",
            "สัดส่วน 0.25 ปัดลงหรือปัดขึ้น",
        ),
        (
            Sets(name="x", stimulus=GROUPS, low=1, high=2, least=2, most=2),
            "2 sets, 1 to 2 items of each",
            "2 ชุด ชุดละ 1 ถึง 2 ข้อ",
        ),
    ],
)
def test_each_kind_says_what_it_demands_and_of_how_many_items(constraint, english, thai):
    specification = Specification(n_items=6, length=3, constraints=(constraint,))
    for meant, ends in (({}, ("", "")), ({"x": 5}, ("; 5 items", " จากข้อสอบที่เข้าเงื่อนไข 5 ข้อ"))):
        compiled = Compiled(specification=specification, labels={}, meant=meant)
        assert demanded(compiled, "x") == english + ends[0] + " of the pool are meant" * bool(meant)
        assert demanded(compiled, "x", "th") == thai + ends[1] + "ในคลัง" * bool(meant)
    assert demanded(compiled, specification.length_name) == "3 items; the pool has 6"
    assert demanded(compiled, specification.length_name, "th") == "3 ข้อ คลังมี 6 ข้อ"


def test_every_kind_there_is_has_words_in_both_languages():
    there = {
        each.__name__.lower()
        for each in vars(kinds).values()
        if isinstance(each, type) and "name" in getattr(each, "__dataclass_fields__", {})
    }
    assert {"bound", "setbound", "together", "exclude", "order"} <= there
    for kind in there - {"measure"}:
        assert demands(kind, (1, 2), "en", share=0.5)
        assert re.search("[\u0e00-\u0e7f]", demands(kind, (1, 2), "th", share=0.5))
    assert WORDS.words("en").keys() == WORDS.words("th").keys()
