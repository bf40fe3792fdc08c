import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chisquare

from engine.randomness import Stream, philox4x32, uniform

KNOWN = json.loads((Path(__file__).parents[1] / "reference" / "random123.json").read_text())


def words(values):
    return np.array([int(value, 16) for value in values], dtype=np.uint64)


@pytest.mark.parametrize("vector", KNOWN["vectors"])
def test_philox_gives_the_published_answers(vector):
    output = philox4x32(words(vector["counter"])[:, None], words(vector["key"])[:, None])
    assert output[:, 0].tolist() == words(vector["output"]).tolist()


def test_philox_of_a_batch_is_philox_of_each():
    counters = np.stack([words(v["counter"]) for v in KNOWN["vectors"]], axis=1)
    keys = np.stack([words(v["key"]) for v in KNOWN["vectors"]], axis=1)
    outputs = np.stack([words(v["output"]) for v in KNOWN["vectors"]], axis=1)
    assert (philox4x32(counters, keys) == outputs).all()


def test_the_seed_is_the_key_low_word_first_and_53_bits_are_kept():
    # From the first vector: words e169c58d 6627e8d5 as one number, its upper 53 bits over 2^53.
    expected = (0xE169C58D6627E8D5 >> 11) / 2**53
    assert uniform(np.array([0], dtype=np.uint64), 0, Stream.SELECT)[0] == expected


def test_every_bit_of_a_seed_counts():
    seeds = np.array([1 << bit for bit in range(64)], dtype=np.uint64)
    assert len(set(uniform(seeds, 0, Stream.SELECT))) == 64


def test_numbers_fill_the_unit_interval_evenly():
    seeds = np.random.default_rng(1).integers(0, 2**64, 50_000, dtype=np.uint64)
    for stream in Stream:
        u = uniform(seeds, 3, stream)
        assert (u >= 0).all()
        assert (u < 1).all()
        assert chisquare(np.histogram(u, bins=100, range=(0, 1))[0]).pvalue > 1e-3


def test_neighbouring_seeds_steps_and_streams_are_unrelated():
    seeds = np.arange(20_000, dtype=np.uint64)
    base = uniform(seeds, 0, Stream.SELECT)
    others = [
        uniform(seeds + np.uint64(1), 0, Stream.SELECT),
        uniform(seeds, 1, Stream.SELECT),
        uniform(seeds, 0, Stream.ANSWER),
    ]
    for other in others:
        # The correlation of independent numbers has standard error 1 / sqrt(n).
        assert abs(np.corrcoef(base, other)[0, 1]) < 4 / np.sqrt(seeds.size)


def test_a_number_depends_on_its_seed_step_and_stream_alone():
    seeds = np.array([9, 2**64 - 1, 5], dtype=np.uint64)
    steps = np.array([4, 0, 2])
    together = uniform(seeds, steps, Stream.ANSWER)
    alone = [uniform(seeds[i : i + 1], steps[i], Stream.ANSWER)[0] for i in range(3)]
    assert together.tolist() == alone
