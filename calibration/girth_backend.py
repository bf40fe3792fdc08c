"""A second opinion: girth (Sanchez, 2021) behind the same call as our own estimation.

What girth does otherwise, and what follows:

* it stops after 25 iterations unless told more, and never says whether it was these that ended it:
  it is given `ITERATIONS`, and how far it is from the maximum is measured with our own gradient;
* difficulties are not estimated freely: given a slope they are solved so that the expected share of
  each answer is the observed one. That is near maximum likelihood, and not the same;
* slopes lie between 0.2 and 5 (partial credit: 0.25 and 4), so that it cannot find a negative one;
* no standard errors, groups, weights, priors, fixed or equal parameters; one model for all items;
* `rasch_mml` keeps the variance at 1. The model meant here is its `onepl_mml` on another scale;
* `pcm_mml` estimates slopes: it is the generalised partial credit model;
* `threepl_mml` fails under numpy 2.4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import girth
import numpy as np
from numpy.typing import NDArray

from calibration.abilities import calibrated_answers
from calibration.errors import CalibrationError
from calibration.estimation.assembling import PACKAGES
from calibration.estimation.encoding import Encoding
from calibration.estimation.latent import Normal
from calibration.estimation.metric import Assembly
from calibration.estimation.options import CalibrationOptions
from calibration.estimation.result import Calibration, ItemEstimate, Latent, RunRecord
from calibration.estimation.screening import Screened, screen
from calibration.estimation.survey import Survey, survey
from calibration.estimation.target import Evaluation, Target
from calibration.families.layout import Layout
from calibration.families.models import SLOPE_ONE
from calibration.families.priors import Priors
from calibration.responses.model import Responses
from engine.arrays import FloatArray
from engine.errors import Problem
from engine.grid import Grid

ITERATIONS = 1000
"""girth ends by itself once no slope moves by 0.001."""

QUADRATURE: Mapping[str, Any] = {"quadrature_bounds": (-6.0, 6.0), "quadrature_n": 61}
"""Gauss-Legendre nodes, half as wide again and half as many again as girth's own."""

LARGEST_DISTANCE = 0.1
"""In standard errors: farther from the maximum it counts as not converged."""

BOUNDS = {"2pl": (0.2, 5.0), "grm": (0.2, 5.0), "gpcm": (0.25, 4.0)}
"""Between which girth looks for slopes."""

CANNOT = {
    "3pl": "its threepl_mml fails under numpy 2.4",
    "4pl": "it has no such model",
    "pcm": "its pcm_mml estimates slopes: ask for gpcm",
    "rsm": "it has no such model",
    "nominal": "it has no such model",
}


def calibrate_with_girth(responses: Responses, options: CalibrationOptions) -> Calibration:
    """Estimate items with girth.

    Returns
    -------
    Calibration
        As of our own engine, without standard errors. `log_likelihood` is that of girth's
        parameters on our nodes, so that both can be compared; `largest_change` is a lower bound of
        their distance from the maximum, in standard errors, and decides `converged`. `iterations`
        is 0: girth does not tell.

    Raises
    ------
    CalibrationError
        Naming everything asked for that girth cannot do.
    """
    problems = list(_problems(responses, options))
    if problems:
        raise CalibrationError("girth", problems)
    found = survey([responses], options)
    screened = screen(found)
    if not screened.items.size:
        reasons = [
            Problem(out.item, out.reason, "answers in two categories") for out in screened.excluded
        ]
        raise CalibrationError("Responses", reasons)
    names = tuple(found.items[item] for item in screened.items)
    model = _model(options)
    layout = Layout.build(names, [model] * len(names), screened.sizes)
    answers = calibrated_answers(responses, names, options)
    fit = _FITS[model](_for_girth(answers, responses.weight), screened.sizes.tolist())
    return _result(responses, options, found, screened, layout, fit)


@dataclass(frozen=True, slots=True)
class _Fit:
    """What girth found: parameters of each item, and the latent standard deviation."""

    parameters: list[dict[str, float]]
    sd: float = 1.0


def _problems(responses: Responses, options: CalibrationOptions) -> Iterator[Problem]:
    model = options.model
    if not isinstance(model, str) and len(set(model.values())) > 1:
        yield Problem("model", "several models", "one model for all items")
    elif _model(options) in CANNOT:
        expected = f"one of {', '.join(_FITS)}: {CANNOT[_model(options)]}"
        yield Problem("model", _model(options), expected)
    if len(responses.groups) > 1:
        yield Problem("group", f"{len(responses.groups)} groups", "one group")
    weight = responses.weight
    if weight is not None and not np.array_equal(weight, np.rint(weight)):
        yield Problem(
            "weight", "weights with fractions", "whole numbers, as counts of patterns are"
        )
    if options.latent != "normal":
        yield Problem("latent", options.latent, "normal")
    for name, value in (("fixed", options.fixed), ("equal", options.equal)):
        if value:
            yield Problem(name, value, "nothing: girth estimates every item freely")


def _model(options: CalibrationOptions) -> str:
    model = options.model
    return model if isinstance(model, str) else next(iter(model.values()))


def _for_girth(answers: NDArray[np.int8], weight: FloatArray | None) -> NDArray[np.int64]:
    """Return the answers as girth has them: a row an item, a column a person, its own code of none."""
    answered = (answers >= 0).any(axis=1)
    whole: NDArray[np.int64] = answers[answered].astype(np.int64)
    if weight is not None:
        whole = np.repeat(whole, np.rint(weight[answered]).astype(np.int64), axis=0)
    return np.ascontiguousarray(girth.tag_missing_data(whole.T, list(range(int(whole.max()) + 1))))


def _one_slope(data: NDArray[np.int64], sizes: list[int]) -> _Fit:
    found = girth.onepl_mml(data, options=dict(QUADRATURE))
    a = float(found["Discrimination"])
    return _Fit([{"a": a, "b": float(b)} for b in found["Difficulty"]])


def _rasch(data: NDArray[np.int64], sizes: list[int]) -> _Fit:
    """A common slope with variance 1 is slope 1 with that slope as standard deviation."""
    found = girth.onepl_mml(data, options=dict(QUADRATURE))
    a = float(found["Discrimination"])
    return _Fit([{"a": 1.0, "b": a * float(b)} for b in found["Difficulty"]], sd=a)


def _two(data: NDArray[np.int64], sizes: list[int]) -> _Fit:
    # Without its table of difficulties it solves for them: as fast, and four digits more exact.
    found = girth.twopl_mml(
        data, options={**QUADRATURE, "max_iteration": ITERATIONS, "use_LUT": False}
    )
    pairs = zip(found["Discrimination"], np.atleast_1d(found["Difficulty"]), strict=True)
    return _Fit([{"a": float(a), "b": float(b)} for a, b in pairs])


def _graded(data: NDArray[np.int64], sizes: list[int]) -> _Fit:
    found = girth.grm_mml(
        data, options={**QUADRATURE, "max_iteration": ITERATIONS, "use_LUT": False}
    )
    return _Fit(_with_thresholds(found, sizes))


def _partial_credit(data: NDArray[np.int64], sizes: list[int]) -> _Fit:
    found = girth.pcm_mml(data, options={**QUADRATURE, "max_iteration": ITERATIONS})
    return _Fit(_with_thresholds(found, sizes))


_FITS: Mapping[str, Callable[[NDArray[np.int64], list[int]], _Fit]] = {
    "rasch": _rasch,
    "1pl": _one_slope,
    "2pl": _two,
    "grm": _graded,
    "gpcm": _partial_credit,
}


def _with_thresholds(found: Mapping[str, Any], sizes: list[int]) -> list[dict[str, float]]:
    return [
        {"a": float(a), **{f"b{k}": float(b[k - 1]) for k in range(1, size)}}
        for a, b, size in zip(found["Discrimination"], found["Difficulty"], sizes, strict=True)
    ]


def _result(
    responses: Responses,
    options: CalibrationOptions,
    found: Survey,
    screened: Screened,
    layout: Layout,
    fit: _Fit,
) -> Calibration:
    grid = options.grid or Grid(-6.0, 6.0, 121)
    target = _target(responses, options, screened, layout, grid)
    phi = _phi(layout, fit)
    y = np.full(target.latent.n_free, np.log(fit.sd))
    at = target.evaluate(np.concatenate([phi, y]))
    distance = _distance(target, at)
    used = float(at.sums.mass.sum())
    n_persons = float(found.n_persons.sum())
    return Calibration(
        model=_model(options),
        options=options,
        items=tuple(_items(screened, layout, fit)),
        excluded=screened.excluded,
        latent=(Latent(group=found.groups[0], n_persons=used, mean=0.0, sd=fit.sd),),
        log_likelihood=at.sums.log_likelihood,
        log_posterior=at.sums.log_likelihood,
        n_persons=n_persons,
        n_empty=n_persons - used if n_persons - used > 1e-9 * n_persons else 0.0,
        n_parameters=layout.n_free + target.latent.n_parameters,
        converged=distance <= LARGEST_DISTANCE,
        iterations=0,
        largest_change=distance,
        quadrature=grid,
        quadrature_check=None,
        covariance=None,
        layout=layout,
        phi=phi,
        record=RunRecord(
            data_hash=found.data_hash,
            options=options,
            versions={package: version(package) for package in (*PACKAGES, "girth")},
            seed=options.seed,
        ),
        engine="girth",
    )


def _items(screened: Screened, layout: Layout, fit: _Fit) -> Iterator[ItemEstimate]:
    for place, parameters in enumerate(fit.parameters):
        model = layout.models[place]
        yield ItemEstimate(
            item=layout.items[place],
            model=model,
            n_categories=int(screened.sizes[place]),
            n_answers=round(float(screened.n_answers[place])),
            parameters=parameters,
            flags=(*screened.flags[place], *_bound_flags(model, parameters["a"])),
        )


def _bound_flags(model: str, a: float) -> Iterator[str]:
    for bound in BOUNDS.get(model, ()):
        if abs(a - bound) < 1e-3:
            yield f"slope at girth's bound of {bound:g}"


def _target(
    responses: Responses,
    options: CalibrationOptions,
    screened: Screened,
    layout: Layout,
    grid: Grid,
) -> Target:
    order = np.concatenate([block.items for block in layout.blocks])
    encoding = Encoding(
        items=screened.items[order],
        sizes=screened.sizes[order],
        categories=screened.categories[order],
        gaps=screened.gaps[order],
    )
    scored = responses.scored(omitted=options.omitted, not_reached=options.not_reached)
    free = np.array([[False, layout.models[0] in SLOPE_ONE]])
    return Target(
        layout=layout,
        assembly=Assembly.of(layout),
        latent=Normal(free),
        priors=Priors.none(),
        encoding=encoding,
        parts=list(encoding.parts(scored, None, responses.weight)),
        nodes=grid.nodes,
    )


def _distance(target: Target, at: Evaluation) -> float:
    """The longest step to the maximum if abilities were known, in standard errors: a lower bound."""
    metric = target.metric(at.z, at.sums)
    return float(np.abs(metric.solve(at.gradient) / metric.errors).max(initial=0.0))


def _phi(layout: Layout, fit: _Fit) -> FloatArray:
    """The free parameters of our layout at girth's estimates."""
    blocks = [
        block.family.working(
            np.array(
                [
                    [
                        fit.parameters[item][name]
                        for name in block.family.published_names(block.n_categories)
                    ]
                    for item in block.items
                ]
            )
        )
        for block in layout.blocks
    ]
    return layout.free_of(blocks)
