"""Whatever a file holds, the answer is a value or an error that names problems; nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from itembank import Framework, Release, Scheme
from itembank.canonical import canonical_json
from itembank.items import CONTENT, _parsed
from itembank.scheme import DRAFT_2569
from itembank.stimuli import stimuli_of
from itembank.yamlfile import YamlFile, read_yaml

ODD = [
    None,
    True,
    0,
    -1,
    1.5,
    "",
    "x",
    [],
    [None],
    [[]],
    ["x"],
    {},
    {"x": 1},
    {"th": 1},
    {"code": []},
]

SCHEME = read_yaml(DRAFT_2569).data
ITEMS = copy.deepcopy(read_yaml(CONTENT / "DG/DG200.yaml").data)
ITEMS["items"][0].update(family="f1", seconds=60, stimulus="DG-S01")
STIMULI = {"stimuli": [{"id": "DG-S01", "version": 1, "text": {"th": "ก", "en": "a"}}]}


def spoiled(data: Any, choose: st.DataObject) -> Any:
    """The data with one piece, at any depth, replaced or removed."""
    data = copy.deepcopy(data)
    inside = data
    while True:
        places = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        place = choose.draw(st.sampled_from(places))
        deeper = inside[place]
        if not isinstance(deeper, dict | list) or not deeper or choose.draw(st.integers(0, 3)) == 0:
            break
        inside = deeper
    if choose.draw(st.booleans()):
        inside[place] = choose.draw(st.sampled_from(ODD))
    else:
        del inside[place]
    return data


@settings(max_examples=80, deadline=None)
@given(choose=st.data())
def test_a_spoiled_scheme(framework: Framework, choose: st.DataObject) -> None:
    data = spoiled(SCHEME, choose)
    assert sound_or_named(lambda: Scheme.from_data(data, framework))


@settings(max_examples=50, deadline=None)
@given(choose=st.data())
def test_a_spoiled_framework(framework: Framework, choose: st.DataObject) -> None:
    text = canonical_json(spoiled(json.loads(framework.to_json()), choose))
    assert sound_or_named(lambda: Framework.from_json(text))


@settings(max_examples=50, deadline=None)
@given(choose=st.data())
def test_a_spoiled_release(release: Release, choose: st.DataObject) -> None:
    text = canonical_json(spoiled(json.loads(release.to_json()), choose))
    assert sound_or_named(lambda: Release.from_json(text))


@settings(max_examples=200, deadline=None)
@given(choose=st.data())
def test_a_spoiled_item_file(framework: Framework, choose: st.DataObject) -> None:
    shared = {"DG": stimuli_of(YamlFile("DG/stimuli.yaml", STIMULI), ["DG"])}
    data = spoiled(ITEMS, choose)
    items, problems = _parsed(YamlFile("DG/DG200.yaml", data), framework, shared)
    assert bool(items) != bool(problems)


@settings(max_examples=100, deadline=None)
@given(choose=st.data())
def test_a_spoiled_file_of_stimuli(framework: Framework, choose: st.DataObject) -> None:
    data = spoiled(STIMULI, choose)
    shared = stimuli_of(YamlFile("DG/stimuli.yaml", data), ["DG"])
    assert shared.stimuli or shared.problems
    # Items that name what cannot be read are no reason to fall over.
    _parsed(YamlFile("DG/DG200.yaml", ITEMS), framework, {"DG": shared})


def sound_or_named(read: Callable[[], object]) -> bool:
    """Whether reading gives a value, or an error that names at least one problem."""
    try:
        return read() is not None
    except InputError as error:
        return bool(error.problems)
