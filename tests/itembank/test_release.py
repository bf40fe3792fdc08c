"""Releases: immutable, named by a hash of every byte, and honest about what they rest on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from itembank import (
    Framework,
    Item,
    Parameters,
    Release,
    ReleaseError,
    Scheme,
    Text,
    build_release,
    fingerprint,
)
from itembank.canonical import canonical_json

CALIBRATED = Parameters(model="2pl", a=1.0, b=0.0)


def calibrated(items: Sequence[Item]) -> list[Item]:
    return [item.model_copy(update={"parameters": CALIBRATED}) for item in items]


def test_the_hash_is_that_of_the_text(release: Release) -> None:
    assert release.hash == hashlib.sha256(release.to_json().encode("utf-8")).hexdigest()


def test_a_release_survives_being_stored(release: Release) -> None:
    again = Release.from_json(release.to_json(), release.hash)
    assert again == release
    assert again.hash == release.hash
    assert again.to_json() == release.to_json()


def test_the_order_of_the_items_does_not_matter(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme, release: Release
) -> None:
    backwards = build_release(reversed(items), framework, scheme, demonstration=True)
    assert backwards.hash == release.hash
    assert [item.id for item in backwards.items] == sorted(item.id for item in items)


CHANGES = {
    "stem": {"stem": Text(th="ก", en="a")},
    "key": {"key": "d"},
    "version": {"version": 2},
    "level": {"level": 3},
    "element": {"element": "DG203"},
    "rationale": {"rationale": Text(th="ก", en="a")},
    "parameters": {"parameters": CALIBRATED},
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_an_item_is_another_hash(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme, release: Release, change: str
) -> None:
    assert items[0].model_copy(update=CHANGES[change]) != items[0]
    changed = [items[0].model_copy(update=CHANGES[change]), *items[1:]]
    other = build_release(changed, framework, scheme, demonstration=True)
    assert other.hash != release.hash


@given(data=st.data())
def test_a_text_with_any_byte_changed_is_refused(release: Release, data: st.DataObject) -> None:
    text = release.to_json()
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        with pytest.raises(ReleaseError, match="the text was changed"):
            Release.from_json(changed, release.hash)


def test_a_text_spelled_otherwise_is_refused(release: Release) -> None:
    spaced = json.dumps(json.loads(release.to_json()), ensure_ascii=False, sort_keys=True)
    with pytest.raises(ReleaseError, match="canonical JSON"):
        Release.from_json(spaced)


def test_a_text_keeps_its_hash_when_fields_with_defaults_are_left_out(release: Release) -> None:
    data = json.loads(release.to_json())
    for item in data["items"]:
        del item["parameters"]["d"]
    older = canonical_json(data)
    assert Release.from_json(older).to_json() == older
    assert Release.from_json(older).items == release.items


def test_faults_of_a_foreign_text_come_in_one_error(release: Release) -> None:
    data = json.loads(release.to_json())
    data["format"] = "samatthana-release/9"
    data["items"][0]["key"] = "z"
    data["items"][1]["id"] = data["items"][0]["id"]
    data["items"][2]["parameters"]["a"] = 0.0
    data["items"][3]["options"][1]["id"] = "a"
    with pytest.raises(ReleaseError) as caught:
        Release.from_json(canonical_json(data))
    assert {
        "format",
        "items[0].key",
        "items[1].id",
        "items[2].parameters.a",
        "items[3].options[1].id",
    } <= {problem.where for problem in caught.value.problems}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"a":NaN}', "null"])
def test_a_text_that_is_no_release(text: str) -> None:
    with pytest.raises(ReleaseError):
        Release.from_json(text)


def test_a_release_cannot_be_changed(release: Release) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        release.demonstration = False  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        release.items[0].parameters.b = 9.0  # type: ignore[misc]


def test_a_demonstration_with_provisional_parameters_says_both(release: Release) -> None:
    assert (release.demonstration, release.provisional, release.specimen) == (True, True, True)
    assert {item.parameter_status for item in release.items} == {"provisional"}


def test_one_item_without_data_makes_a_release_provisional(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme
) -> None:
    mixed = [*calibrated(items[:-1]), items[-1]]
    release = build_release(mixed, framework, scheme, demonstration=True)
    assert release.provisional
    assert release.item(items[0].id).parameter_status == "calibrated"


def test_an_operational_release_is_no_specimen(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme
) -> None:
    release = build_release(calibrated(items), framework, scheme, demonstration=False)
    assert (release.demonstration, release.provisional, release.specimen) == (False, False, False)
    assert {item.parameters for item in release.items} == {CALIBRATED}


def test_an_operational_release_refuses_items_without_data_and_public_items(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme
) -> None:
    public = {fingerprint(items[0])}
    bank = [*calibrated(items[:2]), items[2]]
    with pytest.raises(ReleaseError) as caught:
        build_release(bank, framework, scheme, demonstration=False, public=public)
    places = [problem.where for problem in caught.value.problems]
    assert places == [items[0].id, f"{items[2].id}.parameters"]


def test_a_public_item_is_known_by_another_name_and_order(items: tuple[Item, ...]) -> None:
    item = items[0]
    renamed = {
        "id": "DG200-99",
        "version": 7,
        "options": tuple(reversed(item.options)),
        "rationale": Text(th="ก", en="a"),
    }
    assert fingerprint(item.model_copy(update=renamed)) == fingerprint(item)
    another_key = next(id for id in item.option_ids if id != item.key)
    assert fingerprint(item.model_copy(update={"key": another_key})) != fingerprint(item)


def test_faults_of_a_build_come_in_one_error(
    items: tuple[Item, ...], framework: Framework, scheme: Scheme
) -> None:
    stray = items[1].model_copy(update={"unit": "DG900"})
    with pytest.raises(ReleaseError) as caught:
        build_release([items[0], items[0], stray], framework, scheme, demonstration=True)
    assert [problem.value for problem in caught.value.problems] == [items[0].id, "DG900"]


def test_no_items_make_no_release(framework: Framework, scheme: Scheme) -> None:
    with pytest.raises(ReleaseError, match="at least one item"):
        build_release([], framework, scheme, demonstration=True)
