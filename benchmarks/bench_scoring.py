"""EAP estimates of whole patterns: 100,000 candidates who answered 40 items.

Peer: `textbook.eap`, measured on fewer candidates and scaled. Zero: the number of right answers.
"""

import pytest

import engine
from benchmarks import problems, textbook
from benchmarks.compare import note, seconds

FEW = 200


def test_eap(benchmark):
    pool = problems.pool(40)
    answers = problems.answers(pool, 100_000)
    check(pool, answers)

    benchmark.pedantic(engine.eap, args=(pool, answers), rounds=3, warmup_rounds=1)
    few = seconds(lambda: by_the_book(pool, answers[:FEW]))
    zero = seconds(lambda: answers.sum(axis=1))
    peer = few * len(answers) / FEW
    note(benchmark, units=len(answers), unit="candidates", peer=peer, zero=zero)


def check(pool, answers):
    score = engine.eap(pool, answers[:20])
    for who, expected in enumerate(by_the_book(pool, answers[:20])):
        assert (score.theta[who], score.se[who]) == pytest.approx(expected)


def by_the_book(pool, answers):
    every = list(range(len(pool)))
    return [textbook.eap(pool, every, pattern) for pattern in answers]
