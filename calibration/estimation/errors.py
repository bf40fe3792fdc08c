"""Standard errors: from the observed information, and robust to a model that is not quite true.

The observed information is exact, that of the complete data less what is missing (Louis, 1982),
not a difference of gradients. With it the covariance of the estimates is I^-1; robust is the
sandwich I^-1 S I^-1 with S the sum of products of the persons' scores (Huber, 1967; White, 1982).

Read `standard_errors` first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.linalg import block_diag

from calibration.estimation.latent import LatentModel, Normal
from calibration.estimation.missing_information import PersonSums, accuracy, person_sums
from calibration.estimation.score_basis import ScoreBasis
from calibration.estimation.target import Evaluation, Target
from calibration.families.layout import Layout
from engine.arrays import FloatArray

FLATTEST = 1e-9
"""Directions in which the information, its diagonal scaled to 1, is less than this are unknown."""

SMALL = 64
"""Matrices up to this size are factored at once."""

TAKES_PART = 0.1
"""A parameter with a larger part in such a direction has no standard error."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StandardErrors:
    """How well the free parameters are known.

    Attributes
    ----------
    information
        Observed information, priors included, shape (n, n): parameters phi, then the groups' y.
    covariance
        Of the estimates, if the model is true; NaN for what is not identified, shape (n, n).
    robust
        The same if it is not quite; None unless asked for. Weights count as numbers of persons.
    unidentified
        Places of parameters that the data leave unknown.
    """

    information: FloatArray
    covariance: FloatArray
    robust: FloatArray | None
    unidentified: tuple[int, ...]


def standard_errors(target: Target, at: Evaluation, *, robust: bool = False) -> StandardErrors:
    """Return the covariances of the estimates at the maximum; one pass over the persons.

    An empirical latent density is taken as known.
    """
    basis, sums = _missing(target, at, robust)
    spread = _spread(target.layout, basis)
    information = complete_information(target, at) - _around(spread, sums.missing)
    covariance, unidentified = _inverse(information)
    sandwich = None
    if sums.products is not None:
        sandwich = covariance @ _around(spread, sums.products) @ covariance
    return StandardErrors(
        information=information, covariance=covariance, robust=sandwich, unidentified=unidentified
    )


def complete_information(target: Target, at: Evaluation) -> FloatArray:
    """Information if abilities were known, as it is expected given the answers, shape (n, n).

    Minus the second derivatives of the complete-data log-likelihood, expected, and of the priors.
    """
    layout, (phi, y) = target.layout, target.split(at.z)
    hessians = [
        block.family.expected_hessian(x, target.nodes, counts)
        for block, x, counts in zip(
            layout.blocks, layout.working(phi), target.by_block(at.sums.counts), strict=True
        )
    ]
    bend = sparse.diags_array(target.priors.curvature(layout.flat(phi)))
    of_items = (layout.pull_hessian(hessians) + layout.M.T @ bend @ layout.M).toarray()
    of_groups = latent_hessian(target.latent, y, target.nodes, at.sums.mass)
    return -np.asarray(block_diag(of_items, of_groups))


def latent_hessian(
    latent: LatentModel, y: FloatArray, nodes: FloatArray, mass: FloatArray
) -> FloatArray:
    """Second derivatives of the sum of mass times the log-density, shape (n_latent, n_latent).

    With h = -z^2 / 2, z = (theta - mean) / sd, and log-density h - log(sum of exp(h)): those of h
    less their expectation and less the covariance of the first ones.
    """
    if not isinstance(latent, Normal):
        return np.zeros((0, 0))
    mean, sd = latent.moments(y, nodes).T[..., None]
    z = (nodes - mean) / sd
    inner = np.stack([np.full_like(z, -1.0) / sd**2, -2.0 * z / sd, -2.0 * z**2], axis=1)
    density = np.exp(latent.log_density(y, nodes))
    persons = mass.sum(axis=1, keepdims=True)
    surplus = np.einsum("gpq,gq->gp", inner, mass - persons * density)
    blocks = np.stack([surplus[:, [0, 1]], surplus[:, [1, 2]]], axis=1)
    chosen = latent.free.ravel()
    own: FloatArray = np.asarray(block_diag(*blocks))[np.ix_(chosen, chosen)]
    return own - latent.information(y, nodes, mass)


def published_errors(
    layout: Layout, phi: FloatArray, covariance: FloatArray
) -> list[dict[str, float]]:
    """Standard errors of the items' published parameters, by the delta method.

    Parameters
    ----------
    covariance
        Of the free parameters, phi first, shape (n, n).

    Returns
    -------
    list
        For each item in the order of the test, the errors by name; parameters that are fixed are
        not among them, and NaN is one that is not known.
    """
    found: list[dict[str, float]] = [{} for _ in layout.items]
    of_phi = covariance[: layout.n_free, : layout.n_free]
    first, M = 0, layout.M
    for block, x in zip(layout.blocks, layout.working(phi), strict=True):
        names = block.family.published_names(block.n_categories)
        jacobians = block.family.published_jacobian(x)
        for item, jacobian in zip(block.items, jacobians, strict=True):
            rows = M[first : first + x.shape[1]]
            first += x.shape[1]
            index = np.unique(rows.indices)
            slopes = _without_nothing(jacobian, rows[:, index].toarray())
            variance = np.einsum("ij,jk,ik->i", slopes, of_phi[np.ix_(index, index)], slopes)
            errors = np.sqrt(np.maximum(variance, 0.0))
            for name, error, slope in zip(names, errors.tolist(), slopes, strict=True):
                if slope.any():
                    found[item][name] = error
    return found


def _missing(target: Target, at: Evaluation, robust: bool) -> tuple[ScoreBasis, PersonSums]:
    phi, y = target.split(at.z)
    asymptotes = any(block.family.name == "asymptotes" for block in target.layout.blocks)
    chosen = accuracy(at.sums.mass, asymptotes=asymptotes)
    basis = ScoreBasis.build(
        target.layout,
        phi,
        target.latent,
        y,
        target.nodes,
        list(target.by_block(at.sums.counts)),
        at.sums.mass,
        chosen.functions,
    )
    sums = person_sums(
        target.parts,
        target.encoding,
        basis,
        target.table(phi),
        target.latent.log_density(y, target.nodes),
        target.nodes,
        accuracy=chosen,
        products=robust,
        threads=target.threads,
    )
    return basis, sums


def _spread(layout: Layout, basis: ScoreBasis) -> sparse.csr_array:
    """Derivatives of the basis's parameters (free x, then groups) in (phi, y)."""
    free = layout.M[np.flatnonzero(layout.free)]
    return sparse.csr_array(sparse.block_diag([free, sparse.eye_array(basis.groups.shape[2])]))


def _around(spread: sparse.csr_array, middle: FloatArray) -> FloatArray:
    """Product S' M S for a symmetric M."""
    half = spread.T @ middle
    whole: FloatArray = spread.T @ half.T
    return whole


def _inverse(information: FloatArray) -> tuple[FloatArray, tuple[int, ...]]:
    """Covariance, NaN for parameters that the information says nothing of; and their places."""
    diagonal = np.diag(information)
    scale = 1.0 / np.sqrt(np.where(diagonal > 0.0, diagonal, 1.0))
    scaled = information * scale[:, None] * scale
    try:
        root = _inverse_root(scaled)
    except np.linalg.LinAlgError:
        root = np.full_like(scaled, np.inf)
    # No eigenvalue is smaller than one over the trace of the inverse.
    if (root**2).sum() < 1.0 / FLATTEST:
        return (root.T @ root) * scale[:, None] * scale, ()
    return _part_inverse(scaled, scale)


def _inverse_root(square: FloatArray) -> FloatArray:
    """Inverse of Cholesky's factor, by halves.

    That of [[A, B'], [B, D]] consists of those of A and D - B A^-1 B' and a product. Made of
    products of matrices but for the smallest: BLAS's own factor of a large matrix waits for its
    threads at each of many steps, a hundred times as long where others use the processors.
    """
    n = len(square)
    if n <= SMALL:
        return np.asarray(np.linalg.inv(np.linalg.cholesky(square)))
    half = n // 2
    root = np.zeros_like(square)
    root[:half, :half] = _inverse_root(square[:half, :half])
    below = square[half:, :half] @ root[:half, :half].T
    root[half:, half:] = _inverse_root(square[half:, half:] - below @ below.T)
    root[half:, :half] = -root[half:, half:] @ (below @ root[:half, :half])
    return root


def _part_inverse(scaled: FloatArray, scale: FloatArray) -> tuple[FloatArray, tuple[int, ...]]:
    values, vectors = np.linalg.eigh(scaled)
    known = values > FLATTEST
    inverse = (vectors[:, known] / values[known]) @ vectors[:, known].T
    unknown = (np.abs(vectors[:, ~known]) > TAKES_PART).any(axis=1)
    covariance = inverse * scale[:, None] * scale
    covariance[unknown] = covariance[:, unknown] = np.nan
    return covariance, tuple(np.flatnonzero(unknown).tolist())


def _without_nothing(jacobian: FloatArray, slopes: FloatArray) -> FloatArray:
    """Product of derivatives in which a fixed parameter's row of zeros counts as nothing.

    The derivative in a parameter that is fixed may be infinite, as that of b where the slope is 0.
    """
    moving = slopes.any(axis=1)
    product: FloatArray = jacobian[:, moving] @ slopes[moving]
    return product
