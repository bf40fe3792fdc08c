"""One step of a live exam: record an answer, choose the next item.

Peer: `textbook.next_item`. Zero: copying what the state remembers of the answers, and taking the
first item not given.
"""

import numpy as np
import pytest

import engine
from benchmarks import problems, textbook
from benchmarks.compare import note, seconds

CALLS = 200


@pytest.mark.parametrize("n_items", [15, 500, 5000])
def test_plain_step(benchmark, n_items):
    exam = problems.plain(n_items)
    state, items, answers = halfway(exam)
    check(exam, state, items, answers)
    item = engine.next_item(exam, state)

    benchmark(step, exam, state, item)
    peer = seconds(lambda: repeat(textbook.next_item, exam.pool, items, answers)) / CALLS
    note(benchmark, units=1, unit="steps", peer=peer, zero=zero_step(state, n_items))


def test_section_step(benchmark):
    """With content balance, chance, three cuts and a decision to wait for; no peer does this."""
    exam = problems.section()
    state, items, answers = halfway(exam)
    check_estimate(exam, state, items, answers)
    item = engine.next_item(exam, state)

    benchmark(step, exam, state, item)
    note(benchmark, units=1, unit="steps", peer=None, zero=zero_step(state, len(exam.pool)))


def step(exam, state, item):
    return engine.next_item(exam, engine.record(exam, state, item, 1))


def halfway(exam):
    """The state, items and answers after six answers, right and wrong in turn."""
    state = engine.start(exam, 2026)
    for place in range(6):
        state = engine.record(exam, state, engine.next_item(exam, state), place % 2)
    return state, state.items[0, :6].tolist(), state.categories[0, :6].tolist()


def check(exam, state, items, answers):
    check_estimate(exam, state, items, answers)
    assert engine.next_item(exam, state)[0] == textbook.next_item(exam.pool, items, answers)


def check_estimate(exam, state, items, answers):
    expected = textbook.eap(exam.pool, items, answers)
    assert (state.theta[0], state.se[0]) == pytest.approx(expected)


def zero_step(state, n_items):
    return seconds(lambda: repeat(first_unused, state, n_items)) / CALLS


def first_unused(state, n_items):
    given = np.zeros(n_items, dtype=bool)
    given[state.items[0, : state.n_given[0]].copy()] = True
    return int((~given).argmax())


def repeat(work, *arguments):
    for _ in range(CALLS):
        work(*arguments)
