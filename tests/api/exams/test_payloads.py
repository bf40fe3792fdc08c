"""No byte sent to a candidate during an exam tells a key, a parameter or an estimate."""

from __future__ import annotations

import itertools
import json
import re

from api.bank.opening import demonstration_catalogue
from tests.api.people import Candidate, Service, always_right, always_wrong

FORBIDDEN_NAMES = {
    "key", "rationale", "parameters", "a", "b", "c", "d", "level", "theta", "se", "category",
    "correct", "right", "score", "probability", "probability_of_cuts", "fingerprint", "seed",
}  # fmt: skip


def names_in(value) -> set[str]:
    """Every name used in a JSON value, at any depth."""
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in names_in(each)}
    if isinstance(value, list):
        return {name for each in value for name in names_in(each)}
    return set()


def test_no_reply_during_an_exam_names_a_key_parameter_or_estimate(candidate: Candidate):
    candidate.get("/exam")
    session = candidate.start("DLit", "DTr")
    candidate.answer_section(session, always_right())
    candidate.get(f"/sessions/{session}")
    item = candidate.open_section(session)
    candidate.answer(session, item, "a")
    candidate.answer(session, item, "b")
    candidate.get(f"/sessions/{session}/log")
    assert len(candidate.replies) > 12
    for reply in candidate.replies:
        assert names_in(json.loads(reply)) & FORBIDDEN_NAMES == set()


def test_no_reply_during_an_exam_contains_a_rationale(candidate: Candidate):
    session = candidate.start("DLit")
    candidate.answer_section(session, always_wrong())
    everything = b"".join(candidate.replies).decode()
    for item in demonstration_catalogue().in_force().release.items:
        for words in (item.rationale.th, item.rationale.en):
            assert words not in everything


def test_replies_to_right_and_wrong_answers_have_the_same_shape(service: Service):
    """Nothing but the choice of the next item may depend on whether an answer was right."""
    shapes = []
    for name, choose in (("right.test", always_right()), ("wrong.test", always_wrong())):
        candidate = service.register(name)
        session = candidate.start("DLit")
        item = candidate.open_section(session)
        reply = candidate.answer(session, item, choose(item)).json()
        shapes.append(
            (sorted(reply), sorted(reply["next_item"]), sorted(reply["next_item"]["options"][0]))
        )
    assert shapes[0] == shapes[1]


def test_item_ids_do_not_sort_by_difficulty():
    """An id is the unit and a running number; a candidate sees it, so it must not tell the level."""
    items = demonstration_catalogue().in_force().release.items
    assert all(re.fullmatch(r"[A-Za-z]+\d{3}-\d{2}", item.id) for item in items)
    in_order = [item.level for item in sorted(items, key=lambda item: item.id)]
    steps = [later - earlier for earlier, later in itertools.pairwise(in_order)]
    assert any(step < 0 for step in steps)


def test_a_candidate_cannot_read_the_log(candidate: Candidate):
    session = candidate.start("DG")
    assert candidate.get(f"/sessions/{session}/log").status_code == 403
