"""The compiled E-step against the same sums written out in numpy."""

import numpy as np
import pytest

from calibration.estimation.encoding import Encoding
from calibration.estimation.expectation import expect
from calibration.estimation.sums import Sums
from tests.calibration.estimation_cases import NODES


def encoding_of(sizes, gaps, listed):
    sizes = np.array(sizes)
    return Encoding(
        items=np.arange(sizes.size),
        sizes=sizes,
        categories=np.tile(np.arange(-1, 127), (sizes.size, 1)),
        gaps=np.full(sizes.size, gaps),
        listed=listed,
    )


def problem(sizes, n, share_missing, n_groups, seed=1):
    rng = np.random.default_rng(seed)
    answers = np.stack([rng.integers(0, size, n) for size in sizes], axis=1).astype(np.int8)
    answers[rng.random(answers.shape) < share_missing] = -1
    group = rng.integers(0, n_groups, n).astype(np.int32)
    weight = rng.uniform(0.5, 3.0, n)
    table = -4.0 * rng.random((sum(sizes), NODES.size))
    density = np.log(rng.dirichlet(np.ones(NODES.size), n_groups))
    return answers, group, weight, table, density


def plain(sizes, answers, group, weight, table, density):
    """Counts, mass, log-likelihood and the smallest posterior variance, one person at a time."""
    firsts = np.cumsum([0, *sizes[:-1]])
    counts, mass, total, narrowest = np.zeros_like(table), np.zeros_like(density), 0.0, np.inf
    for person, row in enumerate(answers):
        rows = [firsts[item] + answer for item, answer in enumerate(row) if answer >= 0]
        if not rows:
            continue
        joint = np.exp(density[group[person]] + table[rows].sum(axis=0))
        posterior = joint / joint.sum()
        total += weight[person] * np.log(joint.sum())
        counts[rows] += weight[person] * posterior
        mass[group[person]] += weight[person] * posterior
        mean = posterior @ NODES
        narrowest = min(narrowest, posterior @ NODES**2 - mean**2)
    return Sums(counts=counts, mass=mass, log_likelihood=total, narrowest=narrowest)


def assert_same(found, expected, rtol=1e-11):
    np.testing.assert_allclose(found.counts, expected.counts, rtol=rtol, atol=1e-11)
    np.testing.assert_allclose(found.mass, expected.mass, rtol=rtol, atol=1e-11)
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, rel=1e-12)
    assert found.narrowest == pytest.approx(expected.narrowest, rel=1e-9)


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(
    ("sizes", "share_missing", "n_groups"),
    [
        ([2] * 9, 0.0, 1),  # two groups of items
        ([2] * 41, 0.0, 1),  # more than four groups, which are looked up at once
        ([2, 5, 3] * 5, 0.3, 3),
        ([2, 5, 3] * 5, 0.9, 2),  # some answer nothing
        ([127, 3], 0.1, 1),  # as many categories as there can be
    ],
)
def test_sums_are_those_of_the_definition(sizes, share_missing, n_groups, listed):
    answers, group, weight, table, density = problem(sizes, 333, share_missing, n_groups)
    encoding = encoding_of(sizes, share_missing > 0, listed)
    parts = list(encoding.parts(answers, group, weight))
    found = expect(parts, encoding, table, density, NODES)
    assert_same(found, plain(sizes, answers, group, weight, table, density))


def test_identical_persons_are_counted_once_with_their_weights():
    sizes = [2] * 5
    answers, group, weight, table, density = problem(sizes, 4000, 0.0, 1)
    encoding = encoding_of(sizes, gaps=False, listed=False)
    parts = list(encoding.parts(answers, group, weight))
    assert sum(part.weight.size for part in parts) == 32
    found = expect(parts, encoding, table, density, NODES)
    assert_same(found, plain(sizes, answers, group, weight, table, density))


def test_sums_of_parts_add_up_to_those_of_the_whole():
    sizes = [2, 4] * 6
    answers, group, weight, table, density = problem(sizes, 5000, 0.2, 2)
    encoding = encoding_of(sizes, gaps=True, listed=False)

    def sums(rows):
        parts = list(encoding.parts(answers[rows], group[rows], weight[rows]))
        return expect(parts, encoding, table, density, NODES)

    whole = sums(slice(None))
    added = sums(slice(0, 1234)) + sums(slice(1234, 4000)) + sums(slice(4000, None))
    assert_same(added, whole)


@pytest.mark.parametrize("listed", [False, True])
def test_threads_do_not_change_a_bit(listed):
    sizes = [2] * 30
    answers, group, weight, table, density = problem(sizes, 5000, 0.1, 1)
    encoding = encoding_of(sizes, gaps=True, listed=listed)
    parts = list(encoding.parts(answers, group, weight))
    one, two, four = (expect(parts, encoding, table, density, NODES, n) for n in (1, 2, 4))
    for other in (two, four):
        assert other.log_likelihood == one.log_likelihood
        np.testing.assert_array_equal(other.counts, one.counts)


@pytest.mark.parametrize("n_nodes", [3, 16, 61, 100])
def test_any_number_of_nodes_gives_posteriors_that_sum_to_one(n_nodes):
    nodes = np.linspace(-4.0, 4.0, n_nodes)
    encoding = encoding_of([2] * 10, gaps=False, listed=False)
    answers = np.random.default_rng(5).integers(0, 2, (200, 10)).astype(np.int8)
    table = np.log(np.full((20, n_nodes), 0.5))
    density = np.log(np.full((1, n_nodes), 1.0 / n_nodes))
    found = expect(list(encoding.parts(answers, None, None)), encoding, table, density, nodes)
    assert found.mass.sum() == pytest.approx(200.0, rel=1e-13)
    assert found.log_likelihood == pytest.approx(200 * 10 * np.log(0.5), rel=1e-13)


def test_exponentials_keep_their_precision_over_the_whole_range():
    # Two nodes, one item: the posterior of the second node is exp(x) / (1 + exp(x)).
    encoding = encoding_of([2], gaps=False, listed=True)
    nodes, answers = np.array([0.0, 1.0]), np.zeros((1, 1), dtype=np.int8)
    parts = list(encoding.parts(answers, None, None))
    for x in -np.geomspace(1e-3, 650.0, 200):
        table = np.array([[0.0, x], [0.0, 0.0]])
        found = expect(parts, encoding, table, np.zeros((1, 2)), nodes)
        expected = np.exp(x) / (1.0 + np.exp(x))
        assert found.mass[0, 1] == pytest.approx(expected, rel=1e-12, abs=1e-300)
