"""Products that are the same to the last bit however they are computed."""

from fractions import Fraction

import numpy as np
import pytest

from engine.products import Factor, product

RNG = np.random.default_rng(3)


def exact(weights, rows):
    """The sums in rational arithmetic."""
    return np.array(
        [
            [
                float(sum(Fraction(w) * Fraction(t) for w, t in zip(ws, ts, strict=True)))
                for ts in rows
            ]
            for ws in weights
        ]
    )


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1.0, 2000.0, 1e200])
@pytest.mark.parametrize("n_nodes", [3, 33, 121, 1000])
def test_a_product_is_right_to_thirteen_digits_of_a_row(scale, n_nodes):
    weights = RNG.random((3, n_nodes))
    weights /= weights.sum(axis=1, keepdims=True)
    rows = scale * RNG.normal(size=(4, n_nodes))
    largest = np.abs(rows).max(axis=1)
    error = np.abs(product(weights, Factor.of(rows)) - exact(weights, rows))
    assert (error <= 3e-14 * largest).all()


def test_signs_and_zeros_are_kept():
    weights = np.array([[-1.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
    rows = np.array([[1.0, 0.5, 7.0], [0.0, 0.0, 0.0]])
    assert product(weights, Factor.of(rows)).tolist() == [[0.0, 0.0], [0.0, 0.0]]


@pytest.mark.parametrize("n_rows", [1, 7, 40, 999])
def test_every_bit_is_the_same_in_any_batch_and_any_place(n_rows):
    # With a plain matrix product each of these comparisons fails on common processors.
    weights = RNG.random((150, 121))
    rows = RNG.normal(size=(n_rows, 121))
    rows[-1] = rows[0]
    whole = product(weights, Factor.of(rows))
    assert (whole[:, 0] == whole[:, -1]).all()
    for n in (1, 2, 3, 17, 64, 149):
        assert (product(weights[:n], Factor.of(rows)) == whole[:n]).all()
    order = RNG.permutation(n_rows)
    assert (product(weights, Factor.of(rows[order])) == whole[:, order]).all()
