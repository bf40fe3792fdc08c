"""TestDesign's three specifications in the constraint language, and the best forms they allow.

TestDesign: Choi, Lim & van der Linden (2022), *Applied Psychological Measurement* 46, 421-423. `testdesign`
translates the same files straight into the engine's constraints; here they pass through the language.
"""

import re

import numpy as np
import pytest

from calibration.assembly import Aim, Goal, Plan, assemble
from engine import models
from engine.constraints import compile, conflict, solve
from itembank.blueprint import Attributes, Blueprint
from tests.reference import testdesign

POOLS = ["fatigue", "science", "reading"]


def words(row, columns):
    """One row of a file of constraints as an entry of the constraint language."""
    name, kind, condition = row["CONSTRAINT_ID"], row["TYPE"], row["CONDITION"]
    bounds = {key: int(row[end]) for key, end in (("min", "LB"), ("max", "UB")) if row[end]}
    lists = {
        "Enemy": "enemies",
        "Include": "include",
        "Exclude": "exclude",
        "AllOrNone": "together",
    }
    if kind == "Order":
        return {"name": name, "order": condition}
    if row["WHAT"] == "Stimulus":
        return {"name": name, "sets": "STID", "count": bounds}
    if condition == "Per Stimulus":
        return {"name": name, "sets": "STID", "items": bounds}
    if condition in columns:
        return {"name": name, "each": condition, **bounds}
    if kind in lists:
        return {"name": name, lists[kind]: translated(condition)}
    return {"name": name, **({"where": translated(condition)} if condition else {}), **bounds}


def translated(condition):
    """A condition of R in the words of `where`."""
    text = re.sub(r"!is\.na\((\w+)\)", r"not missing(\1)", condition)
    text = re.sub(r"%in% c\((.*?)\)", r"in [\1]", text).replace("&", "and")
    return re.sub(r"\bID\b", "item", text)


def compiled(name):
    rows = testdesign._rows(f"itemattrib_{testdesign.NAMES[name]}.csv")
    columns = testdesign.columns(rows)
    attributes = Attributes.of(columns["ID"].tolist(), {k: v.tolist() for k, v in columns.items()})
    data = [
        words(row, columns)
        for row in testdesign._rows(f"constraints_{testdesign.NAMES[name]}.csv")
        if row["ONOFF"] != "OFF"
    ]
    return Blueprint.of(data).over(attributes)


@pytest.fixture(scope="module", params=POOLS)
def both(request):
    """A specification through the language, and the same straight into the engine's constraints."""
    if not testdesign.FOLDER.is_dir():
        pytest.skip(f"the data of TestDesign are not in {testdesign.FOLDER}")
    return compiled(request.param), testdesign.load(request.param)


def test_the_language_says_what_the_files_say(both):
    language, direct = both
    rng = np.random.default_rng(1)
    n_items = language.specification.n_items
    one, other = compile(language.specification), compile(direct.specification)
    for _ in range(3):
        worth = rng.random(n_items)
        best = solve(one, worth)
        assert direct.specification.satisfied(best.items) == ()
        assert best.objective == pytest.approx(solve(other, worth).objective, abs=1e-6)
    for _ in range(50):
        items = rng.choice(n_items, 30, replace=False)
        broken = [
            not spec.satisfied(items) for spec in (language.specification, direct.specification)
        ]
        assert broken[0] == broken[1]


def test_forms_satisfy_everything_and_none_is_better(both):
    language, direct = both
    theta = np.array([0.0])
    information = models.information(direct.pool, theta)
    goal = Goal(aim=Aim.SUM, theta=theta, levels=[1.0])
    plan = Plan(specification=language.specification, information=information, goal=goal)
    found = assemble(plan, time_limit=60)
    assert found.status == "optimal"
    assert language.specification.satisfied(found.forms[0]) == ()
    exact = solve(compile(direct.specification), information[0], time_limit=60)
    assert found.objective == pytest.approx(exact.objective, abs=1e-6)


def test_a_demand_too_many_is_found_among_all_of_them(both):
    specification = both[0].specification
    low, _ = specification.length
    shorter = type(specification)(
        n_items=specification.n_items,
        length=low - 3,
        constraints=specification.constraints,
        length_name=specification.length_name,
    )
    told = conflict(shorter, time_limit=30)
    assert told.minimal
    assert specification.length_name in told.names
    for name in told.names:
        rest = [other for other in told.names if other != name]
        assert solve(compile(shorter.only(rest)), np.zeros(specification.n_items)).found
    assert not solve(compile(shorter.only(told.names)), np.zeros(specification.n_items)).found
