"""The three pools that TestDesign ships (Choi, Lim & van der Linden, 2022), with their specifications.

Fatigue: 95 graded items; Science: 1,000 items, 3PL and generalised partial credit; Reading: 303 such
items in 35 passages. The files are not part of this repository: tests that need them are skipped
where the folder `shared` beside it is absent.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import engine
from engine.constraints import (
    Bound,
    Enemies,
    Exclude,
    Include,
    Order,
    Sets,
    Specification,
    Together,
)
from engine.families import Graded, Logistic, PartialCredit

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "testdesign"
NAMES = {"fatigue": "fatigue_95", "science": "science_1000", "reading": "reading_303"}

needs_files = pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"the data of TestDesign are not in {FOLDER}"
)


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """A pool, what its tests must satisfy, and the attributes behind that."""

    pool: engine.ItemPool
    specification: Specification
    attributes: dict[str, np.ndarray]
    """Columns by their names in capitals, shape (n_items,) each; text, "" where it is missing."""


def load(name):
    """The pool and specification of `fatigue`, `science` or `reading`."""
    attributes = columns(_rows(f"itemattrib_{NAMES[name]}.csv"))
    n_items = len(attributes["ID"])
    constraints, length = [], None
    for row in _rows(f"constraints_{NAMES[name]}.csv"):
        if row["ONOFF"] == "OFF":
            continue
        if row["WHAT"] == "Item" and not row["CONDITION"]:
            length = (int(row["LB"]), int(row["UB"]))
        else:
            constraints += translated(row, attributes)
    specification = Specification(
        n_items=n_items, length=length, constraints=tuple(merged(constraints))
    )
    pool = _pool(_rows(f"itempool_{NAMES[name]}.csv"))
    return Blueprint(pool=pool, specification=specification, attributes=attributes)


def translated(row, attributes):
    """Yield the constraints that one row of a file of constraints stands for."""
    name, kind, condition = row["CONSTRAINT_ID"], row["TYPE"], row["CONDITION"]
    low, high = float(row["LB"] or -np.inf), float(row["UB"] or np.inf)
    if kind == "Order":
        yield Order(name=name, values=attributes[condition].astype(float))
    elif row["WHAT"] == "Stimulus":
        yield Sets(name=name, stimulus=stimuli(attributes), least=low, most=high)
    elif condition == "Per Stimulus":
        yield Sets(name=name, stimulus=stimuli(attributes), low=low, high=high)
    elif condition in attributes:
        for value in sorted(set(attributes[condition])):
            ones = (attributes[condition] == value).astype(float)
            yield Bound(name=f"{name} {condition} {value}", coefficients=ones, low=low, high=high)
    elif kind == "Number":
        meant = met(condition, attributes).astype(float)
        yield Bound(name=name, coefficients=meant, low=low, high=high)
    else:
        kinds = {"Enemy": Enemies, "Include": Include, "Exclude": Exclude, "AllOrNone": Together}
        yield kinds[kind](name=name, items=np.flatnonzero(met(condition, attributes)))


def merged(constraints):
    """The two halves of what is said of passages as one constraint, which names a conflict better."""
    halves = [each for each in constraints if isinstance(each, Sets)]
    if len(halves) < 2:
        return constraints
    both = Sets(
        name=" and ".join(half.name for half in halves),
        stimulus=halves[0].stimulus,
        low=max(half.low for half in halves),
        high=min(half.high for half in halves),
        least=max(half.least for half in halves),
        most=min(half.most for half in halves),
    )
    return [both, *(each for each in constraints if not isinstance(each, Sets))]


def met(condition, attributes):
    """Which items meet a condition of R, such as `DOK >= 2 & TYPE %in% c("MC", "CR")`."""
    parts = [_part(part.strip(), attributes) for part in condition.split("&")]
    return np.logical_and.reduce(parts)


def stimuli(attributes):
    """The passage of each item, numbered as they come in the file."""
    ids = attributes["STID"]
    numbers = {name: place for place, name in enumerate(dict.fromkeys(ids))}
    return np.array([numbers[name] for name in ids])


def columns(rows):
    """A file's columns by their names in capitals."""
    return {name.upper(): np.array([row[name] for row in rows]) for name in rows[0]}


def _part(part, attributes):
    if match := re.fullmatch(r"!is\.na\((\w+)\)", part):
        return attributes[match[1]] != ""
    if match := re.fullmatch(r"(\w+) %in% c\((.*)\)", part):
        return np.isin(attributes[match[1]], [word.strip(' "') for word in match[2].split(",")])
    name, operator, value = re.fullmatch(r'(\w+) (==|>=|<) "?([^"]*)"?', part).groups()
    if operator == "==":
        return attributes[name] == value
    numbers = attributes[name].astype(float)
    return numbers >= float(value) if operator == ">=" else numbers < float(value)


def _pool(rows):
    numbers = np.array(
        [[float(row[name] or "nan") for name in row if name.startswith("PAR")] for row in rows]
    )
    models = np.array([row["MODEL"] for row in rows])
    build = {
        "3PL": lambda p: Logistic(p[:, 0], p[:, 1], p[:, 2], np.ones(len(p))),
        "GPC": lambda p: PartialCredit(p[:, 0], p[:, 1:]),
        "GR": lambda p: Graded(p[:, 0], p[:, 1:]),
    }
    used = [model for model in build if model in models]
    places = [np.flatnonzero(models == model) for model in used]
    blocks = [build[model](numbers[rows]) for model, rows in zip(used, places, strict=True)]
    return engine.ItemPool.of(*blocks, places=places)


def _rows(name):
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))
